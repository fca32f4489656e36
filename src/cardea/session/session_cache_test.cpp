#include "cardea/session/session_cache.hpp"

#include <gtest/gtest.h>

namespace cardea::session {
namespace {

crypto::Sha256 digest(int i) {
    return crypto::sha256(std::to_string(i));
}
SessionView view(std::string id) {
    SessionView made;
    made.session.id = std::move(id);
    return made;
}

TEST(SessionCache, AnswersOnlyForTheVersionThatWasRead) {
    SessionCache cache(10);
    cache.put(digest(1), 7, view("a"));

    EXPECT_EQ(cache.find(digest(1), 8), std::nullopt);
    EXPECT_EQ(cache.find(digest(1), 6), std::nullopt);
    EXPECT_EQ(cache.find(digest(2), 7), std::nullopt);
    EXPECT_EQ(cache.find(digest(1), 7)->session.id, "a");
}

TEST(SessionCache, TakesTheNewerView) {
    SessionCache cache(10);
    cache.put(digest(1), 7, view("a"));
    cache.put(digest(1), 8, view("b"));

    EXPECT_EQ(cache.find(digest(1), 8)->session.id, "b");
    EXPECT_EQ(cache.size(), 1u);
}

TEST(SessionCache, NeverHoldsMoreThanItsLimit) {
    SessionCache cache(100);
    for (int i = 0; i < 10'000; ++i) {
        cache.put(digest(i), 1, view("x"));
        ASSERT_LE(cache.size(), 100u);
        ASSERT_NE(cache.find(digest(i), 1), std::nullopt) << "the newcomer itself was thrown out";
    }
}

TEST(SessionCache, IsNotEmptiedByReplacingAnEntryWhenFull) {
    SessionCache cache(2);
    cache.put(digest(1), 1, view("a"));
    cache.put(digest(2), 1, view("b"));
    cache.put(digest(2), 2, view("c"));

    EXPECT_NE(cache.find(digest(1), 1), std::nullopt);
}

TEST(SessionCache, KeepsNothingWithALimitOfZero) {
    SessionCache cache(0);
    cache.put(digest(1), 1, view("a"));

    EXPECT_EQ(cache.size(), 0u);
}

TEST(SessionCache, KeepsNothingThatIsTooLarge) {
    SessionCache cache(10);
    cache.put(digest(1), 7, view("a"));
    cache.put(digest(1), 8, view(std::string(SessionCache::largest, 'a')));

    EXPECT_EQ(cache.size(), 0u);
}

TEST(SessionCache, ForgetsWhatIsErased) {
    SessionCache cache(10);
    cache.put(digest(1), 1, view("a"));
    cache.erase(digest(1));

    EXPECT_EQ(cache.find(digest(1), 1), std::nullopt);
}

}  // namespace
}  // namespace cardea::session
