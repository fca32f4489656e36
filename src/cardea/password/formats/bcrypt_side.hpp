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

}  // namespace cardea::password::formats
