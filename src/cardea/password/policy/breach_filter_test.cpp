// Filter files: hostile ones are refused, honest ones never miss, mistakes are as rare as stated.
#include "cardea/password/policy/breach_filter.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cardea/base/encoding.hpp"
#include "cardea/password/policy/breach_filter_builder.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::password {
namespace {

struct BreachFilterTest : testing::Test {
    TempFolder folder;
    std::string path = folder.path() + "/filter";
    std::string list = folder.path() + "/list";

    void write_list(int count) {
        std::ofstream file(list, std::ios::binary);
        for (int i = 0; i < count; ++i) file << "password number " << i << "\n";
    }
    BuiltFilter build(FilterOptions options = {}) {
        return build_filter(list, path, options).value();
    }
    std::string content() const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::string& text) const {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    }
    std::string refusal() const {
        auto filter = BreachFilter::open(path);
        return filter ? "" : filter.error().detail();
    }
    std::size_t files() const {
        std::filesystem::directory_iterator all(folder.path());
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
};

bool contains(const BreachFilter& filter, std::string_view password) {
    return filter.contains(breach_key_of(password)).value();
}

TEST_F(BreachFilterTest, RefusesWhatIsNoFilter) {
    EXPECT_NE(refusal(), "") << "not there";
    std::filesystem::create_directory(path);
    EXPECT_NE(refusal(), "") << "a folder";
    std::filesystem::remove(path);
    for (const std::string& text : {std::string(), std::string("x"), std::string(64, '\0'),
                                    std::string(10'000, 'c'), std::string("cardeaPF")}) {
        write(text);
        EXPECT_NE(refusal(), "");
    }
}

TEST_F(BreachFilterTest, RefusesAFileThatWasCutOrGrew) {
    write_list(1000);
    build();
    const auto whole = content();
    for (std::size_t size = 0; size < whole.size(); size += 37) {
        write(whole.substr(0, size));
        EXPECT_NE(refusal(), "") << size;
    }
    write(whole + '\0');
    EXPECT_NE(refusal(), "");
    write(whole);
    EXPECT_EQ(refusal(), "");
}

TEST_F(BreachFilterTest, RefusesAHeaderInWhichAnyBitWasTurned) {
    write_list(100);
    build();
    const auto whole = content();
    for (std::size_t at = 0; at < filter_header_size; ++at) {
        auto turned = whole;
        turned[at] = static_cast<char>(turned[at] ^ 1);
        write(turned);

        EXPECT_NE(refusal(), "") << at;
    }
}

TEST_F(BreachFilterTest, RefusesAHeaderThatSaysWhatCannotBe) {
    for (auto [blocks, probes] :
         std::vector<std::pair<std::uint64_t, int>>{{0, 5},
                                                    {1, 0},
                                                    {1, 11},
                                                    {1, -1},
                                                    {std::uint64_t{1} << 58U, 5},
                                                    {~std::uint64_t{0}, 5}}) {
        FilterFacts hostile;
        hostile.blocks = blocks;
        hostile.probes = probes;
        auto header = to_header(hostile);

        auto facts = parse_header(header, hostile.file_size());

        ASSERT_FALSE(facts) << blocks << " " << probes;
        EXPECT_TRUE(facts.error().is(filter_malformed));
    }
}

TEST_F(BreachFilterTest, AnswersWithAnErrorWhenTheFileIsCutUnderIt) {
    write_list(10'000);
    build();
    auto filter = BreachFilter::open(path).value();

    std::filesystem::resize_file(path, filter_header_size);

    auto answer = filter.contains(breach_key_of("password number 7"));
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().is(filter_unreadable));
    EXPECT_TRUE(filter.verify().error().is(filter_malformed));
}

TEST_F(BreachFilterTest, FindsATurnedBitInItsContent) {
    write_list(3'000);
    build({.entries = 300'000});  // room for more makes more than one piece
    EXPECT_TRUE(BreachFilter::open(path)->verify());
    auto turned = content();
    turned.back() = static_cast<char>(turned.back() ^ 1);
    write(turned);

    auto filter = BreachFilter::open(path);

    ASSERT_TRUE(filter) << "the start does not read all of it";
    EXPECT_TRUE(filter->verify().error().is(filter_malformed));
}

TEST_F(BreachFilterTest, LeavesNothingBehindWhenItCannotBeBuilt) {
    std::ofstream(list) << std::string(40, 'A') << "\nno hash\n";
    EXPECT_FALSE(build_filter(list, path, {}));
    EXPECT_FALSE(build_filter(list + "none", path, {}));
    EXPECT_FALSE(build_filter("-", path, {})) << "how many?";
    EXPECT_TRUE(build_filter(list, path + "/no/folder", {}).error().is(list_unreadable));
    std::ofstream(list) << "fine\n";
    EXPECT_TRUE(build_filter(list, path + "/no/folder", {}).error().is(filter_unwritable));
    std::ofstream(list) << std::string(40, 'A') << "\nno hash\n";
    EXPECT_FALSE(build_filter(list, path, {.entries = 5}));

    EXPECT_EQ(files(), 1U) << "the list";
}

TEST_F(BreachFilterTest, NeverMissesWhatIsInIt) {
    write_list(20'000);
    auto built = build({.bits_per_entry = 8});
    auto filter = BreachFilter::open(path).value();

    EXPECT_EQ(built.facts.entries, 20'000U);
    EXPECT_EQ(filter.facts(), built.facts);
    for (int i = 0; i < 20'000; ++i)
        ASSERT_TRUE(contains(filter, "password number " + std::to_string(i))) << i;
}

TEST_F(BreachFilterTest, IsWrongAsRarelyAsItsFactsSay) {
    constexpr int entries = 20'000;
    constexpr int strangers = 50'000;
    write_list(entries);
    for (int bits : {8, 12, 16}) {
        auto stated = false_positive_rate(build({.bits_per_entry = bits}).facts);
        auto filter = BreachFilter::open(path).value();
        int wrong = 0;
        for (int i = 0; i < strangers; ++i)
            wrong += contains(filter, "stranger " + std::to_string(i));

        const double expected = stated * strangers;
        EXPECT_NEAR(wrong, expected, 6 * std::sqrt(expected) + 0.05 * expected) << bits << " bits";
        RecordProperty("rate_of_" + std::to_string(bits) + "_bits_ppm", wrong * 20);
    }
}

TEST_F(BreachFilterTest, StatesTheRatesThatTheGuideGives) {
    auto stated = [](int bits) { return false_positive_rate(plan_filter(1'000'000'000, bits)); };

    EXPECT_NEAR(stated(8), 1 / 43.0, 0.02 / 43);
    EXPECT_NEAR(stated(12), 1 / 246.0, 0.02 / 246);
    EXPECT_NEAR(stated(16), 1 / 1213.0, 0.02 / 1213);
    EXPECT_NEAR(stated(20), 1 / 5067.0, 0.02 / 5067);
}

TEST_F(BreachFilterTest, OfNothingHasNothing) {
    write_list(0);
    EXPECT_EQ(build().facts.entries, 0U);

    EXPECT_FALSE(contains(BreachFilter::open(path).value(), "password"));
}

TEST_F(BreachFilterTest, TakesThePlaceOfAnOldOneUnderAServerThatReadsThat) {
    write_list(1000);
    build();
    auto old = BreachFilter::open(path).value();

    std::ofstream(list) << "another\n";
    build();

    EXPECT_TRUE(contains(old, "password number 1"));
    EXPECT_FALSE(contains(BreachFilter::open(path).value(), "password number 1"));
    EXPECT_EQ(files(), 2U);
}

}  // namespace
}  // namespace cardea::password
