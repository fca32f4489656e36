// Ledger: the codes and tokens that an emulated provider has handed out, and what became of them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"
#include "server/emulator/person.hpp"

namespace cardea::emulator {

/// What somebody agreed to: all codes and tokens of one sign-in.
struct Agreement {
    Somebody person;
    std::vector<std::string> scopes;
    std::string redirect_uri;
    std::string state;
    std::string nonce;
    std::string challenge;  ///< Empty when none was sent.
    bool with_refresh_token = false;
    bool ended = false;
    Texts callback;  ///< What went back beside code and state.
};

enum class Kind { pushed_request, code, short_token, access_token, refresh_token };

struct Handed {
    Kind kind = Kind::code;
    std::shared_ptr<Agreement> consent;
    std::optional<Instant> ends_at;   ///< Nothing = lives on.
    std::optional<Instant> spent_at;  ///< When it was used, where it serves once.
    std::string key;  ///< Thumbprint of the key that it is bound to; empty: to none.
};

/// What something is handed out with.
struct Terms {
    std::int64_t seconds = 0;  ///< How long it is good for; 0 = for ever.
    std::string key{};         ///< Handed::key.
    std::string prefix{};      ///< What its text begins with.
};

/// Remembers the newest hundred thousand things. One thread.
class Ledger {
  public:
    Ledger(std::string provider, const Clock& clock, crypto::Random& random)
        : provider_(std::move(provider)), clock_(clock), random_(random) {}

    /// A new code or token.
    std::string hand_out(Kind kind, std::shared_ptr<Agreement> consent, Terms terms);
    /// What is alive under that text: handed out as that kind, not ended, not too old.
    Handed* find(Kind kind, const std::string& text);
    /// The same, dead or alive: for those who use a thing twice.
    Handed* find_any(const std::string& text);
    void forget(const std::string& text) { handed_.erase(text); }
    /// Ends every consent of that subject; of everybody when it is empty.
    void end_all(std::string_view subject);
    /// Whether this ledger's texts stand in there: tokens say who gave them out.
    bool is_ours(std::string_view text) const;

  private:
    static constexpr std::size_t limit = 100'000;

    std::string provider_;
    const Clock& clock_;
    crypto::Random& random_;
    std::map<std::string, Handed, std::less<>> handed_;
    std::deque<std::string> order_;
};

}  // namespace cardea::emulator
