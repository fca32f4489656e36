// The sum over a filter's blocks, a piece at a time: SHA-256 over the SHA-256 sums of the pieces.
#pragma once

#include <algorithm>

#include "cardea/password/policy/filter_format.hpp"

namespace cardea::password {

class ContentSum {
  public:
    static constexpr std::size_t piece_size = std::size_t{1} << 20U;

    /// The next piece; all but the last have piece_size bytes.
    void add(ByteView piece) {
        auto sum = crypto::sha256(piece);
        sums_.insert(sums_.end(), sum.begin(), sum.end());
    }
    decltype(FilterFacts::content) value() const {
        auto sum = crypto::sha256(sums_);
        decltype(FilterFacts::content) cut{};
        std::copy_n(sum.begin(), cut.size(), cut.begin());
        return cut;
    }

  private:
    Bytes sums_;
};

}  // namespace cardea::password
