#include "cardea/http/route.hpp"

namespace cardea::http {

Route::Route(Method method, std::string pattern, Access access, std::string summary,
             Handler handler)
    : method_(method),
      pattern_(std::move(pattern)),
      access_(access),
      summary_(std::move(summary)),
      handler_(std::move(handler)) {}

Route&& Route::answers(int status) && {
    success_status_ = status;
    return std::move(*this);
}
Route&& Route::body_limit(std::size_t bytes) && {
    body_limit_ = bytes;
    return std::move(*this);
}
Route&& Route::without_head() && {
    allows_head_ = false;
    return std::move(*this);
}
Route&& Route::from_any_origin() && {
    from_any_origin_ = true;
    return std::move(*this);
}
Route&& Route::on_any_host() && {
    on_any_host_ = true;
    return std::move(*this);
}
Route&& Route::page() && {
    page_ = true;
    return std::move(*this).hidden();
}
Route&& Route::hidden() && {
    hidden_ = true;
    return std::move(*this);
}
Route&& Route::takes_form() && {
    form_ = true;
    return std::move(*this);
}
Route&& Route::around(Wrapper wrapper) && {
    handler_ = [inner = std::move(handler_), wrapper = std::move(wrapper)](Exchange& exchange) {
        return wrapper(exchange, inner);
    };
    return std::move(*this);
}

void Route::set_shapes(const schema::Shape* input, const schema::Shape* output) {
    input_ = input;
    output_ = output;
}

}  // namespace cardea::http
