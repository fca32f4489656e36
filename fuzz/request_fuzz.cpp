// Whatever the bytes of a request: no crash, one framing at most, and the same body whether its
// bytes come at once or one by one.
#include <cstdint>
#include <cstdlib>

#include "cardea/http/server/chunked.hpp"
#include "cardea/http/server/request_head.hpp"

using namespace cardea::http;

namespace {

struct Decoded {
    std::string body;
    bool refused = false;
};

Decoded decode(std::string_view bytes, std::size_t step) {
    ChunkedDecoder decoder(4096);
    Decoded decoded;
    while (!bytes.empty() && !decoder.is_done() && !decoded.refused) {
        auto piece = bytes.substr(0, step);
        auto size = piece.size();
        decoded.refused = !decoder.take(piece, decoded.body);
        bytes.remove_prefix(size - piece.size());
    }
    return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    HeadScanner scanner(16 * 1024);
    auto end = scanner.scan(bytes);
    if (!end || !*end) return 0;
    auto head = read_head(bytes.substr(0, **end));
    if (!head) return 0;
    const auto& headers = head->request.headers;
    if (headers.count("Content-Length") + headers.count("Transfer-Encoding") > 1) std::abort();
    if (!head->request.target.starts_with('/')) std::abort();
    if (head->body != RequestHead::Body::chunked) return 0;
    auto rest = bytes.substr(**end);
    auto whole = decode(rest, rest.size());
    auto pieces = decode(rest, 1);
    if (whole.refused != pieces.refused || whole.body != pieces.body) std::abort();
    return 0;
}
