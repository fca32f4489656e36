#include "cardea/password/formats/scrypt.hpp"

#include "cardea/base/text.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {
namespace {

std::optional<crypto::Scrypt> read_parameters(std::string_view text) {
    auto parts = split(text, ',');
    if (parts.size() != 3) return {};
    auto ln = to_named_number(parts[0], "ln");
    auto r = to_named_number(parts[1], "r");
    auto p = to_named_number(parts[2], "p");
    if (!is_between(ln, 1, 40) || !is_between(r, 1, 1024) || !is_between(p, 1, 1024)) return {};
    crypto::Scrypt parameters{.n = std::uint64_t{1} << *ln,
                              .r = static_cast<std::uint32_t>(*r),
                              .p = static_cast<std::uint32_t>(*p)};
    if (!is_scrypt(parameters)) return {};
    return parameters;
}

}  // namespace

Result<Reading> read_scrypt_text(std::string_view text) {
    auto parts = split(text, '$');
    if (parts.size() != 5 || !parts[0].empty() || parts[1] != "scrypt") {
        return fail(malformed_hash, "not of the form $scrypt$ln=…,r=…,p=…$salt$key");
    }
    auto parameters = read_parameters(parts[2]);
    if (!parameters) return fail(malformed_hash, "scrypt's ln, r and p");
    auto salt = from_bare_base64(parts[3]);
    if (!salt || !is_between(salt->size(), 1, 1024)) return fail(malformed_hash, "scrypt's salt");
    auto key = from_bare_base64(parts[4]);
    if (!key || !is_between(key->size(), 16, 64)) return fail(malformed_hash, "scrypt's key");
    parameters->size = key->size();
    return read_scrypt(*parameters, std::move(*salt), std::move(*key));
}

}  // namespace cardea::password::formats
