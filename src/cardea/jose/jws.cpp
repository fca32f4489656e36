// Signed texts taken apart, strictly, and their signatures checked.
#include "cardea/jose/jws.hpp"

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::jose {
namespace {

constexpr std::size_t most_bytes = 16 * 1024;

Result<schema::JsonObject> read_header(std::string_view part) {
    auto bytes = from_base64url(part);
    if (!bytes) return fail(malformed, "the header is not base64url");
    auto json = schema::parse_json(as_text(*bytes));
    if (!json) return fail(malformed, json.error());
    if (!json->is_object()) return fail(malformed, "the header is not an object");
    auto header = std::move(json->get_object());
    // Extensions that must be understood, or that change what is signed (RFC 7797): none are.
    if (header.contains("crit")) return fail(malformed, "critical extensions");
    if (header.contains("b64")) return fail(malformed, "an unencoded payload");
    return header;
}

Result<void> read_names(Compact& compact) {
    const auto* name = compact.header.if_contains("alg");
    if (name == nullptr || !name->is_string()) return fail(malformed, "no algorithm");
    const auto algorithm = algorithm_from(name->get_string());
    if (!algorithm) return fail(bad_algorithm, "an algorithm that does not exist here");
    compact.algorithm = *algorithm;
    const auto* kid = compact.header.if_contains("kid");
    if (kid == nullptr) return {};
    if (!kid->is_string()) return fail(malformed, "a key id that is no text");
    compact.kid = std::string_view(kid->get_string());
    return {};
}

}  // namespace

Result<Compact> parse_compact(std::string_view token) {
    if (token.size() > most_bytes) return fail(malformed, "more than 16 KiB");
    if (std::ranges::count(token, '.') != 2) return fail(malformed, "not three parts");
    const auto parts = split(token, '.');
    Compact compact;
    auto header = read_header(parts[0]);
    if (!header) return std::unexpected(header.error());
    compact.header = std::move(*header);
    if (auto read = read_names(compact); !read) return std::unexpected(read.error());
    auto payload = from_base64url(parts[1]);
    auto signature = from_base64url(parts[2]);
    if (!payload || !signature) return fail(malformed, "not base64url");
    if (signature->empty()) return fail(malformed, "no signature");
    compact.payload = std::move(*payload);
    compact.signature = std::move(*signature);
    compact.signing_input = token.substr(0, parts[0].size() + 1 + parts[1].size());
    return compact;
}

Result<void> check(Algorithm algorithm, std::string_view signing_input, ByteView signature,
                   const Key& key, const std::vector<Algorithm>& allowed) {
    if (std::ranges::find(allowed, algorithm) == allowed.end()) return fail(bad_algorithm);
    if (!key.fits(algorithm)) return fail(bad_algorithm, "not an algorithm of this key");
    if (!key.verify(algorithm, as_bytes(signing_input), signature)) return fail(bad_signature);
    return {};
}

}  // namespace cardea::jose
