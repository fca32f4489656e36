#include "cardea/session/huge_pages.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>

namespace cardea::session {
namespace {

constexpr auto page = HugePages::size;

TEST(HugePages, AreAlignedAndWritableFromTheFirstToTheLastByte) {
    HugePages pages;
    for (std::size_t size : {std::size_t{1}, page - 1, page, page + 1, 3 * page}) {
        auto* memory = static_cast<unsigned char*>(pages.allocate(size, 16));

        auto address = reinterpret_cast<std::uintptr_t>(memory);
        EXPECT_EQ(address % (size < page ? 16 : page), 0U) << size;
        memory[0] = 1;
        memory[size - 1] = 2;
        EXPECT_EQ(memory[0], size == 1 ? 2 : 1);
        pages.deallocate(memory, size, 16);
    }
}

TEST(HugePages, OfSeveralAllocationsDoNotOverlap) {
    HugePages pages;
    auto* first = pages.allocate(page);
    auto* second = pages.allocate(page);
    std::memset(first, 1, page);
    std::memset(second, 2, page);

    EXPECT_EQ(static_cast<unsigned char*>(first)[page - 1], 1);

    pages.deallocate(first, page);
    EXPECT_EQ(static_cast<unsigned char*>(second)[page - 1], 2);
    pages.deallocate(second, page);
}

TEST(HugePages, RefuseWhatNoMemoryHolds) {
    HugePages pages;
    EXPECT_THROW((void)pages.allocate(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
    EXPECT_THROW((void)pages.allocate(std::size_t{1} << 60U), std::bad_alloc);
    EXPECT_THROW((void)pages.allocate(page, 2 * page), std::bad_alloc);
}

TEST(HugePages, AreAllAlike) {
    EXPECT_TRUE(HugePages().is_equal(HugePages()));
    EXPECT_FALSE(HugePages().is_equal(*std::pmr::new_delete_resource()));
}

}  // namespace
}  // namespace cardea::session
