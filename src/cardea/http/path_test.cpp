#include "cardea/http/path.hpp"

#include <gtest/gtest.h>

namespace cardea::http {
namespace {

TEST(NormalisePath, RefusesDotSegmentsInEveryDress) {
    for (auto path : {"/..", "/../a", "/a/..", "/./a", "/a/.", "/%2e%2e/a", "/%2E%2e/a", "/.%2e/a",
                      "/..;/a", "/..;x=1/a", "/%2e%2e;/a", "/a/..%3b/b"}) {
        EXPECT_FALSE(normalise_path(path)) << path;
    }
}

TEST(NormalisePath, RefusesHiddenSeparators) {
    for (auto path : {"/a%2fb", "/a%2Fb", "/%2f", "/a%5cb", "/a\\b", "/%5C.."}) {
        EXPECT_FALSE(normalise_path(path)) << path;
    }
}

TEST(NormalisePath, RefusesBytesThatAreNotText) {
    for (auto path : {"/%c0%ae%c0%ae/", "/%c0%af", "/%ff", "/%00", "/a%0d%0ab", "/%e0%80%ae",
                      "/%7f", "/%", "/%1", "/%gg"}) {
        EXPECT_FALSE(normalise_path(path)) << path;
    }
}

TEST(NormalisePath, RefusesWhatDoesNotStartWithASlash) {
    EXPECT_FALSE(normalise_path(""));
    EXPECT_FALSE(normalise_path("a/b"));
}

TEST(NormalisePath, DecodesOnce) {
    EXPECT_EQ(*normalise_path("/a%20b"), "/a b");
    EXPECT_EQ(*normalise_path("/%252e%252e"), "/%2e%2e");
    EXPECT_EQ(*normalise_path("/v1/s%65ssion"), "/v1/session");
    EXPECT_EQ(*normalise_path("/b%C3%BCcher"), "/bücher");
}

TEST(NormalisePath, LeavesEverythingElseAsItStands) {
    for (auto path : {"/", "//", "//a", "/a/", "/a;b=c", "/V1/Session", "/a.", "/.well-known/x",
                      "/...", "/a..b"}) {
        EXPECT_EQ(*normalise_path(path), path);
    }
}

}  // namespace
}  // namespace cardea::http
