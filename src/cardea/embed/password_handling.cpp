#include "cardea/embed/password_handling.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "cardea/base/bytes.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/base/log.hpp"
#include "cardea/password/kernel.hpp"

namespace cardea {
namespace {

std::size_t processors() {
    return std::max(1U, std::thread::hardware_concurrency());
}

/// Lets in as many callers as there are processors and makes some more wait.
class Turnstile {
  public:
    class Turn {
      public:
        explicit Turn(Turnstile& turnstile) : turnstile_(&turnstile) {}
        Turn(Turn&& other) noexcept : turnstile_(std::exchange(other.turnstile_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turnstile_ != nullptr) turnstile_->leave();
        }

      private:
        Turnstile* turnstile_;
    };

    explicit Turnstile(int queue_limit)
        : most_waiting_(static_cast<std::size_t>(std::max(0, queue_limit))) {}

    std::optional<Turn> enter() {
        std::unique_lock lock(mutex_);
        if (inside_ == places_ && waiting_ >= most_waiting_) return std::nullopt;
        ++waiting_;
        free_.wait(lock, [this] { return inside_ < places_; });
        --waiting_;
        ++inside_;
        return Turn(*this);
    }

  private:
    void leave() {
        {
            std::scoped_lock lock(mutex_);
            --inside_;
        }
        free_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable free_;
    const std::size_t places_ = processors();
    const std::size_t most_waiting_;
    std::size_t inside_ = 0;
    std::size_t waiting_ = 0;
};

password::Salt new_salt() {
    password::Salt salt{};
    // Fails only for more than 256 bytes or a kernel without the call; both are bugs here.
    if (getentropy(salt.data(), salt.size()) != 0) std::abort();
    return salt;
}

Result<void> check_length(std::string_view password) {
    if (password.size() > password::longest_password) return fail(password::too_long);
    if (password.find('\0') != std::string_view::npos) return fail(password::has_nul);
    return {};
}

/// Runs a call, stamps its error and, when asked, logs what it was and how long it took.
template <class F>
auto watched(std::string_view event, const PasswordHandling::Options& options, F&& call) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = call();
    if (options.debug) {
        const auto took = std::chrono::steady_clock::now() - begin;
        log::debug(event, log::kv("outcome", result ? "ok" : result.error().reason().slug),
                   log::kv("ms", std::chrono::ceil<Milliseconds>(took).count()));
    }
    if (!result) result = std::unexpected(Error(result.error()).with_status(options.error));
    return result;
}

}  // namespace

/// What computes: the only part that knows how hashing threads are shared.
class PasswordHandling::Bcrypt {
  public:
    explicit Bcrypt(const Options& options) : turnstile_(options.queue_limit) {}
    Result<password::Digest> compute(std::string_view text,
                                     const password::BcryptHash& like) const {
        auto turn = turnstile_.enter();
        if (!turn) return std::unexpected(Error(password::busy).with_retry_after(Seconds(1)));
        return kernel_->compute(text, like.variant, like.cost, like.salt);
    }

  private:
    std::unique_ptr<password::Kernel> kernel_ = password::make_libxcrypt_kernel();
    mutable Turnstile turnstile_;
};

PasswordHandling::PasswordHandling(Options options)
    : options_(options), bcrypt_(std::make_shared<const Bcrypt>(options)) {
    if (options.salt_rounds < password::lowest_cost || options.salt_rounds > password::highest_cost)
        throw std::invalid_argument(fmt::format("salt_rounds = {}: 4 to 31", options.salt_rounds));
    options_.maximum_salt_rounds = std::max(options.maximum_salt_rounds, options.salt_rounds);
}

Result<std::string> PasswordHandling::hash_password(std::string_view password) const {
    auto hash = [&]() -> Result<std::string> {
        auto fits = check_length(password);
        if (!fits) return std::unexpected(fits.error());
        password::BcryptHash made{password::Variant::b, options_.salt_rounds, new_salt(), {}};
        auto digest = bcrypt_->compute(password, made);
        if (!digest) return std::unexpected(digest.error());
        made.digest = *digest;
        return password::to_string(made);
    };
    return watched("password.hash_password", options_, hash);
}

Result<bool> PasswordHandling::check_password(std::string_view password,
                                              std::string_view hash) const {
    auto check = [&]() -> Result<bool> {
        auto stored = password::parse_bcrypt(hash);
        if (!stored) return std::unexpected(stored.error());
        if (stored->cost > options_.maximum_salt_rounds) return fail(password::cost_refused);
        auto fits = check_length(password);
        if (!fits) return std::unexpected(fits.error());
        auto digest = bcrypt_->compute(password, *stored);
        if (!digest) return std::unexpected(digest.error());
        return constant_time_equal(ByteView(*digest), ByteView(stored->digest));
    };
    return watched("password.check_password", options_, check);
}

Result<std::string> PasswordHandling::hash_password(std::span<const std::byte> password) const {
    return hash_password(as_text(password));
}

Result<bool> PasswordHandling::check_password(std::span<const std::byte> password,
                                              std::string_view hash) const {
    return check_password(as_text(password), hash);
}

Result<bool> PasswordHandling::check_password(std::span<const std::byte> password,
                                              std::span<const std::byte> hash) const {
    return check_password(as_text(password), as_text(hash));
}

bool PasswordHandling::needs_rehash(std::string_view hash) const {
    auto stored = password::parse_bcrypt(hash);
    return stored &&
           (stored->cost < options_.salt_rounds || stored->variant != password::Variant::b);
}

}  // namespace cardea
