#include "cardea/http/server/compress.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "cardea/base/text.hpp"

namespace cardea::http {

namespace {

constexpr std::size_t smallest = 1024;
constexpr int level = 4;              // most of the gain at a third of the default's time
constexpr int gzip_window = 15 + 16;  // zlib's way to ask for a gzip header

bool takes_gzip(const Request& request) {
    for (auto coding : split(request.headers.get("Accept-Encoding"), ',')) {
        auto name = trim(coding.substr(0, coding.find(';')));
        if (!equal_ignoring_case(name, "gzip")) continue;
        auto weight = coding.find("q=");
        if (weight == coding.npos) return true;
        return coding.substr(weight + 2).find_first_of("123456789") != coding.npos;
    }
    return false;
}

bool is_text(std::string_view content_type) {
    constexpr std::array<std::string_view, 7> types{
        "application/json", "application/problem+json", "text/html",    "text/css",
        "text/plain",       "text/javascript",          "image/svg+xml"};
    return std::ranges::find(types, media_type(content_type)) != types.end();
}

/// Empty when zlib fails, which it does only without memory.
std::string gzip(const std::string& body) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return {};
    }
    std::string out(deflateBound(&stream, body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    int status = deflate(&stream, Z_FINISH);
    out.resize(status == Z_STREAM_END ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

}  // namespace

void compress_for(const Request& request, Response& response) {
    bool candidate = response.body.size() > smallest && !response.headers.has("Content-Encoding") &&
                     is_text(response.headers.get("Content-Type"));
    if (!candidate) return;
    response.headers.add("Vary", "Accept-Encoding");
    if (!takes_gzip(request)) return;
    auto packed = gzip(response.body);
    if (packed.empty() || packed.size() >= response.body.size()) return;
    response.body = std::move(packed);
    response.headers.add("Content-Encoding", "gzip");
}

}  // namespace cardea::http
