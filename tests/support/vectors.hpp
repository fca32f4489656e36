// Published test vectors, read from CARDEA_VECTORS_DIR where it is present.
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "cardea/base/encoding.hpp"

namespace cardea {

/// Empty when the file is not there; the test then skips:
/// `auto file = read_vectors("x.json"); if (!file) GTEST_SKIP() << "no vectors";`
inline std::optional<boost::json::value> read_vectors(const std::string& name) {
    std::ifstream file(std::string(CARDEA_VECTORS_DIR) + "/" + name);
    if (!file) return std::nullopt;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return boost::json::parse(text);
}

inline std::string text_of(const boost::json::value& parent, std::string_view member) {
    return boost::json::value_to<std::string>(parent.at(member));
}
inline Bytes hex_of(const boost::json::value& parent, std::string_view member) {
    return from_hex(text_of(parent, member)).value();
}

}  // namespace cardea
