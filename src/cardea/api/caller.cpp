#include "cardea/api/caller.hpp"

#include "cardea/account/roles.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/http/route.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::api {

namespace {

using Kind = http::Access::Kind;

/// What the request brings to prove who sends it.
struct Credentials {
    std::string_view token;
    bool by_cookie = false;
};

/// The token of `Bearer <token>`; empty for anything else.
std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size()) return {};
    if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
    auto token = authorization.substr(scheme.size());
    return token.find_first_of(" ,\t") == token.npos ? token : std::string_view();
}

Result<Credentials> credentials_of(const http::Exchange& exchange, std::string_view cookie_name) {
    const auto& headers = exchange.request.headers;
    bool authorized = headers.has("Authorization");
    Credentials found;
    if (headers.has("Cookie")) {
        auto cookies = exchange.cookies();
        // A name that was sent twice is nobody's: somebody may have planted one of them. Neither is
        // a value that no cookie of ours can have, such as a quoted one.
        found.by_cookie = cookies.count(cookie_name) > 0;
        found.token = cookies.get(cookie_name).value_or(found.by_cookie ? "?" : "");
    }
    if (authorized && found.by_cookie) return fail(two_credentials);
    if (authorized) {
        if (headers.count("Authorization") > 1) return fail(authorization_malformed);
        found.token = bearer_token(headers.get("Authorization"));
        if (found.token.empty()) return fail(authorization_malformed);
    }
    return found;
}

bool is_key(std::string_view token) {
    return token.starts_with("cak_");
}

}  // namespace

const Caller& caller_of(const http::Exchange& exchange) {
    static const Caller nobody;
    auto* caller = std::any_cast<Caller>(&exchange.caller);
    return caller == nullptr ? nobody : *caller;
}

const session::SessionView& session_of(const http::Exchange& exchange) {
    return *caller_of(exchange).session;
}

audit::Origin origin_of(const http::Exchange& exchange) {
    const Caller& caller = caller_of(exchange);
    std::string actor;
    if (caller.session) actor = caller.session->account.id;
    if (caller.key) actor = "key:" + caller.key->id;
    return {std::move(actor), exchange.client_address.text(), exchange.request_id};
}

CallerGate::CallerGate(session::Sessions& sessions, api_key::ApiKeys& keys, const Clock& clock,
                       CallerSettings settings)
    : sessions_(sessions), keys_(keys), clock_(clock), settings_(settings) {}

http::Verdict CallerGate::check(http::Exchange& exchange) {
    if (exchange.route == nullptr) return http::Pass();
    auto credentials = credentials_of(exchange, session::cookie_name(settings_.origin));
    if (!credentials) return credentials.error();
    if (credentials->token.empty()) {
        auto judged = settle(exchange, {});
        if (!judged) return judged.error();
        return http::Pass();
    }
    if (is_key(credentials->token)) return http::Wait();
    if (auto found = sessions_.find_cached(credentials->token)) {
        auto judged = settle(exchange, Caller{std::move(found), std::nullopt});
        if (!judged) return judged.error();
        return http::Pass();
    }
    return http::Wait();
}

Task<void> CallerGate::wait(http::Exchange& exchange) {
    auto credentials = credentials_of(exchange, session::cookie_name(settings_.origin));
    if (!credentials) co_return std::unexpected(credentials.error());
    SecretText token{std::string(credentials->token)};
    Caller caller;
    if (is_key(token.reveal()) && !credentials->by_cookie) {
        auto key = co_await keys_.find(std::move(token));
        if (!key) co_return std::unexpected(key.error());
        caller.key = std::move(*key);
        co_return settle(exchange, std::move(caller));
    }
    auto session = co_await sessions_.find(std::move(token));
    if (session) {
        caller.session = std::move(*session);
        co_return settle(exchange, std::move(caller));
    }
    if (session.error().code() != Code::unauthenticated) {
        co_return std::unexpected(session.error());
    }
    if (credentials->by_cookie) {
        exchange.reply_headers.add("Set-Cookie", session::clear_cookie(settings_.origin));
    }
    // A page or a sign-in must work for a browser whose session has just ended.
    bool open = exchange.route->access().kind == Kind::anyone && credentials->by_cookie;
    if (open) co_return Result<void>();
    co_return std::unexpected(session.error());
}

Result<void> CallerGate::judge(const http::Exchange& exchange, const Caller& caller) const {
    const auto& access = exchange.route->access();
    switch (access.kind) {
        case Kind::anyone:
            return {};
        case Kind::session:
        case Kind::recent_session: {
            if (caller.key) return fail(session_needed);
            if (!caller.session) return fail(session::missing);
            if (access.kind == Kind::session) return {};
            auto age = clock_.now() - caller.session->session.created_at;
            if (age >= settings_.recent_sign_in) return fail(reauthenticate);
            return {};
        }
        case Kind::admin:
            if (caller.key) return api_key::demand_scope(*caller.key, api_key::scope::admin);
            if (!caller.session) return fail(session::missing);
            if (!caller.session->account.has_role(account::admin)) return fail(admin_needed);
            return {};
        case Kind::api_key:
            if (!caller.key) return fail(key_needed);
            return api_key::demand_scope(*caller.key, access.scope);
    }
    return fail(internal, "an access kind that does not exist");
}

Result<void> CallerGate::settle(http::Exchange& exchange, Caller caller) const {
    auto judged = judge(exchange, caller);
    if (caller.session || caller.key) exchange.caller = std::move(caller);
    return judged;
}

}  // namespace cardea::api
