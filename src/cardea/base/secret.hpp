// Secret<T>: a value that wipes itself and cannot be printed by accident.
#pragma once

#include <string>
#include <utility>

#include "cardea/base/bytes.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/base/wipe.hpp"

namespace cardea {

/// Holds a string or bytes that must not be seen. Wiped on destruction, assignment and when moved
/// from; compared in constant time; has no stream or fmt operator. `reveal()` is the one way to the
/// value: searching for it finds every place where a secret leaves its box.
template <class T>
class Secret {
  public:
    Secret() = default;
    explicit Secret(const T& value) : value_(value) {}
    /// Wipes what it takes from: a moved-from short string keeps its characters in place.
    explicit Secret(T&& value) : value_(std::move(value)) { cardea::wipe(value); }
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
        cardea::wipe(other.value_);
    }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            cardea::wipe(value_);
            value_ = other.value_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            cardea::wipe(value_);
            value_ = std::move(other.value_);
            cardea::wipe(other.value_);
        }
        return *this;
    }
    ~Secret() { cardea::wipe(value_); }

    const T& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }
    std::size_t size() const { return value_.size(); }
    bool operator==(const Secret& other) const { return constant_time_equal(value_, other.value_); }

  private:
    T value_;
};

using SecretText = Secret<std::string>;
using SecretBytes = Secret<Bytes>;

}  // namespace cardea
