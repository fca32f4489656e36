// Kernel: something else than the lanes that computes bcrypt.
#pragma once

#include <memory>
#include <string_view>

#include "cardea/password/bcrypt.hpp"

namespace cardea::password {

/// Computes one password after the other; knows nothing of queues and threads. Called from several
/// threads at once.
class Kernel {
  public:
    virtual ~Kernel() = default;
    /// The password has at most 72 bytes and no NUL. Work is proportional to 2 to the cost.
    virtual Result<Digest> compute(std::string_view password, Variant variant, int cost,
                                   const Salt& salt) const = 0;
};

/// The system's libxcrypt: one password at a time on each thread.
std::unique_ptr<Kernel> make_libxcrypt_kernel();

}  // namespace cardea::password
