// From a provider's words about a user to a Profile that can be stored and shown.
#include "cardea/oauth/profile.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/http/url.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/oauth/template.hpp"

namespace cardea::oauth {

namespace {

using schema::Json;
using schema::JsonArray;

constexpr std::size_t subject_limit = 255;
constexpr std::size_t email_limit = 254;
constexpr std::size_t name_limit = 200;

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

/// All parts joined, each there and none with the mark between them: two users never make one text.
std::optional<std::string> joined_subject(const Json& raw, const ProfileRules& rules) {
    std::string joined;
    for (const auto& pointer : rules.subject_parts) {
        auto part = subject_of(at_pointer(raw, pointer));
        if (!part || part->contains(':')) return std::nullopt;
        joined += (joined.empty() ? "" : ":") + *part;
    }
    return joined.size() <= subject_limit ? std::optional(joined) : std::nullopt;
}

std::optional<std::string> chosen_subject(const Json& raw, const ProfileRules& rules) {
    if (!rules.subject_parts.empty()) return joined_subject(raw, rules);
    return subject_of(first_of(raw, rules.subject));
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
std::optional<std::string> fit_name(std::string text) {
    if (!is_utf8(text)) return std::nullopt;
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    auto name = trim(cut(trim(text), name_limit));
    return name.empty() ? std::nullopt : std::optional<std::string>(name);
}

std::string text_at(const Json& root, std::string_view pointer) {
    const Json* value = at_pointer(root, pointer);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<std::string> name_of(const Json& root, const ProfileRules& rules,
                                   const Texts& callback) {
    auto part = [&](std::string_view name) {
        if (!name.starts_with(callback_prefix)) return std::optional(text_at(root, name));
        return std::optional(callback_text(callback, name.substr(callback_prefix.size())));
    };
    if (auto name = fit_name(fill(rules.name_template, part))) return name;
    for (const auto& pointer : rules.name)
        if (auto name = fit_name(text_at(root, pointer))) return name;
    return std::nullopt;
}

std::optional<std::string> fit_picture(std::string_view text) {
    auto url = http::Url::parse(text);
    if (!url || !url->is_https()) return std::nullopt;
    return url->text();
}

/// The URL that the row makes of the profile's values, each of which becomes one part of a path.
std::optional<std::string> picture_by_template(const Json& root, const ProfileRules& rules) {
    if (rules.picture_template.empty()) return std::nullopt;
    bool complete = true;
    auto url = fill(rules.picture_template, [&](std::string_view pointer) {
        const Json* value = at_pointer(root, pointer);
        auto text = value == nullptr ? std::nullopt : plain_text(*value);
        complete = complete && text && !text->empty();
        return std::optional(http::percent_encode(text.value_or("")));
    });
    return complete ? fit_picture(url) : std::nullopt;
}

std::optional<std::string> picture_of(const Json& root, const ProfileRules& rules) {
    if (auto made = picture_by_template(root, rules)) return made;
    const Json* value = first_of(root, rules.picture);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return fit_picture(std::string_view(value->get_string()));
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

/// The primary proven address, else a proven one.
const Json* choose_entry(const Provider& provider, const JsonArray& entries) {
    const EmailRequest rules = provider.email_request.value_or(EmailRequest{});
    const Json* chosen = nullptr;
    for (const Json& entry : entries) {
        const Json* verified = at_pointer(entry, rules.verified);
        const Json* primary = at_pointer(entry, rules.primary);
        if (!says_true(verified, provider.profile) || !email_of(at_pointer(entry, rules.email)))
            continue;
        bool is_primary = says_true(primary, provider.profile);
        if (chosen == nullptr || is_primary) chosen = &entry;
        if (is_primary) break;
    }
    return chosen;
}

}  // namespace

Result<Json> read_json_answer(const http::Response& response) {
    auto status = "status " + std::to_string(response.status);
    if (response.status == 401 || response.status == 403) return fail(token_refused, status);
    if (response.status >= 400) return std::unexpected(passing(response, status));
    if (response.status != 200) return fail(profile_refused, status);
    auto json = schema::parse_json(response.body);
    if (!json) return fail(profile_refused, json.error());
    if (!json->is_object() && !json->is_array())
        return fail(profile_refused, "neither object nor list");
    return json;
}

Result<Profile> read_profile(const Provider& provider, const Json& raw,
                             const std::string& id_subject, const Texts& callback) {
    const ProfileRules& rules = provider.profile;
    Profile profile;
    if (!id_subject.empty() && !is_about(raw, id_subject))
        return fail(profile_refused, "the profile is of another subject than the ID token");
    auto subject = chosen_subject(raw, rules);
    if (!subject) return fail(profile_refused, "no usable subject");
    profile.subject = std::move(*subject);
    if (rules.email_trust != EmailTrust::none)
        set_email(rules, email_of(first_of(raw, rules.email)), first_of(raw, rules.email_verified),
                  profile);
    profile.name = name_of(raw, rules, callback);
    profile.picture = picture_of(raw, rules);
    profile.raw = raw;
    return profile;
}

void add_email(const Provider& provider, const Json& addresses, Profile& profile) {
    if (!provider.email_request) return;
    const EmailRequest& rules = *provider.email_request;
    const Json* found = at_pointer(addresses, rules.list);
    if (found == nullptr) return;
    if (found->is_object()) {
        auto email = email_of(at_pointer(*found, rules.email));
        if (email) set_email(provider.profile, email, at_pointer(*found, rules.verified), profile);
        return;
    }
    const Json* chosen = found->is_array() ? choose_entry(provider, found->get_array()) : nullptr;
    if (chosen == nullptr) return;
    // The list itself says which address is proven, whatever the profile call is worth.
    profile.email = email_of(at_pointer(*chosen, rules.email));
    profile.email_verified = true;
    profile.email_authoritative = is_authoritative(provider.profile, *profile.email);
}

}  // namespace cardea::oauth
