#include "cardea/sign_in/email_domain.hpp"

#include "cardea/account/email.hpp"

namespace cardea::sign_in {

Result<EmailDomain> EmailDomain::parse(std::string_view text) {
    if (text.find('@') != text.npos) return fail(email_domain_malformed);
    auto email = account::Email::parse("x@" + std::string(text));
    if (!email) return fail(email_domain_malformed, email.error());
    return EmailDomain(std::string(email->domain()));
}

}  // namespace cardea::sign_in
