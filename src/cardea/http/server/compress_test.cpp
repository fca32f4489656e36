#include "cardea/http/server/compress.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace cardea::http {
namespace {

std::string unpack(const std::string& packed) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    std::string out(100'000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    inflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

Response compressed(std::string accepted, Response response) {
    Request request{Method::get, "/", {{"Accept-Encoding", std::move(accepted)}}, {}};
    compress_for(request, response);
    return response;
}
Response page(std::size_t size, std::string type = "text/html; charset=utf-8") {
    return {200, {{"Content-Type", std::move(type)}}, std::string(size, 'a')};
}

TEST(Compress, LeavesSmallBodiesAndOtherTypesAlone) {
    EXPECT_EQ(compressed("gzip", page(1024)).body.size(), 1024u);
    EXPECT_EQ(compressed("gzip", page(5000, "image/png")).body.size(), 5000u);
    auto encoded = page(5000);
    encoded.headers.add("Content-Encoding", "br");
    EXPECT_EQ(compressed("gzip", encoded).body.size(), 5000u);
}

TEST(Compress, LeavesThoseAloneWhoDoNotAsk) {
    for (auto accepted : {"", "br", "identity", "gzip;q=0", "gzip; q=0.0", "xgzip"}) {
        auto response = compressed(accepted, page(5000));
        EXPECT_EQ(response.body.size(), 5000u) << accepted;
        EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
    }
}

TEST(Compress, PacksTextForThoseWhoAsk) {
    for (auto accepted : {"gzip", "br, GZIP", "deflate, gzip;q=0.5"}) {
        auto response = compressed(accepted, page(5000));
        EXPECT_EQ(response.headers.get("Content-Encoding"), "gzip") << accepted;
        EXPECT_LT(response.body.size(), 200u);
        EXPECT_EQ(unpack(response.body), std::string(5000, 'a'));
    }
}

TEST(Compress, PacksProblemsAndJson) {
    EXPECT_TRUE(compressed("gzip", page(5000, "application/json")).headers.has("Content-Encoding"));
    EXPECT_TRUE(
        compressed("gzip", page(5000, "application/problem+json")).headers.has("Content-Encoding"));
}

}  // namespace
}  // namespace cardea::http
