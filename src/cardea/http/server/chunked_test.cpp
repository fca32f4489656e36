#include "cardea/http/server/chunked.hpp"

#include <gtest/gtest.h>

namespace cardea::http {
namespace {

struct Outcome {
    std::string body;
    std::string rest;
    std::string slug;  // of a refusal
    bool done = false;
};

Outcome decode(std::string_view bytes, std::size_t limit = 1000, std::size_t step = 10'000) {
    ChunkedDecoder decoder(limit);
    Outcome outcome;
    while (!bytes.empty() && !decoder.is_done()) {
        auto piece = bytes.substr(0, step);
        auto before = piece.size();
        auto taken = decoder.take(piece, outcome.body);
        bytes.remove_prefix(before - piece.size());
        if (!taken) {
            outcome.slug = taken.error().reason().slug;
            return outcome;
        }
    }
    outcome.rest = bytes;
    outcome.done = decoder.is_done();
    return outcome;
}

TEST(Chunked, RefusesWhatIsNotToTheLetter) {
    for (auto bytes : {"x\r\n",
                       "\r\n",
                       "5\nhello\r\n",
                       "5\r\rhello",
                       "5 \r\nhello\r\n",
                       " 5\r\nhello\r\n",
                       "0x5\r\nhello\r\n",
                       "-1\r\n",
                       "+5\r\nhello\r\n",
                       "5\r\nhelloX",
                       "5\r\nhello\n",
                       "5;\r\n",
                       "5; a=b\r\n",
                       "5;a=\r\n",
                       "5;a=\"b\r\n",
                       "5 a\r\n",
                       "10000000000000000\r\n",
                       "0\r\nX : 1\r\n",
                       "0\r\n X: 1\r\n",
                       "0\r\nnocolon\r\n"}) {
        EXPECT_EQ(decode(bytes).slug, "request.malformed") << bytes;
    }
}

TEST(Chunked, RefusesABodyOverTheLimitBeforeItIsRead) {
    EXPECT_EQ(decode("3e9\r\n").slug, "request.too_large");
    EXPECT_EQ(decode("fffffffffffffff\r\n").slug, "request.too_large");
    EXPECT_EQ(decode("5\r\nhello\r\n6\r\n", 10).slug, "request.too_large");
}

TEST(Chunked, RefusesSizesAndTrailersWithoutEnd) {
    EXPECT_EQ(decode("5;a=" + std::string(2000, 'a')).slug, "request.too_large");
    std::string trailers = "0\r\n";
    for (int i = 0; i < 100'000; ++i) trailers += "X: 1\r\n";
    EXPECT_EQ(decode(trailers).slug, "request.too_large");
}

TEST(Chunked, DecodesChunksAndLeavesWhatFollows) {
    auto outcome =
        decode("5\r\nhello\r\n6;x=1;y=\"a\\\"b\"\r\n world\r\n000\r\nVary: *\r\n\r\nGET /");

    EXPECT_TRUE(outcome.done);
    EXPECT_EQ(outcome.body, "hello world");
    EXPECT_EQ(outcome.rest, "GET /");
}

TEST(Chunked, DecodesHexInBothCases) {
    EXPECT_EQ(decode("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n").body.size(), 20u);
}

TEST(Chunked, DecodesByteByByteAlike) {
    auto outcome = decode("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 11, 1);

    EXPECT_TRUE(outcome.done);
    EXPECT_EQ(outcome.body, "hello world");
}

TEST(Chunked, IsNotDoneBeforeTheLastLine) {
    EXPECT_FALSE(decode("5\r\nhello\r\n0\r\n").done);
}

}  // namespace
}  // namespace cardea::http
