// A stored hash that is read is written back the same; nothing else is read.
#include <cstdint>
#include <cstdlib>

#include "cardea/password/bcrypt.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);

    auto hash = password::parse_bcrypt(text);

    if (hash && password::to_string(*hash) != text) std::abort();
    return 0;
}
