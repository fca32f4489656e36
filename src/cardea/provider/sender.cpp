// Sending, and translating what can go wrong on the way.
#include "cardea/provider/sender.hpp"

#include "cardea/http/url.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/emulated.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::provider {

namespace {

/// More origins than any installation has providers: what goes beyond starts anew.
constexpr std::size_t most_nonces = 256;

std::string origin_of(const std::string& target) {
    auto url = http::Url::parse(target);
    return url ? url->origin() : target;
}

}  // namespace

Task<http::Response> Sender::once(http::Request request, Binding binding) {
    auto response = co_await send(std::move(request), std::move(binding));
    if (!response) co_return std::unexpected(in_our_words(response.error()));
    co_return std::move(*response);
}

Task<http::Response> Sender::again_if_broken(http::Request request, Binding binding) {
    http::Request copy = request;
    auto response = co_await send(std::move(copy), binding);
    if (!response && response.error().is(http::peer_unreachable))
        response = co_await send(std::move(request), std::move(binding));
    if (!response) co_return std::unexpected(in_our_words(response.error()));
    co_return std::move(*response);
}

Task<http::Response> Sender::send(http::Request request, Binding binding) {
    if (!binding) co_return co_await deliver(std::move(request));
    http::Request copy = request;
    auto response = co_await send_proven(std::move(copy), *binding);
    bool again = response && oauth::wants_dpop_nonce(*response) && oauth::dpop_nonce(*response);
    if (!again) co_return response;
    co_return co_await send_proven(std::move(request), std::move(*binding));
}

Task<http::Response> Sender::send_proven(http::Request request, oauth::DpopBinding binding) {
    auto origin = origin_of(request.target);
    if (auto known = nonces_.find(origin); known != nonces_.end()) binding.nonce = known->second;
    auto proven =
        oauth::with_dpop_proof(std::move(request), binding, parts_.random, parts_.clock.now());
    if (!proven) co_return std::unexpected(proven.error());
    auto response = co_await deliver(std::move(*proven));
    if (response) remember_nonce(origin, *response);
    co_return response;
}

/// A proof names the real URL: the way to the emulator is chosen behind it.
Task<http::Response> Sender::deliver(http::Request request) {
    request.target = emulated(std::move(request.target), emulator_);
    return parts_.client.send(std::move(request), limits_);
}

void Sender::remember_nonce(const std::string& origin, const http::Response& response) {
    auto nonce = oauth::dpop_nonce(response);
    if (!nonce) return;
    if (nonces_.size() >= most_nonces && !nonces_.contains(origin)) nonces_.clear();
    nonces_[origin] = std::move(*nonce);
}

Error in_our_words(const Error& error) {
    bool transport = error.is(http::peer_unreachable) || error.is(http::peer_tls) ||
                     error.is(http::peer_too_large) || error.is(http::url_refused);
    bool nonsense = error.is(oauth::provider_error) || error.is(oauth::answer_malformed);
    if (error.is(http::peer_timeout)) return Error(timeout, error);
    if (!transport && !nonsense) return error;
    Error translated(failed, error);
    auto delay = error.retry_after();
    if (!delay) return translated;
    return std::move(translated).with_retry_after(*delay);
}

}  // namespace cardea::provider
