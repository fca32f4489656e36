// fit(): makes a BcryptSide of whoever has the calls of Hasher.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cardea/password/formats/bcrypt_side.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::password::formats {

namespace detail {
template <class Pointer>
class Fitted final : public BcryptSide {
  public:
    explicit Fitted(Pointer hasher) : hasher_(std::move(hasher)) {}
    Task<std::string> hash(SecretText password) override {
        return hasher_->hash(std::move(password));
    }
    Task<Verdict> check(SecretText password, std::string stored) override {
        return hasher_->check(std::move(password), std::move(stored));
    }
    Task<Verdict> check_decoy(SecretText password) override {
        return hasher_->check_decoy(std::move(password));
    }
    Result<void> ready() const override {
        if constexpr (requires { hasher_->ready(); }) return hasher_->ready();
        return {};
    }
    bool needs_rehash(std::string_view stored) const override {
        return hasher_->needs_rehash(stored);
    }
    std::size_t waiting() const override {
        if constexpr (requires { hasher_->waiting(); }) return hasher_->waiting();
        return 0;
    }
    void stop() override {
        if constexpr (requires { hasher_->stop(); }) hasher_->stop();
    }

  private:
    Pointer hasher_;
};
}  // namespace detail

/// Fits a hasher in: `fit(std::make_unique<Hasher>(settings))` to own it, `fit(&hasher)` for one
/// that outlives the result. What has no ready(), waiting()
/// and stop() is looked after by its owner.
template <class Pointer>
std::unique_ptr<BcryptSide> fit(Pointer hasher) {
    return std::make_unique<detail::Fitted<Pointer>>(std::move(hasher));
}

}  // namespace cardea::password::formats
