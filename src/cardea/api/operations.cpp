#include "cardea/api/operations.hpp"

#include <algorithm>
#include <vector>

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

/// Every reason that the library declares. The list is made from the sources at build time
/// (cmake/list_reasons.cmake), so that no reason can be forgotten: a problem's `type` leads here.
constexpr Reason declared[] = {
#include "reasons.inc"
};

/// By slug, each once.
const std::vector<const Reason*>& all_reasons() {
    static const std::vector<const Reason*> reasons = [] {
        std::vector<const Reason*> all;
        for (const auto& reason : declared) all.push_back(&reason);
        std::ranges::sort(all, {}, &Reason::slug);
        auto same = [](const Reason* a, const Reason* b) { return a->slug == b->slug; };
        auto repeats = std::ranges::unique(all, same);
        all.erase(repeats.begin(), repeats.end());
        return all;
    }();
    return reasons;
}

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
