// The development provider: an OpenID provider on a loopback port, for trying cardea out.
#pragma once

#include <memory>
#include <string>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::emulator {

/// Lets everybody be whoever they like: only for development mode, only on 127.0.0.1. One thread.
class DevelopmentProvider {
  public:
    struct Options {
        std::uint16_t port = 0;         ///< Wanted; when it is taken, a free one.
        Seconds token_lifetime = 5min;  ///< Short, so that renewal can be watched.
        SecretText secret{};            ///< With the same one tokens outlive a restart.
        std::string email = "newcomer@example.org";  ///< Suggested on the page.
        std::string name = "Nora Newcomer";
    };
    /// Makes keys, client id and client secret, and listens. Clock and random must outlive it.
    static Result<std::unique_ptr<DevelopmentProvider>> start(
        const boost::asio::any_io_executor& executor, const Clock& clock, crypto::Random& random,
        Options options);
    ~DevelopmentProvider();

    /// `http://127.0.0.1:PORT`.
    const std::string& issuer() const;
    const std::string& client_id() const;
    const SecretText& client_secret() const;
    /// Where browsers may be sent back to: exactly this text.
    void allow_redirect_uri(std::string uri);
    /// Stops accepting and waits for what is under way. Before destruction.
    Task<void> drain(Milliseconds limit);

  private:
    struct State;
    explicit DevelopmentProvider(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace cardea::emulator
