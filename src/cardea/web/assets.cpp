// The stylesheet, embedded, under a path that changes with its content.
#include <span>
#include <utility>

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/web/pages.hpp"

namespace cardea::web {

std::span<const std::pair<std::string_view, std::string_view>> embedded_assets();

std::string_view stylesheet() {
    return embedded_assets()[0].second;
}

std::string stylesheet_path() {
    auto digest = crypto::sha256(stylesheet());
    return "/assets/style-" + to_hex(ByteView(digest).first(8)) + ".css";
}

}  // namespace cardea::web
