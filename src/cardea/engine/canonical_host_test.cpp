#include "cardea/engine/canonical_host.hpp"

#include <gtest/gtest.h>

#include "cardea/http/gates.hpp"
#include "cardea/http/route.hpp"
#include "tests/support/run.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::engine {
namespace {

struct Pages {
    Task<http::Response> show(http::Exchange&) { co_return http::Response(); }
};

/// The gates in the order that the server has them.
class CanonicalHost : public testing::Test {
  protected:
    CanonicalHost() {
        site.public_url = *http::Url::parse("http://127.0.0.1:8080");
        router.add_gate(canonical_host_gate(*site.public_url));
        http::add_generic_gates(router, site, {}, {}, random);
        for (auto method : {http::Method::get, http::Method::post}) {
            router.add(http::route(method, "/page", http::Access::anyone, "", pages, &Pages::show));
        }
        router.add(
            http::route(http::Method::get, "/health", http::Access::anyone, "", pages, &Pages::show)
                .on_any_host());
    }

    http::Response ask(http::Method method, std::string target, std::string host) {
        http::Exchange exchange;
        exchange.request.method = method;
        exchange.request.target = std::move(target);
        exchange.request.headers.add("Host", std::move(host));
        auto prepared = router.prepare(exchange);
        if (!prepared) return router.refuse(exchange, prepared.error());
        return *run(router.answer(exchange));
    }

    SeededRandom random;
    http::Site site;
    Pages pages;
    http::Router router;
};

TEST_F(CanonicalHost, RefusesANameThatIsNotThisMachines) {
    EXPECT_EQ(ask(http::Method::get, "/page", "evil.example").status, 421);
    EXPECT_EQ(ask(http::Method::get, "/page", "not a host").status, 400);
}

TEST_F(CanonicalHost, DoesNotRedirectWhatHasABody) {
    EXPECT_EQ(ask(http::Method::post, "/page", "localhost:8080").status, 421);
}

TEST_F(CanonicalHost, LeadsOtherLoopbackNamesToTheOneThatCookiesKnow) {
    for (const char* host : {"localhost:8080", "LOCALHOST:8080", "localhost", "[::1]:8080"}) {
        auto response = ask(http::Method::get, "/page?a=b", host);

        EXPECT_EQ(response.status, 308) << host;
        EXPECT_EQ(response.headers.get("Location"), "http://127.0.0.1:8080/page?a=b");
    }
}

TEST_F(CanonicalHost, LetsTheOwnNameAndHealthChecksPass) {
    EXPECT_EQ(ask(http::Method::get, "/page", "127.0.0.1:8080").status, 200);
    EXPECT_EQ(ask(http::Method::get, "/health", "localhost:8080").status, 200);
}

}  // namespace
}  // namespace cardea::engine
