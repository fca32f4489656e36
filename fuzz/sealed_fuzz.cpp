// Any bytes as a sealed value: nothing opens that was not sealed.
#include <cstdint>
#include <cstdlib>
#include <tuple>

#include "cardea/crypto/keyring.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static crypto::SystemRandom random;
    static const auto keyring = [] {
        std::vector<SecretText> secrets;
        secrets.push_back(crypto::new_secret(random));
        return crypto::Keyring::from_secrets(secrets, random).value();
    }();
    const ByteView sealed(reinterpret_cast<const std::byte*>(bytes), size);
    if (keyring.open({"table", "column", "row"}, sealed)) std::abort();
    if (keyring.accepts(sealed)) std::abort();
    std::ignore = crypto::weakness({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
