#include "cardea/http/gates.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/responses.hpp"

namespace cardea::http {

namespace {

/// Sixteen hex digits that differ for every request and tell nothing about their number: a counter
/// behind SplitMix64, started at random.
class RequestIdGate final : public Gate {
  public:
    explicit RequestIdGate(crypto::Random& random) : state_(random.number()) {}
    std::string_view name() const override { return "request_id"; }
    bool marks_every_answer() const override { return true; }
    Verdict check(Exchange& exchange) override {
        exchange.request_id = next();
        return Pass();
    }
    void finish(const Exchange& exchange, Response& response) override {
        response.headers.add("X-Request-Id", exchange.request_id);
    }

  private:
    std::string next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        z ^= z >> 31;
        std::string id(16, '0');
        for (char& digit : id) {
            digit = "0123456789abcdef"[z & 15];
            z >>= 4;
        }
        return id;
    }
    std::uint64_t state_;
};

class DeadlineGate final : public Gate {
  public:
    explicit DeadlineGate(Milliseconds limit) : limit_(limit) {}
    std::string_view name() const override { return "deadline"; }
    Verdict check(Exchange& exchange) override {
        exchange.deadline = exchange.received_at + limit_;
        return Pass();
    }

  private:
    Milliseconds limit_;
};

class TrustedHostGate final : public Gate {
  public:
    TrustedHostGate(const Site& site, const GateSettings& settings)
        : loopback_only_(!site.public_url) {
        if (site.public_url) {
            const auto& url = *site.public_url;
            add({url.host(), url.port()});
            bool usual = url.port() == (url.is_https() ? 443 : 80);
            if (usual) add({url.host(), std::nullopt});
        }
        for (const auto& host : settings.trusted_hosts) add(host);
    }
    std::string_view name() const override { return "trusted_host"; }
    Verdict check(Exchange& exchange) override {
        auto field = exchange.request.headers.get("Host");
        exchange.host = field;
        if (std::ranges::find(trusted_, field) != trusted_.end()) return Pass();
        if (exchange.route != nullptr && exchange.route->is_on_any_host()) return Pass();
        auto authority = Authority::parse(field);
        if (!authority) return Error(url_malformed, "Host");
        if (loopback_only_ && is_loopback_host(authority->host)) return Pass();
        // Upper case and Unicode forms of a trusted name.
        if (std::ranges::find(trusted_, authority->text()) != trusted_.end()) return Pass();
        return Error(host_unknown, authority->host);
    }

  private:
    void add(const Authority& authority) { trusted_.push_back(authority.text()); }
    std::vector<std::string> trusted_;
    bool loopback_only_;
};

constexpr std::array<std::string_view, 6> forwarding_headers{
    "X-Forwarded-For",  "X-Forwarded-Proto", "X-Forwarded-Host",
    "X-Forwarded-Port", "Forwarded",         "X-Real-IP"};

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
std::optional<IpAddress> address_of(std::string_view text) {
    text = trim(text);
    if (auto address = IpAddress::parse(text)) return address;
    auto colon = text.find_last_of(':');
    return colon == text.npos ? std::nullopt : IpAddress::parse(text.substr(0, colon));
}

class ClientAddressGate final : public Gate {
  public:
    explicit ClientAddressGate(const GateSettings& settings) : proxies_(settings.trusted_proxies) {}
    std::string_view name() const override { return "client_address"; }
    Verdict check(Exchange& exchange) override {
        exchange.client_address = exchange.peer_address;
        if (is_trusted(exchange.peer_address)) believe(exchange);
        // Nobody behind this gate may look at what a stranger claims.
        for (auto header : forwarding_headers) exchange.request.headers.remove(header);
        return Pass();
    }

  private:
    bool is_trusted(const IpAddress& address) const {
        return std::ranges::any_of(
            proxies_, [&address](const IpNetwork& network) { return network.contains(address); });
    }
    void believe(Exchange& exchange) const {
        const auto& headers = exchange.request.headers;
        std::string chain;
        for (const auto& field : headers) {
            if (equal_ignoring_case(field.name, "X-Forwarded-For")) chain += field.value + ',';
        }
        auto hops = split(trim(chain, ", "), ',');
        for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
            auto address = address_of(*hop);
            if (!address) break;
            exchange.client_address = *address;
            if (!is_trusted(*address)) break;
        }
        auto scheme = headers.get("X-Forwarded-Proto");
        if (scheme.empty()) return;
        exchange.secure = equal_ignoring_case(scheme, "https");
        exchange.plain_at_proxy = !exchange.secure;
    }
    std::vector<IpNetwork> proxies_;
};

class HttpsGate final : public Gate {
  public:
    explicit HttpsGate(const Site& site) {
        if (site.public_url && site.public_url->is_https()) origin_ = site.public_url->origin();
    }
    std::string_view name() const override { return "https"; }
    Verdict check(Exchange& exchange) override {
        if (origin_.empty() || !exchange.plain_at_proxy) return Pass();
        if (exchange.route != nullptr && exchange.route->is_on_any_host()) return Pass();
        if (!exchange.is_safe()) return Error(https_needed);
        return responses::permanent_redirect(origin_ + exchange.request.target);
    }

  private:
    std::string origin_;  // empty where https is not ours to ask for
};

std::vector<std::string> origins_of(const CorsSettings& settings) {
    std::vector<std::string> origins;
    origins.reserve(settings.allowed_origins.size());
    for (const auto& url : settings.allowed_origins) origins.push_back(url.origin());
    return origins;
}

class CorsGate final : public Gate {
  public:
    explicit CorsGate(const CorsSettings& settings) : allowed_(origins_of(settings)) {}
    std::string_view name() const override { return "cors"; }
    Verdict check(Exchange& exchange) override {
        if (!is_allowed(exchange)) return Pass();
        const auto& headers = exchange.request.headers;
        bool preflight = exchange.request.method == Method::options &&
                         headers.has("Access-Control-Request-Method");
        if (!preflight) return Pass();
        Response response{204, {}, {}};
        response.headers.add("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
        response.headers.add("Access-Control-Allow-Headers",
                             "Authorization, Content-Type, Idempotency-Key");
        response.headers.add("Access-Control-Max-Age", "600");
        return response;
    }
    void finish(const Exchange& exchange, Response& response) override {
        if (allowed_.empty()) return;
        response.headers.add("Vary", "Origin");
        if (!is_allowed(exchange)) return;
        // The very origin, never `*`: answers are for a user.
        auto origin = std::string(exchange.request.headers.get("Origin"));
        response.headers.add("Access-Control-Allow-Origin", std::move(origin));
        response.headers.add("Access-Control-Allow-Credentials", "true");
        response.headers.add("Access-Control-Expose-Headers", "X-Request-Id, Retry-After");
    }

  private:
    bool is_allowed(const Exchange& exchange) const {
        if (allowed_.empty()) return false;
        auto origin = exchange.request.headers.get("Origin");
        return std::ranges::find(allowed_, origin) != allowed_.end();
    }
    std::vector<std::string> allowed_;
};

class SameOriginGate final : public Gate {
  public:
    SameOriginGate(const Site& site, const CorsSettings& settings)
        : site_(site), allowed_(origins_of(settings)) {}
    std::string_view name() const override { return "same_origin"; }
    Verdict check(Exchange& exchange) override {
        if (exchange.is_safe()) return Pass();
        if (exchange.route != nullptr && exchange.route->is_from_any_origin()) return Pass();
        const auto& headers = exchange.request.headers;
        auto origin = headers.get("Origin");
        if (headers.count("Origin") > 1 || headers.count("Sec-Fetch-Site") > 1) {
            return Error(cross_origin, "twice");
        }
        if (std::ranges::find(allowed_, origin) != allowed_.end()) return Pass();
        bool from_us = origin == own_origin(site_, exchange);
        if (headers.has("Sec-Fetch-Site")) {
            bool same = headers.get("Sec-Fetch-Site") == "same-origin";
            // A browser that was told to send no Referer sends `null` as Origin of our own forms.
            bool origin_fits = origin.empty() || origin == "null" || from_us;
            if (same && origin_fits) return Pass();
            return Error(cross_origin, "Sec-Fetch-Site");
        }
        if (headers.has("Origin")) {
            if (from_us) return Pass();
            return Error(cross_origin, "Origin");
        }
        if (headers.has("Cookie")) return Error(cross_origin, "a cookie without an origin");
        return Pass();
    }

  private:
    Site site_;
    std::vector<std::string> allowed_;
};

class SecurityHeadersGate final : public Gate {
  public:
    explicit SecurityHeadersGate(const Site& site)
        : https_site_(site.public_url && site.public_url->is_https()) {}
    std::string_view name() const override { return "security_headers"; }
    bool marks_every_answer() const override { return true; }
    Verdict check(Exchange&) override { return Pass(); }
    void finish(const Exchange& exchange, Response& response) override {
        auto& headers = response.headers;
        set_default(headers, "Cache-Control", "no-store");
        set_default(headers, "Content-Security-Policy", policy);
        headers.set("X-Content-Type-Options", "nosniff");
        set_default(headers, "Referrer-Policy", "same-origin");
        if (exchange.secure || https_site_) {
            headers.set("Strict-Transport-Security", "max-age=31536000");
        }
    }

  private:
    /// Nothing may be loaded, run or framed. Pages bring a policy of their own.
    static constexpr const char* policy =
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    static void set_default(Headers& headers, std::string_view name, const char* value) {
        if (!headers.has(name)) headers.add(name, value);
    }
    bool https_site_;
};

}  // namespace

std::string own_origin(const Site& site, const Exchange& exchange) {
    if (site.public_url) return site.public_url->origin();
    return (exchange.secure ? "https://" : "http://") + exchange.host;
}

std::unique_ptr<Gate> request_id_gate(crypto::Random& random) {
    return std::make_unique<RequestIdGate>(random);
}
std::unique_ptr<Gate> deadline_gate(Milliseconds limit) {
    return std::make_unique<DeadlineGate>(limit);
}
std::unique_ptr<Gate> trusted_host_gate(const Site& site, const GateSettings& settings) {
    return std::make_unique<TrustedHostGate>(site, settings);
}
std::unique_ptr<Gate> client_address_gate(const GateSettings& settings) {
    return std::make_unique<ClientAddressGate>(settings);
}
std::unique_ptr<Gate> https_gate(const Site& site) {
    return std::make_unique<HttpsGate>(site);
}
std::unique_ptr<Gate> cors_gate(const CorsSettings& settings) {
    return std::make_unique<CorsGate>(settings);
}
std::unique_ptr<Gate> same_origin_gate(const Site& site, const CorsSettings& settings) {
    return std::make_unique<SameOriginGate>(site, settings);
}
std::unique_ptr<Gate> security_headers_gate(const Site& site) {
    return std::make_unique<SecurityHeadersGate>(site);
}

void add_generic_gates(Router& router, const Site& site, const GateSettings& settings,
                       const CorsSettings& cors, crypto::Random& random) {
    // First, because a gate marks the answers of every gate behind it.
    router.add_gate(security_headers_gate(site));
    router.add_gate(request_id_gate(random));
    router.add_gate(deadline_gate(settings.request_limit));
    router.add_gate(trusted_host_gate(site, settings));
    router.add_gate(client_address_gate(settings));
    router.add_gate(https_gate(site));
    router.add_gate(cors_gate(cors));
    router.add_gate(same_origin_gate(site, cors));
}

}  // namespace cardea::http
