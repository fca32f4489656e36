// The settings of signing in: section [sign_in].
#pragma once

#include <boost/describe/enum.hpp>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"
#include "cardea/sign_in/email_domain.hpp"

namespace cardea::sign_in {

/// Who may open an account, with a password or through a provider alike.
enum class Registration {
    open,     ///< Everybody.
    invited,  ///< Those whose address an administrator has invited.
    closed,   ///< Nobody.
};
BOOST_DESCRIBE_ENUM(Registration, open, invited, closed)

struct Settings {
    Registration registration = Registration::open;
    std::vector<EmailDomain> allowed_email_domains;
    bool reveal_existing_accounts = true;
    Seconds recent_sign_in = 10min;
};

DESCRIBED(Settings,
          (registration,
           "Who may open an account, with a password or through a provider: open, invited (only "
           "addresses that an administrator has invited) or closed."),
          (allowed_email_domains,
           "When not empty, new accounts need an address at one of these domains."),
          (reveal_existing_accounts,
           "Whether a sign-up says that an address is taken. false answers 202 for every address, "
           "which is sensible once people can be told by mail. Who is signed in and gives their "
           "account a taken address is told so in any case, but cannot try many: the throttle "
           "counts it like sign-ups."),
          (recent_sign_in,
           "How fresh a sign-in must be to change the password or the address, to link, to unlink "
           "and to delete.",
           schema::between(1min, 24h)))

}  // namespace cardea::sign_in
