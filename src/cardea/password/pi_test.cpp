// The digits that Blowfish starts from are those of pi, computed here by Machin's formula.
#include "cardea/password/pi.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cardea::password {
namespace {

// A number from 0 up to 4294967295 in fixed point: words of 32 bits, the first before the point.
using Fixed = std::vector<std::uint32_t>;

// A few words more than are looked at, because every division rounds down.
constexpr std::size_t size = 1 + 1042 + 2;

void divide(Fixed& number, std::uint32_t divisor) {
    std::uint64_t rest = 0;
    for (auto& word : number) {
        rest = rest << 32U | word;
        word = static_cast<std::uint32_t>(rest / divisor);
        rest %= divisor;
    }
}

void add(Fixed& sum, const Fixed& number) {
    std::uint64_t carry = 0;
    for (std::size_t i = size; i-- > 0;) {
        carry += std::uint64_t{sum[i]} + number[i];
        sum[i] = static_cast<std::uint32_t>(carry);
        carry >>= 32U;
    }
}

void subtract(Fixed& from, const Fixed& number) {
    std::uint64_t borrow = 0;
    for (std::size_t i = size; i-- > 0;) {
        std::uint64_t difference = std::uint64_t{from[i]} - number[i] - borrow;
        from[i] = static_cast<std::uint32_t>(difference);
        borrow = difference >> 63U;
    }
}

bool is_zero(const Fixed& number) {
    return std::ranges::all_of(number, [](auto word) { return word == 0; });
}

// factor * atan(1 / n), from its series: 1/n - 1/(3 n^3) + 1/(5 n^5) - …
Fixed arc_tangent(std::uint32_t factor, std::uint32_t n) {
    Fixed power(size);
    power[0] = factor;
    divide(power, n);
    Fixed sum = power;
    for (std::uint32_t k = 3; !is_zero(power); k += 2) {
        divide(power, n * n);
        auto term = power;
        divide(term, k);
        if (k % 4 == 3) subtract(sum, term);
        if (k % 4 == 1) add(sum, term);
    }
    return sum;
}

TEST(PiWords, AreTheFractionOfPi) {
    auto pi = arc_tangent(16, 5);
    subtract(pi, arc_tangent(4, 239));

    ASSERT_EQ(pi[0], 3U);
    for (std::size_t i = 0; i < pi_words.size(); ++i) ASSERT_EQ(pi[i + 1], pi_words[i]) << i;
}

}  // namespace
}  // namespace cardea::password
