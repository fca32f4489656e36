// A session and whose it is, as one lookup finds them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"

namespace cardea::session {

struct Session {
    std::string id;  ///< UUIDv7; the API shows `ses_…`. Not the token.
    std::string account_id;
    std::string method;  ///< `password`, or the provider's name.
    std::string device;  ///< As its holder named it, or empty.
    std::string client_address;
    Instant created_at;  ///< When its holder proved who they are.
    Instant last_seen_at;
    Instant expires_at;  ///< The idle limit, sliding; never beyond absolute_end_at.
    Instant absolute_end_at;
};

/// The account of a session, as far as answers and gates need it.
struct Owner {
    std::string id;
    std::optional<std::string> email;
    bool email_verified = false;
    std::string name;
    std::string picture;
    bool has_password = false;
    std::vector<std::string> roles;
    Instant created_at;

    bool has_role(std::string_view role) const;
};

/// Immutable and shared by all that handle a request.
struct SessionView {
    Session session;
    Owner account;
};
using SessionPointer = std::shared_ptr<const SessionView>;

/// `next_cursor` asks for what follows; none on the last page.
struct Page {
    std::vector<Session> items;
    std::optional<std::string> next_cursor;
};

/// What a new session is opened with.
struct NewSession {
    std::string account_id;
    std::string method;
    std::string device;
    std::string client_address;
};

/// A session just opened. The token is shown to its holder once; only its SHA-256 is stored.
struct Opened {
    Session session;
    SecretText token;
};

}  // namespace cardea::session
