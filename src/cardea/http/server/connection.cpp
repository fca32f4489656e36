// Connections in plain HTTP, and what all connections share.
#include "cardea/http/server/connection.hpp"

namespace cardea::http {

void ConnectionBase::check_time(Steady::time_point now) {
    auto end = phase_ == Phase::handling ? exchange_->deadline : until_;
    if (now < end) return;
    switch (phase_) {
        case Phase::reading:
            expired_ = true;
            interrupt_reading();
            return;
        case Phase::handling:
            answer_late();
            return;
        case Phase::handshake:
        case Phase::idle:
        case Phase::writing:
        case Phase::ending:
            abort();
            return;
    }
}

Core::Place Core::enlist(ConnectionBase& connection) {
    ++per_address[connection.peer()];
    return connections.insert(connections.end(), &connection);
}

void Core::strike(Place place) {
    auto count = per_address.find((*place)->peer());
    if (--count->second == 0) per_address.erase(count);
    connections.erase(place);
    changed.cancel();
}

void start_connection(std::shared_ptr<Core> core, Tcp::socket socket, IpAddress peer) {
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    std::make_shared<Connection<Tcp::socket>>(std::move(core), std::move(socket), peer)->start();
}

}  // namespace cardea::http
