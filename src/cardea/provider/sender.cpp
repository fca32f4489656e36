// Sending, and translating what can go wrong on the way.
#include "cardea/provider/sender.hpp"

#include "cardea/oauth/requests.hpp"
#include "cardea/provider/emulated.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::provider {

Task<http::Response> Sender::once(http::Request request) {
    request.target = emulated(std::move(request.target), emulator_);
    auto response = co_await client_.send(std::move(request), limits_);
    if (!response) co_return std::unexpected(in_our_words(response.error()));
    co_return std::move(*response);
}

Task<http::Response> Sender::again_if_broken(http::Request request) {
    request.target = emulated(std::move(request.target), emulator_);
    http::Request copy = request;
    auto response = co_await client_.send(std::move(copy), limits_);
    if (!response && response.error().is(http::peer_unreachable))
        response = co_await client_.send(std::move(request), limits_);
    if (!response) co_return std::unexpected(in_our_words(response.error()));
    co_return std::move(*response);
}

Error in_our_words(const Error& error) {
    bool transport = error.is(http::peer_unreachable) || error.is(http::peer_tls) ||
                     error.is(http::peer_too_large) || error.is(http::url_refused);
    bool nonsense = error.is(oauth::provider_error) || error.is(oauth::answer_malformed);
    if (error.is(http::peer_timeout)) return Error(timeout, error);
    if (!transport && !nonsense) return error;
    Error translated(failed, error);
    if (auto delay = error.retry_after()) std::move(translated).with_retry_after(*delay);
    return translated;
}

}  // namespace cardea::provider
