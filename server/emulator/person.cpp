// A person in the words of each provider.
#include "server/emulator/person.hpp"

#include <algorithm>

#include "cardea/base/bytes.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/hash.hpp"

namespace cardea::emulator {
namespace {

using schema::Json;
using schema::JsonArray;
using schema::JsonObject;

constexpr const char* decoy = "somebody-else";
/// What stands where others have the address, at providers that say nothing of it.
constexpr const char* not_for_us = "nobody@people.example";
constexpr std::string_view picture_url = "https://pictures.example/4711.png";

bool is_index(std::string_view token) {
    return !token.empty() &&
           std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
}

std::string unescaped(std::string_view token) {
    std::string text;
    for (std::size_t i = 0; i < token.size(); ++i) {
        bool escape = token[i] == '~' && i + 1 < token.size();
        text += !escape ? token[i] : token[++i] == '1' ? '/' : '~';
    }
    return text;
}

Json& child(Json& parent, std::string_view token) {
    if (is_index(token) && !parent.is_object()) {
        auto index = static_cast<std::size_t>(std::stoul(std::string(token)));
        if (!parent.is_array()) parent = JsonArray();
        if (parent.get_array().size() <= index) parent.get_array().resize(index + 1);
        return parent.get_array()[index];
    }
    if (!parent.is_object()) parent = JsonObject();
    return parent.get_object()[unescaped(token)];
}

void put_at(Json& root, const Pointers& pointers, std::size_t place, const Json& value) {
    if (pointers.empty()) return;
    auto counts = std::min(place, pointers.size() - 1);
    for (std::size_t i = pointers.size(); i-- > counts + 1;) put(root, pointers[i], decoy);
    put(root, pointers[counts], value);
}

/// Calls with each `{/pointer}` of a template, in order.
template <class Take>
void each_pointer(std::string_view text, Take take) {
    for (auto open = text.find("{/"); open != std::string_view::npos;
         open = text.find("{/", open)) {
        auto close = text.find('}', open);
        take(text.substr(open + 1, close - open - 1));
        open = close;
    }
}

std::string picture_part(std::size_t index) {
    return "part" + std::to_string(index);
}

std::string subject_part(const Somebody& person, std::size_t index) {
    return person.subject + "-" + std::to_string(index);
}

Json subject_value(const ProfileBehaviour& rules, const Somebody& person) {
    if (rules.numeric_subject) return static_cast<std::int64_t>(std::stoll(person.subject));
    return Json(person.subject);
}

/// Where a name in parts comes before a whole one, many have only the whole.
void put_names(Json& root, const ProfileBehaviour& rules, const Somebody& person) {
    bool in_parts = rules.name_template.contains("{/") && (rules.name.empty() || person.place == 0);
    if (!in_parts) return put_at(root, rules.name, person.place, Json(person.full_name()));
    for (const auto& pointer : rules.name) put(root, pointer, Json(decoy));
    bool first = true;
    each_pointer(rules.name_template, [&](std::string_view pointer) {
        put(root, pointer,
            Json(std::exchange(first, false) ? person.first_name : person.last_name));
    });
}

void put_pictures(Json& root, const ProfileBehaviour& rules, const Somebody& person) {
    put_at(root, rules.picture, person.place, Json(picture_url));
    std::size_t index = 0;
    each_pointer(rules.picture_template, [&](std::string_view pointer) {
        put(root, pointer, Json(picture_part(index++)));
    });
}

std::string picture_by_template(const ProfileBehaviour& rules, const Somebody& person) {
    std::string url = rules.picture_template;
    std::size_t index = 0;
    each_pointer(rules.picture_template, [&](std::string_view pointer) {
        bool is_subject = std::ranges::find(rules.subject, pointer) != rules.subject.end();
        auto value = is_subject ? person.subject : picture_part(index);
        ++index;
        std::string placeholder = '{' + std::string(pointer) + '}';
        url.replace(url.find(placeholder), placeholder.size(), value);
    });
    return url;
}

bool believes(const Behaviour& behaviour, const Somebody& person) {
    switch (behaviour.profile.email_trust) {
        case Trust::claim:
            return person.email_verified;
        case Trust::provider_verifies:
            return true;
        case Trust::unverified:
        case Trust::none:
            return false;
    }
    return false;
}

bool is_own_address(const ProfileBehaviour& rules, const std::string& email) {
    return std::ranges::any_of(rules.own_domains, [&email](const std::string& domain) {
        return email.ends_with('@' + domain);
    });
}

/// A list says itself which addresses are proven, and only those count.
void set_listed_email(const Behaviour& behaviour, const Somebody& person, Known& known) {
    if (behaviour.emails->list && !person.email_verified) return;
    known.email = person.email;
    known.email_verified = behaviour.emails->list || believes(behaviour, person);
}

bool has_callback_name(const Behaviour& behaviour) {
    return behaviour.profile.name_template.contains("{callback:");
}

}  // namespace

Somebody somebody_at(std::string_view email) {
    Somebody person;
    person.email = email;
    auto digest = crypto::sha256("emulated person " + person.email);
    std::uint64_t number = 0;
    for (auto byte : ByteView(digest).first(7)) number = number * 256 + std::to_integer<int>(byte);
    person.subject = std::to_string(number);
    return person;
}

void put(Json& root, std::string_view pointer, Json value) {
    Json* place = &root;
    for (auto token : split(pointer.substr(1), '/')) place = &child(*place, token);
    *place = std::move(value);
}

std::string own_value(std::string_view pointer) {
    std::string text = "own";
    for (char c : pointer) text += c == '/' ? '-' : c;
    return text;
}

Json profile_of(const Behaviour& behaviour, const Somebody& person) {
    const ProfileBehaviour& rules = behaviour.profile;
    Json root = JsonObject();
    put_pictures(root, rules, person);
    put_names(root, rules, person);
    put_at(root, rules.subject, person.place, subject_value(rules, person));
    for (std::size_t i = 0; i < rules.subject_parts.size(); ++i)
        put(root, rules.subject_parts[i], Json(subject_part(person, i)));
    if (rules.email.empty()) put(root, "/email", Json(not_for_us));
    put_at(root, rules.email, person.place, Json(person.email));
    Json verified = person.email_verified;
    if (rules.email_verified_as_text) verified = person.email_verified ? "true" : "false";
    for (const auto& pointer : rules.email_verified) put(root, pointer, verified);
    if (behaviour.is_openid()) put(root, "/sub", Json(person.subject));
    return root;
}

Known known_of(const Behaviour& behaviour, const Somebody& person) {
    const ProfileBehaviour& rules = behaviour.profile;
    Known known;
    known.subject = person.subject;
    if (!rules.subject_parts.empty()) known.subject.clear();
    for (std::size_t i = 0; i < rules.subject_parts.size(); ++i)
        known.subject += (i == 0 ? "" : ":") + subject_part(person, i);
    if (rules.email_trust != Trust::none && !rules.email.empty()) known.email = person.email;
    known.email_verified = known.email && believes(behaviour, person);
    if (behaviour.emails) set_listed_email(behaviour, person, known);
    known.email_authoritative = known.email_verified && is_own_address(rules, *known.email);
    if (!rules.name.empty() || !rules.name_template.empty()) known.name = person.full_name();
    // Some have no other name than the one that users are known by.
    if (!rules.name.empty() && rules.name == rules.subject) known.name = person.subject;
    if (has_callback_name(behaviour) && person.sparse) known.name.reset();
    if (!rules.picture.empty()) known.picture = picture_url;
    if (!rules.picture_template.empty()) known.picture = picture_by_template(rules, person);
    return known;
}

Json addresses_of(const EmailBehaviour& rules, const Somebody& person) {
    auto entry = [&](std::string_view email, bool primary, bool verified) {
        Json one = JsonObject();
        put(one, rules.email, Json(email));
        if (!rules.primary.empty()) put(one, rules.primary, primary);
        if (!rules.verified.empty()) put(one, rules.verified, verified);
        return one;
    };
    if (!rules.list) return entry(person.email, true, person.email_verified);
    JsonArray entries{entry("unproven@people.example", false, false),
                      entry("second@people.example", false, person.email_verified),
                      entry(person.email, true, person.email_verified)};
    Json root = JsonObject();
    if (rules.list->empty()) return Json(std::move(entries));
    put(root, *rules.list, Json(std::move(entries)));
    return root;
}

std::string callback_person(const Somebody& person) {
    JsonObject name{{"firstName", person.first_name}, {"lastName", person.last_name}};
    return schema::write_json(Json(JsonObject{{"name", std::move(name)}, {"email", person.email}}));
}

}  // namespace cardea::emulator
