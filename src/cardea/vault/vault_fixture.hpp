// For the vault's tests: a vault on a real database, and a provider that answers as told.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "cardea/base/encoding.hpp"
#include "cardea/db/row.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/runtime/deadline.hpp"
#include "cardea/vault/vault.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::vault {

inline constexpr Reason no_companion{Code::not_found, "provider.no_companion", "None such."};

/// Not signed: the vault only compares two of them.
inline std::string id_token(std::string_view issuer, std::string_view subject) {
    auto part = [](std::string text) { return to_base64url(as_bytes(text)); };
    return part(R"({"alg":"RS256"})") + "." +
           part(fmt::format(R"({{"iss":"{}","sub":"{}"}})", issuer, subject)) + "." + part("xx");
}

/// A provider that rotates refresh tokens: a spent one is a sign of theft and is counted.
class RotatingProvider {
  public:
    explicit RotatingProvider(const Clock& clock) : clock_(clock) {}

    Renewer renewer() {
        return [this](std::string provider, oauth::TokenSet kept) {
            asked_with = kept.callback;
            return renew(std::move(provider), std::move(*kept.refresh_token),
                         std::move(kept.dpop_key));
        };
    }
    CompanionRenewer companions() {
        return [this](std::string, oauth::TokenSet kept, std::string companion) {
            return renew_companion(std::move(*kept.refresh_token), std::move(companion));
        };
    }
    CompanionHash companion_hash() {
        return [this](std::string, std::string companion) { return hash_of(std::move(companion)); };
    }
    oauth::TokenSet issue() {
        ++issued;
        oauth::TokenSet tokens;
        tokens.access_token = SecretText("access-" + std::to_string(issued));
        tokens.refresh_token = SecretText("refresh-" + std::to_string(issued));
        tokens.scopes = std::vector<std::string>{"openid", "email"};
        tokens.received_at = clock_.now();
        tokens.expiry = oauth::Expiry::at;
        tokens.expires_at = clock_.now() + lifetime;
        live_.insert(tokens.refresh_token->reveal());
        return tokens;
    }

    /// From now on its answers are about that person.
    void answer_about(std::string_view issuer, std::string_view subject) {
        spoil = [text = id_token(issuer, subject)](oauth::TokenSet& answer) {
            answer.id_token = SecretText(text);
        };
    }

    Milliseconds lifetime = 1h;
    Milliseconds delay = 0ms;
    std::deque<Error> failures;                   ///< each answers one call
    std::function<void(oauth::TokenSet&)> spoil;  ///< changes an answer before it is sent
    std::function<Task<void>()> before_answer;
    bool rotates = true;
    std::vector<std::string> asked;                 ///< refresh tokens, in the order they came
    std::map<std::string, std::string> asked_with;  ///< of the callback, at the last call
    std::optional<SecretText> key_asked_with;       ///< Of the last call.
    int calls = 0;
    int issued = 0;
    int spent_tokens_sent = 0;

    int companion_calls = 0;
    std::map<std::string, std::string> row{{"files", "1"}, {"mail", "1"}};  ///< hashes, by name

  private:
    Task<std::string> hash_of(std::string companion) {
        if (!row.contains(companion)) co_return fail(no_companion);
        co_return row.at(companion);
    }
    Task<oauth::TokenSet> renew_companion(SecretText token, std::string companion) {
        ++companion_calls;
        --calls;
        auto tokens = co_await renew("", std::move(token), std::nullopt);
        if (tokens) tokens->access_token = SecretText(companion + "-" + std::to_string(issued));
        co_return tokens;
    }
    Task<oauth::TokenSet> renew(std::string, SecretText token, std::optional<SecretText> dpop_key) {
        ++calls;
        key_asked_with = std::move(dpop_key);
        asked.push_back(token.reveal());
        if (delay > 0ms) {
            auto slept = co_await runtime::sleep(delay);
            if (!slept) co_return std::unexpected(slept.error());
        }
        if (!failures.empty()) {
            auto failure = failures.front();
            failures.pop_front();
            co_return std::unexpected(failure);
        }
        if (live_.erase(token.reveal()) == 0) {
            ++spent_tokens_sent;
            co_return fail(oauth::consent_withdrawn, "spent");
        }
        auto tokens = issue();
        if (!rotates) {
            tokens.refresh_token.reset();
            live_.insert(token.reveal());
        }
        if (spoil) spoil(tokens);
        if (before_answer) {
            auto done = co_await before_answer();
            if (!done) co_return std::unexpected(done.error());
        }
        co_return tokens;
    }

    const Clock& clock_;
    std::set<std::string> live_;
};

inline constexpr Reason provider_down{Code::peer_failed, "provider.failed", "In trouble."};

class VaultFixture : public testing::Test {
  protected:
    VaultFixture() {
        std::vector<SecretText> secrets;
        secrets.emplace_back("a text with enough variety 0123456789 AbCdEfGh");
        keyring_ = std::make_unique<crypto::Keyring>(
            std::move(*crypto::Keyring::from_secrets(secrets, random_)));
        trail_ = std::make_unique<audit::Trail>(clock_, random_);
        vault_ = make_vault(*database_);
    }
    std::unique_ptr<Vault> make_vault(db::Database& database) {
        Vault::Parts parts{database,
                           *keyring_,
                           clock_,
                           random_,
                           *trail_,
                           provider_.renewer(),
                           renewals_,
                           {},
                           provider_.companions(),
                           provider_.companion_hash()};
        return std::make_unique<Vault>(std::move(parts), settings_);
    }
    template <class T>
    Result<T> run(Task<T> task) {
        return database_.run(std::move(task));
    }
    db::Rows sql(std::string_view text, db::Values values = {}) {
        db::Statement statement{"test.sql", text};
        auto rows = run(database_->run(statement, std::move(values)));
        if (!rows) throw std::runtime_error(rows.error().describe());
        return *rows;
    }
    static Identity identity(std::string subject = "subject-1") {
        return {"example", "https://idp.example", std::move(subject), "a@example.com", true};
    }
    Connection keep(oauth::TokenSet tokens, std::string subject = "subject-1") {
        return run(vault_->keep(*database_, identity(std::move(subject)), std::move(tokens)))
            .value();
    }
    Connection connect() { return keep(provider_.issue()); }
    /// With an ID token about that person.
    Connection connect_as(std::string_view issuer, std::string_view subject) {
        auto tokens = provider_.issue();
        tokens.id_token = SecretText(id_token(issuer, subject));
        return keep(std::move(tokens));
    }
    std::string token(const std::string& id) {
        auto fresh = run(vault_->fresh_token(id));
        return fresh ? fresh->access_token.reveal() : std::string(fresh.error().reason().slug);
    }
    std::string companion(const std::string& id, std::string name = "files") {
        auto token = run(vault_->companion_token(id, std::move(name), {"test", "", ""}));
        return token ? token->access_token.reveal() : std::string(token.error().reason().slug);
    }
    Connection found(const std::string& id) { return run(vault_->find(*database_, id)).value(); }
    std::int64_t events(std::string type) {
        return sql("SELECT count(*) FROM events WHERE type = $1", {std::move(type)})
            .rows[0][0]
            .as_integer();
    }

    FakeClock clock_;
    SeededRandom random_;
    Settings settings_;
    TestDatabase database_{&clock_};
    runtime::TaskGroup renewals_{database_.io.get_executor()};
    RotatingProvider provider_{clock_};
    std::unique_ptr<crypto::Keyring> keyring_;
    std::unique_ptr<audit::Trail> trail_;
    std::unique_ptr<Vault> vault_;
};

}  // namespace cardea::vault
