#include "tests/catalogue/round.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/describe/enum_to_string.hpp>
#include <stdexcept>

#include "cardea/base/text.hpp"
#include "cardea/crypto/signature.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/authorization.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/catalogue.hpp"

namespace cardea {

namespace {

using emulator::Behaviour;
using emulator::EmulatedProvider;
using emulator::Known;
using emulator::Somebody;
using schema::Json;
using schema::JsonObject;

/// How many places for one thing are tried in turn.
constexpr std::size_t places = 4;

std::string text(const std::optional<std::string>& value) {
    return value ? '"' + *value + '"' : "nothing";
}
std::string text(const std::string& value) {
    return '"' + value + '"';
}
std::string text(bool value) {
    return value ? "yes" : "no";
}
std::string text(std::int64_t value) {
    return std::to_string(value);
}

Somebody somebody(const Behaviour& behaviour, std::size_t place) {
    Somebody person;
    person.place = place;
    person.sparse = place > 0;
    person.email_verified = place % 2 == 0;
    const auto& own = behaviour.profile.own_domains;
    if ((place == 1 || place == 2) && !own.empty()) {
        person.email = "ada@" + own[(place - 1) % own.size()];
        person.email_verified = true;
    }
    return person;
}

/// The fields of the one form on a page, as its body.
std::string form_on(const std::string& page) {
    http::Parameters fields;
    const std::string mark = "name=\"";
    for (auto at = page.find(mark); at != std::string::npos; at = page.find(mark, at)) {
        at += mark.size();
        auto name = page.substr(at, page.find('"', at) - at);
        auto start = page.find("value=\"", at) + 7;
        auto value = page.substr(start, page.find('"', start) - start);
        for (auto quote = value.find("&quot;"); quote != std::string::npos;
             quote = value.find("&quot;"))
            value.replace(quote, 6, "\"");
        fields.add(name, value);
    }
    return fields.encode();
}

/// Whether the text stands somewhere in the answer as it is.
bool has_leaf(const Json& value, const std::string& text) {
    auto is_it = [&text](const Json& one) { return has_leaf(one, text); };
    if (value.is_array()) return std::ranges::any_of(value.get_array(), is_it);
    if (value.is_object())
        return std::ranges::any_of(value.get_object(),
                                   [&](const auto& member) { return is_it(member.value()); });
    if (value.is_string()) return value.get_string() == text;
    return schema::write_json(value) == text;
}

template <class T>
std::string outcome_of(const Result<T>& result) {
    return result ? "done" : std::string(result.error().reason().slug);
}

std::int64_t seconds_between(Instant from, Instant to) {
    return std::chrono::duration_cast<Seconds>(to - from).count();
}

}  // namespace

struct Round::Visit {
    Somebody person;
    provider::Exchanged exchanged;
    oauth::TokenSet tokens;  ///< As they are kept by now.
};

Stage::Stage(emulator::Behaviours further)
    : keyring(crypto::Keyring::from_secrets(
                  {SecretText("pV3m-Kq8.Zt1xWc7_Lr5yBn2HdGf9sJa0UeOiTk6")}, random)
                  .value()) {
    emulator::Emulator::Options options;
    options.redirect_uris = {"https://app.example/auth/callback/{provider}",
                             "https://app.example/auth/callback/changed"};
    options.further = std::move(further);
    auto made = emulator::Emulator::make(clock, random, std::move(options));
    if (!made) throw std::runtime_error(made.error().describe());
    emulator = std::move(*made);
    client = std::make_unique<emulator::EmulatedClient>(*emulator);
}

JsonObject catalogue_row(const std::string& name) {
    return provider::read_catalogue().value().at(name);
}

JsonObject registered(const EmulatedProvider& played, JsonObject row) {
    row["client_id"] = played.client().id;
    row["client_secret"] = played.client().secret.reveal();
    if (played.behaviour().values.empty()) return row;
    JsonObject values;
    for (const auto& [name, value] : played.behaviour().values) values[name] = value;
    row["values"] = std::move(values);
    return row;
}

std::string wrong_secret(const EmulatedProvider& played) {
    if (played.behaviour().client_auth != emulator::ClientProof::signed_secret)
        return "another secret that nobody registered";
    return crypto::SignatureKey::generate_ec(crypto::Curve::p256).to_private_pem().reveal();
}

std::optional<JsonObject> with_wrong_secret(const EmulatedProvider& played, JsonObject row) {
    if (played.behaviour().client_auth == emulator::ClientProof::none) return std::nullopt;
    row["client_secret"] = wrong_secret(played);
    return row;
}

Round::Round(Stage& stage, EmulatedProvider& played, std::string name, JsonObject row)
    : stage_(stage), played_(played), name_(std::move(name)) {
    if (const Json* keep = row.if_contains("keep"); keep != nullptr && keep->is_object())
        for (const auto& [fact, source] : keep->get_object()) kept_names_.emplace_back(fact);
    if (const Json* renewal = row.if_contains("renewal"); renewal != nullptr)
        for (const auto& [key, value] : renewal->get_object())
            if (value.is_string()) told_of_renewal_[key] = value.get_string();
    providers_ = configured(row);
    auto proof = played_.behaviour().client_auth;
    if (proof == emulator::ClientProof::none || proof == emulator::ClientProof::signed_secret)
        return;
    row["client_secret"] = "another secret that nobody registered";
    impostor_ = configured(std::move(row));
}

std::unique_ptr<provider::Providers> Round::configured(JsonObject row) {
    provider::Options options;
    options.public_url = "https://app.example";
    options.settings.providers[name_] = Json(std::move(row));
    options.environment = [](const std::string&) { return std::nullopt; };
    provider::Providers::Parts parts{*stage_.database, *stage_.client, stage_.keyring, stage_.clock,
                                     stage_.random};
    return std::make_unique<provider::Providers>(parts, std::move(options));
}

template <class A, class B>
void Round::expect(const std::string& what, const A& is, const B& should) {
    if (!(is == should)) note(fmt::format("{}: {} instead of {}", what, text(is), text(should)));
}

std::vector<std::string> Round::differences() {
    differences_.clear();
    for (std::size_t place = 0; place < places; ++place) {
        auto person = somebody(played_.behaviour(), place);
        played_.set_person(person);
        try_with(person);
        if (can_renew()) try_dead_grant();
        try_used_code();
        if (impostor_) try_wrong_secret();
    }
    check_what_readers_are_told();
    auto margin = providers_->renewal_margin(name_).value_or(Seconds(0));
    expect("renewal_margin", margin.count(), played_.behaviour().renewal_margin);
    return differences_;
}

void Round::check_what_readers_are_told() {
    const auto& refresh = played_.behaviour().refresh;
    std::string issued(boost::describe::enum_to_string(refresh.issued, ""));
    std::string rotation(boost::describe::enum_to_string(refresh.rotation, ""));
    for (const auto& [key, should] : {std::pair{"refresh_token", issued}, {"rotation", rotation}})
        if (auto told = told_of_renewal_.find(key); told != told_of_renewal_.end())
            expect(key, told->second, should);
}

bool Round::can_renew() const {
    const auto& refresh = played_.behaviour().refresh;
    return refresh.issued != emulator::Issued::never || refresh.renew_with == "access_token";
}

Result<Round::Consented> Round::consent() {
    auto ready = run(providers_->ready(name_));
    if (!ready) return std::unexpected(ready.error());
    oauth::Beginning beginning{providers_->redirect_uri(**ready), "/", "cookie"};
    auto begun = oauth::begin(**ready, std::move(beginning), stage_.random, stage_.clock.now());
    auto authorization = run(providers_->push(*ready, std::move(begun)));
    if (!authorization) return with_problem(authorization.error());
    auto answer = stage_.emulator->visit(authorization->url);
    auto location = std::string(answer.headers.get("Location"));
    auto query = answer.status == 200
                     ? form_on(answer.body)
                     : location.substr(std::min(location.find('?') + 1, location.size()));
    auto callback = oauth::read_callback(name_, query);
    if (!callback) return fail(oauth::callback_malformed, played_.last_problem());
    const auto& pending = authorization->pending;
    auto code = oauth::check_callback(**ready, pending, *callback, stage_.clock.now());
    if (!code) return with_problem(code.error());
    return Consented{std::move(*code), pending.dpop_key};
}

std::unexpected<Error> Round::with_problem(const Error& error) const {
    return std::unexpected(Error(error.reason(), error.detail() + ", " + played_.last_problem()));
}

Result<provider::Exchanged> Round::exchange(provider::Providers& client, Consented consented) {
    return run(client.exchange(std::move(consented.code), std::move(consented.dpop_key)));
}

Result<provider::Exchanged> Round::sign_in() {
    auto consented = consent();
    if (!consented) return std::unexpected(consented.error());
    return exchange(*providers_, std::move(*consented));
}

void Round::try_with(const Somebody& person) {
    const auto who = "person " + std::to_string(person.place);
    auto exchanged = sign_in();
    if (!exchanged) {
        return note(
            fmt::format("{}: {}; {}", who, exchanged.error().describe(), played_.last_problem()));
    }
    bool sends_challenge = played_.behaviour().pkce != emulator::Challenge::forbidden &&
                           played_.behaviour().pkce != emulator::Challenge::app_setting;
    expect("code_challenge", played_.saw_challenge(), sends_challenge);
    Visit visit{person, *exchanged, exchanged->tokens};
    check_tokens(visit);
    auto profile = run(providers_->profile(name_, visit.exchanged));
    if (!profile)
        return note(
            fmt::format("profile: {}; {}", profile.error().describe(), played_.last_problem()));
    check_profile(who, *profile, person);
    if (can_renew()) renew(visit);
    if (!played_.behaviour().revocation_endpoint.empty()) revoke(visit);
}

/// A fact is what the provider said with the tokens or in the callback, and nothing made of it.
void Round::check_kept(const provider::Exchanged& exchanged) {
    for (const auto& name : kept_names_)
        if (!exchanged.tokens.kept.contains(name)) note(fmt::format("{} is not kept", name));
    auto answer = schema::parse_json(exchanged.tokens.answer.reveal());
    for (const auto& [name, value] : exchanged.tokens.kept) {
        bool told = has_leaf(*answer, value) ||
                    std::ranges::any_of(exchanged.callback, [&value](const auto& parameter) {
                        return parameter.second == value;
                    });
        if (!told) note(fmt::format("kept {}: {} was not said", name, text(value)));
    }
}

void Round::check_tokens(const Visit& visit) {
    const Behaviour& behaviour = played_.behaviour();
    const auto& tokens = visit.tokens;
    check_kept(visit.exchanged);
    expect("an ID token", visit.exchanged.id.has_value(), behaviour.is_openid());
    expect("access token alive", played_.is_live(tokens.access_token.reveal()), true);
    expect("a refresh token", tokens.refresh_token.has_value(), can_renew());
    check_lifetime("access token", tokens, visit.person.sparse);
    auto scopes = behaviour.scopes;
    const auto& for_refresh = behaviour.refresh.request_scope;
    if (!for_refresh.empty() && std::ranges::find(scopes, for_refresh) == scopes.end())
        scopes.push_back(for_refresh);
    std::ranges::sort(scopes);
    scopes.insert(scopes.end(), {"granted:more", "granted:too"});
    expect("scopes", join(tokens.scopes.value_or(std::vector<std::string>()), " "),
           join(scopes, " "));
    if (behaviour.answer.refresh_token_expires_in.empty() || !tokens.refresh_token) return;
    auto lifetime = behaviour.refresh.refresh_token_lifetime_seconds;
    auto told = tokens.refresh_token_expires_at
                    ? seconds_between(tokens.received_at, *tokens.refresh_token_expires_at)
                    : 0;
    expect("refresh token's lifetime", told, lifetime);
}

/// What an answer tells counts; where it is silent, what is known of the provider.
void Round::check_lifetime(const std::string& what, const oauth::TokenSet& tokens, bool silent) {
    const Behaviour& behaviour = played_.behaviour();
    bool told = !silent && (behaviour.expires_in != emulator::Lifetime::absent ||
                            !behaviour.answer.expires_at.empty());
    auto usual = behaviour.access_token_lifetime;
    std::int64_t seconds = -1;
    if (tokens.expires_at) seconds = seconds_between(tokens.received_at, *tokens.expires_at);
    if (tokens.expiry == oauth::Expiry::never) seconds = 0;
    auto should = told && usual != 0 ? played_.told_lifetime() : usual.value_or(-1);
    if (!told && behaviour.silence_means_no_end) should = 0;
    expect(what + "'s lifetime", seconds, should);
}

void Round::check_profile(const std::string& who, const oauth::Profile& profile,
                          const Somebody& person) {
    Known known = emulator::known_of(played_.behaviour(), person);
    expect(who + ": subject", profile.subject, known.subject);
    expect(who + ": email", profile.email, known.email);
    expect(who + ": email_verified", profile.email_verified, known.email_verified);
    expect(who + ": email_authoritative", profile.email_authoritative, known.email_authoritative);
    expect(who + ": name", profile.name, known.name);
    expect(who + ": picture", profile.picture, known.picture);
}

void Round::renew(Visit& visit) {
    if (!visit.tokens.refresh_token) return;
    stage_.clock.advance(1min);
    auto renewed = run(providers_->renew(name_, visit.tokens));
    if (!renewed)
        return note(
            fmt::format("renewal: {}; {}", renewed.error().describe(), played_.last_problem()));
    check_lifetime("renewed token", *renewed, visit.person.sparse);
    visit.tokens = oauth::merged(visit.tokens, std::move(*renewed));
    expect("renewed token alive", played_.is_live(visit.tokens.access_token.reveal()), true);
    expect("kept refresh token alive", played_.is_live(visit.tokens.refresh_token->reveal()), true);
    if (played_.behaviour().profile.source != emulator::Source::userinfo) return;
    auto profile = run(providers_->profile(name_, {visit.tokens}));
    if (!profile)
        return note(fmt::format("profile after renewal: {}; {}", profile.error().describe(),
                                played_.last_problem()));
    check_profile("after renewal", *profile, visit.person);
}

/// What the provider takes is dead afterwards; the refresh token first, because it makes others.
void Round::revoke(const Visit& visit) {
    const auto rules = played_.behaviour().revocation.value_or(emulator::RevocationBehaviour{});
    auto revoked = run(providers_->revoke(name_, visit.tokens));
    if (!revoked)
        return note(
            fmt::format("revocation: {}; {}", revoked.error().describe(), played_.last_problem()));
    bool access_lives = played_.is_live(visit.tokens.access_token.reveal());
    bool has_refresh =
        visit.tokens.refresh_token && played_.behaviour().refresh.renew_with == "refresh_token";
    bool refresh_lives = has_refresh && played_.is_live(visit.tokens.refresh_token->reveal());
    bool takes_refresh = rules.accepts.empty() ||
                         std::ranges::find(rules.accepts, "refresh_token") != rules.accepts.end();
    bool ends_all = rules.effect == emulator::Effect::grant;
    if (has_refresh && (takes_refresh || ends_all)) {
        if (refresh_lives) note("the refresh token lives on: " + played_.last_problem());
    } else if (!has_refresh || !takes_refresh) {
        if (access_lives) note("the access token lives on: " + played_.last_problem());
    }
}

void Round::try_dead_grant() {
    auto exchanged = sign_in();
    if (!exchanged || !exchanged->tokens.refresh_token) return;
    played_.withdraw_consents();
    auto renewed = run(providers_->renew(name_, exchanged->tokens));
    expect("a dead grant", outcome_of(renewed), std::string(oauth::consent_withdrawn.slug));
}

void Round::try_used_code() {
    auto consented = consent();
    if (!consented) return;
    (void)exchange(*providers_, *consented);
    auto again = exchange(*providers_, std::move(*consented));
    expect("a used code", outcome_of(again), std::string(provider::code_refused.slug));
}

/// A wrong secret is the operator's to mend, and says so where the provider does.
void Round::try_wrong_secret() {
    auto consented = consent();
    if (!consented) return;
    auto refused = exchange(*impostor_, std::move(*consented));
    bool is_vague = played_.behaviour().errors.client_is_vague;
    expect("a wrong secret", outcome_of(refused),
           std::string(is_vague ? provider::failed.slug : oauth::client_rejected.slug));
}

}  // namespace cardea
