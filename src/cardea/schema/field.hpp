// Field<T>: how each type that a described struct may have as a member is read and written.
#pragma once

#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <chrono>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/schema/described.hpp"
#include "cardea/schema/reading.hpp"
#include "cardea/schema/shape.hpp"

namespace cardea::schema {

/// A class that is read from text and cannot be wrong afterwards: `Email`, `ReturnTo`. With
/// `text()` it is written as that; without, it is never written (`Password`).
template <class T>
concept TextField = requires(std::string_view text) {
    { T::parse(text) } -> std::same_as<Result<T>>;
    { T::rule } -> std::convertible_to<const TextRule&>;
};
template <class T>
concept WritableText = TextField<T> && requires(const T& value) {
    { value.text() } -> std::convertible_to<std::string_view>;
};
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

/// `shape()`, `read(json, reading)` (nothing after a problem was noted), `json(value)`,
/// `write(out, value)`, and `is_absent(value)` for what is left out of an object.
template <class T>
struct Field;

namespace detail {

/// What most field types share: present always.
template <class T>
struct Present {
    static constexpr bool is_optional = false;
    static constexpr bool is_absent(const T&) { return false; }
};

template <class T>
inline constexpr char identity_of = 0;

template <class T>
double measure(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
        return static_cast<double>(value);
    } else if constexpr (is_duration<T>) {
        return std::chrono::duration<double, std::milli>(value).count();
    } else if constexpr (requires { value.size(); }) {
        return static_cast<double>(value.size());
    } else {
        return 0;
    }
}
template <class T>
double measure(const std::optional<T>& value) {
    return measure(*value);
}
template <class T>
constexpr bool has_measure(const T&) {
    return true;
}
template <class T>
bool has_measure(const std::optional<T>& value) {
    return value.has_value();
}

/// Reads one member and hands it to `store` when it is good.
template <class M, class Store>
void read_one(const Note& note, const Json& value, Reading& reading, Store&& store) {
    auto read = Field<M>::read(value, reading);
    if (!read) return;
    if (note.bounds && has_measure(*read) &&
        !is_within(Field<M>::shape(), note.bounds, measure(*read), reading))
        return;
    store(std::move(*read));
}

template <class T, std::size_t I>
void read_into_struct(void* target, const Json& value, Reading& reading) {
    using M = Member<T, I>;
    read_one<typename M::Type>(M::note, value, reading, [&](typename M::Type&& read) {
        static_cast<T*>(target)->*M::pointer = std::move(read);
    });
}

template <class T, class Parts, std::size_t I>
void read_into_parts(void* target, const Json& value, Reading& reading) {
    using M = Member<T, I>;
    read_one<typename M::Type>(M::note, value, reading, [&](typename M::Type&& read) {
        std::get<I>(*static_cast<Parts*>(target)).emplace(std::move(read));
    });
}

template <class T, std::size_t I>
constexpr Slot slot(void (*read)(void*, const Json&, Reading&)) {
    using M = Member<T, I>;
    constexpr bool optional = Field<typename M::Type>::is_optional;
    return {M::name, &M::note, !optional && !M::note.may_be_missing, optional, read};
}

template <class T, std::size_t... I>
constexpr std::array<Slot, sizeof...(I)> struct_slots(std::index_sequence<I...>) {
    return {slot<T, I>(&read_into_struct<T, I>)...};
}

/// For structs whose members cannot be made empty: each part waits in an optional until all are
/// there.
template <class T, std::size_t... I>
std::optional<T> read_parts(const Json& value, Reading& reading, std::index_sequence<I...>) {
    using Parts = std::tuple<std::optional<typename Member<T, I>::Type>...>;
    static constexpr std::array<Slot, sizeof...(I)> slots{
        slot<T, I>(&read_into_parts<T, Parts, I>)...};
    Parts parts;
    if (!read_members(slots, &parts, value, reading)) return std::nullopt;
    auto take = []<class M>(std::optional<M>& part) {
        if constexpr (Field<M>::is_optional) {
            return part ? std::move(*part) : M{};
        } else {
            return std::move(*part);
        }
    };
    return T{take(std::get<I>(parts))...};
}

/// `"name":` as it stands in an object, made at compile time.
template <class M>
inline constexpr auto label = [] {
    std::array<char, M::name.size() + 3> text{};
    std::size_t at = 0;
    text[at++] = '"';
    for (char c : M::name) text[at++] = c;
    text[at++] = '"';
    text[at] = ':';
    return text;
}();

template <class T>
std::span<const MemberShape> members_of() {
    static const std::vector<MemberShape> members = [] {
        std::vector<MemberShape> result;
        for_each_member<T>([&]<std::size_t I>(Member<T, I>) {
            using M = Member<T, I>;
            using F = Field<typename M::Type>;
            bool required = !F::is_optional && !M::note.may_be_missing;
            result.push_back({M::name, M::note, &F::shape, required});
        });
        return result;
    }();
    return members;
}

}  // namespace detail

template <>
struct Field<bool> : detail::Present<bool> {
    static const Shape& shape() {
        static const Shape result{.kind = Kind::boolean};
        return result;
    }
    static std::optional<bool> read(const Json& value, Reading& reading) {
        return detail::read_bool(value, shape(), reading);
    }
    static Json json(bool value) { return value; }
    static void write(std::string& out, bool value) { out += value ? "true" : "false"; }
};

template <std::integral T>
struct Field<T> : detail::Present<T> {
    static const Shape& shape() {
        static const Shape result{
            .kind = Kind::integer,
            .low = static_cast<std::int64_t>(std::numeric_limits<T>::min()),
            .high = static_cast<std::uint64_t>(std::numeric_limits<T>::max())};
        return result;
    }
    static std::optional<T> read(const Json& value, Reading& reading) {
        if constexpr (std::is_signed_v<T>) {
            auto number = detail::read_signed(value, shape(), reading);
            return number ? std::optional<T>(static_cast<T>(*number)) : std::nullopt;
        } else {
            auto number = detail::read_unsigned(value, shape(), reading);
            return number ? std::optional<T>(static_cast<T>(*number)) : std::nullopt;
        }
    }
    static Json json(T value) { return value; }
    static void write(std::string& out, T value) {
        if constexpr (std::is_signed_v<T>) {
            detail::write_signed(out, value);
        } else {
            detail::write_unsigned(out, value);
        }
    }
};

template <>
struct Field<double> : detail::Present<double> {
    static const Shape& shape() {
        static const Shape result{.kind = Kind::number};
        return result;
    }
    static std::optional<double> read(const Json& value, Reading& reading) {
        return detail::read_double(value, shape(), reading);
    }
    static Json json(double value) { return detail::double_json(value); }
    static void write(std::string& out, double value) { detail::write_double(out, value); }
};

template <>
struct Field<std::string> : detail::Present<std::string> {
    static const Shape& shape() {
        static const Shape result{.kind = Kind::text};
        return result;
    }
    static std::optional<std::string> read(const Json& value, Reading& reading) {
        auto text = detail::read_plain_text(value, shape(), reading);
        return text ? std::optional<std::string>(*text) : std::nullopt;
    }
    static Json json(const std::string& value) { return Json(std::string_view(value)); }
    static void write(std::string& out, const std::string& value) {
        detail::write_text(out, value);
    }
};

/// Readable, never written.
template <>
struct Field<SecretText> {
    static constexpr bool is_optional = false;
    static constexpr bool is_absent(const SecretText&) { return true; }
    static const Shape& shape() {
        static const Shape result{.kind = Kind::secret};
        return result;
    }
    static std::optional<SecretText> read(const Json& value, Reading& reading) {
        auto text = detail::read_text(value, shape(), reading);
        return text ? std::optional<SecretText>(std::string(*text)) : std::nullopt;
    }
    static Json json(const SecretText&) { return nullptr; }
    static void write(std::string& out, const SecretText&) { out += "null"; }
};

template <TextField T>
struct Field<T> {
    static constexpr bool is_optional = false;
    static constexpr bool is_absent(const T&) { return !WritableText<T>; }
    static const Shape& shape() {
        static const Shape result{.kind = WritableText<T> ? Kind::text : Kind::secret,
                                  .rule = T::rule};
        return result;
    }
    static std::optional<T> read(const Json& value, Reading& reading) {
        auto text = detail::read_text(value, shape(), reading);
        if (!text) return std::nullopt;
        auto parsed = T::parse(*text);
        if (parsed) return std::optional<T>(std::move(*parsed));
        reading.refuse(parsed.error());
        return std::nullopt;
    }
    static Json json(const T& value) {
        if constexpr (WritableText<T>) {
            return Json(std::string_view(value.text()));
        } else {
            return nullptr;
        }
    }
    static void write(std::string& out, const T& value) {
        if constexpr (WritableText<T>) {
            detail::write_text(out, value.text());
        } else {
            out += "null";
        }
    }
};

template <>
struct Field<Instant> : detail::Present<Instant> {
    static const Shape& shape() {
        static const Shape result{.kind = Kind::instant};
        return result;
    }
    static std::optional<Instant> read(const Json& value, Reading& reading) {
        return detail::read_instant(value, shape(), reading);
    }
    static Json json(Instant value) { return Json(std::string_view(to_rfc3339(value))); }
    static void write(std::string& out, Instant value) { detail::write_instant(out, value); }
};

template <class T>
    requires detail::is_duration<T>
struct Field<T> : detail::Present<T> {
    static_assert(std::is_integral_v<typename T::rep>, "durations are whole numbers of their unit");
    static constexpr auto unit = std::chrono::duration_cast<Milliseconds>(T(1));
    static const Shape& shape() {
        static const Shape result{.kind = Kind::duration};
        return result;
    }
    static std::optional<T> read(const Json& value, Reading& reading) {
        auto count = detail::read_duration(value, unit, shape(), reading);
        return count ? std::optional<T>(T(*count)) : std::nullopt;
    }
    static Json json(T value) { return detail::duration_json(value); }
    static void write(std::string& out, T value) { detail::write_duration(out, value); }
};

/// Described with BOOST_DESCRIBE_ENUM; read and written by the enumerator's name.
template <DescribedEnum T>
struct Field<T> : detail::Present<T> {
    using Enumerators = boost::describe::describe_enumerators<T>;
    static const Shape& shape() {
        static const Shape result{
            .kind = Kind::choice, .choices = [] {
                std::vector<std::string_view> names;
                boost::mp11::mp_for_each<Enumerators>([&](auto one) { names.push_back(one.name); });
                return names;
            }()};
        return result;
    }
    static std::optional<T> read(const Json& value, Reading& reading) {
        auto chosen = detail::read_choice(value, shape(), reading);
        if (!chosen) return std::nullopt;
        std::vector<T> values;
        boost::mp11::mp_for_each<Enumerators>([&](auto one) { values.push_back(one.value); });
        return values[*chosen];
    }
    static std::string_view name(T value) { return boost::describe::enum_to_string(value, ""); }
    static Json json(T value) { return Json(name(value)); }
    static void write(std::string& out, T value) { detail::write_text(out, name(value)); }
};

template <class T>
struct Field<std::optional<T>> {
    static constexpr bool is_optional = true;
    static bool is_absent(const std::optional<T>& value) {
        if constexpr (Field<T>::is_optional) {
            return !value.has_value();  // engaged and empty inside: written as null
        } else {
            return !value || Field<T>::is_absent(*value);
        }
    }
    static const Shape& shape() { return Field<T>::shape(); }
    static std::optional<std::optional<T>> read(const Json& value, Reading& reading) {
        // Within an optional of an optional, null is a value: "set it to nothing".
        if constexpr (!Field<T>::is_optional) {
            if (value.is_null() || detail::is_none(value, reading))
                return std::make_optional(std::optional<T>());
        }
        auto read = Field<T>::read(value, reading);
        if (!read) return std::nullopt;
        return std::make_optional(std::optional<T>(std::move(*read)));
    }
    static Json json(const std::optional<T>& value) {
        return value ? Field<T>::json(*value) : Json(nullptr);
    }
    static void write(std::string& out, const std::optional<T>& value) {
        if (value) {
            Field<T>::write(out, *value);
        } else {
            out += "null";
        }
    }
};

template <class T>
struct Field<std::vector<T>> : detail::Present<std::vector<T>> {
    static const Shape& shape() {
        static const Shape result{.kind = Kind::list, .element = &Field<T>::shape};
        return result;
    }
    static std::optional<std::vector<T>> read(const Json& value, Reading& reading) {
        const auto* array = detail::read_array(value, shape(), reading);
        if (array == nullptr) return std::nullopt;
        std::vector<T> result;
        result.reserve(array->size());
        for (std::size_t i = 0; i < array->size() && !reading.is_full(); ++i) {
            Reading::Step step(reading, i);
            auto element = Field<T>::read((*array)[i], reading);
            if (element) result.push_back(std::move(*element));
        }
        if (result.size() != array->size()) return std::nullopt;
        return result;
    }
    static Json json(const std::vector<T>& value) {
        JsonArray result;
        result.reserve(value.size());
        for (const T& element : value) result.push_back(Field<T>::json(element));
        return result;
    }
    static void write(std::string& out, const std::vector<T>& value) {
        char separator = '[';
        for (const T& element : value) {
            out += separator;
            Field<T>::write(out, element);
            separator = ',';
        }
        if (separator == '[') out += '[';
        out += ']';
    }
};

template <class T>
struct Field<std::map<std::string, T>> : detail::Present<std::map<std::string, T>> {
    using Map = std::map<std::string, T>;
    static const Shape& shape() {
        static const Shape result{.kind = Kind::map, .element = &Field<T>::shape};
        return result;
    }
    static std::optional<Map> read(const Json& value, Reading& reading) {
        const auto* object = detail::read_object(value, shape(), reading);
        if (object == nullptr) return std::nullopt;
        Map result;
        for (const auto& [key, element] : *object) {
            if (reading.is_full()) break;
            Reading::Step step(reading, key);
            auto read = Field<T>::read(element, reading);
            if (read) result.emplace(key, std::move(*read));
        }
        if (result.size() != object->size()) return std::nullopt;
        return result;
    }
    static Json json(const Map& value) {
        JsonObject result;
        for (const auto& [key, element] : value) result.emplace(key, Field<T>::json(element));
        return result;
    }
    static void write(std::string& out, const Map& value) {
        char separator = '{';
        for (const auto& [key, element] : value) {
            out += separator;
            detail::write_text(out, key);
            out += ':';
            Field<T>::write(out, element);
            separator = ',';
        }
        if (separator == '{') out += '{';
        out += '}';
    }
};

/// Taken as it is.
template <>
struct Field<Json> : detail::Present<Json> {
    static const Shape& shape() {
        static const Shape result{.kind = Kind::any};
        return result;
    }
    static std::optional<Json> read(const Json& value, Reading&) { return value; }
    static Json json(const Json& value) { return value; }
    static void write(std::string& out, const Json& value) { detail::write_json(out, value); }
};

template <Described T>
struct Field<T> : detail::Present<T> {
    static const Shape& shape() {
        static const Shape result{.kind = Kind::object,
                                  .name = description_of<T>.name,
                                  .members = &detail::members_of<T>,
                                  .identity = &detail::identity_of<T>};
        return result;
    }
    static std::optional<T> read(const Json& value, Reading& reading) {
        using Indices = std::make_index_sequence<member_count<T>>;
        if constexpr (std::default_initializable<T>) {
            static constexpr auto slots = detail::struct_slots<T>(Indices{});
            T result{};
            if (!detail::read_members(slots, &result, value, reading)) return std::nullopt;
            return result;
        } else {
            return detail::read_parts<T>(value, reading, Indices{});
        }
    }
    static Json json(const T& value) {
        JsonObject result;
        result.reserve(member_count<T>);
        for_each_member<T>([&]<std::size_t I>(Member<T, I>) {
            using M = Member<T, I>;
            using F = Field<typename M::Type>;
            const auto& member = value.*M::pointer;
            if (!F::is_absent(member)) result.emplace(M::name, F::json(member));
        });
        return result;
    }
    static void write(std::string& out, const T& value) {
        char separator = '{';
        for_each_member<T>([&]<std::size_t I>(Member<T, I>) {
            using M = Member<T, I>;
            using F = Field<typename M::Type>;
            const auto& member = value.*M::pointer;
            if (F::is_absent(member)) return;
            out += separator;
            out.append(detail::label<M>.data(), detail::label<M>.size());
            F::write(out, member);
            separator = ',';
        });
        if (separator == '{') out += '{';
        out += '}';
    }
};

template <class T>
const Shape& shape_of() {
    return Field<T>::shape();
}

}  // namespace cardea::schema
