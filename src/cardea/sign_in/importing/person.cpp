#include "cardea/sign_in/importing/person.hpp"

#include "cardea/base/text.hpp"
#include "cardea/password/formats/any_hasher.hpp"

namespace cardea::sign_in::importing {
namespace {

constexpr std::size_t longest_external_id = 200;

std::string take(Values& values, std::string_view name) {
    auto found = values.find(name);
    return found == values.end() ? std::string() : std::move(found->second);
}

Result<bool> read_flag(std::string_view text) {
    auto word = ascii_lower(text);
    for (std::string_view yes : {"true", "t", "1", "yes", "y"}) {
        if (word == yes) return true;
    }
    for (std::string_view no : {"", "false", "f", "0", "no", "n"}) {
        if (word == no) return false;
    }
    return fail(value_malformed, "email_verified is neither true nor false");
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 15 && text.find_first_not_of("0123456789") == text.npos;
}

// Unix time, in seconds or, where that would be after the year 5000, in milliseconds.
Instant from_unix(std::string_view text) {
    constexpr std::int64_t first_in_milliseconds = 100'000'000'000;
    std::int64_t number = 0;
    for (char c : text) number = number * 10 + (c - '0');
    return from_unix_ms(number < first_in_milliseconds ? number * 1000 : number);
}

// Databases write a blank for the T, `+00` for `+00:00`, and no offset at all when they mean UTC.
std::string to_rfc3339_form(std::string_view text) {
    constexpr std::size_t date_size = 10;
    std::string form(text);
    if (form.size() > date_size && form[date_size] == ' ') form[date_size] = 'T';
    auto sign = form.find_last_of("+-Zz");
    bool has_offset = sign != form.npos && sign > date_size;
    if (!has_offset) return form + 'Z';
    if (form[sign] != 'Z' && form[sign] != 'z' && form.size() == sign + 3) form += ":00";
    return form;
}

Result<std::optional<Instant>> read_created_at(std::string_view text, Instant now) {
    if (text.empty()) return std::optional<Instant>();
    auto at =
        is_number(text) ? std::optional(from_unix(text)) : from_rfc3339(to_rfc3339_form(text));
    // An id is made of it, and begins with 48 bits of milliseconds from 1970 on.
    if (!at || *at < Instant()) {
        return fail(value_malformed, "created_at is neither an RFC 3339 time nor a Unix time");
    }
    if (*at > now) return fail(value_malformed, "created_at is in the future");
    return at;
}

Result<std::string> stored_text(Values& values, const Reading& reading) {
    auto hash = take(values, "password_hash");
    auto salt = take(values, "password_salt");
    if (reading.firebase && !hash.empty()) {
        return password::formats::firebase_text(*reading.firebase, hash, salt);
    }
    if (!salt.empty()) {
        return fail(value_malformed, "password_salt goes with Firebase's hash parameters");
    }
    return hash;
}

Result<void> read_hash(Values& values, const Reading& reading, Person& person) {
    auto text = stored_text(values, reading);
    if (!text) return std::unexpected(text.error());
    if (text->empty()) return {};
    auto format = password::formats::examine(*text, reading.passwords);
    if (!format) return std::unexpected(format.error());
    person.hash_format = *format;
    person.account.password_hash = SecretText(std::move(*text));
    return {};
}

}  // namespace

std::vector<std::string> columns() {
    return {"email",         "email_verified", "name",       "password_hash",
            "password_salt", "created_at",     "external_id"};
}

Result<Person> read_person(Values values, const Reading& reading) {
    Person person;
    auto email = account::Email::parse(take(values, "email"));
    if (!email) return std::unexpected(email.error());
    person.account.email = std::move(*email);
    auto verified = read_flag(take(values, "email_verified"));
    if (!verified) return std::unexpected(verified.error());
    person.account.email_verified = *verified;
    // An administrator's word, like that of `account add`.
    person.account.email_authoritative = *verified;
    auto created_at = read_created_at(take(values, "created_at"), reading.now);
    if (!created_at) return std::unexpected(created_at.error());
    person.account.created_at = *created_at;
    person.account.name = account::Name::from_profile(take(values, "name")).text();
    person.external_id = take(values, "external_id");
    if (person.external_id.size() > longest_external_id || !is_utf8(person.external_id)) {
        return fail(value_malformed, "external_id is not text of at most 200 bytes");
    }
    auto hash = read_hash(values, reading, person);
    if (!hash) return std::unexpected(hash.error());
    return person;
}

}  // namespace cardea::sign_in::importing
