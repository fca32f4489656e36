// RawPeer: a server that says exactly what a test tells it to, byte by byte.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "cardea/base/clock.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea {

/// One connection, seen from the peer. A broken connection ends reads with an empty text.
template <class Stream>
class Conversation {
  public:
    explicit Conversation(Stream stream) : stream_(std::move(stream)) {}

    /// The next request's header lines, with the blank line; empty when the client is gone.
    asio::awaitable<std::string> read_header() {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto size = co_await asio::async_read_until(stream_, asio::dynamic_buffer(input_),
                                                    "\r\n\r\n", token);
        if (error) co_return std::string();
        auto header = input_.substr(0, size);
        input_.erase(0, size);
        co_return header;
    }
    /// So many bytes of body.
    asio::awaitable<std::string> read_body(std::size_t size) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        while (input_.size() < size && !error) {
            std::array<char, 4096> part{};
            auto got = co_await stream_.async_read_some(asio::buffer(part), token);
            input_.append(part.data(), got);
        }
        auto body = input_.substr(0, size);
        input_.erase(0, size);
        co_return body;
    }
    /// False when the client is gone.
    asio::awaitable<bool> send(std::string text) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await asio::async_write(stream_, asio::buffer(text), token);
        co_return !error;
    }
    asio::awaitable<void> pause(Milliseconds duration) {
        asio::steady_timer timer(stream_.get_executor(), duration);
        co_await timer.async_wait(asio::use_awaitable);
    }
    /// Returns when the client hangs up.
    asio::awaitable<void> wait_for_the_end() { auto rest = co_await read_body(1U << 30U); }
    Stream& stream() { return stream_; }

  private:
    Stream stream_;
    std::string input_;
};

/// Listens on a free port of 127.0.0.1 and runs the script for each connection.
class RawPeer {
  public:
    using Stream = asio::ip::tcp::socket;
    using Script = std::function<asio::awaitable<void>(Conversation<Stream>&)>;

    RawPeer(asio::io_context& io, Script script)
        : state_(std::make_shared<State>(io, std::move(script))) {
        asio::co_spawn(io, serve(state_), asio::detached);
    }
    ~RawPeer() { stop(); }
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    std::uint16_t port() const { return state_->acceptor.local_endpoint().port(); }
    std::string url(std::string_view path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
    }
    int accepted() const { return state_->accepted; }
    void stop() { state_->acceptor.close(); }

  private:
    // Shared with the coroutine that accepts: it ends a little after the peer.
    struct State {
        State(asio::io_context& io, Script s)
            : acceptor(io, {asio::ip::make_address("127.0.0.1"), 0}), script(std::move(s)) {}
        asio::ip::tcp::acceptor acceptor;
        Script script;
        int accepted = 0;
    };
    static asio::awaitable<void> serve(std::shared_ptr<State> state) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        while (state->acceptor.is_open()) {
            auto socket = co_await state->acceptor.async_accept(token);
            if (error) co_return;
            ++state->accepted;
            asio::co_spawn(state->acceptor.get_executor(),
                           converse(std::move(socket), state->script), asio::detached);
        }
    }
    static asio::awaitable<void> converse(Stream socket, Script script) {
        Conversation<Stream> conversation(std::move(socket));
        co_await script(conversation);
    }

    std::shared_ptr<State> state_;
};

}  // namespace cardea
