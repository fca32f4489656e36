// From a provider's words about a user to a Profile that can be stored and shown.
#include "cardea/oauth/profile.hpp"

#include <algorithm>
#include <charconv>

#include "cardea/base/text.hpp"
#include "cardea/http/url.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/oauth/requests.hpp"

namespace cardea::oauth {

namespace {

using schema::Json;
using schema::JsonArray;

constexpr std::size_t subject_limit = 255;
constexpr std::size_t email_limit = 254;
constexpr std::size_t name_limit = 200;

/// `~1` is `/` and `~0` is `~`, in this order (RFC 6901 section 4).
std::string unescape(std::string_view token) {
    std::string result;
    for (std::size_t i = 0; i < token.size(); ++i) {
        bool escape = token[i] == '~' && i + 1 < token.size();
        if (escape && (token[i + 1] == '0' || token[i + 1] == '1')) {
            result += token[++i] == '1' ? '/' : '~';
        } else {
            result += token[i];
        }
    }
    return result;
}

const Json* element_of(const JsonArray& array, std::string_view token) {
    std::size_t index = 0;
    auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    bool whole = error == std::errc() && end == token.data() + token.size();
    return whole && index < array.size() ? &array[index] : nullptr;
}

/// The first pointer at which something other than null stands.
const Json* first_of(const Json& root, const std::vector<std::string>& pointers) {
    for (const auto& pointer : pointers) {
        const Json* value = at_pointer(root, pointer);
        if (value != nullptr && !value->is_null()) return value;
    }
    return nullptr;
}

/// Texts and integers are subjects; a subject is never cut or changed, because it would then be
/// somebody else's.
std::optional<std::string> subject_of(const Json* value) {
    if (value == nullptr) return std::nullopt;
    if (value->is_int64()) return std::to_string(value->get_int64());
    if (value->is_uint64()) return std::to_string(value->get_uint64());
    if (!value->is_string()) return std::nullopt;
    std::string_view text(value->get_string());
    bool fit = !text.empty() && text.size() <= subject_limit && is_utf8(text) && !has_control(text);
    return fit ? std::optional<std::string>(text) : std::nullopt;
}

/// OpenID Connect Core 5.3.2: without it, one user's token could be answered with another's
/// profile.
bool is_about(const Json& raw, const std::string& subject) {
    return raw.is_object() && text_of(raw.get_object(), "sub") == subject;
}

bool is_address(std::string_view text) {
    auto at = text.rfind('@');
    return text.size() <= email_limit && is_utf8(text) && !has_control(text) &&
           !text.contains(' ') && at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

std::optional<std::string> email_of(const Json* value) {
    if (value == nullptr || !value->is_string()) return std::nullopt;
    std::string_view text(value->get_string());
    return is_address(text) ? std::optional<std::string>(text) : std::nullopt;
}

/// A name for people: control characters become spaces, and it is cut at the limit.
std::optional<std::string> name_of(const Json& root, const std::vector<std::string>& pointers) {
    for (const auto& pointer : pointers) {
        const Json* value = at_pointer(root, pointer);
        if (value == nullptr || !value->is_string()) continue;
        std::string text(value->get_string());
        if (!is_utf8(text)) continue;
        for (char& c : text)
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
        auto name = trim(cut(trim(text), name_limit));
        if (!name.empty()) return std::string(name);
    }
    return std::nullopt;
}

std::optional<std::string> picture_of(const Json* value) {
    if (value == nullptr || !value->is_string()) return std::nullopt;
    auto url = http::Url::parse(std::string_view(value->get_string()));
    if (!url || !url->is_https()) return std::nullopt;
    return url->text();
}

bool says_true(const Json* value, const ProfileRules& rules) {
    if (value == nullptr) return false;
    if (value->is_bool()) return value->get_bool();
    return rules.email_verified_as_text && value->is_string() && value->get_string() == "true";
}

bool is_proven(const ProfileRules& rules, const Json* verified) {
    switch (rules.email_trust) {
        case EmailTrust::claim:
            return says_true(verified, rules);
        case EmailTrust::provider_verifies:
            return true;
        case EmailTrust::unverified:
        case EmailTrust::none:
            return false;
    }
    return false;
}

/// Only who gives an address out can say for certain whose it is today.
bool is_authoritative(const ProfileRules& rules, std::string_view email) {
    std::string domain = ascii_lower(email.substr(email.rfind('@') + 1));
    return std::ranges::any_of(rules.authoritative_domains, [&](const std::string& one) {
        return one == "*" || equal_ignoring_case(one, domain);
    });
}

void set_email(const ProfileRules& rules, std::optional<std::string> email, const Json* verified,
               Profile& profile) {
    profile.email = std::move(email);
    profile.email_verified = profile.email && is_proven(rules, verified);
    profile.email_authoritative = profile.email_verified && is_authoritative(rules, *profile.email);
}

}  // namespace

const Json* at_pointer(const Json& root, std::string_view pointer) {
    const Json* value = &root;
    if (pointer.empty()) return value;
    if (!pointer.starts_with('/')) return nullptr;
    for (auto token : split(pointer.substr(1), '/')) {
        if (value->is_object()) {
            value = value->get_object().if_contains(unescape(token));
        } else if (value->is_array()) {
            value = element_of(value->get_array(), token);
        } else {
            return nullptr;
        }
        if (value == nullptr) return nullptr;
    }
    return value;
}

Result<Json> read_json_answer(const http::Response& response) {
    auto status = "status " + std::to_string(response.status);
    if (response.status == 401 || response.status == 403) return fail(token_refused, status);
    if (response.status >= 400) return fail(provider_error, status);
    if (response.status != 200) return fail(profile_refused, status);
    auto json = schema::parse_json(response.body);
    if (!json) return fail(profile_refused, json.error());
    if (!json->is_object() && !json->is_array())
        return fail(profile_refused, "neither object nor list");
    return json;
}

Result<Profile> read_profile(const Provider& provider, const Json& raw,
                             const std::string& id_subject) {
    const ProfileRules& rules = provider.profile;
    Profile profile;
    if (!id_subject.empty() && !is_about(raw, id_subject))
        return fail(profile_refused, "the profile is of another subject than the ID token");
    auto subject = subject_of(first_of(raw, rules.subject));
    if (!subject) return fail(profile_refused, "no usable subject");
    profile.subject = std::move(*subject);
    if (rules.email_trust != EmailTrust::none)
        set_email(rules, email_of(first_of(raw, rules.email)), first_of(raw, rules.email_verified),
                  profile);
    profile.name = name_of(raw, rules.name);
    profile.picture = picture_of(first_of(raw, rules.picture));
    profile.raw = raw;
    return profile;
}

void add_email(const Provider& provider, const Json& addresses, Profile& profile) {
    if (!provider.email_request) return;
    const EmailRequest& rules = *provider.email_request;
    const Json* list = at_pointer(addresses, rules.list);
    if (list == nullptr || !list->is_array()) return;
    const Json* chosen = nullptr;
    for (const Json& entry : list->get_array()) {
        const Json* verified = at_pointer(entry, rules.verified);
        const Json* primary = at_pointer(entry, rules.primary);
        if (!says_true(verified, provider.profile) || !email_of(at_pointer(entry, rules.email)))
            continue;
        bool is_primary = says_true(primary, provider.profile);
        if (chosen == nullptr || is_primary) chosen = &entry;
        if (is_primary) break;
    }
    if (chosen == nullptr) return;
    // The list itself says which address is proven, whatever the profile call is worth.
    profile.email = email_of(at_pointer(*chosen, rules.email));
    profile.email_verified = true;
    profile.email_authoritative = is_authoritative(provider.profile, *profile.email);
}

}  // namespace cardea::oauth
