// Route: a method and a path pattern, who may call it, what may go wrong, and the handler.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "cardea/http/access.hpp"
#include "cardea/http/codec.hpp"
#include "cardea/http/exchange.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::http {

using Handler = std::function<Task<Response>(Exchange&)>;

/// Made by route(); the setters are chained behind it and handed to Router::add.
class Route {
  public:
    /// Takes a request and goes on with the handler, or answers itself.
    using Wrapper = std::function<Task<Response>(Exchange&, const Handler&)>;

    Route(Method method, std::string pattern, Access access, std::string summary, Handler handler);

    /// Reasons that callers should expect, besides those that every route may give.
    template <std::same_as<Reason>... R>
    Route&& may_fail(const R&... reasons) && {
        (reasons_.push_back(&reasons), ...);
        return std::move(*this);
    }
    /// The status of success, for the description; 200, or 204 without a body.
    Route&& answers(int status) &&;
    /// Bytes of the request body; the server's default otherwise.
    Route&& body_limit(std::size_t bytes) &&;
    /// HEAD is 405: reading has an effect (an audit event).
    Route&& without_head() &&;
    /// Unsafe requests may come from another origin: the form_post callback, which has proofs of
    /// its own.
    Route&& from_any_origin() &&;
    /// Answers whatever Host says: health checks.
    Route&& on_any_host() &&;
    /// A page for people's browsers: its refusals are pages, too, and it is not in the description.
    Route&& page() &&;
    /// Not in the description.
    Route&& hidden() &&;
    /// Takes a form, not JSON.
    Route&& takes_form() &&;
    /// Wraps the handler, as idempotency does. Later wrappers stand outside earlier ones.
    Route&& around(Wrapper wrapper) &&;

    Method method() const { return method_; }
    const std::string& pattern() const { return pattern_; }
    const Access& access() const { return access_; }
    const std::string& summary() const { return summary_; }
    const Handler& handler() const { return handler_; }
    const std::vector<const Reason*>& reasons() const { return reasons_; }
    int success_status() const { return success_status_; }
    /// 0: the server's default.
    std::size_t body_limit() const { return body_limit_; }
    bool allows_head() const { return allows_head_; }
    bool is_from_any_origin() const { return from_any_origin_; }
    bool is_on_any_host() const { return on_any_host_; }
    bool is_page() const { return page_; }
    bool is_hidden() const { return hidden_; }
    bool takes_a_form() const { return form_; }
    /// The shapes of In and Out; null where there is none.
    const schema::Shape* input() const { return input_; }
    const schema::Shape* output() const { return output_; }

    void set_shapes(const schema::Shape* input, const schema::Shape* output);

  private:
    Method method_;
    std::string pattern_;
    Access access_;
    std::string summary_;
    Handler handler_;
    std::vector<const Reason*> reasons_;
    int success_status_ = 0;
    std::size_t body_limit_ = 0;
    bool allows_head_ = true;
    bool from_any_origin_ = false;
    bool on_any_host_ = false;
    bool page_ = false;
    bool hidden_ = false;
    bool form_ = false;
    const schema::Shape* input_ = nullptr;
    const schema::Shape* output_ = nullptr;
};

namespace detail {

struct NoInput {};

/// In, Out and the way to call of `Task<Out> f(In)`, `f(In, Exchange&)`, `f(Exchange&)`, `f()`.
template <class F>
struct HandlerTraits;

template <class Object, class O>
struct HandlerTraits<Task<O> (Object::*)()> {
    using In = NoInput;
    using Out = O;
    template <class F>
    static Task<O> call(auto& object, F f, NoInput&&, Exchange&) {
        return (object.*f)();
    }
};
template <class Object, class O>
struct HandlerTraits<Task<O> (Object::*)(Exchange&)> {
    using In = NoInput;
    using Out = O;
    template <class F>
    static Task<O> call(auto& object, F f, NoInput&&, Exchange& exchange) {
        return (object.*f)(exchange);
    }
};
template <class Object, class O, class I>
    requires(!std::is_same_v<std::remove_cvref_t<I>, Exchange>)
struct HandlerTraits<Task<O> (Object::*)(I)> {
    using In = std::remove_cvref_t<I>;
    using Out = O;
    template <class F>
    static Task<O> call(auto& object, F f, In&& in, Exchange&) {
        return (object.*f)(std::move(in));
    }
};
template <class Object, class O, class I>
struct HandlerTraits<Task<O> (Object::*)(I, Exchange&)> {
    using In = std::remove_cvref_t<I>;
    using Out = O;
    template <class F>
    static Task<O> call(auto& object, F f, In&& in, Exchange& exchange) {
        return (object.*f)(std::move(in), exchange);
    }
};
template <class Object, class O, class... A>
struct HandlerTraits<Task<O> (Object::*)(A...) const> : HandlerTraits<Task<O> (Object::*)(A...)> {};

template <class Out>
Response encode_result(Result<Out>&& out) {
    if constexpr (std::is_void_v<Out>) {
        return encode(NoContent{});
    } else {
        return encode(std::move(*out));
    }
}

template <class Object, class F>
Task<Response> call_handler(Object* object, F f, Exchange* exchange) {
    using Traits = HandlerTraits<F>;
    using In = typename Traits::In;
    if constexpr (std::is_same_v<In, NoInput>) {
        auto out = co_await Traits::call(*object, f, NoInput(), *exchange);
        if (!out) co_return std::unexpected(out.error());
        co_return encode_result<typename Traits::Out>(std::move(out));
    } else {
        auto in = decode<In>(*exchange);
        if (!in) co_return std::unexpected(in.error());
        auto out = co_await Traits::call(*object, f, std::move(*in), *exchange);
        if (!out) co_return std::unexpected(out.error());
        co_return encode_result<typename Traits::Out>(std::move(out));
    }
}

template <class T>
struct OutputShape {
    static const schema::Shape* get() { return &schema::shape_of<T>(); }
};
template <class T>
struct OutputShape<Reply<T>> : OutputShape<T> {};
template <class T>
    requires(std::is_same_v<T, NoContent> || std::is_same_v<T, Response> || std::is_void_v<T>)
struct OutputShape<T> {
    static const schema::Shape* get() { return nullptr; }
};

template <class T>
const schema::Shape* input_shape() {
    if constexpr (std::is_same_v<T, NoInput>) {
        return nullptr;
    } else {
        return &schema::shape_of<T>();
    }
}

template <class T>
int usual_status() {
    bool empty =
        std::is_void_v<T> || std::is_same_v<T, NoContent> || std::is_same_v<T, Reply<NoContent>>;
    return empty ? 204 : 200;
}

}  // namespace detail

/// `route(Method::get, "/v1/accounts/{id}", Access::api_key("accounts:read"), "Read an account",
/// accounts, &Accounts::read).may_fail(account::missing)`: In and Out are those of the member
/// function, one of `Task<Out> f(In)`, `f(In, Exchange&)`, `f(Exchange&)` and `f()`. The object
/// must outlive the router. Out is a described struct (200), Reply of one, NoContent or void (204),
/// or Response.
template <class Object, class F>
    requires std::is_member_function_pointer_v<F>
Route route(Method method, std::string pattern, Access access, std::string summary, Object& object,
            F f) {
    using Traits = detail::HandlerTraits<F>;
    using Out = typename Traits::Out;
    Handler handler = [target = &object, f](Exchange& exchange) {
        return detail::call_handler(target, f, &exchange);
    };
    Route result(method, std::move(pattern), access, std::move(summary), std::move(handler));
    result.set_shapes(detail::input_shape<typename Traits::In>(), detail::OutputShape<Out>::get());
    return std::move(result).answers(detail::usual_status<Out>());
}

/// The same for a free function or any callable.
inline Route route(Method method, std::string pattern, Access access, std::string summary,
                   Handler handler) {
    return Route(method, std::move(pattern), access, std::move(summary), std::move(handler));
}

}  // namespace cardea::http
