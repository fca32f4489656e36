#include "cardea/http/url.hpp"

#include <gtest/gtest.h>

#include "cardea/http/return_to.hpp"
#include "tests/support/vectors.hpp"

namespace cardea::http {
namespace {

TEST(Url, RefusesWhatIsNotAFullHttpAddress) {
    for (auto text : {"", "/path", "//host/path", "ftp://host/", "javascript:alert(1)",
                      "https:host", "https:/host", "https://", "http:///path"}) {
        EXPECT_FALSE(Url::parse(text)) << text;
    }
}

TEST(Url, RefusesUserNamesAndWhatParsersDisagreeOn) {
    for (auto text : {"https://user@host/",
                      "https://user:word@host/",
                      "https://host\\@evil/",
                      "https://host/a b",
                      "https://ho\tst/",
                      "https://host/\n",
                      "https://a%2eb/",
                      "https://a..b/",
                      "https://host./",
                      "https://[::1",
                      "https://[::ffff:1.2.3.4]/",
                      "https://0x7f.1/",
                      "https://127.1/",
                      "https://2130706433/",
                      "https://010.0.0.1/",
                      "https://host:0/",
                      "https://host:65536/",
                      "https://host:/",
                      "https://host:+80/",
                      "https://a^b/"}) {
        EXPECT_FALSE(Url::parse(text)) << text;
    }
}

TEST(Url, RefusesWhatIsTooLong) {
    EXPECT_FALSE(Url::parse("https://host/" + std::string(Url::limit, 'a')));
}

TEST(Url, NormalisesSchemeHostAndDefaultPort) {
    EXPECT_EQ(Url::parse("HTTPS://App.Example:443/Path?Q=1")->text(),
              "https://app.example/Path?Q=1");
    EXPECT_EQ(Url::parse("http://app.example:80")->text(), "http://app.example");
    EXPECT_EQ(Url::parse("http://app.example:8080/")->origin(), "http://app.example:8080");
}

TEST(Url, KeepsAnEmptyPathEmptyBecauseIssuersAreComparedAsText) {
    auto url = *Url::parse("https://accounts.example");

    EXPECT_EQ(url.text(), "https://accounts.example");
    EXPECT_EQ(url.path(), "/");
}

TEST(Url, TellsItsParts) {
    auto url = *Url::parse("https://app.example:8443/a/b?x=1&y#part");

    EXPECT_EQ(url.host(), "app.example");
    EXPECT_EQ(url.port(), 8443);
    EXPECT_EQ(url.path(), "/a/b");
    EXPECT_EQ(url.query(), "x=1&y");
    EXPECT_EQ(url.target(), "/a/b?x=1&y");
    EXPECT_TRUE(url.has_fragment());
}

TEST(Url, ReadsAQuestionMarkBehindTheHashAsFragment) {
    auto url = *Url::parse("https://app.example/a#b?c");

    EXPECT_FALSE(url.has_query());
    EXPECT_EQ(url.path(), "/a");
}

TEST(Url, TurnsUnicodeHostsIntoALabels) {
    EXPECT_EQ(Url::parse("https://bücher.example/")->host(), "xn--bcher-kva.example");
    EXPECT_EQ(Url::parse("https://ⓔⓥⓘⓛ.example/")->host(), "evil.example");
}

TEST(Url, ComparesOriginsBySchemeHostAndPort) {
    auto url = *Url::parse("https://app.example/a");

    EXPECT_TRUE(url.same_origin(*Url::parse("https://APP.example:443/b")));
    EXPECT_FALSE(url.same_origin(*Url::parse("http://app.example/a")));
    EXPECT_FALSE(url.same_origin(*Url::parse("https://app.example:444/a")));
    EXPECT_FALSE(url.same_origin(*Url::parse("https://sub.app.example/a")));
}

TEST(Url, KnowsLoopbackHosts) {
    for (auto host :
         {"localhost", "LOCALHOST", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]"}) {
        EXPECT_TRUE(is_loopback_host(host)) << host;
    }
    for (auto host : {"localhost.example", "128.0.0.1", "[::2]", "10.0.0.1", "notlocalhost", ""}) {
        EXPECT_FALSE(is_loopback_host(host)) << host;
    }
}

TEST(Authority, ReadsHostAndPort) {
    EXPECT_EQ(Authority::parse("App.Example")->text(), "app.example");
    EXPECT_EQ(Authority::parse("[::1]:8080")->text(), "[::1]:8080");
    EXPECT_EQ(*Authority::parse("127.0.0.1:80")->port, 80);
}

TEST(Authority, RefusesWhatIsNoHost) {
    for (auto text : {"", ":80", "a b", "a/b", "a@b", "a:b", "a:80:90", "::1", "a,b"}) {
        EXPECT_FALSE(Authority::parse(text)) << text;
    }
}

/// Whatever is accepted here, a browser must see the same host.
TEST(Url, AgreesWithBrowsersOnTheHost) {
    auto cases = read_vectors("wpt-urltestdata.json");
    if (!cases) GTEST_SKIP() << "no vectors";
    int accepted = 0;
    for (const auto& one : cases->as_array()) {
        if (!one.is_object()) continue;
        const auto& input = one.at("input").as_string();
        auto url = Url::parse({input.data(), input.size()});
        if (!url) continue;
        ++accepted;
        ASSERT_FALSE(one.as_object().contains("failure")) << input;
        EXPECT_EQ(url->host(), one.at("hostname").as_string()) << input;
        if (!one.as_object().contains("origin")) continue;
        EXPECT_EQ(url->origin(), one.at("origin").as_string()) << input;
    }
    EXPECT_GT(accepted, 30);
}

TEST(Url, AgreesWithBrowsersOnInternationalHosts) {
    auto cases = read_vectors("wpt-toascii.json");
    if (!cases) GTEST_SKIP() << "no vectors";
    int accepted = 0;
    for (const auto& one : cases->as_array()) {
        if (!one.is_object()) continue;
        const auto& input = one.at("input").as_string();
        auto authority = Authority::parse({input.data(), input.size()});
        if (!authority) continue;
        ++accepted;
        ASSERT_TRUE(one.at("output").is_string()) << input;
        EXPECT_EQ(authority->host, one.at("output").as_string()) << input;
    }
    EXPECT_GT(accepted, 10);
}

std::vector<Url> own_origin() {
    return {*Url::parse("https://app.example/"), *Url::parse("https://other.example:8443/")};
}

TEST(ReturnTo, NeverLeavesTheSite) {
    auto document = read_vectors("open-redirect.json");
    if (!document) GTEST_SKIP() << "no vectors";
    int accepted = 0;
    for (const auto& one : document->at("cases").as_array()) {
        const auto& payload = one.at("payload").as_string();
        auto to = ReturnTo::parse({payload.data(), payload.size()}, own_origin());
        if (!to) continue;
        ++accepted;
        EXPECT_EQ(one.at("browser").as_string(), "same origin") << payload;
    }
    EXPECT_GT(accepted, 5);
}

TEST(ReturnTo, RefusesWhatAnotherParserCouldReadAsAnotherHost) {
    for (auto text : {"",
                      "ok",
                      "?x",
                      "#x",
                      "//evil",
                      "/\\evil",
                      "\\evil",
                      "/\t/evil",
                      " /ok",
                      "/ok ",
                      "/%2f/evil",
                      "/%5cevil",
                      "/./",
                      "/../",
                      "/a/../b",
                      "/%2e%2e/b",
                      "/.//evil",
                      "/a\nb",
                      "/a%0d%0ab",
                      "/a\x7f",
                      "/\xc3\xbc",
                      "/%zz",
                      "https:evil",
                      "https://evil",
                      "http://app.example/",
                      "https://app.example:444/",
                      "https://app.example.evil/",
                      "https://x@app.example/"}) {
        EXPECT_FALSE(ReturnTo::parse(text, own_origin())) << text;
    }
    EXPECT_FALSE(ReturnTo::parse(std::string("/a\0b", 4), own_origin()));
    EXPECT_FALSE(ReturnTo::parse("/" + std::string(2048, 'a')));
}

TEST(ReturnTo, SaysReturnToRefused) {
    EXPECT_TRUE(ReturnTo::parse("//evil").error().is(return_to_refused));
}

TEST(ReturnTo, TakesPathsOnThisSite) {
    for (auto text :
         {"/", "/ok", "/account?tab=2#keys", "/a/b/", "/a%20b", "/ok?x=//evil.example"}) {
        EXPECT_EQ(ReturnTo::parse(text)->text(), text);
    }
}

TEST(ReturnTo, TakesAddressesOnAllowedOriginsOnly) {
    EXPECT_EQ(ReturnTo::parse("https://APP.example/a", own_origin())->text(),
              "https://app.example/a");
    EXPECT_TRUE(ReturnTo::parse("https://other.example:8443/x?y=1", own_origin()));
    EXPECT_FALSE(ReturnTo::parse("https://other.example/x", own_origin()));
    EXPECT_FALSE(ReturnTo::parse("https://app.example/a"));
}

}  // namespace
}  // namespace cardea::http
