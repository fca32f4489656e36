// Reading: where a reader is in a document, and every problem that it has met so far.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/base/error.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::schema {

/// Collects problems with their paths. At most `problem_limit` of them, so that a hostile document
/// cannot make a long answer.
class Reading {
  public:
    static constexpr std::size_t problem_limit = 50;

    explicit Reading(From from) : from_(from) {}

    From from() const { return from_; }
    void refuse(std::string_view reason, std::string text);
    /// Refuses the member of that name at the current place.
    void refuse_member(std::string_view name, std::string_view reason, std::string text);
    /// What a field type's own parse said.
    void refuse(const Error& error);
    bool is_full() const { return problems_.size() >= problem_limit; }
    std::size_t problem_count() const { return problems_.size(); }
    const std::string& path() const { return path_; }
    std::vector<FieldError> take_problems() { return std::move(problems_); }

    /// A step down for as long as the object lives.
    class Step {
      public:
        Step(Reading& reading, std::string_view name);
        Step(Reading& reading, std::size_t index);
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() { reading_.path_.resize(length_); }

      private:
        Reading& reading_;
        std::size_t length_;
    };

  private:
    From from_;
    std::string path_;
    std::vector<FieldError> problems_;
};

namespace detail {

/// One member of some struct, with its type forgotten.
struct Slot {
    std::string_view name;
    const Note* note;
    bool required;
    bool optional;
    void (*read)(void* target, const Json& value, Reading& reading);
};

/// Reads each slot from the object; true when no problem was met.
bool read_members(std::span<const Slot> slots, void* target, const Json& value, Reading& reading);
/// Refuses a number, length or duration (`measure`) outside the bounds.
bool is_within(const Shape& shape, const Bounds& bounds, double measure, Reading& reading);
void refuse_type(const Shape& shape, Reading& reading);
/// In settings, the text `none` says "not set".
bool is_none(const Json& value, const Reading& reading);

std::optional<bool> read_bool(const Json& value, const Shape& shape, Reading& reading);
std::optional<std::int64_t> read_signed(const Json& value, const Shape& shape, Reading& reading);
std::optional<std::uint64_t> read_unsigned(const Json& value, const Shape& shape, Reading& reading);
std::optional<double> read_double(const Json& value, const Shape& shape, Reading& reading);
std::optional<std::string_view> read_text(const Json& value, const Shape& shape, Reading& reading);
/// Without NUL, which no database and no C library keeps.
std::optional<std::string_view> read_plain_text(const Json& value, const Shape& shape,
                                                Reading& reading);
std::optional<Instant> read_instant(const Json& value, const Shape& shape, Reading& reading);
/// A duration as a whole number of `unit`s.
std::optional<std::int64_t> read_duration(const Json& value, std::chrono::milliseconds unit,
                                          const Shape& shape, Reading& reading);
std::optional<std::size_t> read_choice(const Json& value, const Shape& shape, Reading& reading);
const JsonArray* read_array(const Json& value, const Shape& shape, Reading& reading);
const JsonObject* read_object(const Json& value, const Shape& shape, Reading& reading);

void write_text(std::string& out, std::string_view text);
void write_signed(std::string& out, std::int64_t value);
void write_unsigned(std::string& out, std::uint64_t value);
void write_double(std::string& out, double value);
void write_instant(std::string& out, Instant value);
void write_json(std::string& out, const Json& value);
/// Seconds: an integer when whole, else with three digits behind the point.
void write_duration(std::string& out, std::chrono::milliseconds value);
Json duration_json(std::chrono::milliseconds value);
Json double_json(double value);

}  // namespace detail
}  // namespace cardea::schema
