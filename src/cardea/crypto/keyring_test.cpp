// Sealing: what was moved, changed, cut or sealed by another key does not open.
#include "cardea/crypto/keyring.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cardea/crypto/aes_gcm.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/vectors.hpp"

namespace cardea::crypto {
namespace {

constexpr std::string_view secret_1 = "p3nXcVb0Qm7ZkT1uWsYd9fRj2gHaLe5oIxNvCqK8tBw";
constexpr std::string_view secret_2 = "Zr8yQw1LmVt6KpXs3DnJb9HcFg2TuEa7oRiNxCkB4sM";
constexpr SealContext access_of_1{"connections", "access_token", "row-1"};

Keyring keyring(std::initializer_list<std::string_view> texts, Random& random) {
    std::vector<SecretText> secrets;
    for (auto text : texts) secrets.emplace_back(std::string(text));
    return Keyring::from_secrets(secrets, random).value();
}

class Sealed : public testing::Test {
  protected:
    SeededRandom random_;
    Keyring keyring_ = keyring({secret_1}, random_);
    Bytes sealed_ = keyring_.seal(access_of_1, as_bytes("ya29.a-token"));

    bool opens(const SealContext& context, ByteView sealed) {
        return keyring_.open(context, sealed).has_value();
    }
};

TEST_F(Sealed, DoesNotOpenInAnotherRowColumnOrTable) {
    EXPECT_FALSE(opens({"connections", "access_token", "row-2"}, sealed_));
    EXPECT_FALSE(opens({"connections", "refresh_token", "row-1"}, sealed_));
    EXPECT_FALSE(opens({"oauth_providers", "access_token", "row-1"}, sealed_));
    EXPECT_FALSE(opens({"", "", ""}, sealed_));
}

TEST_F(Sealed, DoesNotOpenWhereOnlyTheSeamsBetweenTheNamesDiffer) {
    auto sealed = keyring_.seal({"ab", "c", "d"}, as_bytes("x"));

    EXPECT_FALSE(opens({"a", "bc", "d"}, sealed));
    EXPECT_FALSE(opens({"abc", "", "d"}, sealed));
    EXPECT_FALSE(opens({"ab", "cd", ""}, sealed));
    EXPECT_TRUE(opens({"ab", "c", "d"}, sealed));
}

TEST_F(Sealed, DoesNotOpenWithAnyBitFlipped) {
    for (std::size_t i = 0; i < sealed_.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto flipped = sealed_;
            flipped[i] ^= std::byte(1 << bit);
            EXPECT_FALSE(opens(access_of_1, flipped)) << i << "." << bit;
        }
    }
}

TEST_F(Sealed, DoesNotOpenCutOrLengthened) {
    for (std::size_t size = 0; size < sealed_.size(); ++size) {
        EXPECT_FALSE(opens(access_of_1, ByteView(sealed_).first(size))) << size;
    }
    auto longer = sealed_;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(opens(access_of_1, longer));
}

TEST_F(Sealed, DoesNotOpenWithTheWrappedKeyOfAnotherValue) {
    auto other = keyring_.seal(access_of_1, as_bytes("ya29.a-token"));

    auto mixed = sealed_;
    std::copy(other.begin() + 5, other.begin() + 65, mixed.begin() + 5);

    EXPECT_FALSE(opens(access_of_1, mixed));
}

TEST_F(Sealed, DoesNotOpenWithAnotherSecretAndSaysWhichKeyIsMissing) {
    auto other = keyring({secret_2}, random_);

    auto opened = other.open(access_of_1, sealed_);

    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(not_opened));
    EXPECT_NE(opened.error().detail().find(keyring_.key_id()), std::string::npos);
    EXPECT_EQ(opened.error().detail().find("row-1"), std::string::npos);
}

TEST_F(Sealed, OpensInItsPlace) {
    auto opened = keyring_.open(access_of_1, sealed_);

    ASSERT_TRUE(opened);
    EXPECT_EQ(as_text(opened->reveal()), "ya29.a-token");
}

TEST_F(Sealed, OpensAgainAfterARestart) {
    SystemRandom random;
    auto restarted = keyring({secret_1}, random);

    EXPECT_EQ(restarted.key_id(), keyring_.key_id());
    EXPECT_TRUE(restarted.open(access_of_1, sealed_));
}

TEST_F(Sealed, MayBeEmptyOrLong) {
    const Bytes big(300'000, std::byte{7});

    auto nothing = keyring_.open(access_of_1, keyring_.seal(access_of_1, {}));
    auto much = keyring_.open(access_of_1, keyring_.seal(access_of_1, big));

    ASSERT_TRUE(nothing);
    EXPECT_TRUE(nothing->empty());
    ASSERT_TRUE(much);
    EXPECT_EQ(much->reveal(), big);
}

TEST_F(Sealed, ShowsNothingOfTheTextButItsLength) {
    auto shown = to_text(sealed_);

    EXPECT_EQ(shown.find("ya29"), std::string::npos);
    EXPECT_EQ(sealed_.size(), 93u + std::string_view("ya29.a-token").size());
}

TEST_F(Sealed, HasTheDocumentedHead) {
    EXPECT_EQ(sealed_[0], std::byte{1});
    EXPECT_EQ(to_hex(ByteView(sealed_).subspan(1, 4)), keyring_.key_id());
}

TEST_F(Sealed, IsDifferentEachTimeInEveryPart) {
    std::set<Bytes> nonces, keys, texts;
    for (int i = 0; i < 1000; ++i) {
        auto sealed = keyring_.seal(access_of_1, as_bytes("ya29.a-token"));
        nonces.emplace(sealed.begin() + 5, sealed.begin() + 17);
        keys.emplace(sealed.begin() + 17, sealed.begin() + 49);
        texts.emplace(sealed.begin() + 77, sealed.end());
    }
    EXPECT_EQ(nonces.size(), 1000u);
    EXPECT_EQ(keys.size(), 1000u);
    EXPECT_EQ(texts.size(), 1000u);
}

TEST(SealedFormat, StaysReadable) {
    // Written once by format 1, as docs/formats/sealed.md shows it; it must open for ever.
    SystemRandom random;
    auto ring = keyring({secret_1}, random);
    const auto stored =
        from_hex(
            "01d82dec4dda3df6c0b71c0ae0b07844409112fa259eafa602402b62e7a0af31c06de14bafc0f3e5a60ca8"
            "99e7b987d600fc5471efdca4d3d1a550e2c3ca64aff0ee31013f735dd3f440d9f197122a4148c2a3d65a4e"
            "92024187aba33fe53570c42906e4acb06788fe")
            .value();

    auto opened = ring.open(access_of_1, stored);

    ASSERT_TRUE(opened);
    EXPECT_EQ(as_text(opened->reveal()), "ya29.a-token");
}

TEST(Keyrings, OpenWhatAnOlderSecretSealedAndSealWithTheFirst) {
    SeededRandom random;
    auto before = keyring({secret_1}, random);
    auto after = keyring({secret_2, secret_1}, random);
    auto old = before.seal(access_of_1, as_bytes("old"));

    EXPECT_TRUE(after.open(access_of_1, old));
    EXPECT_FALSE(before.open(access_of_1, after.seal(access_of_1, as_bytes("new"))));
    EXPECT_NE(after.key_id(), before.key_id());
}

TEST(Keyrings, AcceptTheCheckValueOnlyOfAKeyTheyHold) {
    SeededRandom random;
    auto first = keyring({secret_1}, random);
    auto other = keyring({secret_2}, random);
    auto both = keyring({secret_2, secret_1}, random);

    EXPECT_TRUE(first.accepts(first.check_value()));
    EXPECT_FALSE(other.accepts(first.check_value()));
    EXPECT_TRUE(both.accepts(first.check_value()));
    EXPECT_FALSE(first.accepts(both.check_value()));
    EXPECT_FALSE(first.accepts({}));
}

TEST(Keyrings, DeriveAnotherKeyForEachPurposeAndSecret) {
    SeededRandom random;
    auto first = keyring({secret_1}, random);
    auto other = keyring({secret_2}, random);

    EXPECT_EQ(first.derive("cookie").size(), 32u);
    EXPECT_EQ(first.derive("cookie"), keyring({secret_1}, random).derive("cookie"));
    EXPECT_FALSE(first.derive("cookie") == first.derive("decoy"));
    EXPECT_FALSE(first.derive("cookie") == other.derive("cookie"));
}

TEST(Keyrings, IgnoreTheNewlineAtTheEndOfASecretFile) {
    SeededRandom random;

    EXPECT_EQ(keyring({std::string(secret_1) + "\n"}, random).key_id(),
              keyring({secret_1}, random).key_id());
}

TEST(Keyrings, AreNotMadeOfNothingOrOfAWeakSecret) {
    SeededRandom random;

    EXPECT_TRUE(Keyring::from_secrets({}, random).error().is(weak_key));

    std::vector<SecretText> secrets{SecretText(std::string(secret_1)), SecretText("short")};
    auto made = Keyring::from_secrets(secrets, random);
    ASSERT_FALSE(made);
    EXPECT_TRUE(made.error().is(weak_key));
    EXPECT_EQ(made.error().detail(), "secret 2: it has 5 characters, and 32 are the least");
}

TEST(SecretKeys, AreWeakWhenShortRepeatedCountedOrObvious) {
    EXPECT_TRUE(weakness(""));
    EXPECT_TRUE(weakness("Xk29fLq8"));
    EXPECT_TRUE(weakness("p3nXcVb0Qm7ZkT1uWsYd9fRj2gHaLe5"));             // 31
    EXPECT_TRUE(weakness("p3nXcVb0Qm7ZkT1uWsYd9f                    "));  // space does not count
    EXPECT_TRUE(weakness(std::string(64, 'a')));
    EXPECT_TRUE(weakness(std::string(64, '\0')));
    EXPECT_TRUE(weakness("p3nXcVb0p3nXcVb0p3nXcVb0p3nXcVb0p3nXcVb0"));
    EXPECT_TRUE(weakness("p3nXcVb0Qm7ZkT1uWp3nXcVb0Qm7ZkT1uWp3n"));
    EXPECT_TRUE(weakness("abcdefghijklmnopqrstuvwxyz0123456789"));
    EXPECT_TRUE(weakness("0123456789abcdef0123456789abcdef"));
    EXPECT_TRUE(weakness("abcd-efgh-ijkl-mnop-qrst-uvwx-yz"));
    EXPECT_TRUE(weakness("1234 5678 9012 3456 7890 1234 5678"));
    EXPECT_TRUE(weakness("changeme-Qm7ZkT1uWsYd9fRj2gHaLe5oIxNvCq"));
    EXPECT_TRUE(weakness("CHANGE_ME_Qm7ZkT1uWsYd9fRj2gHaLe5oIxNvCq"));
    EXPECT_TRUE(weakness("my super secret key that nobody will ever guess"));
    EXPECT_TRUE(weakness("this is the password of our server at work"));
    EXPECT_TRUE(weakness("aabbaabababbabaaabbbabaabbbaabab"));
    EXPECT_TRUE(weakness("p3nXcVb0Qm7ZkT1uWsYd9f\nRj2gHaLe5oIxNvCqK8tBw"));
}

TEST(SecretKeys, AreStrongInBase64urlHexAndWords) {
    EXPECT_EQ(weakness(secret_1), std::nullopt);
    EXPECT_EQ(weakness("9f8e1c4b7a2d6035e8b1f4c7d0a39652"), std::nullopt);
    // Seventeen of its digits follow from the one before: rare, and as good as any.
    EXPECT_EQ(weakness("311236655554c80fe129555033336dd0"), std::nullopt);
    EXPECT_EQ(weakness("tulip anvil 7 gravel moth quiet harbour lens"), std::nullopt);
}

TEST(SecretKeys, MadeHereAreAlwaysStrongAndNeverTheSame) {
    SystemRandom random;
    std::set<std::string> seen;
    for (int i = 0; i < 2000; ++i) {
        auto secret = new_secret(random);
        EXPECT_EQ(from_base64url(secret.reveal())->size(), 32u);
        EXPECT_EQ(weakness(secret.reveal()), std::nullopt);
        seen.insert(secret.reveal());
    }
    EXPECT_EQ(seen.size(), 2000u);
}

TEST(SecretKeys, OfThirtyTwoRandomHexDigitsAreStrong) {
    SystemRandom random;
    for (int i = 0; i < 2000; ++i) EXPECT_EQ(weakness(to_hex(random.bytes(16))), std::nullopt);
}

TEST(AesGcm, RefusesAKeyOrNonceOfAnotherSize) {
    const Bytes key(32), nonce(12), text(3);

    EXPECT_THROW(gcm_encrypt({ByteView(key).first(16), nonce, {}}, text), std::invalid_argument);
    EXPECT_THROW(gcm_encrypt({key, ByteView(nonce).first(11), {}}, text), std::invalid_argument);
    EXPECT_FALSE(gcm_decrypt({key, nonce, {}}, ByteView(key).first(15)));
}

TEST(AesGcm, AgreesWithWycheproof) {
    auto file = read_vectors("wycheproof/aes_gcm_test.json");
    if (!file) GTEST_SKIP() << "no vectors";
    std::size_t seen = 0;
    for (const auto& group : file->at("testGroups").as_array()) {
        if (group.at("keySize") != 256 || group.at("ivSize") != 96) continue;
        for (const auto& test : group.at("tests").as_array()) {
            ++seen;
            const auto key = hex_of(test, "key"), nonce = hex_of(test, "iv");
            const auto aad = hex_of(test, "aad"), plain = hex_of(test, "msg");
            auto sealed = hex_of(test, "ct");
            const auto tag = hex_of(test, "tag");
            sealed.insert(sealed.end(), tag.begin(), tag.end());

            auto opened = gcm_decrypt({key, nonce, aad}, sealed);

            const bool valid = text_of(test, "result") == "valid";
            ASSERT_EQ(opened.has_value(), valid) << test.at("tcId");
            if (!valid) continue;
            EXPECT_EQ(opened->reveal(), plain);
            EXPECT_EQ(gcm_encrypt({key, nonce, aad}, plain), sealed);
        }
    }
    EXPECT_GE(seen, 60u);
}

}  // namespace
}  // namespace cardea::crypto
