// Beast, and not http::Server, because a failing provider does to a connection what a good server
// never would.
#include "server/emulator/emulator_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "cardea/http/server/server.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/emulator/control.hpp"

namespace cardea::emulator {
namespace {

namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using BeastRequest = beast::http::request<beast::http::string_body>;
using BeastResponse = beast::http::response<beast::http::string_body>;

constexpr std::size_t body_limit = 64 * 1024;
constexpr auto idle_limit = 60s;
/// A hanging endpoint says nothing for longer than anybody waits.
constexpr auto hanging_time = 120s;
constexpr auto time_per_slow_byte = 1s;

std::optional<http::Request> request_of(const BeastRequest& message) {
    auto method = http::method_from(std::string_view(message.method_string()));
    if (!method) return std::nullopt;
    http::Request request;
    request.method = *method;
    request.target = std::string(message.target());
    for (const auto& field : message)
        request.headers.add(std::string_view(field.name_string()), std::string(field.value()));
    request.body = message.body();
    return request;
}

BeastResponse message_of(http::Response response, bool keep_alive) {
    constexpr unsigned http_1_1 = 11;
    BeastResponse message(static_cast<beast::http::status>(response.status), http_1_1);
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    message.keep_alive(keep_alive);
    message.body() = std::move(response.body);
    message.prepare_payload();
    return message;
}

http::Response plain(int status, std::string text) {
    http::Response response;
    response.status = status;
    response.headers.set("Content-Type", "text/plain");
    response.body = std::move(text);
    return response;
}

}  // namespace

struct EmulatorServer::State {
    explicit State(Tcp::acceptor listening) : acceptor(std::move(listening)) {}

    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    }
    /// A page elsewhere must not reach this one by a name that it has pointed here.
    bool is_own_host(std::string_view host) const {
        auto port = ':' + std::to_string(acceptor.local_endpoint().port());
        return host == "127.0.0.1" + port || host == "localhost" + port;
    }
    Outcome answer(const BeastRequest& message);

    Tcp::acceptor acceptor;
    std::unique_ptr<Emulator> emulator;
};

Outcome EmulatorServer::State::answer(const BeastRequest& message) {
    auto request = request_of(message);
    if (!request) return {plain(501, "an unknown method")};
    if (!is_own_host(request->headers.get("Host"))) return {plain(421, "another host")};
    if (request->target == "/health") return {plain(200, "up")};
    if (request->target == "/") request->target = control_prefix;
    if (request->target.starts_with(control_prefix)) return {control(*emulator, *request, url())};
    request->target = "https:/" + request->target;
    return emulator->answer(*request);
}

namespace {

/// The head at once, and then the body in drops.
asio::awaitable<void> write_slowly(beast::tcp_stream& stream, std::string bytes) {
    auto body = bytes.find("\r\n\r\n") + 4;
    asio::steady_timer timer(stream.get_executor());
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto head = asio::buffer(bytes.data(), body);
    stream.expires_after(hanging_time);
    co_await asio::async_write(stream, head, token);
    for (auto at = body; at < bytes.size() && !error; ++at) {
        timer.expires_after(time_per_slow_byte);
        co_await timer.async_wait(token);
        auto drop = asio::buffer(bytes.data() + at, 1);
        co_await asio::async_write(stream, drop, token);
    }
}

/// True when the connection goes on.
asio::awaitable<bool> write(beast::tcp_stream& stream, Outcome outcome, bool keep_alive) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    if (outcome.failure == Failure::hang) {
        asio::steady_timer timer(stream.get_executor(), hanging_time);
        co_await timer.async_wait(token);
        co_return false;
    }
    if (outcome.failure == Failure::reset) {
        stream.socket().set_option(asio::socket_base::linger(true, 0), error);
        stream.socket().close(error);
        co_return false;
    }
    auto message = message_of(std::move(outcome.response), keep_alive);
    if (outcome.failure == Failure::slow) {
        std::ostringstream text;
        text << message;
        auto bytes = text.str();
        co_await write_slowly(stream, std::move(bytes));
        co_return false;
    }
    stream.expires_after(idle_limit);
    co_await beast::http::async_write(stream, message, token);
    co_return !error && message.keep_alive();
}

template <class State>
asio::awaitable<void> converse(std::shared_ptr<State> state, beast::tcp_stream stream) {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (bool goes_on = true; goes_on;) {
        beast::http::request_parser<beast::http::string_body> parser;
        parser.body_limit(body_limit);
        stream.expires_after(idle_limit);
        co_await beast::http::async_read(stream, buffer, parser, token);
        if (error) co_return;
        auto request = parser.release();
        auto outcome = state->answer(request);
        goes_on = co_await write(stream, std::move(outcome), request.keep_alive());
    }
}

template <class State>
asio::awaitable<void> accept_all(std::shared_ptr<State> state) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (;;) {
        auto socket = co_await state->acceptor.async_accept(token);
        if (error == asio::error::operation_aborted || !state->acceptor.is_open()) co_return;
        if (error) {
            // Too many open files, most likely: one moment later there may be one less.
            asio::steady_timer timer(state->acceptor.get_executor(), 50ms);
            co_await timer.async_wait(token);
            continue;
        }
        socket.set_option(Tcp::no_delay(true), error);
        auto executor = state->acceptor.get_executor();
        auto conversation = converse(state, beast::tcp_stream(std::move(socket)));
        asio::co_spawn(executor, std::move(conversation), asio::detached);
    }
}

}  // namespace

EmulatorServer::EmulatorServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

EmulatorServer::~EmulatorServer() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
}

Result<std::unique_ptr<EmulatorServer>> EmulatorServer::start(const asio::any_io_executor& executor,
                                                              const Clock& clock,
                                                              crypto::Random& random,
                                                              Options options) {
    Tcp::endpoint place(asio::ip::address_v4::loopback(), options.port);
    Tcp::acceptor acceptor(executor);
    boost::system::error_code error;
    acceptor.open(place.protocol(), error);
    acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
    acceptor.bind(place, error);
    if (error) return fail(http::port_busy, std::to_string(options.port) + ": " + error.message());
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(http::listen_failed, error.message());
    auto emulator = Emulator::make(clock, random, std::move(options.emulator));
    if (!emulator) return std::unexpected(emulator.error());
    auto state = std::make_shared<State>(std::move(acceptor));
    state->emulator = std::move(*emulator);
    asio::co_spawn(executor, accept_all(state), asio::detached);
    return std::unique_ptr<EmulatorServer>(new EmulatorServer(std::move(state)));
}

std::string EmulatorServer::url() const {
    return state_->url();
}

Emulator& EmulatorServer::emulator() {
    return *state_->emulator;
}

}  // namespace cardea::emulator
