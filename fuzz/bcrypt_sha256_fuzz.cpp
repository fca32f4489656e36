// What is read as a hash of a long password is written the same again; the rest is refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cardea/password/long_form/bcrypt_sha256.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);

    auto hash = password::parse_bcrypt_sha256(text);

    if (hash && password::to_bcrypt_sha256(*hash) != text) std::abort();
    return 0;
}
