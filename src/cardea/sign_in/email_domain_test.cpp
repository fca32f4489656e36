#include "cardea/sign_in/email_domain.hpp"

#include <gtest/gtest.h>

namespace cardea::sign_in {
namespace {

TEST(EmailDomain, RefusesWhatIsNoDomain) {
    for (auto text : {"", "example", "@example.org", "ada@example.org", "*.example.org",
                      "example.org/x", "192.0.2.1", "exa mple.org", ".example.org"}) {
        auto domain = EmailDomain::parse(text);
        ASSERT_FALSE(domain) << text;
        EXPECT_TRUE(domain.error().is(email_domain_malformed));
    }
}

TEST(EmailDomain, IsComparedInItsAsciiForm) {
    EXPECT_EQ(EmailDomain::parse("Example.ORG.")->text(), "example.org");
    EXPECT_EQ(EmailDomain::parse("M\u00FCller.example")->text(), "xn--mller-kva.example");
}

}  // namespace
}  // namespace cardea::sign_in
