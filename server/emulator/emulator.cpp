#include "server/emulator/emulator.hpp"

#include <algorithm>
#include <set>

#include "cardea/crypto/signature.hpp"
#include "server/emulator/failures.hpp"
#include "server/emulator/requests.hpp"

namespace cardea::emulator {
namespace {

std::string host_of(std::string_view url) {
    auto start = url.find("://");
    if (start == std::string_view::npos) return {};
    auto rest = url.substr(start + 3);
    return std::string(rest.substr(0, rest.find_first_of("/?#")));
}

std::set<std::string> hosts_of(const Behaviour& behaviour) {
    std::set<std::string> hosts;
    auto add = [&hosts](std::string_view url) {
        if (auto host = host_of(url); !host.empty()) hosts.insert(std::move(host));
    };
    for (const auto& url :
         {behaviour.issuer, behaviour.discovery_endpoint, behaviour.authorization_endpoint,
          behaviour.token_endpoint, behaviour.refresh_endpoint, behaviour.userinfo_endpoint,
          behaviour.jwks_uri, behaviour.revocation_endpoint})
        add(url);
    if (behaviour.pushed_authorization) add(behaviour.pushed_authorization->endpoint);
    if (behaviour.chain) add(behaviour.chain->endpoint);
    if (behaviour.emails) add(behaviour.emails->endpoint);
    return hosts;
}

/// The characters that clients forget to encode stand in every secret.
Registration make_client(const std::string& name, const Behaviour& behaviour) {
    bool is_key = behaviour.client_auth == ClientProof::signed_secret;
    Registration client;
    client.id = name + "-client";
    client.secret = is_key ? crypto::SignatureKey::generate_ec(crypto::Curve::p256).to_private_pem()
                           : SecretText("s3cret: /%+&=?of the emulated " + name + " client");
    return client;
}

std::string with_name(std::string uri, const std::string& name) {
    constexpr std::string_view placeholder = "{provider}";
    auto at = uri.find(placeholder);
    return at == std::string::npos ? uri : uri.replace(at, placeholder.size(), name);
}

}  // namespace

Result<std::unique_ptr<Emulator>> Emulator::make(const Clock& clock, crypto::Random& random,
                                                 Options options) {
    const auto& tables = behaviours();
    if (!tables) return std::unexpected(tables.error());
    std::unique_ptr<Emulator> emulator(new Emulator());
    emulator->further_ = std::move(options.further);
    EmulatedProvider::Parts parts{clock, random, emulator->keys_, options.token_lifetime};
    auto add_all = [&](const Behaviours& some) {
        for (const auto& [name, behaviour] : some)
            emulator->add(name, behaviour, options.redirect_uris, parts);
    };
    add_all(*tables);
    add_all(emulator->further_);
    return emulator;
}

void Emulator::add(const std::string& name, const Behaviour& behaviour,
                   const std::vector<std::string>& redirect_uris, EmulatedProvider::Parts parts) {
    auto client = make_client(name, behaviour);
    client.redirect_uris.reserve(redirect_uris.size());
    for (const auto& uri : redirect_uris) client.redirect_uris.push_back(with_name(uri, name));
    auto added = providers_.try_emplace(name, name, behaviour, std::move(client), parts).first;
    for (const auto& host : hosts_of(behaviour)) by_host_[host].push_back(&added->second);
}

EmulatedProvider* Emulator::find(std::string_view name) {
    auto found = providers_.find(name);
    return found == providers_.end() ? nullptr : &found->second;
}

std::vector<std::string> Emulator::names() const {
    std::vector<std::string> names;
    names.reserve(providers_.size());
    for (const auto& [name, provider] : providers_) names.push_back(name);
    return names;
}

Emulator::Target Emulator::target_of(const http::Request& request) const {
    auto host = by_host_.find(host_of(request.target));
    if (host == by_host_.end()) return {};
    std::vector<Target> targets;
    for (auto* provider : host->second)
        if (auto endpoint = provider->endpoint_of(request))
            targets.push_back({provider, *endpoint});
    if (targets.empty()) return {};
    // Several programmes of one vendor share URLs: the client or the token tells them apart.
    if (targets.size() > 1)
        for (const auto& target : targets)
            if (target.provider->is_meant(request)) return target;
    return targets.front();
}

Failure Emulator::take_fault(const Target& target) {
    for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
        bool fits = fault->endpoint == target.endpoint &&
                    (fault->provider.empty() || fault->provider == target.provider->name());
        if (!fits) continue;
        auto failure = fault->failure;
        if (--fault->times == 0) faults_.erase(fault);
        return failure;
    }
    return Failure::none;
}

Outcome Emulator::answer(const http::Request& request) {
    auto target = target_of(request);
    if (target.provider == nullptr)
        return {json_response(404, schema::JsonObject{{"error", "nobody listens there"}})};
    ++counts_[{target.provider->name(), target.endpoint}];
    auto failure = take_fault(target);
    // Who is not let in has changed nothing.
    bool refused = failure == Failure::rate_limited || failure == Failure::status_500;
    http::Response response;
    if (!refused) response = target.provider->answer(target.endpoint, request);
    return {misbehaving(failure, std::move(response)), failure};
}

http::Response Emulator::visit(std::string_view url) {
    http::Request request;
    auto mark = url.find('#');
    request.target = url.substr(0, mark);
    auto target = target_of(request);
    std::string fragment(mark == std::string_view::npos ? "" : url.substr(mark + 1));
    if (target.provider != nullptr && target.provider->behaviour().fragment != fragment)
        return json_response(400, schema::JsonObject{{"error", "another fragment"}});
    return answer(request).response;
}

void Emulator::fail_next(std::string provider, Endpoint endpoint, Failure failure, int times) {
    faults_.push_back({std::move(provider), endpoint, failure, times});
}

int Emulator::count(std::string_view provider, Endpoint endpoint) const {
    auto found = counts_.find({std::string(provider), endpoint});
    return found == counts_.end() ? 0 : found->second;
}

}  // namespace cardea::emulator
