#include "cardea/api/operations.hpp"

#include <algorithm>

#include "cardea/api/caller.hpp"
#include "cardea/http/gates.hpp"
#include "cardea/http/openapi.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/http/route.hpp"

namespace cardea::api {

namespace {

struct ReasonView {
    std::string reason;
    int status = 0;
    std::string text;
    bool retryable = false;
};
DESCRIBED(ReasonView, (reason, "Stable slug."), (status, "The HTTP status it comes with."),
          (text, "What happened and what to do."),
          (retryable, "Whether the same request may succeed later."))

struct ReasonViews {
    std::vector<ReasonView> items;
};
DESCRIBED(ReasonViews, (items, "Every reason, by slug."))

ReasonView view_of(const Reason& reason) {
    const auto& facts = http::facts_of(reason.code);
    return {std::string(reason.slug), facts.status, std::string(reason.text), facts.retryable};
}

/// Those that any route may give.
constexpr const Reason* common[] = {
    &http::route_unknown,
    &http::method_refused,
    &http::host_unknown,
    &http::cross_origin,
    &http::content_type_wrong,
    &http::form_type_wrong,
    &http::parameters_malformed,
    &schema::invalid,
    &internal,
    &deadline_passed,
    &two_credentials,
    &authorization_malformed,
    &reauthenticate,
    &admin_needed,
    &session_needed,
    &key_needed,
    &session::missing,
    &session::unknown,
    &session::expired,
    &api_key::unknown,
    &api_key::expired,
    &api_key::scope_missing,
    &db::unavailable,
};

}  // namespace

void Operations::add_routes(http::Router& router) {
    using http::Access;
    using http::Method;
    router.add(http::route(Method::get, "/openapi.json", Access::anyone, "This description", *this,
                           &Operations::openapi)
                   .hidden());
    router.add(http::route(Method::get, "/problems", Access::anyone, "Every reason for a refusal",
                           *this, &Operations::reasons));
    router.add(http::route(Method::get, "/problems/{reason}", Access::anyone,
                           "What a reason means and what to do", *this, &Operations::reason)
                   .may_fail(reason_unknown));
}

Task<http::Response> Operations::openapi() {
    http::OpenApiInfo info;
    info.version = CARDEA_VERSION;
    info.description = "Signs people in and keeps their provider tokens fresh.";
    co_return http::responses::ok(http::openapi_document(router_, info));
}

std::vector<const Reason*> Operations::all_reasons() const {
    std::vector<const Reason*> reasons(std::begin(common), std::end(common));
    for (const auto& route : router_.routes()) {
        reasons.insert(reasons.end(), route->reasons().begin(), route->reasons().end());
    }
    std::ranges::sort(reasons, {}, &Reason::slug);
    auto same = [](const Reason* a, const Reason* b) { return a->slug == b->slug; };
    auto repeats = std::ranges::unique(reasons, same);
    reasons.erase(repeats.begin(), repeats.end());
    return reasons;
}

Task<http::Response> Operations::reasons(http::Exchange&) {
    ReasonViews views;
    for (const auto* reason : all_reasons()) views.items.push_back(view_of(*reason));
    co_return http::encode(std::move(views));
}

Task<http::Response> Operations::reason(http::Exchange& exchange) {
    auto wanted = exchange.parameter("reason");
    for (const auto* reason : all_reasons()) {
        if (reason->slug == wanted) co_return http::encode(view_of(*reason));
    }
    co_return fail(reason_unknown);
}

}  // namespace cardea::api
