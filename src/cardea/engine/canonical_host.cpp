#include "cardea/engine/canonical_host.hpp"

#include "cardea/http/responses.hpp"
#include "cardea/http/route.hpp"

namespace cardea::engine {

namespace {

class CanonicalHostGate final : public http::Gate {
  public:
    explicit CanonicalHostGate(const http::Url& url) : url_(url) {}
    std::string_view name() const override { return "canonical_host"; }

    http::Verdict check(http::Exchange& exchange) override {
        if (exchange.route != nullptr && exchange.route->is_on_any_host()) return http::Pass();
        // Exchange::host is set by a later gate.
        auto asked = http::Authority::parse(exchange.request.headers.get("Host"));
        bool other_name =
            asked && asked->host != url_.host() && http::is_loopback_host(asked->host);
        if (!other_name || !exchange.is_safe()) return http::Pass();
        return http::responses::permanent_redirect(url_.origin() + exchange.request.target);
    }

  private:
    http::Url url_;
};

}  // namespace

std::unique_ptr<http::Gate> canonical_host_gate(const http::Url& public_url) {
    return std::make_unique<CanonicalHostGate>(public_url);
}

}  // namespace cardea::engine
