// The kernel that leaves bcrypt to the system's libxcrypt.
#include <crypt.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "cardea/base/wipe.hpp"
#include "cardea/password/kernel.hpp"

namespace cardea::password {
namespace {

struct WipeAndDelete {
    void operator()(crypt_data* data) const {
        wipe(data, sizeof *data);
        delete data;
    }
};

class LibxcryptKernel final : public Kernel {
  public:
    Result<Digest> compute(std::string_view password, Variant variant, int cost,
                           const Salt& salt) const override {
        // crypt_rn reads the variant, cost and salt of a hash text and ignores its digest.
        auto setting = to_string(BcryptHash{variant, cost, salt, {}});
        std::string text(password);
        // 32 KiB: on the heap because a hashing thread's stack need not be large.
        std::unique_ptr<crypt_data, WipeAndDelete> data(new crypt_data{});
        const char* made = crypt_rn(text.c_str(), setting.c_str(), data.get(), sizeof *data);
        auto error = errno;
        wipe(text);
        if (made == nullptr) return fail(internal, std::string("crypt_rn: ") + strerror(error));
        auto hash = parse_bcrypt(made);
        if (!hash) return std::unexpected(hash.error());
        return hash->digest;
    }
};

}  // namespace

std::unique_ptr<Kernel> make_libxcrypt_kernel() {
    return std::make_unique<LibxcryptKernel>();
}

}  // namespace cardea::password
