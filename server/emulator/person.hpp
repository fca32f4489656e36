// Who signs in at the emulator, and what its providers tell about them.
#pragma once

#include <optional>
#include <string>

#include "cardea/schema/json.hpp"
#include "server/emulator/behaviour.hpp"

namespace cardea::emulator {

/// Somebody with an account at every provider.
struct Somebody {
    std::string subject = "4711";  ///< Digits, because some providers count their users.
    std::string first_name = "Ada";
    std::string last_name = "Lovelace";
    std::string email = "ada@people.example";
    bool email_verified = true;
    /// Has filled in no more than needed, and answers say nothing that they may leave out.
    bool sparse = false;
    /// Of several places for one thing that many are empty; what stands behind the one that counts
    /// is somebody else's.
    std::size_t place = 0;

    std::string full_name() const { return first_name + ' ' + last_name; }
};

/// The person behind an address, the same one each time: for a `login_hint`.
Somebody somebody_at(std::string_view email);

/// What a relying party should have read from the provider's answers.
struct Known {
    std::string subject;
    std::optional<std::string> email;
    bool email_verified = false;
    bool email_authoritative = false;
    std::optional<std::string> name;
    std::optional<std::string> picture;
    bool operator==(const Known&) const = default;
};
Known known_of(const Behaviour& behaviour, const Somebody& person);

/// The provider's answer about the person: userinfo, or what stands among the claims or beside the
/// tokens.
schema::Json profile_of(const Behaviour& behaviour, const Somebody& person);
/// The answer of the call for addresses.
schema::Json addresses_of(const EmailBehaviour& rules, const Somebody& person);
/// The person as the first callback brings it, where the provider does that.
std::string callback_person(const Somebody& person);

/// Puts a value where an RFC 6901 pointer says, and makes what is missing on the way.
void put(schema::Json& root, std::string_view pointer, schema::Json value);
/// What stands at a pointer of the provider's own in token answers.
std::string own_value(std::string_view pointer);

}  // namespace cardea::emulator
