#include "cardea/sign_in/password_flow.hpp"

#include "cardea/base/log.hpp"
#include "cardea/http/address.hpp"
#include "cardea/password/bcrypt.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/opening.hpp"

namespace cardea::sign_in {
namespace {

constexpr std::string_view method = "password";

/// The password changed, or its hash was renewed, while it was being checked.
constexpr Reason changed_meanwhile{Code::conflict, "sign_in.changed_meanwhile",
                                   "The email address or the password is wrong."};
constexpr int most_tries = 3;

http::IpAddress address_of(const Visit& visit) {
    return http::IpAddress::parse(visit.origin.client_address).value_or(http::IpAddress());
}

/// What the throttle counts attempts on an account by.
std::string throttle_key(const account::Account& account) {
    auto email = account.email ? account::Email::parse(*account.email)
                               : Result<account::Email>(fail(account::email_malformed));
    return email ? email->key() : account.id;
}

bool is_same(const std::optional<SecretText>& a, const std::optional<SecretText>& b) {
    return a.has_value() == b.has_value() && (!a || *a == *b);
}

/// A stored hash that cannot be checked. The person who signs in learns nothing of it.
bool is_broken_hash(const Error& error) {
    return error.is(password::malformed_hash) || error.is(password::unsupported_hash) ||
           error.is(password::cost_refused);
}

password::Owner owner_of(const SignUp& wish) {
    return {.email = wish.email.text(), .name = wish.name.text(), .field = "password"};
}

password::Owner owner_of(const account::Account& account) {
    std::string_view email = account.email ? std::string_view(*account.email) : "";
    return {.email = email, .name = account.name, .field = "new_password"};
}

audit::Event event_of(std::string type, std::optional<std::string> account_id, const Visit& visit) {
    return {std::move(type), std::move(account_id), visit.origin, {}};
}

}  // namespace

PasswordFlow::PasswordFlow(Parts parts, Settings settings)
    : parts_(parts), rules_(parts.accounts, std::move(settings)) {}

// Signing up.

Task<SignUpOutcome> PasswordFlow::sign_up(SignUp wish, Visit visit) {
    auto allowed = rules_.check(wish.email);
    if (!allowed) co_return std::unexpected(allowed.error());
    // Before it is counted: whoever is refused a password tries another one.
    auto fit = parts_.policy.check(wish.password, owner_of(wish));
    if (!fit) co_return std::unexpected(fit.error());
    auto counted = co_await parts_.throttle.count_sign_up(address_of(visit));
    if (!counted) co_return std::unexpected(counted.error());
    // Before the address is looked up: a taken one takes as long as a free one.
    auto hash = co_await parts_.hasher.hash(wish.password.secret());
    if (!hash) {
        auto withdrawn = co_await parts_.throttle.withdraw_sign_up(address_of(visit));
        if (!withdrawn)
            log::warn("throttle.withdraw", log::kv("why", withdrawn.error().describe()));
        co_return std::unexpected(hash.error());
    }

    throttle::Attempt owner{wish.email.key(), address_of(visit)};
    auto known_browser = parts_.known_browsers.cookie(wish.email);
    account::NewAccount account;
    account.email = std::move(wish.email);
    account.name = wish.name.text();
    account.password_hash = SecretText(std::move(*hash));
    auto outcome = co_await store_sign_up(std::move(account), visit);
    if (outcome) {
        auto remembered = co_await parts_.throttle.remember(std::move(owner));
        if (!remembered)
            log::warn("throttle.remember", log::kv("why", remembered.error().describe()));
        if (outcome->signed_in) outcome->signed_in->known_browser = std::move(known_browser);
    }
    if (outcome || rules_.settings().reveal_existing_accounts) co_return outcome;
    if (!outcome.error().is(account::email_taken)) co_return outcome;
    // The same work as for a free address, so that not even the commit's time tells.
    auto event = event_of("sign_up.address_taken", std::nullopt, visit);
    auto noted = co_await parts_.trail.write(parts_.database, std::move(event));
    if (!noted) co_return std::unexpected(noted.error());
    co_return SignUpOutcome();
}

Task<SignUpOutcome> PasswordFlow::store_sign_up(account::NewAccount wish, Visit visit) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto account = co_await rules_.admit(**transaction, std::move(wish));
    if (!account) co_return std::unexpected(account.error());
    visit.origin.actor = account->id;
    auto event = event_of("account.created", account->id, visit);
    event.detail["method"] = method;
    auto written = co_await parts_.trail.write(**transaction, std::move(event));
    if (!written) co_return std::unexpected(written.error());

    SignUpOutcome outcome;
    if (rules_.settings().reveal_existing_accounts) {
        Opening opening(parts_.sessions, parts_.trail);
        auto opened = co_await opening.open(**transaction, std::move(*account), std::string(method),
                                            std::move(visit));
        if (!opened) co_return std::unexpected(opened.error());
        outcome.signed_in = std::move(*opened);
    }
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return outcome;
}

// Signing in.

Task<SignedIn> PasswordFlow::sign_in(Credentials credentials, Visit visit) {
    throttle::Attempt attempt{credentials.email.key(), address_of(visit)};
    attempt.known_browser = parts_.known_browsers.knows(visit.known_browser, credentials.email);
    auto ticket = co_await parts_.throttle.begin(std::move(attempt));
    if (!ticket) co_return std::unexpected(ticket.error());
    auto signed_in = co_await try_credentials(std::move(credentials), std::move(visit), *ticket);
    // Neither right nor wrong was learnt: it was no guess.
    bool judged = signed_in || signed_in.error().is(credentials_wrong) ||
                  signed_in.error().is(account::disabled);
    if (!judged) {
        auto withdrawn = co_await parts_.throttle.withdraw(std::move(*ticket));
        if (!withdrawn)
            log::warn("throttle.withdraw", log::kv("why", withdrawn.error().describe()));
    }
    co_return signed_in;
}

Task<SignedIn> PasswordFlow::try_credentials(Credentials credentials, Visit visit,
                                             throttle::Ticket ticket) {
    for (int tries = 0; tries < most_tries; ++tries) {
        auto proven = co_await prove(credentials, visit);
        if (!proven) co_return std::unexpected(proven.error());
        auto signed_in = co_await admit(*proven, visit);
        if (!signed_in && signed_in.error().is(changed_meanwhile)) continue;
        if (!signed_in) co_return signed_in;
        upgrade_when_due(*proven, credentials.password);
        auto told = co_await parts_.throttle.succeeded(std::move(ticket));
        if (!told) log::warn("throttle.succeeded", log::kv("why", told.error().describe()));
        signed_in->known_browser = parts_.known_browsers.cookie(credentials.email);
        co_return signed_in;
    }
    co_return fail(credentials_wrong, "kept changing");
}

Task<account::Credential> PasswordFlow::prove(Credentials credentials, Visit visit) {
    auto found = co_await parts_.accounts.find_credential(parts_.database, credentials.email);
    // An outage is not a wrong password.
    if (!found && !found.error().is(account::missing)) co_return found;
    auto hash = found ? found->password_hash : std::nullopt;
    auto verdict = co_await check(credentials.password, std::move(hash));
    if (!verdict) co_return std::unexpected(verdict.error());
    if (*verdict == password::Verdict::right && found) co_return found;
    auto account_id = found ? std::optional(found->account.id) : std::nullopt;
    auto noted = co_await note_failure(std::move(account_id), std::move(visit));
    if (!noted) co_return std::unexpected(noted.error());
    co_return fail(credentials_wrong);
}

// Hashing took a while: what was proven must still be what is stored, or a password changed in the
// meantime would open one more session.
Task<SignedIn> PasswordFlow::admit(account::Credential proven, Visit visit) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto now = co_await parts_.accounts.find_credential(**transaction, proven.account.id);
    if (!now && now.error().is(account::missing)) co_return fail(credentials_wrong, now.error());
    if (!now) co_return std::unexpected(now.error());
    if (!is_same(now->password_hash, proven.password_hash)) co_return fail(changed_meanwhile);
    if (now->account.is_disabled()) {
        auto event = event_of("sign_in.refused", now->account.id, visit);
        event.detail["why"] = "account disabled";
        auto noted = co_await parts_.trail.write(**transaction, std::move(event));
        if (!noted) co_return std::unexpected(noted.error());
        auto stored = co_await (*transaction)->commit();
        if (!stored) co_return std::unexpected(stored.error());
        co_return fail(account::disabled);
    }
    Opening opening(parts_.sessions, parts_.trail);
    auto opened = co_await opening.open(**transaction, std::move(now->account), std::string(method),
                                        std::move(visit));
    if (!opened) co_return opened;
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return opened;
}

// The address that was typed is not kept: it may be somebody's password in the wrong field.
Task<void> PasswordFlow::note_failure(std::optional<std::string> account_id, Visit visit) {
    auto event = event_of("sign_in.failed", std::move(account_id), visit);
    event.detail["method"] = method;
    co_return co_await parts_.trail.write(parts_.database, std::move(event));
}

Task<password::Verdict> PasswordFlow::check(password::Attempt attempt,
                                            std::optional<SecretText> hash) {
    if (!hash) co_return co_await parts_.hasher.check_decoy(attempt.secret());
    auto verdict = co_await parts_.hasher.check(attempt.secret(), hash->reveal());
    if (verdict || !is_broken_hash(verdict.error())) co_return verdict;
    log::error("sign_in.broken_hash", log::kv("why", verdict.error().describe()));
    co_return co_await parts_.hasher.check_decoy(attempt.secret());
}

void PasswordFlow::upgrade_when_due(const account::Credential& proven,
                                    const password::Attempt& attempt) {
    if (!parts_.hasher.needs_rehash(proven.password_hash->reveal())) return;
    parts_.background.add("sign_in.upgrade_hash",
                          upgrade(proven.account.id, *proven.password_hash, attempt.secret()));
}

Task<void> PasswordFlow::upgrade(std::string account_id, SecretText old_hash, SecretText password) {
    auto hash = co_await parts_.hasher.hash(std::move(password));
    // Another system took a password that the present scheme cannot: its hash stays.
    if (!hash && hash.error().is(password::too_long)) co_return Result<void>();
    if (!hash) co_return std::unexpected(hash.error());
    SecretText stronger(std::move(*hash));
    co_return co_await parts_.accounts.upgrade_password(parts_.database, std::move(account_id),
                                                        std::move(old_hash), std::move(stronger));
}

// Changing the password.

Task<void> PasswordFlow::change_password(session::SessionPointer caller, ChangePassword change,
                                         Visit visit) {
    auto id = caller->account.id;
    auto credential = co_await parts_.accounts.find_credential(parts_.database, std::move(id));
    if (!credential) co_return std::unexpected(credential.error());
    auto fit = parts_.policy.check(change.fresh, owner_of(credential->account));
    if (!fit) co_return std::unexpected(fit.error());
    if (credential->password_hash) {
        auto checked = co_await check_current(*credential, std::move(change.current), visit);
        if (!checked) co_return checked;
    }
    auto hash = co_await parts_.hasher.hash(change.fresh.secret());
    if (!hash) co_return std::unexpected(hash.error());
    SecretText fresh(std::move(*hash));
    co_return co_await store_change(std::move(*credential), caller->session.id, std::move(fresh),
                                    std::move(visit));
}

Task<void> PasswordFlow::check_current(account::Credential credential,
                                       std::optional<password::Attempt> current, Visit visit) {
    if (!current) co_return fail(current_password_needed);
    throttle::Attempt attempt{throttle_key(credential.account), address_of(visit)};
    auto ticket = co_await parts_.throttle.begin(std::move(attempt));
    if (!ticket) co_return std::unexpected(ticket.error());
    auto verdict = co_await check(*current, credential.password_hash);
    if (!verdict) {
        auto withdrawn = co_await parts_.throttle.withdraw(std::move(*ticket));
        if (!withdrawn)
            log::warn("throttle.withdraw", log::kv("why", withdrawn.error().describe()));
        co_return std::unexpected(verdict.error());
    }
    if (*verdict == password::Verdict::wrong) {
        auto event = event_of("password.change_refused", credential.account.id, visit);
        auto noted = co_await parts_.trail.write(parts_.database, std::move(event));
        if (!noted) co_return noted;
        co_return fail(current_password_wrong);
    }
    auto told = co_await parts_.throttle.succeeded(std::move(*ticket));
    if (!told) log::warn("throttle.succeeded", log::kv("why", told.error().describe()));
    co_return Result<void>();
}

Task<void> PasswordFlow::store_change(account::Credential seen, std::string keep_session,
                                      SecretText hash, Visit visit) {
    auto id = seen.account.id;
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto now = co_await parts_.accounts.find_credential(**transaction, id);
    if (!now) co_return std::unexpected(now.error());
    if (!is_same(now->password_hash, seen.password_hash))
        co_return fail(current_password_wrong, "changed meanwhile");
    auto stored = co_await parts_.accounts.set_password(**transaction, id, std::move(hash));
    if (!stored) co_return stored;
    auto ended = co_await parts_.sessions.end_others(**transaction, id, std::move(keep_session));
    if (!ended) co_return std::unexpected(ended.error());
    auto event = event_of("password.changed", id, visit);
    event.detail["sessions_ended"] = std::to_string(*ended);
    auto written = co_await parts_.trail.write(**transaction, std::move(event));
    if (!written) co_return written;
    co_return co_await (*transaction)->commit();
}

}  // namespace cardea::sign_in
