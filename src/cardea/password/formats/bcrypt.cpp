#include "cardea/password/formats/bcrypt.hpp"

#include <fmt/format.h>

#include "cardea/base/text.hpp"
#include "cardea/password/formats/parts.hpp"

namespace cardea::password::formats {

Result<Reading> read_bcrypt(std::string_view text) {
    return read_wrapped(text, as_it_is);
}

Result<Reading> read_bcrypt_sha256(std::string_view text) {
    auto parts = split(text, '$');
    if (parts.size() != 5 || !parts[0].empty() || parts[1] != "bcrypt-sha256") {
        return fail(malformed_hash, "not of the form $bcrypt-sha256$v=2,t=2b,r=…$salt$digest");
    }
    auto parameters = split(parts[2], ',');
    if (parameters.size() == 2) return fail(unsupported_hash, "$bcrypt-sha256$ of version 1");
    bool fits = parameters.size() == 3 && parameters[0] == "v=2" && parameters[1] == "t=2b";
    auto cost = fits ? to_named_number(parameters[2], "r") : std::nullopt;
    if (!is_between(cost, lowest_cost, highest_cost)) {
        return fail(malformed_hash, "$bcrypt-sha256$'s v, t and r");
    }
    auto inside = fmt::format("$2b${:02}${}{}", *cost, parts[3], parts[4]);
    auto reading = read_wrapped(inside, as_it_is);
    // What stands inside belongs to another text; the bcrypt side knows how to check the whole.
    if (reading) reading->wrapped->bcrypt = text;
    return reading;
}

}  // namespace cardea::password::formats
