// Any text as a token: refused or taken apart, and never accepted by a key that did not sign it.
#include <cstdint>
#include <cstdlib>

#include "cardea/jose/jwt.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const auto key = jose::Key::generate(jose::Algorithm::ES256, "k").value();
    static const auto secret =
        jose::Key::from_hmac_secret(SecretText("a secret that is in no seed of the fuzzer"));
    static const std::vector<jose::Algorithm> allowed{jose::Algorithm::ES256,
                                                      jose::Algorithm::HS256};
    auto token = jose::parse({reinterpret_cast<const char*>(bytes), size});
    if (!token) return 0;
    if (jose::verify(*token, key, allowed) || jose::verify(*token, secret, allowed)) std::abort();
    return 0;
}
