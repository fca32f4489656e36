// A password kernel that costs nothing, for the store bench: linked before the library's, it takes
// its place, so that a sign-up is measured without its hash. No program that is shipped has it, and
// no setting leads to it.
#include "cardea/password/kernel.hpp"

namespace cardea::password {

namespace {

/// A digest of zeros, by which the bench sees that this kernel was at work.
class FreeKernel final : public Kernel {
  public:
    Result<Digest> compute(std::string_view, Variant, int, const Salt&) const override {
        return Digest{};
    }
};

}  // namespace

std::unique_ptr<Kernel> make_libxcrypt_kernel() {
    return std::make_unique<FreeKernel>();
}

}  // namespace cardea::password
