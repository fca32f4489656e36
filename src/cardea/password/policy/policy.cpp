#include "cardea/password/policy/policy.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "cardea/password/fold.hpp"
#include "cardea/password/policy/breach_filter.hpp"
#include "cardea/password/policy/common_list.hpp"
#include "cardea/password/policy/context_words.hpp"

namespace cardea::password {
namespace {

/// More belongs into a filter: the list is folded and sorted while somebody waits.
constexpr std::uintmax_t largest_common_file = std::uintmax_t{1} << 20U;

std::size_t count_code_points(std::string_view utf8) {
    std::size_t count = 0;
    for (char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

std::unexpected<Error> refuse(const Reason& reason, const Owner& owner, std::string text = {}) {
    if (text.empty()) text = reason.text;
    FieldError field{std::string(owner.field), std::string(reason.slug), std::move(text)};
    return std::unexpected(Error(reason).with_fields({std::move(field)}));
}

std::unexpected<Error> unusable(std::string setting, const std::string& path, std::string wanted) {
    FieldError field{std::move(setting), path, std::move(wanted)};
    return std::unexpected(Error(policy_unusable, path).with_fields({std::move(field)}));
}

Result<std::string> read_common_file(const std::string& path) {
    constexpr auto setting = "password.common_file";
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return unusable(setting, path, "a file that is there");
    if (std::filesystem::file_size(path, error) > largest_common_file || error) {
        return unusable(setting, path,
                        "at most 1 MiB; make a longer list a filter: cardea password filter build");
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) return unusable(setting, path, "a file that can be read");
    return text;
}

Result<BreachFilter> open_filter(const std::string& path) {
    auto filter = BreachFilter::open(path);
    if (filter) return filter;
    return unusable(
        "password.breached_filter", path,
        fmt::format("a file made by cardea password filter build ({})", filter.error().detail()));
}

void add_words(std::vector<std::string>& words, std::string_view text) {
    auto more = context_words_of(text);
    words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

struct Policy::State {
    State() : State(Settings(), {}) {}
    State(const Settings& s, std::string more_common)
        : settings(s), common(std::move(more_common)) {}

    Settings settings;
    CommonList common;
    std::optional<BreachFilter> breached;
    std::vector<std::string> service_words;

    Result<void> check_length(std::string_view text, const Owner& owner) const;
    std::vector<std::string> words_about(const Owner& owner) const;
    Result<void> check_breached(std::string_view text, const Owner& owner) const;
};

Result<void> Policy::State::check_length(std::string_view text, const Owner& owner) const {
    if (count_code_points(text) < static_cast<std::size_t>(settings.minimum_length)) {
        return refuse(
            shorter_than_set, owner,
            fmt::format("A password needs at least {} characters.", settings.minimum_length));
    }
    bool cut = text.size() > longest_password;
    if (cut && settings.long_passwords == LongPasswords::refuse) return refuse(too_long, owner);
    return {};
}

std::vector<std::string> Policy::State::words_about(const Owner& owner) const {
    auto words = service_words;
    add_words(words, owner.email);
    add_words(words, owner.name);
    return words;
}

Result<void> Policy::State::check_breached(std::string_view text, const Owner& owner) const {
    if (!breached) return {};
    auto leaked = breached->contains(breach_key_of(text));
    if (!leaked) return std::unexpected(leaked.error());
    if (*leaked) return refuse(password::breached, owner);
    return {};
}

Policy::Policy() : state_(std::make_shared<const State>()) {}

Result<Policy> Policy::open(const Settings& settings, const std::vector<std::string>& service) {
    std::string more_common;
    if (!settings.common_file.empty()) {
        auto text = read_common_file(settings.common_file);
        if (!text) return std::unexpected(text.error());
        more_common = std::move(*text);
    }
    auto state = std::make_shared<State>(settings, std::move(more_common));
    if (!settings.breached_filter.empty()) {
        auto filter = open_filter(settings.breached_filter);
        if (!filter) return std::unexpected(filter.error());
        state->breached = std::move(*filter);
    }
    for (const auto& text : service) add_words(state->service_words, text);
    for (const auto& text : settings.context_words) add_words(state->service_words, text);
    return Policy(std::move(state));
}

Result<void> Policy::check(const Password& password, const Owner& owner) const {
    const auto& text = password.secret().reveal();
    auto fits = state_->check_length(text, owner);
    if (!fits) return fits;
    auto folded = fold(text);
    if (is_made_of(folded.reveal(), state_->words_about(owner))) return refuse(context, owner);
    if (state_->common.contains(folded.reveal())) return refuse(common, owner);
    return state_->check_breached(text, owner);
}

int Policy::minimum_length() const {
    return state_->settings.minimum_length;
}

}  // namespace cardea::password
