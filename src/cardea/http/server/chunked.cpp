#include "cardea/http/server/chunked.hpp"

#include <algorithm>
#include <charconv>

#include "cardea/http/server/request_head.hpp"

namespace cardea::http {

namespace {

constexpr std::size_t line_limit = 1024;
/// Sizes, extensions and trailers together, beyond what the data itself justifies.
constexpr std::size_t overhead_limit = 64 * 1024;

bool is_token_character(char c) {
    constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
    return c > 0x20 && c < 0x7F && separators.find(c) == separators.npos;
}

void skip_token(std::string_view& text) {
    auto end = std::ranges::find_if_not(text, is_token_character);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
}

/// `"…"` with backslash escapes.
bool skip_quoted(std::string_view& text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
        if (text[i] == '\\') ++i;
        bool control = i < text.size() && static_cast<unsigned char>(text[i]) < 0x20;
        if (control) return false;
    }
    return false;
}

/// `;name`, `;name=token`, `;name="quoted"`, any number of them.
bool are_extensions(std::string_view text) {
    while (!text.empty()) {
        if (text.front() != ';') return false;
        text.remove_prefix(1);
        auto before = text.size();
        skip_token(text);
        if (text.size() == before) return false;
        if (!text.starts_with('=')) continue;
        text.remove_prefix(1);
        before = text.size();
        if (text.starts_with('"')) {
            if (!skip_quoted(text)) return false;
        } else {
            skip_token(text);
        }
        if (text.size() == before) return false;
    }
    return true;
}

}  // namespace

Result<void> ChunkedDecoder::read_size(std::string_view line) {
    auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
    auto digits = static_cast<std::size_t>(end - line.data());
    if (error != std::errc() || digits > 15) return fail(request_malformed, "chunk size");
    if (!are_extensions(line.substr(digits))) return fail(request_malformed, "chunk extension");
    if (left_ > limit_ - decoded_) return fail(body_too_large, "chunked");
    state_ = left_ == 0 ? State::trailer : State::data;
    return {};
}

Result<void> ChunkedDecoder::take_line_state(std::string_view line) {
    if (state_ == State::size) return read_size(line);
    if (state_ == State::data_end) {
        if (!line.empty()) return fail(request_malformed, "chunk end");
        state_ = State::size;
        return {};
    }
    if (line.empty()) {
        state_ = State::done;
        return {};
    }
    auto field = read_field(line);
    if (!field) return std::unexpected(field.error());
    return {};
}

Result<void> ChunkedDecoder::take(std::string_view& input, std::string& body) {
    while (!input.empty() && !is_done()) {
        if (state_ == State::data) {
            auto count = std::min<std::uint64_t>(left_, input.size());
            body.append(input.substr(0, count));
            input.remove_prefix(count);
            decoded_ += count;
            left_ -= count;
            if (left_ == 0) state_ = State::data_end;
            continue;
        }
        char c = input.front();
        input.remove_prefix(1);
        bool after_cr = line_.ends_with('\r');
        // What must be a line break is refused at its first other byte.
        bool overdue = state_ == State::data_end && c != (after_cr ? '\n' : '\r');
        if (after_cr != (c == '\n') || overdue) return fail(request_malformed, "chunk line");
        line_ += c;
        if (line_.size() > line_limit || ++line_bytes_ > overhead_limit + decoded_ * 8) {
            return fail(body_too_large, "chunk overhead");
        }
        if (c != '\n') continue;
        auto line = std::string_view(line_).substr(0, line_.size() - 2);
        auto taken = take_line_state(line);
        if (!taken) return taken;
        line_.clear();
    }
    return {};
}

}  // namespace cardea::http
