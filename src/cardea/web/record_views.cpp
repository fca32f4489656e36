#include "cardea/web/record_views.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/api/views.hpp"
#include "cardea/crypto/id.hpp"

namespace cardea::web {

namespace {

std::string readable(Instant instant) {
    auto text = to_rfc3339(instant);
    return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

std::string expiry_of(const vault::Connection& connection) {
    if (connection.expires_at) return "token good until " + readable(*connection.expires_at);
    bool never = connection.expiry == oauth::Expiry::never;
    return never ? "token does not expire" : "token with an unknown end";
}

}  // namespace

SessionView view_of(const session::Session& session, std::string_view current) {
    SessionView view;
    view.id = crypto::to_public_id(api::prefix::session, session.id);
    view.device = session.device;
    view.client_address = session.client_address;
    view.method = session.method;
    view.last_seen_at = readable(session.last_seen_at);
    view.current = session.id == current;
    return view;
}

ConnectionView view_of(const vault::Connection& connection,
                       const std::vector<ProviderView>& providers) {
    ConnectionView view;
    view.id = crypto::to_public_id(api::prefix::connection, connection.id);
    auto provider = std::ranges::find(providers, connection.provider, &ProviderView::name);
    view.provider_title = provider == providers.end() ? connection.provider : provider->title;
    view.subject = connection.email.value_or(connection.subject);
    view.state = boost::describe::enum_to_string(connection.state, "");
    view.expiry = expiry_of(connection);
    view.connected_at = readable(connection.connected_at);
    if (connection.state == vault::State::needs_consent)
        view.renew_url = "/auth/" + connection.provider;
    return view;
}

}  // namespace cardea::web
