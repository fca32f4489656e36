#include "cardea/sign_in/oauth_flow.hpp"

#include <algorithm>

#include "cardea/account/name.hpp"
#include "cardea/base/log.hpp"
#include "cardea/http/address.hpp"
#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/flow_cookie.hpp"
#include "cardea/sign_in/opening.hpp"

namespace cardea::sign_in {
namespace {

constexpr const char* state_kind = "oauth_state";

std::string to_text(Transport transport) {
    return transport == Transport::bearer ? "bearer" : "cookie";
}
Transport to_transport(std::string_view text) {
    return text == "bearer" ? Transport::bearer : Transport::cookie;
}

/// What only we know of, and an operator wants to: the provider did not do its part.
bool is_the_providers_fault(const Error& error) {
    return error.code() == Code::peer_failed || error.code() == Code::peer_timeout;
}

account::AddressProof proof_of(const oauth::Profile& profile) {
    return profile.email_authoritative ? account::AddressProof::authoritative
                                       : account::AddressProof::claimed;
}

std::string reference_of(const std::string& state) {
    SecretText hash(oauth::state_hash(state));
    return account::Verifications::reference_of(hash);
}

audit::Event event_of(std::string type, std::string account_id, const Visit& visit) {
    return {std::move(type), std::move(account_id), visit.origin, {}};
}

}  // namespace

OAuthFlow::OAuthFlow(Parts parts, Settings settings)
    : parts_(parts),
      rules_(parts.accounts, std::move(settings)),
      round_({parts.database, parts.providers, parts.verifications, parts.clock, parts.random},
             state_kind) {}

// Beginning.

Task<Begun> OAuthFlow::begin(Begin wish, Visit visit) {
    auto address = http::IpAddress::parse(visit.origin.client_address).value_or(http::IpAddress());
    // Anybody can begin: without a bound, one could fill the table of those that are pending.
    auto counted = co_await parts_.throttle.count_oauth_begin(address);
    if (!counted) co_return std::unexpected(counted.error());
    Trace trace{wish.provider};
    auto begun = co_await begin_counted(std::move(wish));
    if (begun || !is_the_providers_fault(begun.error())) co_return begun;
    auto noted = co_await note_failure(std::move(trace), begun.error(), std::move(visit));
    if (!noted) log::error("audit.failed", log::kv("why", noted.error().describe()));
    co_return begun;
}

Task<Begun> OAuthFlow::begin_counted(Begin wish) {
    auto provider = co_await parts_.providers.ready(std::move(wish.provider));
    if (!provider) co_return std::unexpected(provider.error());
    auto browser = browser_secret(wish.flow_cookie, parts_.random);
    Departure departure{wish.return_to.text(), to_text(wish.transport), std::move(wish.link_to),
                        std::move(wish.link_session)};
    auto url = co_await round_.begin(*provider, browser, std::move(departure));
    if (!url) co_return std::unexpected(url.error());
    Begun begun{std::move(*url), flow_cookie(parts_.origin, browser, (*provider)->response_mode)};
    co_return begun;
}

// Finishing.

Task<Finished> OAuthFlow::finish(Callback callback, Visit visit) {
    auto read = oauth::read_callback(callback.provider, callback.query);
    if (!read) co_return std::unexpected(read.error());
    visit.origin.reference = reference_of(read->state);
    auto reference = visit.origin.reference;
    SecretText browser(std::move(callback.flow_cookie));
    auto finished = co_await finish_read(std::move(*read), std::move(browser), std::move(visit));
    if (finished) co_return finished;
    co_return std::unexpected(Error(finished.error()).with_reference(std::move(reference)));
}

Task<Finished> OAuthFlow::finish_read(oauth::Callback callback, SecretText browser, Visit visit) {
    auto taken = co_await take_pending(callback.state, visit);
    if (!taken) co_return std::unexpected(taken.error());
    Trace trace{taken->provider, to_rfc3339(taken->created_at)};
    auto finished =
        co_await finish_taken(std::move(*taken), std::move(callback), std::move(browser), visit);
    if (finished) co_return finished;
    auto provider = co_await parts_.providers.ready(trace.provider);
    if (provider) trace.redirect_uri = parts_.providers.redirect_uri(**provider);
    auto noted = co_await note_failure(std::move(trace), finished.error(), std::move(visit));
    if (!noted) log::error("audit.failed", log::kv("why", noted.error().describe()));
    co_return finished;
}

// What was never begun here is refused without a trace in the trail: anybody can send it.
Task<account::Verification> OAuthFlow::take_pending(std::string state, Visit visit) {
    Trace trace{std::string(oauth::provider_of_state(state))};
    auto taken = co_await round_.take(std::move(state));
    if (taken) co_return taken;
    auto refused = state_refusal(taken.error());
    if (!taken.error().is(account::verification_expired)) co_return std::unexpected(refused);
    auto noted = co_await note_failure(std::move(trace), refused, std::move(visit));
    if (!noted) log::error("audit.failed", log::kv("why", noted.error().describe()));
    co_return std::unexpected(refused);
}

Task<Finished> OAuthFlow::finish_taken(account::Verification taken, oauth::Callback callback,
                                       SecretText browser, Visit visit) {
    auto arrival =
        co_await round_.arrive(std::move(taken), std::move(callback), std::move(browser));
    if (!arrival) co_return std::unexpected(arrival.error());
    auto& departure = arrival->departure;
    if (departure.link_to) {
        auto linker = co_await check_linker(arrival->provider, departure, visit);
        if (!linker) co_return std::unexpected(linker.error());
    }
    auto proof = co_await round_.prove(arrival->provider, std::move(arrival->code),
                                       std::move(arrival->dpop_key));
    if (!proof) co_return std::unexpected(proof.error());

    Finished finished;
    finished.return_to = std::move(departure.return_to);
    finished.transport = to_transport(departure.transport);
    if (departure.link_to) {
        auto linked =
            co_await link(std::move(*proof), std::move(*departure.link_to), std::move(visit));
        if (!linked) co_return std::unexpected(linked.error());
        co_return finished;
    }
    auto signed_in = co_await sign_in(std::move(*proof), std::move(visit));
    if (!signed_in) co_return std::unexpected(signed_in.error());
    finished.signed_in = std::move(*signed_in);
    co_return finished;
}

Task<void> OAuthFlow::note_failure(Trace trace, Error error, Visit visit) {
    audit::Event event{"sign_in.failed", std::nullopt, std::move(visit.origin), {}};
    event.detail["method"] = std::move(trace.provider);
    event.detail["reason"] = error.reason().slug;
    if (!error.detail().empty()) event.detail["why"] = error.detail();
    if (!trace.begun_at.empty()) event.detail["begun_at"] = std::move(trace.begun_at);
    if (!trace.redirect_uri.empty()) event.detail["redirect_uri"] = std::move(trace.redirect_uri);
    co_return co_await parts_.trail.write(parts_.database, std::move(event));
}

// Signing in.

Task<SignedIn> OAuthFlow::sign_in(Proof proof, Visit visit) {
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto person = co_await person_of(**transaction, proof, visit);
    if (!person) co_return std::unexpected(person.error());
    auto provider = proof.identity.provider;
    visit.origin.actor = person->account.id;
    Linked linked{person->account.id, person->proof};
    auto kept = co_await keep(**transaction, std::move(proof), std::move(linked), visit);
    if (!kept) co_return std::unexpected(kept.error());
    Opening opening(parts_.sessions, parts_.trail);
    auto opened = co_await opening.open(**transaction, std::move(person->account),
                                        std::move(provider), std::move(visit));
    if (!opened) co_return opened;
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    co_return opened;
}

Task<OAuthFlow::Person> OAuthFlow::person_of(db::Executor& executor, Proof proof, Visit visit) {
    auto linked =
        co_await parts_.vault.find(executor, proof.identity.issuer, proof.identity.subject);
    if (!linked && !linked.error().is(vault::missing)) co_return std::unexpected(linked.error());
    if (linked && linked->account_id) {
        auto account = co_await linked_account(executor, std::move(proof), *linked->account_id);
        co_return person(std::move(account), LinkProof::session);
    }
    auto by = LinkProof::newcomer;
    if (proof.email) {
        auto existing = co_await parts_.accounts.find_by_email(executor, *proof.email);
        if (!existing && !existing.error().is(account::missing))
            co_return std::unexpected(existing.error());
        if (existing && !existing->is_invitation()) {
            co_return co_await owner_of_address(executor, std::move(proof), std::move(*existing),
                                                std::move(visit));
        }
        if (existing) by = LinkProof::invitation;
    }
    auto account = co_await newcomer(executor, std::move(proof), std::move(visit));
    co_return person(std::move(account), by);
}

Result<OAuthFlow::Person> OAuthFlow::person(Result<account::Account> account, LinkProof proof) {
    if (!account) return std::unexpected(account.error());
    return Person{std::move(*account), proof};
}

Task<account::Account> OAuthFlow::linked_account(db::Executor& executor, Proof proof,
                                                 std::string id) {
    auto account = co_await parts_.accounts.find(executor, id);
    if (!account) co_return account;
    if (account->is_disabled()) co_return fail(account::disabled);
    if (account->email_authoritative || !proof.email || !proof.profile.email_authoritative)
        co_return account;
    auto proven =
        co_await parts_.accounts.verify_email(executor, id, *proof.email, proof_of(proof.profile));
    // Missing: the account has another address.
    if (!proven && proven.error().is(account::missing)) co_return account;
    if (!proven) co_return std::unexpected(proven.error());
    co_return co_await parts_.accounts.find(executor, std::move(id));
}

// Never into an account whose password, or whose connection, somebody else may have chosen.
Task<OAuthFlow::Person> OAuthFlow::owner_of_address(db::Executor& executor, Proof proof,
                                                    account::Account existing, Visit visit) {
    if (!proof.profile.email_verified || !proof.profile.email_authoritative)
        co_return fail(link_first);
    if (existing.is_disabled()) co_return fail(account::disabled);
    if (existing.email_authoritative) co_return Person{std::move(existing), LinkProof::address};
    auto taken = co_await take_address_from(executor, std::move(existing), visit);
    if (!taken) co_return std::unexpected(taken.error());
    auto account = co_await newcomer(executor, std::move(proof), std::move(visit));
    co_return person(std::move(account), LinkProof::newcomer);
}

Task<void> OAuthFlow::take_address_from(db::Executor& executor, account::Account old, Visit visit) {
    auto released = co_await parts_.accounts.release_email(executor, old.id);
    if (!released) co_return released;
    auto ended = co_await parts_.sessions.end_others(executor, old.id, std::string());
    if (!ended) co_return std::unexpected(ended.error());
    auto event = event_of("account.address_lost", old.id, visit);
    event.detail["why"] = "somebody else proved that it is theirs";
    event.detail["sessions_ended"] = std::to_string(*ended);
    auto written = co_await parts_.trail.write(executor, std::move(event));
    if (!written) co_return written;
    // The networks that were known to the old account are strangers to the address's owner.
    auto email = account::Email::parse(old.email.value_or(""));
    if (!email) co_return Result<void>();
    co_return co_await parts_.throttle.forget(email->key());
}

Task<account::Account> OAuthFlow::newcomer(db::Executor& executor, Proof proof, Visit visit) {
    account::NewAccount wish;
    wish.email = proof.email;
    wish.email_verified = proof.email && proof.profile.email_verified;
    wish.email_authoritative = wish.email_verified && proof.profile.email_authoritative;
    wish.name = account::Name::from_profile(proof.profile.name.value_or("")).text();
    wish.picture = proof.profile.picture.value_or("");
    auto account = co_await rules_.admit(executor, std::move(wish));
    if (!account) co_return account;
    visit.origin.actor = account->id;
    auto event = event_of("account.created", account->id, visit);
    event.detail["method"] = proof.identity.provider;
    auto written = co_await parts_.trail.write(executor, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    co_return account;
}

/// Seals the tokens and links the connection, if it is not linked yet.
Task<void> OAuthFlow::keep(db::Executor& executor, Proof proof, Linked linked, Visit visit) {
    auto connection =
        co_await parts_.vault.keep(executor, std::move(proof.identity), std::move(proof.tokens));
    if (!connection) co_return std::unexpected(connection.error());
    if (connection->account_id == linked.account_id) co_return Result<void>();
    auto written = co_await parts_.vault.link(executor, connection->id, linked.account_id);
    if (!written) co_return written;
    auto event = linked_event(*connection, std::move(linked.account_id), linked.proof,
                              std::move(visit.origin));
    co_return co_await parts_.trail.write(executor, std::move(event));
}

// Linking.

/// Whoever began must still be the one who is signed in here.
Task<void> OAuthFlow::check_linker(provider::ProviderPtr provider, Departure departure,
                                   Visit visit) {
    // A provider's form_post comes from another site, so the session's cookie stays behind
    // (SameSite=Lax). The flow's cookie has come: this is the browser that began.
    bool without_cookie =
        provider->response_mode == oauth::ResponseMode::form_post && visit.previous_token.empty();
    if (without_cookie)
        co_return co_await check_linker_lives(*departure.link_to, departure.link_session);
    co_return co_await check_linker_is_here(*departure.link_to, visit.previous_token);
}

Task<void> OAuthFlow::check_linker_is_here(std::string account_id, SecretText session_token) {
    auto session = co_await parts_.sessions.find(std::move(session_token));
    if (!session && session.error().code() == Code::unauthenticated)
        co_return fail(link_needs_session, session.error());
    if (!session) co_return std::unexpected(session.error());
    if ((*session)->account.id != account_id) co_return fail(link_needs_session, "another account");
    co_return Result<void>();
}

/// The session that began must still live.
Task<void> OAuthFlow::check_linker_lives(std::string account_id, std::string session_id) {
    auto sessions = co_await parts_.sessions.list(parts_.database, std::move(account_id));
    if (!sessions) co_return std::unexpected(sessions.error());
    auto lives = [&session_id](const session::Session& one) { return one.id == session_id; };
    if (std::ranges::none_of(*sessions, lives)) co_return fail(link_needs_session, "it has ended");
    co_return Result<void>();
}

Task<void> OAuthFlow::link(Proof proof, std::string account_id, Visit visit) {
    visit.origin.actor = account_id;
    auto transaction = co_await parts_.database.begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto account = co_await parts_.accounts.find(**transaction, account_id);
    if (!account) co_return std::unexpected(account.error());
    if (account->is_disabled()) co_return fail(account::disabled);
    if (proof.email && proof.profile.email_verified) {
        // Fails with `missing` when it is not this account's address: nothing to prove then.
        auto verified = co_await parts_.accounts.verify_email(
            **transaction, account_id, *proof.email, proof_of(proof.profile));
        if (!verified && !verified.error().is(account::missing)) co_return verified;
    }
    Linked linked{std::move(account_id), LinkProof::session};
    auto kept = co_await keep(**transaction, std::move(proof), std::move(linked), std::move(visit));
    if (!kept) co_return kept;
    co_return co_await (*transaction)->commit();
}

}  // namespace cardea::sign_in
