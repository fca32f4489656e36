// Connection: one socket, request after request. A template over the stream, plain or TLS; each has
// one source file. Private to http/server.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/write.hpp>

#include "cardea/http/server/chunked.hpp"
#include "cardea/http/server/compress.hpp"
#include "cardea/http/server/core.hpp"
#include "cardea/http/server/request_head.hpp"
#include "cardea/http/server/response_text.hpp"

namespace cardea::http {

inline constexpr Reason request_too_slow{Code::request_timeout, "request.timeout",
                                         "The request did not arrive in time."};

/// How long a peer may take to read the last answer and close, and how much it may send meanwhile.
inline constexpr auto linger_limit = 1s;
inline constexpr std::size_t linger_bytes = 1024 * 1024;
inline constexpr std::size_t read_size = 4096;
/// What an idle connection may keep of its write buffer.
inline constexpr std::size_t kept_bytes = 2048;

template <class Stream>
class Connection final : public ConnectionBase,
                         public std::enable_shared_from_this<Connection<Stream>> {
  public:
    Connection(std::shared_ptr<Core> core, Stream stream, IpAddress peer)
        : ConnectionBase(peer), core_(std::move(core)), stream_(std::move(stream)) {}

    void start();
    void abort() override {
        boost::system::error_code ignored;
        socket().close(ignored);
    }

  private:
    static constexpr bool is_tls = !std::is_same_v<Stream, Tcp::socket>;

    Tcp::socket& socket() {
        if constexpr (is_tls) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }
    void interrupt_reading() override {
        boost::system::error_code ignored;
        socket().cancel(ignored);
    }
    void answer_late() override;

    Task<void> serve();
    Task<void> end();
    Task<RequestHead> read_request();
    /// Reads until the body is complete; its bytes leave the buffer.
    Task<std::string> read_body(const RequestHead& head, std::size_t limit);
    Task<std::string> read_chunked(std::size_t limit);
    /// More bytes behind those of the buffer. Fails with `request.timeout`, or `gone` when the
    /// peer closed or broke off.
    Task<void> read_more();
    /// True when the connection goes on.
    Task<bool> handle(RequestHead head);
    Task<bool> refuse(Exchange exchange, Error error);
    Task<bool> send(const Exchange& exchange, Response response, Framing framing);
    Task<bool> send_rest(std::size_t sent);
    Exchange new_exchange() const;
    std::size_t body_limit(const Exchange& exchange) const;
    void release_buffers();

    /// The peer went away; there is nobody to answer.
    static constexpr Reason gone{Code::request_timeout, "request.gone", ""};

    std::shared_ptr<Core> core_;
    Stream stream_;
    std::string in_;   // bytes read and not yet used
    std::string out_;  // the answer on its way
    Steady::time_point request_began_;
    bool late_ = false;
};

/// Counts a request until its handler has ended.
class InFlight {
  public:
    explicit InFlight(Core& core) : core_(core) { ++core_.in_flight; }
    ~InFlight() { --core_.in_flight; }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

  private:
    Core& core_;
};

template <class Stream>
void Connection<Stream>::start() {
    auto self = this->shared_from_this();
    // The coroutine starts later; a tick may come first.
    enter(Phase::handshake, core_->settings.header_limit);
    auto place = core_->enlist(*this);
    auto finish = [self, place](std::exception_ptr thrown, Result<void>) {
        try {
            if (thrown) std::rethrow_exception(thrown);
        } catch (const boost::system::system_error& e) {
            // Cut off while draining: its next wait threw.
            if (e.code() != asio::error::operation_aborted) {
                log::error("connection.threw", log::kv("what", e.what()));
            }
        } catch (const std::exception& e) {
            log::error("connection.threw", log::kv("what", e.what()));
        }
        self->abort();
        self->core_->strike(place);
    };
    asio::co_spawn(core_->executor, serve(),
                   asio::bind_cancellation_slot(stop_.slot(), std::move(finish)));
}

template <class Stream>
Task<void> Connection<Stream>::serve() {
    if constexpr (is_tls) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await stream_.async_handshake(Stream::server, token);
        if (error) co_return Result<void>();
    }
    for (bool goes_on = true; goes_on && !is_expired();) {
        auto head = co_await read_request();
        if (head) {
            auto handled = co_await handle(std::move(*head));
            goes_on = handled && *handled;
        } else {
            goes_on = false;
            if (head.error().is(gone)) co_return Result<void>();
            auto exchange = new_exchange();
            (void)co_await refuse(std::move(exchange), head.error());
        }
    }
    co_return co_await end();
}

template <class Stream>
Task<void> Connection<Stream>::end() {
    if (late_) co_return Result<void>();  // the late answer closes when it is out
    enter(Phase::ending, linger_limit);
    boost::system::error_code error;
    if constexpr (is_tls) {
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await stream_.async_shutdown(token);
        co_return Result<void>();
    } else {
        // Closing with unread bytes resets the connection, and the peer may never see the answer.
        socket().shutdown(Tcp::socket::shutdown_send, error);
        for (std::size_t drained = 0; !error && drained < linger_bytes;) {
            in_.resize(read_size);
            auto token = asio::redirect_error(asio::use_awaitable, error);
            drained += co_await stream_.async_read_some(asio::buffer(in_), token);
        }
        co_return Result<void>();
    }
}

template <class Stream>
Task<void> Connection<Stream>::read_more() {
    auto filled = in_.size();
    in_.resize(filled + read_size);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto buffer = asio::buffer(in_.data() + filled, read_size);
    auto count = co_await stream_.async_read_some(buffer, token);
    in_.resize(filled + count);
    if (is_expired()) co_return fail(request_too_slow);
    if (error) co_return fail(gone);
    co_return Result<void>();
}

template <class Stream>
Task<RequestHead> Connection<Stream>::read_request() {
    HeadScanner scanner(core_->settings.header_bytes);
    if (in_.empty()) {
        release_buffers();
        if (core_->draining) co_return fail(gone);
        enter(Phase::idle, core_->settings.idle_limit);
        auto read = co_await read_more();
        if (!read) co_return fail(gone);
    }
    enter(Phase::reading, core_->settings.header_limit);
    request_began_ = Steady::now();
    for (;;) {
        // A client may send an empty line behind a body (RFC 9112 section 2.2).
        if (in_.starts_with("\r\n")) in_.erase(0, 2);
        auto end = scanner.scan(in_);
        if (!end) co_return std::unexpected(end.error());
        if (*end) {
            auto head = read_head(std::string_view(in_).substr(0, **end));
            in_.erase(0, **end);
            co_return head;
        }
        auto read = co_await read_more();
        if (!read) co_return std::unexpected(read.error());
    }
}

template <class Stream>
Task<std::string> Connection<Stream>::read_chunked(std::size_t limit) {
    ChunkedDecoder decoder(limit);
    std::string body;
    for (;;) {
        std::string_view rest = in_;
        auto taken = decoder.take(rest, body);
        if (!taken) co_return std::unexpected(taken.error());
        in_.erase(0, in_.size() - rest.size());
        if (decoder.is_done()) co_return body;
        auto read = co_await read_more();
        if (!read) co_return std::unexpected(read.error());
    }
}

template <class Stream>
Task<std::string> Connection<Stream>::read_body(const RequestHead& head, std::size_t limit) {
    enter(Phase::reading, core_->settings.body_limit);
    bool known_length = head.body == RequestHead::Body::length;
    if (known_length && head.content_length > limit) co_return fail(body_too_large);
    if (head.expects_continue && in_.empty()) {
        out_ = "HTTP/1.1 100 Continue\r\n\r\n";
        auto sent = co_await send_rest(0);
        if (!sent || !*sent) co_return fail(gone);
        enter(Phase::reading, core_->settings.body_limit);
    }
    if (!known_length) co_return co_await read_chunked(limit);
    auto length = static_cast<std::size_t>(head.content_length);
    while (in_.size() < length) {
        auto read = co_await read_more();
        if (!read) co_return std::unexpected(read.error());
    }
    auto body = in_.substr(0, length);
    in_.erase(0, length);
    co_return body;
}

template <class Stream>
Task<bool> Connection<Stream>::handle(RequestHead head) {
    InFlight counted(*core_);
    Exchange exchange = new_exchange();
    exchange.request = std::move(head.request);
    auto prepared = core_->router.prepare(exchange);
    if (!prepared) co_return co_await refuse(std::move(exchange), prepared.error());
    if (head.body != RequestHead::Body::none) {
        if (head.has_content_encoding) {
            auto encoded = Error(body_encoded);
            co_return co_await refuse(std::move(exchange), std::move(encoded));
        }
        auto body = co_await read_body(head, body_limit(exchange));
        if (!body && body.error().is(gone)) co_return false;
        if (!body) co_return co_await refuse(std::move(exchange), body.error());
        exchange.request.body = std::move(*body);
    }
    enter(Phase::handling, Milliseconds::zero());
    exchange_ = &exchange;
    auto response = co_await core_->router.answer(exchange);
    exchange_ = nullptr;
    if (late_) co_return false;
    Framing framing{exchange.request.method, head.minor_version,
                    head.keep_alive && !core_->draining, core_->date};
    co_return co_await send(exchange, std::move(*response), framing);
}

template <class Stream>
Task<bool> Connection<Stream>::refuse(Exchange exchange, Error error) {
    auto response = core_->router.refuse(exchange, error);
    Framing framing{exchange.request.method, 1, false, core_->date};
    co_return co_await send(exchange, std::move(response), framing);
}

template <class Stream>
Task<bool> Connection<Stream>::send(const Exchange& exchange, Response response, Framing framing) {
    compress_for(exchange.request, response);
    out_.clear();
    append_response(out_, response, framing);
    log_access(exchange, response);
    std::size_t sent = 0;
    if constexpr (!is_tls) {
        // Nearly every answer fits the socket's buffer: one system call and no wait.
        boost::system::error_code error;
        sent = stream_.write_some(asio::buffer(out_), error);
        if (error && error != asio::error::would_block) co_return false;
    }
    if (sent == out_.size()) co_return framing.keep_alive;
    auto rest = co_await send_rest(sent);
    co_return rest && *rest&& framing.keep_alive;
}

template <class Stream>
Task<bool> Connection<Stream>::send_rest(std::size_t sent) {
    enter(Phase::writing, core_->settings.write_limit);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto buffer = asio::buffer(out_) + sent;
    co_await asio::async_write(stream_, buffer, token);
    co_return !error;
}

template <class Stream>
void Connection<Stream>::answer_late() {
    late_ = true;
    Exchange exchange = new_exchange();
    exchange.request_id = exchange_->request_id;
    auto response = core_->router.refuse(exchange, Error(deadline_passed));
    Framing framing{exchange_->request.method, 1, false, core_->date};
    auto text = std::make_shared<std::string>();
    append_response(*text, response, framing);
    log_access(*exchange_, response);
    enter(Phase::ending, core_->settings.write_limit);
    auto close = [self = this->shared_from_this(), text](boost::system::error_code, std::size_t) {
        self->abort();
    };
    asio::async_write(stream_, asio::buffer(*text), std::move(close));
}

template <class Stream>
Exchange Connection<Stream>::new_exchange() const {
    Exchange exchange;
    exchange.peer_address = peer();
    exchange.client_address = peer();
    exchange.secure = is_tls;
    exchange.received_at = request_began_;
    return exchange;
}

template <class Stream>
std::size_t Connection<Stream>::body_limit(const Exchange& exchange) const {
    auto own = exchange.route == nullptr ? 0 : exchange.route->body_limit();
    return own == 0 ? core_->settings.body_bytes : own;
}

template <class Stream>
void Connection<Stream>::release_buffers() {
    if (in_.capacity() > 2 * read_size) std::string().swap(in_);
    if (out_.capacity() > kept_bytes) std::string().swap(out_);
}

}  // namespace cardea::http
