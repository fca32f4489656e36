#include "tests/providers/real_provider.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <stdexcept>

#include "cardea/base/text.hpp"
#include "tests/support/run.hpp"

namespace cardea {
namespace {

const std::string folder = std::string(CARDEA_SOURCE_DIR) + "/tests/providers";

std::string text_at(const schema::JsonObject& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

}  // namespace

std::string RealProvider::missing() {
    if (!find_program("node")) return "node is not installed";
    if (!std::filesystem::exists(folder + "/node_modules/oidc-provider")) {
        return "oidc-provider is not installed: run `npm ci` in tests/providers";
    }
    return {};
}

RealProvider::RealProvider(const std::vector<std::string>& redirect_uris, std::uint16_t port) {
    std::vector<std::string> command{"node", "provider.mjs", "--port", std::to_string(port)};
    command.insert(command.end(), redirect_uris.begin(), redirect_uris.end());
    ChildProcess::Options options;
    options.folder = folder;
    process_ = std::make_unique<ChildProcess>(command, options);
    auto line = process_->read_line(30s);
    if (!line) throw std::runtime_error("the real provider did not come up");
    facts_ = boost::json::parse(*line).as_object();
    issuer_ = text_at(facts_, "issuer");
}

schema::JsonObject RealProvider::row(const std::string& algorithm) const {
    return {{"title", "Real"},
            {"issuer", issuer_},
            {"client_id", facts_.at("clients").at(algorithm)},
            {"client_secret", facts_.at("client_secret")},
            {"scopes", {"openid", "email", "profile"}},
            {"pkce", "required"},
            {"profile", schema::JsonObject{{"email_trust", "claim"}}}};
}

void RealProvider::delay_renewals(Milliseconds delay) {
    process_->write(std::to_string(delay.count()) + '\n');
}

std::string RealProvider::next_event(const std::string& event) {
    auto line = process_->read_line(30s);
    if (!line) throw std::runtime_error("the provider did not tell that it " + event);
    auto told = boost::json::parse(*line).as_object();
    if (text_at(told, "event") != event) throw std::runtime_error("instead of " + event + *line);
    return text_at(told, "refresh_token");
}

void RealProvider::reveal() {
    process_->write("reveal\n");
}

std::map<std::string, std::string> RealProvider::next_revealed() {
    auto line = process_->read_line(30s);
    if (!line) throw std::runtime_error("nobody asked the provider for tokens");
    auto told = boost::json::parse(*line).as_object();
    std::map<std::string, std::string> texts;
    for (const char* part : {"sent", "answered"})
        for (const auto& [name, value] : told.at(part).as_object())
            if (value.is_string()) texts[name] = text_at(told.at(part).as_object(), name);
    return texts;
}

http::Response UserAgent::visit(const std::string& url) {
    http::Request request;
    request.target = url;
    return send(std::move(request));
}

http::Response UserAgent::send(http::Request request) {
    auto cookies = cookie_header();
    if (!cookies.empty()) request.headers.set("Cookie", cookies);
    auto response = run(io_, client_.send(std::move(request)));
    if (!response) throw std::runtime_error(response.error().describe());
    keep_cookies(*response);
    return std::move(*response);
}

std::string UserAgent::cookie_header() const {
    std::string cookies;
    for (const auto& [name, value] : cookies_) cookies += fmt::format("{}={}; ", name, value);
    return cookies.substr(0, cookies.empty() ? 0 : cookies.size() - 2);
}

void UserAgent::keep_cookies(const http::Response& response) {
    for (const auto& field : response.headers) {
        if (!equal_ignoring_case(field.name, "Set-Cookie")) continue;
        auto pair = field.value.substr(0, field.value.find(';'));
        auto equals = pair.find('=');
        if (equals != std::string::npos) cookies_[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
}

std::string UserAgent::follow(std::string url, const std::string& destination) {
    constexpr int patience = 10;
    for (int i = 0; i < patience; ++i) {
        auto response = visit(url);
        std::string location(response.headers.get("Location"));
        if (location.empty()) {
            throw std::runtime_error(
                fmt::format("a page instead of a redirect: {} {}", response.status, response.body));
        }
        if (location.starts_with(destination + '?')) return location.substr(destination.size() + 1);
        if (location.starts_with('/')) {
            auto path = url.find('/', url.find("://") + 3);
            location.insert(0, url, 0, path);
        }
        url = location;
    }
    throw std::runtime_error("redirects without end");
}

}  // namespace cardea
