#include "cardea/embed/password_handling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "cardea/base/bytes.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/base/log.hpp"
#include "cardea/password/engine.hpp"

namespace cardea {
namespace {

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

/// The engine, asked in blocking calls.
class PasswordHandling::Bcrypt {
  public:
    explicit Bcrypt(const Options& options) : engine_(engine_options(options)) {}
    Result<password::Digest> compute(std::string_view text, const password::BcryptHash& like) {
        password::Job job{.password = SecretText(std::string(text)),
                          .variant = like.variant,
                          .cost = like.cost,
                          .salt = like.salt};
        return engine_.compute(std::move(job));
    }

  private:
    static password::Engine::Options engine_options(const Options& options) {
        password::Engine::Options engine;
        engine.queue_limit = static_cast<std::size_t>(std::max(1, options.queue_limit));
        return engine;
    }

    password::Engine engine_;
};

PasswordHandling::PasswordHandling(Options options)
    : options_(options), bcrypt_(std::make_shared<Bcrypt>(options)) {
    if (options.salt_rounds < password::lowest_cost || options.salt_rounds > password::highest_cost)
        throw std::invalid_argument(fmt::format("salt_rounds = {}: 4 to 31", options.salt_rounds));
    options_.maximum_salt_rounds = std::max(options.maximum_salt_rounds, options.salt_rounds);
}

Result<std::string> PasswordHandling::hash_password(std::string_view password) const {
    auto hash = [&]() -> Result<std::string> {
        auto fits = password::check_fits(password);
        if (!fits) return std::unexpected(fits.error());
        password::BcryptHash made{password::Variant::b, options_.salt_rounds, {}, {}};
        password::fill_from_system(made.salt);
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
        auto fits = password::check_fits(password);
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
