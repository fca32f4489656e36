// Access: who may call a route.
#pragma once

#include <string_view>

namespace cardea::http {

/// Stated once beside each route; api's caller gate enforces it, the description shows it.
struct Access {
    enum class Kind {
        anyone,          ///< With or without credentials.
        session,         ///< A person who is signed in.
        recent_session,  ///< A person who signed in a few minutes ago.
        admin,           ///< A person with the role, or an API key with the scope `admin`.
        api_key,         ///< A program whose key has the scope.
    };
    Kind kind = Kind::anyone;
    std::string_view scope;  ///< Of api_key; a literal.

    static const Access anyone;
    static const Access session;
    static const Access recent_session;
    static const Access admin;
    static constexpr Access api_key(std::string_view scope) { return {Kind::api_key, scope}; }

    bool operator==(const Access&) const = default;
};

inline constexpr Access Access::anyone{Access::Kind::anyone, {}};
inline constexpr Access Access::session{Access::Kind::session, {}};
inline constexpr Access Access::recent_session{Access::Kind::recent_session, {}};
inline constexpr Access Access::admin{Access::Kind::admin, {}};

}  // namespace cardea::http
