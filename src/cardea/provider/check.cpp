// What a provider is asked.
#include "cardea/provider/check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/oauth/client_assertion.hpp"
#include "cardea/oauth/discovery.hpp"
#include "cardea/oauth/dpop.hpp"
#include "cardea/oauth/pushed_authorization.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/emulated.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::provider {

namespace {

constexpr auto no_code = "cardea-checks-the-credentials";
/// With a dot: some tokens begin with their owner's id and one.
constexpr auto no_token = "0.cardea-checks-the-credentials";

/// An operator waits, and so does a request of the admin API: about a minute for all of it.
http::Limits quick(http::Limits limits) {
    limits.connect = std::min<Milliseconds>(limits.connect, 3s);
    limits.first_byte = std::min<Milliseconds>(limits.first_byte, 5s);
    limits.total = std::min<Milliseconds>(limits.total, 6s);
    return limits;
}

/// A profile or revocation call with a token that is none: refused like a dead one, or taken.
oauth::TokenSet made_up_tokens() {
    oauth::TokenSet tokens;
    tokens.access_token = SecretText(no_token);
    tokens.refresh_token = SecretText(no_token);
    return tokens;
}

/// Without its parameters, in which secrets may stand.
std::string without_query(const std::string& target) {
    return target.substr(0, target.find('?'));
}

}  // namespace

Task<CheckReport> Check::run() {
    oauth::Provider unread;
    unread.name = name_;
    report_.redirect_uri =
        redirect_uri(parts_.options, entry_.provider ? *entry_.provider : unread);
    if (!entry_.problem.empty()) {
        add("configuration", "",
            {Outcome::fails, entry_.problem,
             fmt::format("`cardea provider show {}` prints every value and where it comes from.",
                         name_)});
        co_return report_;
    }
    add("configuration", "", {});
    auto provider = co_await discover();
    if (!provider) co_return std::unexpected(provider.error());
    if (!*provider) co_return report_;
    for (auto step :
         {&Check::try_authorization_endpoint, &Check::try_key_set, &Check::try_token_endpoint,
          &Check::try_pushed_authorization, &Check::try_token_chain, &Check::try_renewal,
          &Check::try_profile_call, &Check::try_email_call, &Check::try_revocation}) {
        auto tried = co_await (this->*step)(*provider);
        if (!tried) co_return std::unexpected(tried.error());
    }
    report_.secret_in_use = parts_.clients.in_use(**provider);
    report_.works = std::ranges::none_of(
        report_.items, [this](const Tried& one) { return stands_in_the_way(one); });
    co_return report_;
}

// At the end of a change the provider forgets the old secret: nothing fails then.
bool Check::stands_in_the_way(const Tried& one) const {
    bool is_spare = one.what == key_of(ClientSecret::previous) &&
                    report_.secret_in_use == ClientSecret::current;
    return one.outcome == Outcome::fails && !is_spare;
}

void Check::add(std::string what, std::string url, Finding finding) {
    report_.items.push_back({std::move(what), std::move(url), finding.outcome,
                             std::move(finding.problem), std::move(finding.advice)});
}

Task<http::Response> Check::ask(http::Request request) {
    request.target = emulated(std::move(request.target), parts_.options.settings.emulator);
    co_return co_await parts_.client.send(std::move(request), quick(parts_.options.limits));
}

Task<http::Response> Check::ask_for_tokens(ProviderPtr provider, http::Request request) {
    if (!provider->dpop_bound_access_tokens) co_return co_await ask(std::move(request));
    auto key = oauth::new_dpop_key();
    if (!key) co_return std::unexpected(key.error());
    oauth::DpopBinding binding{std::move(*key), {}, {}};
    for (;;) {
        http::Request copy = request;
        auto proven =
            oauth::with_dpop_proof(std::move(copy), binding, parts_.random, parts_.clock.now());
        if (!proven) co_return std::unexpected(proven.error());
        auto response = co_await ask(std::move(*proven));
        bool wants_nonce = response && oauth::wants_dpop_nonce(*response);
        auto nonce = wants_nonce ? oauth::dpop_nonce(*response) : std::nullopt;
        if (!nonce || !binding.nonce.empty()) co_return response;
        binding.nonce = std::move(*nonce);
    }
}

// The steps.

Task<ProviderPtr> Check::discover() {
    if (!oauth::needs_discovery(*entry_.provider)) co_return entry_.provider;
    auto request = oauth::discovery_request(*entry_.provider);
    auto url = request.target;
    auto response = co_await ask(std::move(request));
    std::string key = entry_.provider->discovery_endpoint.empty() ? "issuer" : "discovery_endpoint";
    auto finding = of_discovery(response, key);
    bool works = finding.outcome == Outcome::works;
    add("discovery", std::move(url), std::move(finding));
    if (!works) co_return ProviderPtr();
    auto found = oauth::read_discovery(*entry_.provider, *response, parts_.options.loopback);
    co_return found ? std::make_shared<const oauth::Provider>(std::move(*found)) : ProviderPtr();
}

oauth::Authorization Check::made_up_sign_in(const oauth::Provider& provider) const {
    oauth::Beginning beginning{report_.redirect_uri, "/", "cookie"};
    return oauth::begin(provider, std::move(beginning), parts_.random, parts_.clock.now());
}

Task<void> Check::try_authorization_endpoint(ProviderPtr provider) {
    // Where requests are pushed, it is tried after that, with what was pushed.
    if (oauth::is_pushed(*provider)) co_return Result<void>();
    co_return co_await try_authorization_url(provider, made_up_sign_in(*provider).url);
}

Task<void> Check::try_authorization_url(ProviderPtr provider, std::string url) {
    http::Request request;
    request.target = std::move(url);
    auto response = co_await ask(std::move(request));
    add("authorization_endpoint", provider->authorization_endpoint,
        of_authorization_endpoint(response));
    co_return Result<void>();
}

Task<void> Check::try_pushed_authorization(ProviderPtr provider) {
    if (!oauth::is_pushed(*provider)) co_return Result<void>();
    auto armed = parts_.clients.armed(parts_.clients.in_use(*provider), provider);
    // That the key cannot be used was said at the token endpoint.
    if (!armed) co_return Result<void>();
    auto request =
        oauth::pushed_authorization_request(**armed, made_up_sign_in(*provider).parameters);
    auto response = co_await ask_for_tokens(provider, std::move(request));
    std::string key = "pushed_authorization_request_endpoint";
    auto finding = of_pushed_authorization(*provider, response);
    bool works = finding.outcome == Outcome::works;
    add(key, provider->pushed_authorization_request_endpoint, std::move(finding));
    if (works) {
        auto pushed = oauth::read_pushed_authorization(*provider, *response);
        auto url = oauth::pushed_authorization_url(*provider, pushed->request_uri);
        co_return co_await try_authorization_url(provider, std::move(url));
    }
    add("authorization_endpoint", provider->authorization_endpoint,
        {Outcome::unclear, "It was not tried: no request could be pushed that it could be shown.",
         "Mend " + key + " first."});
    co_return Result<void>();
}

Task<void> Check::try_key_set(ProviderPtr provider) {
    if (!oauth::wants_id_token(*provider) || oauth::has_secret_id_tokens(*provider))
        co_return Result<void>();
    http::Request request;
    request.target = provider->jwks_uri;
    request.headers.set("Accept", "application/json");
    auto response = co_await ask(std::move(request));
    auto finding = of_document(response, "jwks_uri");
    if (finding.outcome == Outcome::works) {
        auto keys = jose::KeySet::from_json(response->body);
        if (!keys || keys->size() == 0)
            finding = {Outcome::fails,
                       "There is no key in it that ID tokens could be verified with.",
                       fmt::format("Correct {}.", place_of("jwks_uri"))};
    }
    add("jwks_uri", provider->jwks_uri, std::move(finding));
    co_return Result<void>();
}

Task<void> Check::try_token_endpoint(ProviderPtr provider) {
    auto code = made_up_code(*provider);
    if (!code) co_return std::unexpected(code.error());
    auto current = co_await try_secret(ClientSecret::current, provider, *code);
    if (!current) co_return std::unexpected(current.error());
    // A public client sends no secret there: calls that carry one tell which of them works.
    if (oauth::is_public_client(*provider)) co_return Result<void>();
    if (*current == ClientVerdict::accepted) parts_.clients.learn(ClientSecret::current, *provider);
    if (!oauth::has_previous_secret(*provider)) co_return Result<void>();
    auto previous = co_await try_secret(ClientSecret::previous, provider, std::move(*code));
    if (!previous) co_return std::unexpected(previous.error());
    bool is_needed = *current == ClientVerdict::refused;
    if (is_needed && *previous == ClientVerdict::accepted)
        parts_.clients.learn(ClientSecret::previous, *provider);
    co_return Result<void>();
}

Task<ClientVerdict> Check::try_secret(ClientSecret secret, ProviderPtr provider,
                                      oauth::AuthorizationCode made_up) {
    auto armed = parts_.clients.armed(secret, provider);
    if (!armed) {
        add(key_of(secret), "", of_unusable_key(armed.error(), secret));
        co_return ClientVerdict::unclear;
    }
    auto request = oauth::token_request(**armed, made_up);
    auto response = co_await ask_for_tokens(provider, std::move(request));
    auto endpoint = of_token_endpoint(*provider, response, "token_endpoint");
    bool answers = endpoint.outcome == Outcome::works;
    if (secret == ClientSecret::current)
        add("token_endpoint", provider->token_endpoint, std::move(endpoint));
    if (!answers) co_return ClientVerdict::unclear;
    add(oauth::is_public_client(*provider) ? "client_id" : key_of(secret), "",
        of_secret(*provider, *response, secret));
    co_return token_verdict(*provider, *response);
}

Task<void> Check::try_token_chain(ProviderPtr provider) {
    const auto& chain = provider->token_chain;
    if (!chain || chain->endpoint == provider->token_endpoint) co_return Result<void>();
    auto with_secret = parts_.clients.with_secret_in_use(provider);
    auto request = oauth::chain_request(*with_secret, made_up_tokens());
    if (!request) co_return Result<void>();
    auto response = co_await ask(std::move(*request));
    std::string key = "token_chain.endpoint";
    auto finding = of_further_tokens(*provider, response, key, "token_chain.params");
    add(key, without_query(provider->token_chain->endpoint), std::move(finding));
    co_return Result<void>();
}

Task<void> Check::try_renewal(ProviderPtr provider) {
    const std::string& endpoint = provider->renewal.endpoint;
    const auto& chain = provider->token_chain;
    bool was_tried = endpoint == provider->token_endpoint || (chain && endpoint == chain->endpoint);
    if (endpoint.empty() || was_tried) co_return Result<void>();
    auto armed = parts_.clients.armed(parts_.clients.in_use(*provider), provider);
    // That the key cannot be used was said at the token endpoint.
    if (!armed) co_return Result<void>();
    auto request = oauth::refresh_request(**armed, SecretText(no_token));
    auto response = co_await ask_for_tokens(provider, std::move(request));
    std::string key = "renewal.endpoint";
    auto finding = of_further_tokens(*provider, response, key, "renewal.auth");
    add(key, without_query(endpoint), std::move(finding));
    co_return Result<void>();
}

Task<void> Check::try_profile_call(ProviderPtr provider) {
    bool is_asked = provider->profile.source == oauth::ProfileSource::userinfo;
    if (!is_asked || provider->userinfo_endpoint.empty()) co_return Result<void>();
    auto with_secret = parts_.clients.with_secret_in_use(provider);
    auto request = oauth::userinfo_request(*with_secret, made_up_tokens());
    // Where the token names its owner, nobody is there of that name.
    bool names_owner = provider->userinfo_endpoint.contains("{token_prefix}");
    co_return co_await try_with_token("userinfo_endpoint", std::move(request),
                                      names_owner ? NotFound::unclear : NotFound::fails);
}

Task<void> Check::try_email_call(ProviderPtr provider) {
    bool is_asked = provider->email_request && !provider->email_request->endpoint.empty();
    if (!is_asked) co_return Result<void>();
    auto with_secret = parts_.clients.with_secret_in_use(provider);
    auto request = oauth::email_request(*with_secret, made_up_tokens().access_token);
    // A sign-in takes it for "no addresses".
    co_return co_await try_with_token("email_request.endpoint", std::move(request),
                                      NotFound::unclear);
}

Task<void> Check::try_revocation(ProviderPtr provider) {
    auto armed = parts_.clients.armed(parts_.clients.in_use(*provider), provider);
    if (!armed) co_return Result<void>();
    auto request = oauth::revocation_request(**armed, made_up_tokens());
    if (!request) co_return Result<void>();
    // Some say so of a token that nobody knows.
    co_return co_await try_with_token("revocation_endpoint", std::move(*request),
                                      NotFound::unclear);
}

Task<void> Check::try_with_token(std::string key, http::Request request, NotFound not_found) {
    auto url = without_query(request.target);
    auto response = co_await ask(std::move(request));
    Finding finding;
    if (!response) {
        finding = of_failure(response.error(), key);
    } else if (auto wrong = of_status(response->status, key)) {
        finding = std::move(*wrong);
        if (response->status == 404 && not_found == NotFound::unclear)
            finding.outcome = Outcome::unclear;
    }
    add(std::move(key), std::move(url), std::move(finding));
    co_return Result<void>();
}

Result<oauth::AuthorizationCode> Check::made_up_code(const oauth::Provider& provider) const {
    std::string state = no_code;
    auto pending = made_up_sign_in(provider).pending;
    pending.state_hash = oauth::state_hash(state);
    oauth::Callback callback;
    callback.state = std::move(state);
    callback.code = SecretText(no_code);
    // Nobody called back, so nobody said who they are, and nobody signed it.
    oauth::Provider silent = provider;
    silent.authorization_response_iss_parameter_supported = false;
    silent.callback = {};
    return oauth::check_callback(silent, pending, callback, parts_.clock.now());
}

}  // namespace cardea::provider
