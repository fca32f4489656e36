#include "cardea/password/formats/crypt.hpp"

#include <crypt.h>

#include <cstring>
#include <memory>

#include "cardea/base/equal.hpp"
#include "cardea/base/text.hpp"
#include "cardea/base/wipe.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

struct WipeAndDelete {
    void operator()(crypt_data* data) const {
        wipe(data, sizeof *data);
        delete data;
    }
};

// What crypt_rn makes of the stored text's setting is the stored text, or the password is wrong:
// a text cut short or written otherwise never comes out again.
Result<Verdict> check(const SecretText& password, const std::string& stored) {
    const auto& text = password.reveal();
    if (text.size() >= CRYPT_MAX_PASSPHRASE_SIZE || text.find('\0') != text.npos) {
        return Verdict::wrong;
    }
    std::unique_ptr<crypt_data, WipeAndDelete> data(new crypt_data{});
    const char* made = crypt_rn(text.c_str(), stored.c_str(), data.get(), sizeof *data);
    if (made == nullptr) return fail(malformed_hash, "crypt(3) does not take it");
    std::string_view result(made);
    bool equal = result.size() == stored.size() && constant_time_equal(result, stored);
    return equal ? Verdict::right : Verdict::wrong;
}

Reading reading_of(std::string_view text, Demand demand) {
    Reading reading;
    reading.demand = demand;
    reading.check = [stored = std::string(text)](const SecretText& password) {
        return check(password, stored);
    };
    return reading;
}

bool is_salt(std::string_view text, std::size_t longest) {
    return text.size() <= longest && is_of_crypt_alphabet(text);
}

Result<Reading> read_md5_crypt(std::string_view text) {
    auto parts = split(text.substr(3), '$');
    if (parts.size() != 2 || !is_salt(parts[0], 8)) return fail(malformed_hash, "MD5-crypt's salt");
    if (parts[1].size() != 22 || !is_of_crypt_alphabet(parts[1])) {
        return fail(malformed_hash, "MD5-crypt's digest");
    }
    return reading_of(text, {0, time_of(1000, 1)});
}

Result<Reading> read_sha_crypt(std::string_view text, std::size_t digest_size) {
    auto parts = split(text.substr(3), '$');
    std::uint64_t rounds = 5000;
    if (parts.size() == 3) {
        auto given = to_named_number(parts[0], "rounds");
        if (!is_between(given, 1000, 999'999'999))
            return fail(malformed_hash, "SHA-crypt's rounds");
        rounds = *given;
        parts.erase(parts.begin());
    }
    if (parts.size() != 2 || !is_salt(parts[0], 16)) {
        return fail(malformed_hash, "SHA-crypt's salt");
    }
    if (parts[1].size() != digest_size || !is_of_crypt_alphabet(parts[1])) {
        return fail(malformed_hash, "SHA-crypt's digest");
    }
    return reading_of(text, {0, time_of(static_cast<double>(rounds), 1)});
}

// yescrypt writes numbers in one character up to 47 and in more beyond. The first is all that is
// needed: from 48 on, N or r would be far beyond what any machine has.
std::optional<std::uint32_t> to_small_number(char c) {
    auto at = crypt_alphabet.find(c);
    if (at > 47) return {};  // npos, too
    return static_cast<std::uint32_t>(at);
}

// `$y$` + flavour `j` (the one that is written) + log2 N - 1 + r - 1, in a character each.
Result<Reading> read_yescrypt(std::string_view text) {
    auto parts = split(text.substr(3), '$');
    if (parts.size() != 3 || !is_salt(parts[1], 86)) return fail(malformed_hash, "yescrypt's salt");
    if (parts[2].size() != 43 || !is_of_crypt_alphabet(parts[2])) {
        return fail(malformed_hash, "yescrypt's digest");
    }
    if (parts[0].size() != 3 || parts[0][0] != 'j') {
        return fail(unsupported_hash, "yescrypt with parameters that crypt(3) does not write");
    }
    auto log2_n = to_small_number(parts[0][1]);
    auto r = to_small_number(parts[0][2]);
    if (!log2_n || !r) return fail(malformed_hash, "yescrypt's parameters");
    crypto::Scrypt like{.n = std::uint64_t{2} << std::min(*log2_n, 39U), .r = *r + 1};
    return reading_of(text, demand_of(like));
}

}  // namespace

Result<Reading> read_crypt(std::string_view text) {
    if (text.starts_with("$1$")) return read_md5_crypt(text);
    if (text.starts_with("$5$")) return read_sha_crypt(text, 43);
    if (text.starts_with("$6$")) return read_sha_crypt(text, 86);
    if (text.starts_with("$y$")) return read_yescrypt(text);
    return fail(malformed_hash, "not of the form $6$salt$digest");
}

}  // namespace cardea::password::formats
