#include "cardea/http/router.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "cardea/base/text.hpp"
#include "cardea/http/path.hpp"

namespace cardea::http {

namespace {

constexpr std::size_t method_count = 7;

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

/// One pattern with the routes of its methods.
struct Place {
    std::string pattern;
    std::vector<std::string_view> segments;  // into pattern
    std::array<const Route*, method_count> routes{};

    explicit Place(std::string text) : pattern(std::move(text)), segments(split(pattern, '/')) {}
    Place(const Place&) = delete;

    const Route*& at(Method method) { return routes[static_cast<std::size_t>(method)]; }
    const Route* at(Method method) const { return routes[static_cast<std::size_t>(method)]; }
    /// HEAD is answered as GET, unless the route forbids it.
    const Route* find(Method method) const {
        if (method != Method::head) return at(method);
        const Route* get = at(Method::get);
        return get != nullptr && get->allows_head() ? get : nullptr;
    }
    bool matches(const std::vector<std::string_view>& path) const {
        return std::ranges::equal(
            segments, path, [](std::string_view segment, std::string_view text) {
                return is_parameter(segment) ? !text.empty() : segment == text;
            });
    }
    std::string allow() const {
        std::string text;
        for (std::size_t i = 0; i < method_count; ++i) {
            auto method = static_cast<Method>(i);
            if (find(method) != nullptr) text += std::string(to_string(method)) + ", ";
        }
        return text + "OPTIONS";
    }
};

/// `/v1/accounts/{id}` → `/v1/accounts/{}`: what two patterns may not share.
std::string anonymous(std::string_view pattern) {
    std::string text;
    for (auto segment : split(pattern.substr(1), '/')) {
        text += '/';
        text += is_parameter(segment) ? "{}" : segment;
    }
    return text;
}

}  // namespace

struct Router::Table {
    std::map<std::string, std::unique_ptr<Place>, std::less<>> literal;
    std::map<std::string, std::unique_ptr<Place>, std::less<>> parametric;  // by anonymous pattern

    Place& place_for(const std::string& pattern) {
        bool literal_only = pattern.find('{') == pattern.npos;
        auto& places = literal_only ? literal : parametric;
        auto& place = places[anonymous(pattern)];
        if (!place) place = std::make_unique<Place>(pattern);
        return *place;
    }
    const Place* find(std::string_view path) const {
        if (auto found = literal.find(path); found != literal.end()) return found->second.get();
        auto segments = split(path, '/');
        for (const auto& [key, place] : parametric) {
            if (place->matches(segments)) return place.get();
        }
        return nullptr;
    }
};

Router::Router() : table_(std::make_unique<Table>()) {}
Router::~Router() = default;

void Router::add(Route route) {
    if (!route.pattern().starts_with('/')) throw std::logic_error("a pattern without a slash");
    auto& place = table_->place_for(route.pattern());
    auto*& slot = place.at(route.method());
    if (slot != nullptr || place.pattern != route.pattern()) {
        throw std::logic_error("two routes for " + route.pattern());
    }
    routes_.push_back(std::make_unique<Route>(std::move(route)));
    slot = routes_.back().get();
}

void Router::add_gate(std::unique_ptr<Gate> gate) {
    gates_.push_back(std::move(gate));
}

void Router::show_problems_with(ProblemPage page) {
    problem_page_ = std::move(page);
}

const std::vector<std::unique_ptr<Route>>& Router::routes() const {
    return routes_;
}

Result<void> Router::prepare(Exchange& exchange) const {
    std::string_view target = exchange.request.target;
    auto path = normalise_path(target.substr(0, target.find('?')));
    if (!path) return std::unexpected(path.error());
    exchange.path = std::move(*path);
    const Place* place = table_->find(exchange.path);
    if (place == nullptr) return {};
    exchange.route = place->find(exchange.request.method);
    if (exchange.route == nullptr || place->pattern.find('{') == std::string::npos) return {};
    auto texts = split(exchange.path, '/');
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto segment = place->segments[i];
        if (!is_parameter(segment)) continue;
        exchange.path_parameters.emplace_back(segment.substr(1, segment.size() - 2), texts[i]);
    }
    return {};
}

Task<Response> Router::answer(Exchange& exchange) const {
    std::size_t asked = 0;
    Response response;
    try {
        auto result = co_await ask_and_call(exchange, asked);
        response = result ? std::move(*result) : problem_for(exchange, result.error());
    } catch (const std::exception& e) {
        response = problem_for(exchange, Error(internal, e.what()));
    }
    finish(exchange, response, asked);
    co_return response;
}

Response Router::refuse(Exchange& exchange, const Error& error) const {
    for (const auto& gate : gates_) {
        if (gate->marks_every_answer()) (void)gate->check(exchange);
    }
    auto response = problem_for(exchange, error);
    for (const auto& gate : gates_) {
        if (gate->marks_every_answer()) gate->finish(exchange, response);
    }
    return response;
}

Task<Response> Router::ask_and_call(Exchange& exchange, std::size_t& asked) const {
    for (const auto& gate : gates_) {
        ++asked;
        auto verdict = gate->check(exchange);
        if (std::holds_alternative<Pass>(verdict)) continue;
        if (auto* error = std::get_if<Error>(&verdict)) co_return std::unexpected(*error);
        if (auto* response = std::get_if<Response>(&verdict)) co_return std::move(*response);
        auto waited = co_await gate->wait(exchange);
        if (!waited) co_return std::unexpected(waited.error());
    }
    if (exchange.route == nullptr) co_return without_route(exchange);
    co_return co_await exchange.route->handler()(exchange);
}

Result<Response> Router::without_route(Exchange& exchange) const {
    const Place* place = table_->find(exchange.path);
    if (place == nullptr) return fail(route_unknown);
    exchange.reply_headers.set("Allow", place->allow());
    if (exchange.request.method == Method::options) return Response{204, {}, {}};
    return fail(method_refused);
}

Response Router::problem_for(Exchange& exchange, const Error& error) const {
    exchange.refusal = &error.reason();
    auto level = facts_of(error.code()).level;
    if (level != log::Level::debug || log::is_on(log::Level::debug)) {
        auto what = error.describe();
        log::event(level, "request.refused", log::kv("request_id", exchange.request_id),
                   log::kv("error", what));
    }
    bool wants_page =
        (exchange.route != nullptr && exchange.route->is_page()) || exchange.accepts("text/html");
    if (problem_page_ && wants_page && !exchange.accepts("application/json")) {
        auto page = problem_page_(exchange, to_problem(error, exchange.request_id));
        if (page) return std::move(*page);
    }
    return problem_response(error, exchange.request_id);
}

void Router::finish(const Exchange& exchange, Response& response, std::size_t asked) const {
    for (const auto& field : exchange.reply_headers) response.headers.add(field.name, field.value);
    for (std::size_t i = asked; i-- > 0;) gates_[i]->finish(exchange, response);
}

}  // namespace cardea::http
