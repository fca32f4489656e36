#include "server/emulator/ledger.hpp"

#include <fmt/format.h>

#include "cardea/base/encoding.hpp"

namespace cardea::emulator {
namespace {

std::string_view mark_of(Kind kind) {
    switch (kind) {
        case Kind::pushed_request:
            return "request";
        case Kind::code:
            return "code";
        case Kind::short_token:
            return "short";
        case Kind::access_token:
            return "access";
        case Kind::refresh_token:
            return "refresh";
    }
    return "";
}

}  // namespace

std::string Ledger::hand_out(Kind kind, std::shared_ptr<Agreement> consent, Terms terms) {
    if (order_.size() >= limit) {
        handed_.erase(order_.front());
        order_.pop_front();
    }
    auto text = fmt::format("{}{}.{}.{}", terms.prefix, provider_, mark_of(kind),
                            to_hex(random_.bytes(16)));
    Handed handed{kind, std::move(consent), std::nullopt, std::nullopt, std::move(terms.key)};
    if (terms.seconds > 0) handed.ends_at = clock_.now() + Seconds(terms.seconds);
    handed_.emplace(text, std::move(handed));
    order_.push_back(text);
    return text;
}

Handed* Ledger::find_any(const std::string& text) {
    auto found = handed_.find(text);
    return found == handed_.end() ? nullptr : &found->second;
}

Handed* Ledger::find(Kind kind, const std::string& text) {
    Handed* handed = find_any(text);
    if (handed == nullptr || handed->kind != kind || handed->consent->ended) return nullptr;
    bool too_old = handed->ends_at && *handed->ends_at <= clock_.now();
    return too_old || handed->spent_at ? nullptr : handed;
}

void Ledger::end_all(std::string_view subject) {
    for (auto& [text, handed] : handed_)
        if (subject.empty() || handed.consent->person.subject == subject)
            handed.consent->ended = true;
}

bool Ledger::is_ours(std::string_view text) const {
    for (Kind kind : {Kind::pushed_request, Kind::code, Kind::short_token, Kind::access_token,
                      Kind::refresh_token})
        if (text.contains(provider_ + '.' + std::string(mark_of(kind)) + '.')) return true;
    return false;
}

}  // namespace cardea::emulator
