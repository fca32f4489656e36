#include "cardea/http/server/server.hpp"

#include <ctime>

#include "cardea/http/server/core.hpp"

namespace cardea::http {

namespace {

/// How often connections are looked at. Short limits, which only tests have, are kept well.
Milliseconds tick_of(const ServerSettings& settings) {
    auto shortest = std::min(
        {settings.idle_limit, settings.header_limit, settings.body_limit, settings.write_limit});
    return std::clamp<Milliseconds>(shortest / 4, 5ms, 500ms);
}

/// What coroutines that were cut off may take to notice.
constexpr auto linger_after_cut = 1s;

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
std::string http_date(Instant now) {
    std::time_t seconds = to_unix_seconds(now);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    auto length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return std::string(text, length);
}

IpAddress address_of(const Tcp::socket& socket) {
    boost::system::error_code error;
    auto address = socket.remote_endpoint(error).address();
    if (error) return {};
    if (address.is_v4()) return IpAddress::v4(address.to_v4().to_bytes());
    return IpAddress::v6(address.to_v6().to_bytes());
}

bool is_out_of_descriptors(const boost::system::error_code& error) {
    return error == asio::error::no_descriptors ||
           error == boost::system::errc::too_many_files_open_in_system ||
           error == asio::error::no_buffer_space || error == asio::error::no_memory;
}

/// Makes room by closing what has been idle longest: of that address, or of all.
bool close_an_idle_one(Core& core, const IpAddress* only) {
    ConnectionBase* oldest = nullptr;
    for (auto* connection : core.connections) {
        if (!connection->is_idle() || (only != nullptr && connection->peer() != *only)) continue;
        bool older = oldest == nullptr || connection->phase_since() < oldest->phase_since();
        if (older) oldest = connection;
    }
    if (oldest == nullptr) return false;
    oldest->abort();
    return true;
}

bool has_room_for(Core& core, const IpAddress& peer) {
    auto held = core.per_address.find(peer);
    auto of_address = held == core.per_address.end() ? 0 : held->second;
    if (of_address >= core.settings.connections_per_address) return close_an_idle_one(core, &peer);
    if (core.connections.size() < core.connection_limit) return true;
    return close_an_idle_one(core, nullptr);
}

void admit(const std::shared_ptr<Core>& core, Tcp::socket socket) {
    auto peer = address_of(socket);
    if (!has_room_for(*core, peer)) {
        ++core->turned_away;
        return;  // the socket closes
    }
    boost::system::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    if (core->tls) {
        start_tls_connection(core, std::move(socket), peer);
    } else {
        start_connection(core, std::move(socket), peer);
    }
}

Task<void> pause(asio::any_io_executor executor, Milliseconds duration) {
    asio::steady_timer timer(executor, duration);
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await timer.async_wait(token);
    co_return Result<void>();
}

Task<void> accept_all(std::shared_ptr<Core> core) {
    while (core->acceptor.is_open()) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto socket = co_await core->acceptor.async_accept(token);
        if (!core->acceptor.is_open()) break;
        if (!error) {
            admit(core, std::move(socket));
        } else if (is_out_of_descriptors(error)) {
            ++core->turned_away;
            core->reserve.turn_away(core->acceptor.native_handle());
            (void)close_an_idle_one(*core, nullptr);
            (void)co_await pause(core->executor, 50ms);
        }
    }
    co_return Result<void>();
}

Task<void> wait_until_empty(std::shared_ptr<Core> core, Steady::time_point end) {
    while (!core->connections.empty() && Steady::now() < end) {
        core->changed.expires_at(end);
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await core->changed.async_wait(token);
    }
    co_return Result<void>();
}

/// One line a tick, however many came: a flood must not fill the log.
void report_turned_away(Core& core) {
    auto count = std::exchange(core.turned_away, 0);
    if (count == 0) return;
    auto open = core.connections.size();
    log::warn("server.full", log::kv("turned_away", count), log::kv("connections", open));
}

/// One timer for all connections.
void schedule_tick(const std::shared_ptr<Core>& core, Milliseconds interval) {
    core->date = http_date(core->clock.now());
    core->tick.expires_after(interval);
    core->tick.async_wait([core, interval](boost::system::error_code error) {
        // A tick that was due already when it was cancelled comes without an error.
        if (error || core->stopped) return;
        report_turned_away(*core);
        auto now = Steady::now();
        for (auto it = core->connections.begin(); it != core->connections.end();) {
            auto* connection = *it++;
            connection->check_time(now);
        }
        schedule_tick(core, interval);
    });
}

void stop_ticking(Core& core) {
    core.stopped = true;
    core.tick.cancel();
}

Result<void> bind(Core& core) {
    boost::system::error_code error;
    auto address = asio::ip::make_address(core.settings.host, error);
    if (error) return fail(listen_failed, core.settings.host + " is not an IP address");
    Tcp::endpoint endpoint(address, core.settings.port);
    auto& acceptor = core.acceptor;
    auto step = [&error](auto action) {
        if (!error) action();
    };
    step([&] { acceptor.open(endpoint.protocol(), error); });
    step([&] { acceptor.set_option(Tcp::acceptor::reuse_address(true), error); });
    if (!error && core.settings.reuse_port) {
        int on = 1;
        ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    }
    step([&] { acceptor.bind(endpoint, error); });
    step([&] { acceptor.listen(Tcp::acceptor::max_listen_connections, error); });
    if (!error) return {};
    boost::system::error_code ignored;
    acceptor.close(ignored);
    auto where = fmt::format("{}:{}: {}", core.settings.host, core.settings.port, error.message());
    if (error == asio::error::address_in_use) return fail(port_busy, std::move(where));
    return fail(listen_failed, std::move(where));
}

}  // namespace

struct Server::State : Core {
    using Core::Core;
};

Server::Server(const asio::any_io_executor& executor, ServerSettings settings, const Router& router,
               const Clock& clock)
    : state_(std::make_shared<State>(executor, std::move(settings), router, clock)) {}

Server::~Server() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    stop_ticking(*state_);
}

Result<void> Server::listen() {
    bool wants_tls = !state_->settings.certificate_file.empty();
    if (wants_tls) {
        auto tls = make_tls_context(state_->settings);
        if (!tls) return std::unexpected(tls.error());
        state_->tls = std::move(*tls);
    }
    auto bound = bind(*state_);
    if (!bound) return bound;
    state_->connection_limit = connections_possible(state_->settings.connections);
    schedule_tick(state_, tick_of(state_->settings));
    asio::co_spawn(state_->executor, accept_all(state_), asio::detached);
    return {};
}

std::uint16_t Server::port() const {
    boost::system::error_code error;
    auto endpoint = state_->acceptor.local_endpoint(error);
    return error ? 0 : endpoint.port();
}

bool Server::is_accepting() const {
    return state_->acceptor.is_open();
}

void Server::stop_accepting() {
    state_->draining = true;
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    for (auto* connection : state_->connections) {
        if (connection->is_idle()) connection->abort();
    }
}

Task<void> Server::drain(Milliseconds limit) {
    auto state = state_;
    stop_accepting();
    (void)co_await wait_until_empty(state, Steady::now() + limit);
    auto left = state->connections.size();
    for (auto* connection : state->connections) {
        connection->abort();
        connection->cancel();
    }
    // Cut off, they end at their next wait.
    (void)co_await wait_until_empty(state, Steady::now() + linger_after_cut);
    stop_ticking(*state);
    if (left > 0) co_return fail(deadline_passed, fmt::format("{} connections cut off", left));
    co_return Result<void>();
}

std::size_t Server::in_flight() const {
    return state_->in_flight;
}

std::size_t Server::connections() const {
    return state_->connections.size();
}

}  // namespace cardea::http
