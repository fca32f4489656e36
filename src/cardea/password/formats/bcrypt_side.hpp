// BcryptSide: whoever has the calls of Hasher, for AnyHasher to stand on.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cardea/base/secret.hpp"
#include "cardea/password/hasher.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::password::formats {

class BcryptSide {
  public:
    virtual ~BcryptSide() = default;
    virtual Task<std::string> hash(SecretText password) = 0;
    virtual Task<Verdict> check(SecretText password, std::string stored) = 0;
    virtual Task<Verdict> check_decoy(SecretText password) = 0;
    virtual Result<void> ready() const = 0;
    virtual bool needs_rehash(std::string_view stored) const = 0;
    virtual std::size_t waiting() const = 0;
    virtual void stop() = 0;
};

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
