#include "cardea/schema/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

namespace cardea::schema {

namespace {

using boost::json::error_code;

/// Builds the value while it watches what the library does not: members that stand twice (the
/// library keeps the last one silently) and how much there is.
class Builder {
  public:
    // The library's own limits; ours are smaller and have better words.
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    static constexpr std::size_t usual_members = 16;

    explicit Builder(const Limits& limits) : limits_(limits) { stack_.reset({}); }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& error) { return open(false, error); }
    bool on_array_begin(error_code& error) { return open(true, error); }
    bool on_object_end(std::size_t count, error_code&) {
        note_duplicates();
        frames_.pop_back();
        stack_.push_object(count);
        return true;
    }
    bool on_array_end(std::size_t count, error_code&) {
        frames_.pop_back();
        stack_.push_array(count);
        return true;
    }
    bool on_key_part(std::string_view part, std::size_t, error_code&) {
        key_ += part;
        stack_.push_chars(part);
        return true;
    }
    bool on_key(std::string_view part, std::size_t, error_code& error) {
        key_ += part;
        stack_.push_key(part);
        frames_.back().keys.push_back(std::move(key_));
        key_.clear();
        if (frames_.back().keys.size() <= limits_.members) return true;
        return stop("An object with too many members.", error);
    }
    bool on_string_part(std::string_view part, std::size_t, error_code&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(std::string_view part, std::size_t, error_code& error) {
        stack_.push_string(part);
        return count(error);
    }
    bool on_number_part(std::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t value, std::string_view, error_code& error) {
        stack_.push_int64(value);
        return count(error);
    }
    bool on_uint64(std::uint64_t value, std::string_view, error_code& error) {
        stack_.push_uint64(value);
        return count(error);
    }
    bool on_double(double value, std::string_view, error_code& error) {
        stack_.push_double(value);
        return count(error);
    }
    bool on_bool(bool value, error_code& error) {
        stack_.push_bool(value);
        return count(error);
    }
    bool on_null(error_code& error) {
        stack_.push_null();
        return count(error);
    }
    bool on_comment_part(std::string_view, error_code&) { return true; }
    bool on_comment(std::string_view, error_code&) { return true; }

    Json release() { return stack_.release(); }
    std::vector<FieldError> take_duplicates() { return duplicates_.take_problems(); }
    std::string_view stopped() const { return stopped_; }

  private:
    struct Frame {
        bool is_array;
        std::size_t index = 0;  // of the element that is being read
        std::vector<std::string> keys{};
    };

    bool open(bool is_array, error_code& error) {
        if (!count(error)) return false;
        if (frames_.size() >= limits_.depth) return stop("Nested too deeply.", error);
        frames_.push_back({is_array});
        if (!is_array) frames_.back().keys.reserve(usual_members);
        return true;
    }

    /// One more value; in an array it is the next element.
    bool count(error_code& error) {
        if (!frames_.empty() && frames_.back().is_array) ++frames_.back().index;
        return ++values_ <= limits_.values || stop("Too many values.", error);
    }

    bool stop(std::string_view why, error_code& error) {
        stopped_ = why;
        error = boost::json::make_error_code(boost::json::error::exception);
        return false;
    }

    void note_duplicates() {
        const auto& members = frames_.back().keys;
        std::vector<std::string_view> keys(members.begin(), members.end());
        std::ranges::sort(keys);
        auto again = keys.begin();
        while ((again = std::adjacent_find(again, keys.end())) != keys.end()) {
            refuse_duplicate(std::string(*again));
            again = std::find_if(again, keys.end(), [&](auto& key) { return key != *again; });
        }
    }

    void refuse_duplicate(const std::string& key) {
        std::vector<std::unique_ptr<Reading::Step>> steps;
        for (std::size_t i = 0; i + 1 < frames_.size(); ++i) {
            const Frame& frame = frames_[i];
            steps.push_back(frame.is_array
                                ? std::make_unique<Reading::Step>(duplicates_, frame.index - 1)
                                : std::make_unique<Reading::Step>(duplicates_, frame.keys.back()));
        }
        duplicates_.refuse_member(key, "duplicate", "This stands here twice.");
        while (!steps.empty()) steps.pop_back();  // innermost first
    }

    const Limits& limits_;
    boost::json::value_stack stack_;
    std::vector<Frame> frames_;
    std::string key_;
    std::size_t values_ = 0;
    std::string_view stopped_;
    Reading duplicates_{From::request};
};

using Parser = boost::json::basic_parser<Builder>;

std::unexpected<Error> refuse(std::string_view reason, std::string text) {
    std::vector<FieldError> fields;
    fields.push_back({"", std::string(reason), std::move(text)});
    return std::unexpected(Error(invalid).with_fields(std::move(fields)));
}

std::unexpected<Error> refuse_at(std::string_view text, std::size_t offset, std::string_view why) {
    auto before = text.substr(0, offset);
    auto line = std::ranges::count(before, '\n') + 1;
    auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return refuse("malformed", fmt::format("This is not JSON: {} at line {}, column {}.", why, line,
                                           before.size() - line_start + 1));
}

/// Adds one text to the object under its name, as what its member wants.
void add_text(const Shape& shape, JsonObject& object, const NamedText& text, Reading& reading) {
    auto members = shape.members();
    auto member = std::ranges::find(members, text.name, &MemberShape::name);
    bool known = member != members.end();
    Json value = known ? from_text(member->shape(), text.text) : Json(text.text);
    Json* present = object.if_contains(text.name);
    if (present == nullptr) {
        object.emplace(text.name, std::move(value));
    } else if (known && member->shape().kind == Kind::list && present->is_array() &&
               value.is_array()) {
        for (Json& element : value.get_array()) present->get_array().push_back(std::move(element));
    } else {
        reading.refuse_member(text.name, "duplicate", "This stands here twice.");
    }
}

}  // namespace

Result<Json> parse_json(std::string_view text, const Limits& limits) {
    if (text.size() > limits.bytes) return refuse("too_large", "The text is too large.");
    boost::json::parse_options options;
    // Our own count stops first; the library's must not be smaller.
    options.max_depth = limits.depth + 1;
    Parser parser(options, limits);
    error_code error;
    std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    Builder& builder = parser.handler();
    if (!builder.stopped().empty()) return refuse("too_large", std::string(builder.stopped()));
    if (error) return refuse_at(text, read, error.message());
    if (read < text.size()) return refuse_at(text, read, "something stands behind the value");
    auto duplicates = builder.take_duplicates();
    if (!duplicates.empty())
        return std::unexpected(Error(invalid).with_fields(std::move(duplicates)));
    return builder.release();
}

Json detail::merge_texts(const Shape& shape, const Json* body, const std::vector<NamedText>& texts,
                         Reading& reading) {
    if (body != nullptr && !body->is_object()) return *body;  // its reader says what is wrong
    JsonObject object = body == nullptr ? JsonObject() : body->get_object();
    for (const NamedText& text : texts) add_text(shape, object, text, reading);
    return object;
}

}  // namespace cardea::schema
