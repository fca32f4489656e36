// HTTP requests and responses as plain values, the same for server and client.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cardea::http {

enum class Method { get, head, post, put, patch, delete_, options };
std::string_view to_string(Method method);
/// Case-sensitive, as RFC 9110 has it. Empty for methods not known here (501).
std::optional<Method> method_from(std::string_view text);

/// Header fields in order. Names compare without case. Values never hold CR, LF or NUL: set() and
/// add() drop the field and assert in debug builds.
class Headers {
  public:
    struct Field {
        std::string name;
        std::string value;
    };
    Headers() = default;
    Headers(std::initializer_list<Field> fields);

    /// The first value of that name; empty when there is none.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    /// Replaces all fields of that name.
    void set(std::string_view name, std::string value);
    void add(std::string_view name, std::string value);
    void remove(std::string_view name);
    void reserve(std::size_t fields) { fields_.reserve(fields); }

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }

  private:
    std::vector<Field> fields_;
};

/// To a server: `target` is origin-form (`/path?query`). From a client: `target` is an absolute
/// URL.
struct Request {
    Method method = Method::get;
    std::string target;
    Headers headers;
    std::string body;
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
};

/// The media type without its parameters, lower case: `application/json` of `Application/JSON;
/// charset=utf-8`.
std::string media_type(std::string_view content_type);

}  // namespace cardea::http
