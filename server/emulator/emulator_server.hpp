// EmulatorServer: the emulator on a loopback port, for programs that are other than this one.
#pragma once

#include <memory>
#include <string>

#include "cardea/runtime/task.hpp"
#include "server/emulator/emulator.hpp"

namespace cardea::emulator {

/// `https://HOST/PATH` of a real provider is `http://127.0.0.1:PORT/HOST/PATH` here. What begins
/// with `/-/` is for whoever runs a test: see control.hpp. One thread.
class EmulatorServer {
  public:
    struct Options {
        std::uint16_t port = 0;  ///< 0 = a free one.
        Emulator::Options emulator;
    };
    /// Listens. Clock and random must outlive the object. Fails with `server.port_busy`.
    static Result<std::unique_ptr<EmulatorServer>> start(
        const boost::asio::any_io_executor& executor, const Clock& clock, crypto::Random& random,
        Options options);
    ~EmulatorServer();

    /// `http://127.0.0.1:PORT`.
    std::string url() const;
    Emulator& emulator();

  private:
    struct State;
    explicit EmulatorServer(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace cardea::emulator
