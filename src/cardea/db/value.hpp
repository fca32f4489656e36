// What goes into a statement and what comes out of it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "cardea/base/bytes.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"

namespace cardea::db {

/// A value of one of the four types that SQLite and PostgreSQL share here: BIGINT, BOOLEAN (kept as
/// 0/1), TEXT, BYTEA; or NULL. Instants are BIGINT Unix milliseconds.
class Value {
  public:
    using Variant = std::variant<std::monostate, std::int64_t, std::string, Bytes>;

    Value() = default;
    Value(std::nullopt_t) {}
    template <std::integral T>
    Value(T number) : variant_(static_cast<std::int64_t>(number)) {}
    Value(std::string text) : variant_(std::move(text)) {}
    Value(std::string_view text) : variant_(std::string(text)) {}
    Value(const char* text) : variant_(std::string(text)) {}
    Value(Bytes bytes) : variant_(std::move(bytes)) {}
    Value(Instant instant) : variant_(to_unix_ms(instant)) {}
    template <class T>
    Value(std::optional<T> value) {
        if (value) variant_ = Value(std::move(*value)).variant_;
    }

    bool is_null() const { return variant_.index() == 0; }
    const Variant& variant() const { return variant_; }

    /// The value as T; what is stored otherwise (a text where a number is due) reads as T{}: the
    /// migrations' column types and the row test keep that from happening.
    std::int64_t as_integer() const { return get<std::int64_t>(); }
    bool as_bool() const { return get<std::int64_t>() != 0; }
    std::string as_text() const { return get<std::string>(); }
    Bytes as_bytes() const { return get<Bytes>(); }
    Instant as_instant() const { return from_unix_ms(as_integer()); }

  private:
    template <class T>
    T get() const {
        if (auto* value = std::get_if<T>(&variant_)) return *value;
        return T{};
    }
    Variant variant_;
};

/// What `$1, $2, …` stand for, in this order.
class Values : public std::vector<Value> {
    // Its value can be moved out of a list whose elements are const: std::vector would copy it.
    struct Item {
        template <std::convertible_to<Value> T>
        Item(T&& from) : value(std::forward<T>(from)) {}
        mutable Value value;
    };

  public:
    Values() = default;
    Values(std::initializer_list<Item> items) {
        reserve(items.size());
        for (const auto& item : items) push_back(std::move(item.value));
    }
};
/// One row: its values in the order of the statement's columns.
using Row = std::vector<Value>;

/// What a statement gave back.
struct Rows {
    /// Their names, as the statement says them; the same object for each of its runs. Null where
    /// no statement gave the rows.
    std::shared_ptr<const std::vector<std::string>> columns;
    std::vector<Row> rows;
    std::int64_t changes = 0;  ///< Rows inserted, updated or deleted.

    bool empty() const { return rows.empty(); }
    std::size_t size() const { return rows.size(); }
};

}  // namespace cardea::db
