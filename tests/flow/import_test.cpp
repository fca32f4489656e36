// Accounts from elsewhere: importing them, signing in with what they were, and what they become.
#include <gmock/gmock.h>

#include <sstream>

#include "cardea/password/formats/registry.hpp"
#include "cardea/sign_in/importing/importer.hpp"
#include "tests/support/world.hpp"

namespace cardea {
namespace {

using sign_in::importing::Counts;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string known = "p\xc3\xa4ssword \xe2\x98\x83 7";
const std::string ssha = "{SSHA}5j9eZrPBmh9qaHyfoV9z21A4vpQ4x7j3";
/// One of each format, all of the same password; made by passlib, argon2-cffi, Django, Werkzeug,
/// Debian's crypt(3) and hashlib.
const std::vector<std::string> hashes{
    ("$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$35i+BK0NTURS/"
     "IXw9j8vRHtlRfQxWN6cFCM1lf2Flio"),
    ("$argon2d$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
     "h8p1L4g3K62VhjcVARen8XXUHINfs5yiLPHemFnG40k"),
    ("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$Mh+Mb+VmDlZqT44zbvvEW1bZ/"
     "nS1EiQ0mRXAHTvu480"),
    "$scrypt$ln=8,r=4,p=2$YGztPWesNUbImTOmVEoJ4Q$k19zquukQGsbRiAG58/xbnlwVI+3vq9JWXpKqnhASLQ",
    "$pbkdf2$1000$JYQQwlhr7f2/997bW8v5Xw$debPZ8VIMy.g7lK2aXjutPHjLXE",
    "$pbkdf2-sha256$1000$.X/v/Z.TEiIkRGht7b3Xeg$KWOESlTSwYaCV6iRFfx19NXMgVWZns2LNJB7jYao/NE",
    ("$pbkdf2-sha512$1000$MSYEAIAw5nyvFUJobQ2BsA$ENHkTo8MSn6kJ2aJgSbRYwmc3yKnbpKDva7QBgZKD4yn4HRp/"
     ".Md2MWvWmXHVp1tSKW4U7OQ9GtsEs.rupjCgw"),
    "$1$r0ppqd5M$IvV2yKl42Szii4CqXeYvJ.",
    "$5$rounds=1234$E/ynUFIz0UlkyQhC$pdBngKdC0VVseKhp.VKOyzmjIG8itER2cPYPqOeOA.1",
    ("$6$rounds=1234$CNeTxdDSb5ygoHo/$u0CaFOi.cBgNkYADMfTd5nEtl0myAdVS3qpJJ/hQQQUiYbhT."
     "e7KcDJXQGAcIUgTJdaUqx3ZLE6ANCE/dG99U0"),
    "$y$j75$saltsaltsalt$KNWx5W8kkHwvcxWHVILWk7uzsdDI1q3FoZUZA.XztD9",
    "pbkdf2_sha256$1000$seasalt2$2AMCwgEhUQtF1lwU3DfZLiHfwWp4VTXuKc+TxIyz4+0=",
    "pbkdf2_sha1$1000$seasalt2$VPeiXt/tLEdRNNVRSDN+m40n0H0=",
    ("argon2$argon2id$v=19$m=256,t=2,p=2$c2Vhc2FsdDJzZWFzYWx0Mg$"
     "ego6bE/b0CpewJUU+DBHeKeGzMtaHcjQiJCq5zVa6e0"),
    "bcrypt_sha256$$2b$04$Kfyf4aDvia2MWCkmWgG4o.n.LCkwiQ/okPuVtnpVRTgVucHQiOLTi",
    "bcrypt$$2b$04$/xq6K76UfxLJodDB4OHov.210bKEQShxwdLM0x8VjuBoCOOTDc9RS",
    ("scrypt$256$seasalt2$8$5$mRXIiq1c4xuGCRULE5/Ekg5ZpBmuUc0k37ogrigF+6q5GT2oCTUHUmP7k7a9UZxRvfKI"
     "VKOf2i++mca0dPdImw=="),
    ("pbkdf2:sha256:1000$V3KeXxv7GfL9IogL$"
     "60a529174657b1b41f5933eb39115c2dfaec72b2fda2f37e403cf5cbab981184"),
    ("scrypt:256:8:1$QnbL8VuITaiLGLu6$"
     "7b3480006638467a1315de489fd6965a6ebca3dd42f61192c271e9ad3269a71c"
     "8d41f190f7d4dd7ecb9509f5fde3d26b9eb5c5b09bfc7f331e8b0a9db20f109f"),
    ("$firebase-scrypt$ln=6,r=8$Bw$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKb"
     "m0QsEmYUSDzZvpjeJ9WmXA$42xEC+ixf3L2lw$36qsBLe9GfCe5aeTwkrxi5vW2zLI+/nN6YIqXRH7Vyogzv4OauPfycT"
     "Rn6+9qG5PK+lbf9KH9TTASKdFAzIfNg"),
    "$P$5JOETd211mkPBKXIAmnAYqHK.uBAAH0",
    "$H$6AtMb9bsBExiLHiQK8aN6BdhgGzJ3m.",
    "{MD5}f4Mac9qY2nKaN0PuCeWIpg==",
    "{SMD5}t3UXIKuA+YzaUeteGNa1n8RY610=",
    "{SHA}LvuoKCx9c642C0s6Mfq8hHzNz9g=",
    ssha,
    "{SHA256}5xZ8bSOEkWb611jdczWQG8xFkyIUln/MBekxbdqqKZE=",
    "{SSHA256}KvJAEu4x8pwH4Y+BnDUiTgCHeTYRxla/2DuTsewjIaghJARACCFkjA==",
    ("{SSHA512}Myvne8tV1hKxWAg0wZ6gbwZ04t1wKrjf5T7Xe+1R6a/Kq7G0WXTNguxGHDQRRTC/"
     "PJb8GyGjgTi7YF2srBN4pKq1"
     "9p7TGmPs"),
    "{CRYPT}$1$r0ppqd5M$IvV2yKl42Szii4CqXeYvJ.",
};

struct ImportTest : testing::Test {
    Result<Counts> import(const std::string& text,
                          sign_in::importing::Mode mode = sign_in::importing::Mode::real,
                          std::size_t batch = 500) {
        std::istringstream stream(text);
        auto rows = sign_in::importing::Rows::open(stream, sign_in::importing::columns());
        if (!rows) return std::unexpected(rows.error());
        sign_in::importing::Importer::Options options;
        options.mode = mode;
        options.batch = batch;
        options.origin.actor = "cli";
        options.reading.now = world.clock.now();
        sign_in::importing::Importer::Watch watch;
        watch.refused = [this](std::size_t line, const Error& why) {
            refused.push_back(std::to_string(line) + " " + std::string(why.reason().slug));
        };
        sign_in::importing::Importer importer({*world.database, world.accounts, world.trail},
                                              std::move(options), std::move(watch));
        return world.run(importer.run(*rows));
    }
    std::string stored_hash(std::string_view email) {
        auto found = world.run(
            world.accounts.find_credential(*world.database, account::Email::parse(email).value()));
        return found->password_hash ? found->password_hash->reveal() : "";
    }
    account::Account account(std::string_view email) {
        return world
            .run(
                world.accounts.find_by_email(*world.database, account::Email::parse(email).value()))
            .value();
    }

    World world;
    Browser ada{world};
    std::vector<std::string> refused;
};

TEST_F(ImportTest, TakesNoAddressFromWhoHasIt) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto before = stored_hash("ada@example.org");

    auto counts = import("email,password_hash\nADA@Example.org," + ssha + "\n");

    EXPECT_EQ(counts->refused, 1U);
    EXPECT_THAT(refused, ElementsAre("2 account.email_taken"));
    EXPECT_EQ(stored_hash("ada@example.org"), before);
}

TEST_F(ImportTest, TakesNoAddressOfAnInvitation) {
    sign_in::AddAccount invitation{account::Email::parse("eve@example.org").value(), {}, {}, {}};
    ASSERT_TRUE(world.run(world.account_flow.add(std::move(invitation), {})));

    auto counts = import("email\neve@example.org\n");

    EXPECT_EQ(counts->refused, 1U);
    EXPECT_TRUE(account("eve@example.org").is_invitation());
}

TEST_F(ImportTest, RefusesRowsByLineAndGoesOn) {
    auto counts =
        import("email,password_hash\nno address," + ssha + "\nb@example.org,plain text\n" +
               "c@example.org," + ssha + "\nc@example.org,{SHA}LvuoKCx9c642C0s6Mfq8hHzNz9g=\n");

    EXPECT_THAT(refused, ElementsAre("2 account.email_malformed", "3 password.malformed_hash",
                                     "5 account.email_taken"));
    EXPECT_EQ(counts->imported, 1U);
    EXPECT_EQ(counts->refusals.at("account.email_malformed"), 1U);
}

TEST_F(ImportTest, WritesNothingInADryRun) {
    ASSERT_TRUE(ada.sign_up("ada@example.org"));
    auto events = world.count("events");

    auto counts = import("email\nada@example.org\nb@example.org\nc@example.org\n",
                         sign_in::importing::Mode::dry_run);

    EXPECT_EQ(counts->imported, 2U);
    EXPECT_EQ(counts->refused, 1U) << "ada has a password, the row has none";
    EXPECT_EQ(world.count("accounts"), 1U);
    EXPECT_EQ(world.count("events"), events);
}

TEST_F(ImportTest, GoesOnWhereAnEarlierRunEnded) {
    std::string head = "email,password_hash\n";
    std::string first = "a@example.org," + ssha + "\nb@example.org,\n";
    ASSERT_EQ(import(head + first)->imported, 2U);

    auto counts =
        import(head + first + "c@example.org," + ssha + "\n", sign_in::importing::Mode::real, 2);

    EXPECT_EQ(counts->present, 2U);
    EXPECT_EQ(counts->imported, 1U);
    EXPECT_THAT(refused, IsEmpty());
    EXPECT_EQ(world.count("accounts"), 3U);
}

TEST_F(ImportTest, KnowsItsRowsAgainAfterTheirOwnersSignedIn) {
    auto text = "email,password_hash\nada@example.org," + ssha + "\n";
    ASSERT_EQ(import(text)->imported, 1U);
    ASSERT_EQ(refusal(ada.sign_in("ada@example.org", known)), "");
    world.settle();
    ASSERT_EQ(stored_hash("ada@example.org").substr(0, 4), "$2b$");

    EXPECT_EQ(import(text)->present, 1U);
    EXPECT_EQ(
        import("email,password_hash\nada@example.org,{SHA}LvuoKCx9c642C0s6Mfq8hHzNz9g=\n")->refused,
        1U)
        << "another row with that address";
}

TEST_F(ImportTest, KeepsWhoTheyWereAndSaysWhereTheyCameFrom) {
    ASSERT_TRUE(
        import("{\"email\":\"Ada@Example.org\",\"email_verified\":true,\"name\":\"Ada\","
               "\"created_at\":\"2020-02-03T04:05:06Z\",\"external_id\":42,"
               "\"password_hash\":\"" +
               ssha + "\"}\n"));

    auto ada_now = account("ada@example.org");
    EXPECT_EQ(ada_now.email, "Ada@example.org");
    EXPECT_TRUE(ada_now.email_verified);
    EXPECT_EQ(ada_now.name, "Ada");
    EXPECT_EQ(to_rfc3339(ada_now.created_at), "2020-02-03T04:05:06.000Z");
    audit::Filter filter{ada_now.id, std::nullopt};
    auto page = world.run(world.trail.list(*world.database, std::move(filter), "", 10)).value();
    ASSERT_EQ(page.items.size(), 1U);
    EXPECT_EQ(page.items[0].type, "account.imported");
    EXPECT_EQ(page.items[0].actor, "cli");
    EXPECT_EQ(page.items[0].detail.at("external_id"), "42");
    EXPECT_EQ(page.items[0].detail.at("hash"), "ldap-ssha");
}

TEST_F(ImportTest, ListsAnOlderAccountFirst) {
    ASSERT_TRUE(ada.sign_up("new@example.org"));
    ASSERT_TRUE(import("email,created_at\nold@example.org,1580702706\n"));

    auto page = world.run(world.accounts.list(*world.database, {}, "", 10)).value();

    ASSERT_EQ(page.items.size(), 2U);
    EXPECT_EQ(page.items[0].email, "old@example.org");
}

// Signing in.

TEST_F(ImportTest, EveryFormatSignsInAndIsBcryptAfterwards) {
    std::string text = "email,password_hash\n";
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        // A browser each: the throttle counts by address.
        text += fmt::format("p{}@example.org,\"{}\"\n", i, hashes[i]);
    }
    ASSERT_EQ(import(text)->imported, hashes.size());

    for (std::size_t i = 0; i < hashes.size(); ++i) {
        Browser browser(world, fmt::format("192.0.2.{}", i + 1));
        auto email = fmt::format("p{}@example.org", i);
        EXPECT_EQ(refusal(browser.sign_in(email, "not it")), "sign_in.credentials_wrong");
        EXPECT_EQ(stored_hash(email), hashes[i]) << "a wrong password changes nothing";

        EXPECT_EQ(refusal(browser.sign_in(email, known)), "") << hashes[i];
        world.settle();

        EXPECT_EQ(stored_hash(email).substr(0, 7), "$2b$04$") << hashes[i];
        EXPECT_EQ(refusal(browser.sign_in(email, known)), "") << "and goes on to";
    }
}

TEST_F(ImportTest, EveryFormatTheRegistryHasIsAmongThem) {
    std::set<std::string_view> missing;
    for (const auto& format : password::formats::all()) missing.insert(format.name);
    for (const auto& hash : hashes) missing.erase(password::formats::name_of(hash));

    EXPECT_THAT(missing, UnorderedElementsAre("bcrypt", "bcrypt-sha256", "ldap-sha384",
                                              "ldap-ssha384", "ldap-sha512", "ldap-argon2"))
        << "the first two are bcrypt's own; the rest stand in their format's test";
}

TEST_F(ImportTest, AWrongPasswordOfAnImportedAccountIsToldLikeAnUnknownOne) {
    ASSERT_TRUE(import("email,password_hash\nada@example.org," + ssha + "\n"));

    auto wrong = ada.sign_in("ada@example.org", "not it at all");
    auto unknown = ada.sign_in("nobody@example.org", "not it at all");

    EXPECT_EQ(refusal(wrong), "sign_in.credentials_wrong");
    EXPECT_EQ(refusal(unknown), refusal(wrong));
}

// Somebody wrote to the table by hand.
TEST_F(ImportTest, ADamagedHashIsAWrongPassword) {
    ASSERT_TRUE(import("email,password_hash\nada@example.org," + ssha + "\n"));
    auto id = account("ada@example.org").id;
    for (const auto& damaged : {std::string("{SSHA}AAAA"), std::string("nonsense"),
                                std::string(1'000'000, 'a'), ssha + std::string(1, '\0'),
                                std::string("$argon2id$v=19$m=4294967295,t=4294967295,p=1$"
                                            "c29tZXNhbHQxMjM0NTY3OA$Mh+Mb+VmDlZqT44zbvvEWw")}) {
        ASSERT_TRUE(
            world.run(world.accounts.set_password(*world.database, id, SecretText(damaged))));

        EXPECT_EQ(refusal(Browser(world).sign_in("ada@example.org", known)),
                  "sign_in.credentials_wrong");
    }
}

Task<void> sign_in_once(World& world, Browser& browser, std::string& outcome) {
    sign_in::Credentials credentials{account::Email::parse("ada@example.org").value(),
                                     password::Attempt::parse(known).value()};
    auto result = co_await world.passwords->sign_in(std::move(credentials), browser.visit());
    outcome = refusal(result);
    co_return Result<void>();
}

// The row is written only while it holds the hash that was checked: one of several at once wins.
TEST_F(ImportTest, SeveralAtOnceReplaceTheHashOnce) {
    ASSERT_TRUE(import("email,password_hash\nada@example.org," + ssha + "\n"));
    db::Statement observe{"test.observe",
                          "CREATE TABLE writes AS SELECT password_hash FROM accounts WHERE 0"};
    db::Statement trigger{"test.trigger",
                          "CREATE TRIGGER seen AFTER UPDATE OF password_hash ON accounts BEGIN "
                          "INSERT INTO writes VALUES (NEW.password_hash); END"};
    ASSERT_TRUE(world.run(world.database->run(observe, {})));
    ASSERT_TRUE(world.run(world.database->run(trigger, {})));
    std::vector<std::string> outcomes(5, "under way");
    std::vector<Browser> browsers;
    browsers.reserve(5);
    for (int i = 0; i < 5; ++i) browsers.emplace_back(world, fmt::format("192.0.2.{}", i + 1));

    for (std::size_t i = 0; i < 5; ++i)
        world.background.add("sign-in", sign_in_once(world, browsers[i], outcomes[i]));
    world.settle();

    EXPECT_EQ(outcomes, std::vector<std::string>(5));
    EXPECT_EQ(world.count("writes"), 1U);
    EXPECT_TRUE(stored_hash("ada@example.org").starts_with("$2b$04$"));
}

TEST_F(ImportTest, BecomesArgon2idWhenThatIsTheScheme) {
    ASSERT_TRUE(import("email,password_hash\nada@example.org," + ssha + "\n"));
    ASSERT_TRUE(ada.sign_up("eve@example.org"));
    password::Settings settings;
    settings.scheme = password::Scheme::argon2id;
    settings.argon2_memory_mib = 8;
    settings.argon2_passes = 1;
    settings.cost = 4;
    password::formats::AnyHasher hasher(settings);
    sign_in::PasswordFlow flow(
        {*world.database, world.accounts, world.sessions, world.trail, hasher, world.throttle,
         world.background, world.policy, world.known_browsers},
        {});
    for (auto [email, password] :
         {std::pair<std::string_view, std::string_view>("ada@example.org", known),
          {"eve@example.org", "correct horse"}}) {
        sign_in::Credentials credentials{account::Email::parse(email).value(),
                                         password::Attempt::parse(password).value()};

        ASSERT_TRUE(world.run(flow.sign_in(credentials, ada.visit()))) << email;
        world.settle();

        EXPECT_TRUE(stored_hash(email).starts_with("$argon2id$v=19$m=8192,t=1,p=1$")) << email;
        EXPECT_TRUE(world.run(flow.sign_in(credentials, ada.visit()))) << email;
    }
}

}  // namespace
}  // namespace cardea
