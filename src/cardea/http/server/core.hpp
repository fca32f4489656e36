// What the connections of one server share. Private to http/server.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "cardea/http/server/descriptors.hpp"
#include "cardea/http/server/server.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::http {

using Steady = Exchange::Steady;
using Tcp = asio::ip::tcp;

/// The part of a connection that the server looks after: its phase and when that has to end. There
/// is no timer for each read; the server's tick visits all connections.
class ConnectionBase {
  public:
    enum class Phase {
        handshake,  ///< Of TLS; also before the first wait for a request.
        idle,       ///< Between requests.
        reading,    ///< A request has begun and is not complete.
        handling,   ///< The handler works; the exchange's deadline counts.
        writing,
        ending,  ///< The answer is out; the peer may close first.
    };
    explicit ConnectionBase(IpAddress peer) : peer_(peer) {}
    virtual ~ConnectionBase() = default;
    ConnectionBase(const ConnectionBase&) = delete;
    ConnectionBase& operator=(const ConnectionBase&) = delete;

    const IpAddress& peer() const { return peer_; }
    bool is_idle() const { return phase_ == Phase::idle; }
    Steady::time_point phase_since() const { return since_; }
    /// Does what the end of a phase demands, when that has come.
    void check_time(Steady::time_point now);
    /// Closes the socket: whatever waits for it ends.
    virtual void abort() = 0;
    /// Asks the coroutine to stop at its next wait.
    void cancel() { stop_.emit(asio::cancellation_type::terminal); }

  protected:
    void enter(Phase phase, Milliseconds limit) {
        phase_ = phase;
        since_ = Steady::now();
        until_ = since_ + limit;
    }
    /// The read under way ends; the request's time is over.
    virtual void interrupt_reading() = 0;
    /// Answers in the handler's stead, which goes on to its end.
    virtual void answer_late() = 0;
    bool is_expired() const { return expired_; }

    const Exchange* exchange_ = nullptr;  // while handling
    asio::cancellation_signal stop_;

  private:
    IpAddress peer_;
    Phase phase_ = Phase::handshake;
    bool expired_ = false;
    Steady::time_point since_;
    Steady::time_point until_;
};

class TlsContext;

struct Core {
    Core(const asio::any_io_executor& e, ServerSettings s, const Router& r, const Clock& c)
        : executor(e),
          settings(std::move(s)),
          router(r),
          clock(c),
          acceptor(e),
          tick(e),
          changed(e, Steady::time_point::max()) {}

    asio::any_io_executor executor;
    ServerSettings settings;
    const Router& router;
    const Clock& clock;
    Tcp::acceptor acceptor;
    asio::steady_timer tick;
    asio::steady_timer changed;  ///< Cancelled when a connection ends.
    std::shared_ptr<TlsContext> tls;
    DescriptorReserve reserve;

    std::list<ConnectionBase*> connections;  ///< Each belongs to its own coroutine.
    std::map<IpAddress, std::size_t> per_address;
    std::size_t connection_limit = 0;
    std::size_t in_flight = 0;
    std::size_t turned_away = 0;  ///< Since the last tick.
    bool draining = false;
    bool stopped = false;  ///< No tick any more.
    std::string date;

    using Place = std::list<ConnectionBase*>::iterator;
    Place enlist(ConnectionBase& connection);
    void strike(Place place);
};

/// Runs the connection until it ends.
void start_connection(std::shared_ptr<Core> core, Tcp::socket socket, IpAddress peer);
/// The same behind a TLS handshake.
void start_tls_connection(std::shared_ptr<Core> core, Tcp::socket socket, IpAddress peer);
/// TLS 1.2 or later with the certificate and key of the settings; `server.certificate` otherwise.
Result<std::shared_ptr<TlsContext>> make_tls_context(const ServerSettings& settings);

}  // namespace cardea::http
