// Any text as a key or a key set; what is read as a key must survive being written and read again.
#include <cstdint>
#include <cstdlib>
#include <tuple>

#include "cardea/jose/jwk.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    if (auto key = jose::Key::from_jwk(text)) {
        const auto written = key->to_public_jwk();
        auto again = jose::Key::from_jwk(written);
        if (!again || again->to_public_jwk() != written) std::abort();
    }
    if (auto key = jose::Key::from_private_jwk(SecretText(std::string(text)))) {
        const auto written = key->to_private_jwk();
        if (!written || !jose::Key::from_private_jwk(*written)) std::abort();
    }
    if (auto keys = jose::KeySet::from_json(text)) {
        std::ignore = keys->candidates(jose::Algorithm::RS256, "");
    }
    return 0;
}
