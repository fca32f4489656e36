// Emulator: every provider of the tables behind one door, and what can go wrong on the way to them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/emulator/emulated_provider.hpp"

namespace cardea::emulator {

/// How an endpoint misbehaves instead of answering. `reset`: the request is carried out, and the
/// connection ends without an answer.
enum class Failure {
    none,
    hang,
    reset,
    status_500,
    rate_limited,
    redirect,
    html,
    wrong_type,
    truncated,
    giant,
    slow,
    bomb
};
BOOST_DESCRIBE_ENUM(Failure, none, hang, reset, status_500, rate_limited, redirect, html,
                    wrong_type, truncated, giant, slow, bomb)

/// An answer, and what a connection has to do to it: `hang`, `reset` and `slow` are not in the
/// bytes.
struct Outcome {
    http::Response response;
    Failure failure = Failure::none;
};

class Emulator {
  public:
    struct Options {
        /// What is registered with each provider; `{provider}` stands for its name.
        std::vector<std::string> redirect_uris;
        /// Of all access tokens, so that renewals can be watched; the real providers' when absent.
        std::optional<Seconds> token_lifetime = std::nullopt;
        /// Tables beside those of behaviours.toml, for what no real provider does.
        Behaviours further{};
    };
    /// Clock and random must outlive the object. Fails with `internal` when a table cannot be read.
    static Result<std::unique_ptr<Emulator>> make(const Clock& clock, crypto::Random& random,
                                                  Options options);

    /// Null for a name that no table has.
    EmulatedProvider* find(std::string_view name);
    std::vector<std::string> names() const;

    /// The answer to a request with an absolute https URL, as the real provider's. 404 where nobody
    /// listens.
    Outcome answer(const http::Request& request);
    /// A browser opens an authorization URL, fragment and all.
    http::Response visit(std::string_view url);

    /// The next `times` requests to that endpoint fail so; to any provider when `provider` is
    /// empty.
    void fail_next(std::string provider, Endpoint endpoint, Failure failure, int times = 1);
    void repair() { faults_.clear(); }
    /// How many requests that endpoint had.
    int count(std::string_view provider, Endpoint endpoint) const;

  private:
    struct Fault {
        std::string provider;
        Endpoint endpoint;
        Failure failure;
        int times;
    };
    struct Target {
        EmulatedProvider* provider = nullptr;
        Endpoint endpoint = Endpoint::discovery;
    };

    Emulator() = default;
    void add(const std::string& name, const Behaviour& behaviour,
             const std::vector<std::string>& redirect_uris, EmulatedProvider::Parts parts);
    Target target_of(const http::Request& request) const;
    Failure take_fault(const Target& target);

    SigningKeys keys_;
    Behaviours further_;
    std::map<std::string, EmulatedProvider, std::less<>> providers_;
    std::map<std::string, std::vector<EmulatedProvider*>, std::less<>> by_host_;
    std::vector<Fault> faults_;
    std::map<std::pair<std::string, Endpoint>, int> counts_;
};

}  // namespace cardea::emulator
