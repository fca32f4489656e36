// Round: everything that is done with a provider, once with each of a few people, against the
// emulator's idea of that provider.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cardea/provider/providers.hpp"
#include "server/emulator/in_process.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea {

/// What all rounds of a test share.
struct Stage {
    /// `further`: what the emulator plays beside the providers of its own tables.
    explicit Stage(emulator::Behaviours further = {});

    FakeClock clock;
    SeededRandom random;
    TestDatabase database;
    std::unique_ptr<emulator::Emulator> emulator;
    std::unique_ptr<emulator::EmulatedClient> client;
    crypto::Keyring keyring;
};

/// A provider as operators configure it: its row, and what the emulator says at registration.
schema::JsonObject registered(const emulator::EmulatedProvider& played, schema::JsonObject row);
/// A client secret of the form that the provider takes, and that nobody registered.
std::string wrong_secret(const emulator::EmulatedProvider& played);
/// The row with such a secret; nothing where clients have none.
std::optional<schema::JsonObject> with_wrong_secret(const emulator::EmulatedProvider& played,
                                                    schema::JsonObject row);
/// The catalogue's row of that name.
schema::JsonObject catalogue_row(const std::string& name);

class Round {
  public:
    /// `row` is the whole row; it is configured under the name `name`.
    Round(Stage& stage, emulator::EmulatedProvider& played, std::string name,
          schema::JsonObject row);

    /// Signs people in, reads their profiles, renews, revokes, and says what went otherwise than
    /// the emulator's table has it; empty when nothing did.
    std::vector<std::string> differences();
    /// One exchange; for tests of what happens when it fails.
    Result<provider::Exchanged> sign_in();

    provider::Providers& providers() { return *providers_; }

  private:
    struct Visit;
    /// What the browser came back with, and the key that it is bound to.
    struct Consented {
        oauth::AuthorizationCode code;
        std::optional<SecretText> dpop_key;
    };

    void try_with(const emulator::Somebody& person);
    void check_kept(const provider::Exchanged& exchanged);
    void check_what_readers_are_told();
    void check_tokens(const Visit& visit);
    void check_lifetime(const std::string& what, const oauth::TokenSet& tokens, bool silent);
    void check_profile(const std::string& what, const oauth::Profile& profile,
                       const emulator::Somebody& person);
    void renew(Visit& visit);
    void revoke(const Visit& visit);
    void try_dead_grant();
    void try_used_code();
    void try_wrong_secret();
    Result<Consented> consent();
    Result<provider::Exchanged> exchange(provider::Providers& client, Consented consented);
    std::unique_ptr<provider::Providers> configured(schema::JsonObject row);
    bool can_renew() const;
    /// The error with what the provider says it is.
    std::unexpected<Error> with_problem(const Error& error) const;

    template <class T>
    Result<T> run(Task<T> task) {
        return stage_.database.run(std::move(task));
    }
    template <class A, class B>
    void expect(const std::string& what, const A& is, const B& should);
    void note(std::string text) { differences_.push_back(std::move(text)); }

    Stage& stage_;
    emulator::EmulatedProvider& played_;
    std::string name_;
    std::vector<std::string> kept_names_;
    std::map<std::string, std::string> told_of_renewal_;  // what the row says for readers alone
    std::unique_ptr<provider::Providers> providers_;
    std::unique_ptr<provider::Providers> impostor_;  // the same row with a secret that is wrong
    std::vector<std::string> differences_;
};

}  // namespace cardea
