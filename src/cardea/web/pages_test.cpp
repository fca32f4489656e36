#include "cardea/web/pages.hpp"

#include <gmock/gmock.h>

namespace cardea::web {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string hostile = "\"><script>alert('x')</script>";

TEST(SignInPage, EscapesWhatThePersonTyped) {
    SignInView view;
    view.form.email = hostile;
    view.form.return_to = hostile;
    view.notice = hostile;
    view.providers = {{hostile, hostile}};

    auto page = sign_in_page({}, view);

    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, HasSubstr("value=\"&quot;&gt;&lt;script&gt;"));
}

TEST(SignInPage, PutsTheErrorBesideItsField) {
    SignInView view;
    view.form.errors = {{"email", "account.email_malformed", "That is not an e-mail address."}};

    auto page = sign_in_page({}, view);

    EXPECT_THAT(page, HasSubstr("aria-invalid=\"true\" aria-describedby=\"email-note\""));
    EXPECT_THAT(
        page,
        HasSubstr("<div id=\"email-note\"><p class=\"error\">That is not an e-mail address."));
}

TEST(SignInPage, LinksToEachProviderAndKeepsTheWayBack) {
    SignInView view;
    view.form.return_to = "/shop?a=1";
    view.providers = {{"google", "Google"}};

    EXPECT_THAT(sign_in_page({}, view),
                HasSubstr("href=\"/auth/google?return_to=%2Fshop%3Fa%3D1\">Continue with Google"));
}

TEST(SignInPage, OffersNoSignUpWhereThereIsNone) {
    SignInView view;
    view.may_sign_up = false;

    EXPECT_THAT(sign_in_page({}, view), Not(HasSubstr("/sign-up")));
}

TEST(SignUpPage, NeverPutsAPasswordBack) {
    EXPECT_THAT(sign_up_page({}, {}), Not(testing::ContainsRegex("type=\"password\"[^>]*value=")));
}

TEST(AccountPage, EscapesEverythingThatCameFromOutside) {
    AccountView view;
    view.email = view.name = view.notice = view.problem = hostile;
    view.sessions = {{hostile, hostile, hostile, hostile, hostile, false}};
    view.connections = {{hostile, hostile, hostile, "needs_consent", hostile, hostile, hostile}};
    view.connectable = {{hostile, hostile}};

    EXPECT_THAT(account_page({}, view), Not(HasSubstr("<script")));
}

TEST(AccountPage, AsksForTheCurrentPasswordOnlyWhereThereIsOne) {
    AccountView view;

    EXPECT_THAT(account_page({}, view), Not(HasSubstr("current_password")));
    view.has_password = true;
    EXPECT_THAT(account_page({}, view), HasSubstr("current_password"));
}

TEST(AccountPage, DoesNotOfferToEndTheSessionOneIsIn) {
    AccountView view;
    view.sessions = {{"ses_1", "Firefox", "127.0.0.1", "password", "now", true}};

    EXPECT_THAT(account_page({}, view), Not(HasSubstr("/account/sessions/ses_1/end")));
}

TEST(MessagePage, ShowsTheReference) {
    EXPECT_THAT(message_page({}, {"Title", "Text", "/", "Back", "req-1"}),
                HasSubstr("<code>req-1</code>"));
}

TEST(Stylesheet, HasAPathThatNamesItsContent) {
    EXPECT_THAT(stylesheet(), HasSubstr("prefers-color-scheme: dark"));
    EXPECT_THAT(stylesheet_path(), testing::MatchesRegex("/assets/style-[0-9a-f]+\\.css"));
}

}  // namespace
}  // namespace cardea::web
