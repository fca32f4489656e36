#include "cardea/account/email.hpp"

#include <algorithm>
#include <optional>

#include "cardea/account/unicode.hpp"
#include "cardea/base/text.hpp"
#include "cardea/http/address.hpp"
#include "cardea/http/url.hpp"

namespace cardea::account {
namespace {

constexpr std::size_t longest_address = 254;  // RFC 5321 section 4.5.3.1.3, without its brackets
constexpr std::size_t longest_local_part = 64;

// RFC 5322 section 3.2.3, and RFC 6531 section 3.3 for what is not ASCII.
bool is_atom_character(char c) {
    constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
    auto byte = static_cast<unsigned char>(c);
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || byte >= 0x80 || marks.find(c) != marks.npos;
}

bool is_dot_atom(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != text.npos) return false;
    auto fits = [](char c) { return c == '.' || is_atom_character(c); };
    return std::ranges::all_of(text, fits);
}

std::optional<std::string> to_local_part(std::string_view text) {
    auto local = to_nfc(text);
    if (!local || local->size() > longest_local_part) return std::nullopt;
    if (!is_dot_atom(*local) || has_invisible(*local)) return std::nullopt;
    return local;
}

// A compatibility form may fold to what an address cannot hold, such as U+FF20 to a second @.
std::optional<std::string> to_local_key(std::string_view local) {
    auto key = to_look_alike_key(local);
    if (!key || !is_dot_atom(*key)) return std::nullopt;
    return key;
}

// Letters, digits and inner hyphens (RFC 1123 section 2.1), at least two labels.
bool is_label(std::string_view label) {
    auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, fits);
}

bool is_mail_domain(std::string_view host) {
    auto labels = split(host, '.');
    return labels.size() > 1 && std::ranges::all_of(labels, is_label) &&
           !http::IpAddress::parse(host);
}

/// The ASCII form; one trailing dot says the same name in DNS.
std::optional<std::string> to_domain(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    auto authority = http::Authority::parse(text);
    if (!authority || authority->port || !is_mail_domain(authority->host)) return std::nullopt;
    return authority->host;
}

}  // namespace

Result<Email> Email::parse(std::string_view text) {
    auto address = trim(text);
    if (address.size() > 2 * longest_address) return fail(email_malformed, "too long");
    if (!is_utf8(address)) return fail(email_malformed, "not UTF-8");
    auto at = address.rfind('@');
    if (at == address.npos) return fail(email_malformed, "no @");
    auto local = to_local_part(address.substr(0, at));
    if (!local) return fail(email_malformed, "local part");
    auto local_key = to_local_key(*local);
    if (!local_key) return fail(email_malformed, "local part folds to something else");
    auto domain = to_domain(address.substr(at + 1));
    if (!domain) return fail(email_malformed, "domain");
    if (local->size() + 1 + domain->size() > longest_address)
        return fail(email_malformed, "too long");
    return Email(*local + '@' + *domain, *local_key + '@' + *domain);
}

std::string_view Email::domain() const {
    return std::string_view(key_).substr(key_.rfind('@') + 1);
}

}  // namespace cardea::account
