// DESCRIBED: says once what a struct's members are and mean; everything else is derived from it.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace cardea::schema {

/// What a member's value must lie between. Numbers as they are, durations in milliseconds, texts
/// and lists by their length.
struct Bounds {
    enum class Of { nothing, number, duration, length } of = Of::nothing;
    std::int64_t low = 0;
    std::int64_t high = 0;
    explicit operator bool() const { return of != Of::nothing; }
};

/// What is known of a member beyond its name and type.
struct Note {
    std::string_view text;         ///< What it means, a full sentence.
    Bounds bounds;                 ///< Nothing unless told.
    std::string_view name;         ///< Its name outside, when it is not the member's own.
    std::string_view environment;  ///< A documented environment name, such as `DATABASE_URL`.
    bool may_be_missing = false;   ///< A missing one keeps the struct's default.
};

namespace detail {
template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

struct Named {
    std::string_view name;
};
struct EnvironmentName {
    std::string_view name;
};
struct MayBeMissing {};

constexpr void apply(Note& note, const Bounds& bounds) {
    note.bounds = bounds;
}
constexpr void apply(Note& note, Named named) {
    note.name = named.name;
}
constexpr void apply(Note& note, EnvironmentName environment) {
    note.environment = environment.name;
}
constexpr void apply(Note& note, MayBeMissing) {
    note.may_be_missing = true;
}

template <class... Extras>
constexpr Note make_note(std::string_view text, Extras... extras) {
    Note note{text, {}, {}, {}, false};
    (apply(note, extras), ...);
    return note;
}

template <std::size_t N>
struct Description {
    std::string_view name;
    std::array<Note, N> notes;
};
}  // namespace detail

/// `(port, "TCP port.", schema::between(1, 65535))`: both ends are allowed.
constexpr Bounds between(std::integral auto low, std::integral auto high) {
    return {Bounds::Of::number, static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)};
}
/// `(idle_limit, "…", schema::between(1min, 90 * 24h))`.
template <class A, class B>
    requires detail::is_duration<A> && detail::is_duration<B>
constexpr Bounds between(A low, B high) {
    using Milliseconds = std::chrono::milliseconds;
    return {Bounds::Of::duration, std::chrono::duration_cast<Milliseconds>(low).count(),
            std::chrono::duration_cast<Milliseconds>(high).count()};
}
/// How many bytes a text, or elements a list, may have.
constexpr Bounds length(std::int64_t low, std::int64_t high) {
    return {Bounds::Of::length, low, high};
}
/// The name outside, where it cannot be the member's: `schema::named("Server_configuration")`.
constexpr detail::Named named(std::string_view name) {
    return {name};
}
/// A setting that has a documented environment name besides CARDEA_<SECTION>_<KEY>.
constexpr detail::EnvironmentName environment(std::string_view name) {
    return {name};
}
/// A missing member keeps the default that the struct gives it instead of being a problem.
constexpr detail::MayBeMissing may_be_missing() {
    return {};
}

// The list walker: `CARDEA_SCHEMA_EACH(macro, (a, …), (b, …))` → `macro(a, …), macro(b, …)`.
#define CARDEA_SCHEMA_PARENTHESES ()
#define CARDEA_SCHEMA_EXPAND(...) CARDEA_SCHEMA_EXPAND_3(CARDEA_SCHEMA_EXPAND_3(__VA_ARGS__))
#define CARDEA_SCHEMA_EXPAND_3(...) CARDEA_SCHEMA_EXPAND_2(CARDEA_SCHEMA_EXPAND_2(__VA_ARGS__))
#define CARDEA_SCHEMA_EXPAND_2(...) CARDEA_SCHEMA_EXPAND_1(CARDEA_SCHEMA_EXPAND_1(__VA_ARGS__))
#define CARDEA_SCHEMA_EXPAND_1(...) CARDEA_SCHEMA_EXPAND_0(CARDEA_SCHEMA_EXPAND_0(__VA_ARGS__))
#define CARDEA_SCHEMA_EXPAND_0(...) \
    CARDEA_SCHEMA_SCAN(CARDEA_SCHEMA_SCAN(CARDEA_SCHEMA_SCAN(CARDEA_SCHEMA_SCAN(__VA_ARGS__))))
#define CARDEA_SCHEMA_SCAN(...) __VA_ARGS__
#define CARDEA_SCHEMA_EACH(macro, ...) \
    __VA_OPT__(CARDEA_SCHEMA_EXPAND(CARDEA_SCHEMA_STEP(macro, __VA_ARGS__)))
#define CARDEA_SCHEMA_STEP(macro, pair, ...) \
    macro pair __VA_OPT__(, CARDEA_SCHEMA_AGAIN CARDEA_SCHEMA_PARENTHESES(macro, __VA_ARGS__))
#define CARDEA_SCHEMA_AGAIN() CARDEA_SCHEMA_STEP
#define CARDEA_SCHEMA_NAME(member, ...) member
#define CARDEA_SCHEMA_NOTE(member, ...) ::cardea::schema::detail::make_note(__VA_ARGS__)
#define CARDEA_SCHEMA_ONE(member, ...) 1

/// `DESCRIBED(Session, (id, "Its id."), (device, "A name.", schema::length(0, 100)))` after the
/// struct, at namespace scope of the struct's own namespace. Up to about fifty members.
#define DESCRIBED(Type, ...)                                                                       \
    BOOST_DESCRIBE_STRUCT(Type, (), (CARDEA_SCHEMA_EACH(CARDEA_SCHEMA_NAME, __VA_ARGS__)))         \
    [[maybe_unused]] constexpr auto cardea_schema_description(const Type*) {                       \
        constexpr std::size_t count =                                                              \
            std::initializer_list<int>{CARDEA_SCHEMA_EACH(CARDEA_SCHEMA_ONE, __VA_ARGS__)}.size(); \
        return ::cardea::schema::detail::Description<count>{                                       \
            #Type, {CARDEA_SCHEMA_EACH(CARDEA_SCHEMA_NOTE, __VA_ARGS__)}};                         \
    }

template <class T>
concept Described = requires { cardea_schema_description(static_cast<const T*>(nullptr)); };

template <Described T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

/// The name of the struct, and the notes of its members in order.
template <Described T>
inline constexpr auto description_of = cardea_schema_description(static_cast<const T*>(nullptr));

template <Described T>
inline constexpr std::size_t member_count = boost::mp11::mp_size<Members<T>>::value;

/// One member of T: `Member<T, 0>::name`, `::note`, `::pointer` (a pointer to member) and `::Type`.
template <Described T, std::size_t I>
struct Member {
    using Descriptor = boost::mp11::mp_at_c<Members<T>, I>;
    static constexpr auto pointer = Descriptor::pointer;
    static constexpr const Note& note = description_of<T>.notes[I];
    static constexpr std::string_view name =
        note.name.empty() ? std::string_view(Descriptor::name) : note.name;
    using Type = std::remove_cvref_t<decltype(std::declval<T&>().*pointer)>;
};

/// Calls `f(Member<T, I>{})` for each member in order.
template <Described T, class F>
constexpr void for_each_member(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (f(Member<T, I>{}), ...);
    }(std::make_index_sequence<member_count<T>>{});
}

}  // namespace cardea::schema
