#include "cardea/api/transport.hpp"

#include "cardea/api/caller.hpp"
#include "cardea/base/text.hpp"
#include "cardea/sign_in/known_browser.hpp"

namespace cardea::api {

namespace {

constexpr std::size_t longest_device = 100;

/// `Firefox on Linux` of a User-Agent: good enough to recognise one's own devices in a list.
std::string device_of(std::string_view agent) {
    auto first_of =
        [&](std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
            for (const auto& [mark, name] : names) {
                if (agent.find(mark) != agent.npos) return std::string(name);
            }
            return std::string();
        };
    auto program = first_of({{"Firefox/", "Firefox"},
                             {"Edg/", "Edge"},
                             {"OPR/", "Opera"},
                             {"Chrome/", "Chrome"},
                             {"Safari/", "Safari"},
                             {"curl/", "curl"}});
    auto system = first_of({{"Android", "Android"},
                            {"iPhone", "iPhone"},
                            {"iPad", "iPad"},
                            {"Windows", "Windows"},
                            {"Mac OS X", "macOS"},
                            {"Linux", "Linux"}});
    if (program.empty()) return system.empty() ? "Unknown device" : system;
    return system.empty() ? program : program + " on " + system;
}

}  // namespace

Transport transport_of(const http::Exchange& exchange, std::optional<Transport> wanted) {
    if (wanted) return *wanted;
    return exchange.request.headers.has("Sec-Fetch-Site") ? Transport::cookie : Transport::bearer;
}

sign_in::Visit visit_of(const http::Exchange& exchange, std::optional<std::string> device,
                        session::Origin origin) {
    sign_in::Visit visit;
    visit.origin = origin_of(exchange);
    auto named = trim(device.value_or(""));
    bool usable = !named.empty() && !has_control(named);
    visit.device = usable ? std::string(cut(named, longest_device))
                          : device_of(exchange.request.headers.get("User-Agent"));
    if (exchange.request.headers.has("Cookie")) {
        auto token = exchange.cookies().get(session::cookie_name(origin));
        if (token) visit.previous_token = SecretText(std::string(*token));
        auto known = exchange.cookies().get(sign_in::known_browser_cookie_name(origin));
        visit.known_browser = known.value_or("");
    }
    return visit;
}

Seconds cookie_age(const session::Session& session) {
    return std::chrono::floor<Seconds>(session.absolute_end_at - session.created_at);
}

http::Reply<SignedIn> signed_in_reply(const sign_in::SignedIn& signed_in, Transport transport,
                                      session::Origin origin, int status) {
    SignedIn body{view_of(signed_in.account), view_of(signed_in.session, signed_in.session.id), {}};
    if (transport == Transport::bearer) body.token = signed_in.token.reveal();
    http::Reply<SignedIn> reply(std::move(body), status);
    if (transport == Transport::cookie) {
        auto age = cookie_age(signed_in.session);
        reply.headers.add("Set-Cookie", session::set_cookie(origin, signed_in.token, age));
        if (signed_in.known_browser)
            reply.headers.add("Set-Cookie", http::to_text(*signed_in.known_browser));
    }
    return reply;
}

}  // namespace cardea::api
