#include "cardea/session/packed_view.hpp"

#include <gtest/gtest.h>

namespace cardea::session {
namespace {

Instant at(std::int64_t ms) {
    return from_unix_ms(ms);
}

SessionView full_view() {
    SessionView view;
    view.session = {"session", "account", "password", "Ada's telephone", "2001:db8::1", at(1),
                    at(2),     at(3),     at(-4)};
    view.account = {
        "account", "ada@example.org",       true, std::string("a\0b", 3), std::string(3000, 'p'),
        true,      {"admin", "", "editor"}, at(5)};
    return view;
}

void expect_same(const SessionView& found, const SessionView& wanted) {
    EXPECT_EQ(found.session.id, wanted.session.id);
    EXPECT_EQ(found.session.account_id, wanted.session.account_id);
    EXPECT_EQ(found.session.method, wanted.session.method);
    EXPECT_EQ(found.session.device, wanted.session.device);
    EXPECT_EQ(found.session.client_address, wanted.session.client_address);
    EXPECT_EQ(found.session.created_at, wanted.session.created_at);
    EXPECT_EQ(found.session.last_seen_at, wanted.session.last_seen_at);
    EXPECT_EQ(found.session.expires_at, wanted.session.expires_at);
    EXPECT_EQ(found.session.absolute_end_at, wanted.session.absolute_end_at);
    EXPECT_EQ(found.account.id, wanted.account.id);
    EXPECT_EQ(found.account.email, wanted.account.email);
    EXPECT_EQ(found.account.email_verified, wanted.account.email_verified);
    EXPECT_EQ(found.account.name, wanted.account.name);
    EXPECT_EQ(found.account.picture, wanted.account.picture);
    EXPECT_EQ(found.account.has_password, wanted.account.has_password);
    EXPECT_EQ(found.account.roles, wanted.account.roles);
    EXPECT_EQ(found.account.created_at, wanted.account.created_at);
}

TEST(PackedView, KeepsEveryMember) {
    expect_same(unpack(pack(full_view())), full_view());
}

TEST(PackedView, TellsNoAddressFromAnEmptyOne) {
    auto view = full_view();
    view.account.email.reset();
    view.account.roles.clear();
    expect_same(unpack(pack(view)), view);
    view.account.email = "";
    expect_same(unpack(pack(view)), view);
}

}  // namespace
}  // namespace cardea::session
