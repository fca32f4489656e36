// Rows to described structs: column names are member names.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "cardea/db/value.hpp"

namespace cardea::db {

namespace detail {
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
}  // namespace detail

/// The value as a member of type T. Supported: integers, bool, std::string, Bytes, Instant,
/// optionals of these, and any type with `static T from_column(const Value&)`.
template <class T>
T read(const Value& value) {
    if constexpr (detail::is_optional<T>) {
        if (value.is_null()) return std::nullopt;
        return read<typename T::value_type>(value);
    } else if constexpr (requires { T::from_column(value); }) {
        return T::from_column(value);
    } else if constexpr (std::is_same_v<T, bool>) {
        return value.as_bool();
    } else if constexpr (std::is_integral_v<T>) {
        return static_cast<T>(value.as_integer());
    } else if constexpr (std::is_same_v<T, Instant>) {
        return value.as_instant();
    } else if constexpr (std::is_same_v<T, Bytes>) {
        return value.as_bytes();
    } else {
        static_assert(std::is_same_v<T, std::string>, "no column type for this member");
        return value.as_text();
    }
}

/// The row as a described struct; members without a column of their name keep their default.
template <class T>
T to_struct(const Rows& rows, std::size_t index) {
    T result;
    const Row& row = rows.rows.at(index);
    const auto& columns = *rows.columns;
    using Members = boost::describe::describe_members<T, boost::describe::mod_public>;
    std::size_t next = 0;  // columns mostly stand in the members' order: look there first
    boost::mp11::mp_for_each<Members>([&](auto member) {
        for (std::size_t tried = 0; tried < columns.size(); ++tried, ++next) {
            if (next >= columns.size()) next = 0;
            if (columns[next] != member.name) continue;
            using M = std::remove_cvref_t<decltype(result.*member.pointer)>;
            result.*member.pointer = read<M>(row[next]);
            ++next;
            return;
        }
    });
    return result;
}

template <class T>
std::vector<T> to_structs(const Rows& rows) {
    std::vector<T> result;
    result.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) result.push_back(to_struct<T>(rows, i));
    return result;
}

/// The first row, when there is one.
template <class T>
std::optional<T> to_optional(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return to_struct<T>(rows, 0);
}

}  // namespace cardea::db
