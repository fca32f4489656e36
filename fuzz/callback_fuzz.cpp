// No callback but the one with the right state leads to a code, and none without a signature where
// the provider makes one.
#include <cstdint>
#include <cstdlib>

#include "cardea/base/text.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/template.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::string state = "01234567-89ab-cdef-0123-456789abcdef:fuzz";
    oauth::Provider provider;
    provider.name = "fuzz";
    provider.issuer = "https://a.example";
    oauth::Pending pending;
    pending.provider = "fuzz";
    pending.issuer = provider.issuer;
    pending.state_hash = oauth::state_hash(state);
    pending.expires_at = from_unix_ms(1000);

    auto callback = oauth::read_callback("fuzz", {reinterpret_cast<const char*>(data), size});

    if (!callback) return 0;
    if (has_control(oauth::callback_text(callback->others, "user/name/firstName"))) std::abort();
    auto signs = provider;
    signs.client_secret = SecretText("a key that the fuzzer does not know");
    signs.callback.hmac_param = "hmac";
    if (oauth::check_callback(signs, pending, *callback, from_unix_ms(0))) std::abort();
    auto code = oauth::check_callback(provider, pending, *callback, from_unix_ms(0));
    if (!code) return 0;
    if (callback->state != state || code->code().empty()) std::abort();
    if (callback->iss && *callback->iss != provider.issuer) std::abort();
    return 0;
}
