// Hostile filter files are refused, and whatever is accepted can be asked within its bounds.
#include <cstdint>
#include <cstdlib>

#include "cardea/password/policy/filter_format.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView file(reinterpret_cast<const std::byte*>(data), size);

    auto facts = password::parse_header(file, size);

    if (!facts) return 0;
    if (facts->file_size() != size || password::to_header(*facts).size() > size) std::abort();
    auto key = crypto::sha1(file);
    if (password::block_of(key, facts->blocks) >= facts->blocks) std::abort();
    (void)password::false_positive_rate(*facts);
    return 0;
}
