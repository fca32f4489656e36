// Byte strings, and the bridge between bytes and text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cardea {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(std::string_view text) {
    auto view = as_bytes(text);
    return {view.begin(), view.end()};
}
inline std::string to_text(ByteView bytes) {
    return std::string(as_text(bytes));
}

}  // namespace cardea
