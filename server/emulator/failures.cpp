#include "server/emulator/failures.hpp"

#include <zlib.h>

#include <array>

namespace cardea::emulator {
namespace {

/// Zeros, packed: small on the way and large at its end. Made once.
const std::string& bomb() {
    static const std::string packed = [] {
        std::string out;
        z_stream stream{};
        constexpr int gzip_window = 15 + 16;
        deflateInit2(&stream, 9, Z_DEFLATED, gzip_window, 9, Z_DEFAULT_STRATEGY);
        std::array<unsigned char, 64 * 1024> zeros{};
        std::array<unsigned char, 64 * 1024> chunk{};
        for (std::size_t done = 0; done <= bomb_bytes; done += zeros.size()) {
            stream.next_in = zeros.data();
            stream.avail_in = zeros.size();
            int flush = done + zeros.size() > bomb_bytes ? Z_FINISH : Z_NO_FLUSH;
            do {
                stream.next_out = chunk.data();
                stream.avail_out = chunk.size();
                deflate(&stream, flush);
                out.append(reinterpret_cast<const char*>(chunk.data()),
                           chunk.size() - stream.avail_out);
            } while (stream.avail_out == 0);
        }
        deflateEnd(&stream);
        return out;
    }();
    return packed;
}

http::Response refusal(int status, std::string_view error) {
    http::Response response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.body = R"({"error":")" + std::string(error) + "\"}";
    return response;
}

}  // namespace

http::Response misbehaving(Failure failure, http::Response response) {
    switch (failure) {
        case Failure::status_500:
            return refusal(500, "server_error");
        case Failure::rate_limited:
            response = refusal(429, "rate_limited");
            response.headers.set("Retry-After", "7");
            return response;
        case Failure::redirect:
            response.status = 307;
            response.headers.set("Location", "https://elsewhere.example/");
            return response;
        case Failure::html:
            response.headers.set("Content-Type", "text/html");
            response.body = "<!doctype html><title>Maintenance</title>";
            return response;
        case Failure::wrong_type:
            response.headers.set("Content-Type", "image/png");
            return response;
        case Failure::truncated:
            response.body.resize(response.body.size() / 2);
            return response;
        case Failure::giant:
            response.body.insert(0, giant_bytes, ' ');
            return response;
        case Failure::bomb:
            response.headers.set("Content-Encoding", "gzip");
            response.body = bomb();
            return response;
        case Failure::none:
        case Failure::hang:
        case Failure::reset:
        case Failure::slow:
            return response;
    }
    return response;
}

}  // namespace cardea::emulator
