// What a sign-in cannot do without, done by the bare libraries and by nothing of ours.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace cardea::bench {

/// Microseconds of this thread's processor time, each for one sign-in. A floor for what the
/// program can reach, and a generous one: nothing is parsed, checked, sealed or logged, no thread
/// hands anything over, and sixteen sign-ins share one commit of all that they write.
class SignInFloor {
  public:
    /// `folder`: for a database of its own. `server`: of 127.0.0.1, answers any request.
    SignInFloor(const std::string& folder, std::uint16_t server);
    ~SignInFloor();
    SignInFloor(const SignInFloor&) = delete;
    SignInFloor& operator=(const SignInFloor&) = delete;

    /// The token request and the profile request, by libcurl on a kept connection.
    double http_calls_us();
    /// ES256, by OpenSSL.
    double verification_us();
    /// The product's tables: what is pending is put and taken, the connection found and replaced,
    /// session and event added; by SQLite with a WAL that is synced.
    double rows_us();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace cardea::bench
