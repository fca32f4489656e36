// For examples 3, 4 and 9: the development provider on a port of its own, somebody who signs in
// there, and the configuration that a config.toml and an .env would hold.
#pragma once

#include <fmt/format.h>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "cardea/crypto/keyring.hpp"
#include "cardea/embed/configuration.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/emulator/development_provider.hpp"

namespace example {

using namespace cardea;

class Provider {
  public:
    explicit Provider(Seconds token_lifetime = 5min) {
        emulator::DevelopmentProvider::Options options;
        options.token_lifetime = token_lifetime;
        auto started = emulator::DevelopmentProvider::start(io_.get_executor(), clock_, random_,
                                                            std::move(options));
        if (!started) throw std::runtime_error(started.error().describe());
        provider_ = std::move(*started);
        provider_->allow_redirect_uri("http://127.0.0.1:8080/auth/callback/development");
        http::ClientOptions loopback;
        loopback.insecure_allow_loopback = true;
        browser_ = http::make_client(io_.get_executor(), loopback);
        thread_ = std::thread([this] { io_.run(); });
    }
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;
    ~Provider() {
        std::ignore = wait_for(provider_->drain(1s));
        alive_.reset();
        thread_.join();
    }

    /// What stands in config.toml for a provider that the catalogue does not have.
    TomlConfiguration toml() const {
        auto text = fmt::format(
            "[OAuth.providers.development]\n"
            "issuer = \"{}\"\nclient_id = \"{}\"\n"
            "scopes = [\"openid\", \"email\", \"profile\", \"offline_access\"]\n"
            "profile = {{ email_trust = \"claim\" }}\n",
            provider_->issuer(), provider_->client_id());
        return TomlConfiguration::parse(text).value();
    }
    /// What stands in .env.
    Environment environment() {
        Environment::Variables variables{
            {"SECRET_KEY", crypto::new_secret(random_).reveal()},
            {"DATABASE_URL", "sqlite::memory:"},
            {"REDIRECT_URI", "http://127.0.0.1:8080/auth/callback/{provider}"},
            {"DEVELOPMENT_CLIENT_SECRET", provider_->client_secret().reveal()}};
        return Environment(variables);
    }

    /// Goes to the authorization URL, agrees, and is sent back: gives the query of the callback.
    std::string consent(std::string url) { return wait_for(agree(std::move(url))).value(); }

  private:
    template <class T>
    Result<T> wait_for(Task<T> task) {
        std::promise<Result<T>> promise;
        auto answer = promise.get_future();
        auto keep = [promise = std::move(promise)](std::exception_ptr thrown,
                                                   Result<T> result) mutable {
            if (thrown) result = fail(internal);
            promise.set_value(std::move(result));
        };
        asio::co_spawn(io_, std::move(task), std::move(keep));
        return answer.get();
    }

    Task<std::string> agree(std::string url) {
        http::Request look;
        look.target = std::move(url);
        auto page = co_await browser_->send(std::move(look));
        if (!page) co_return std::unexpected(page.error());
        http::Parameters form{{"request", between(page->body, "name=\"request\" value=\"", "\"")},
                              {"name", "Nora Newcomer"},
                              {"email", "nora@example.org"},
                              {"decision", "allow"}};
        http::Request press;
        press.method = http::Method::post;
        press.target = provider_->issuer() + "/decide";
        press.headers.set("Content-Type", "application/x-www-form-urlencoded");
        press.body = form.encode();
        auto sent_back = co_await browser_->send(std::move(press));
        if (!sent_back) co_return std::unexpected(sent_back.error());
        std::string location(sent_back->headers.get("Location"));
        co_return location.substr(location.find('?') + 1);
    }

    static std::string between(const std::string& text, std::string_view begin,
                               std::string_view end) {
        auto from = text.find(begin);
        if (from == std::string::npos) return "";
        from += begin.size();
        return text.substr(from, text.find(end, from) - from);
    }

    SystemClock clock_;
    crypto::SystemRandom random_;
    asio::io_context io_{1};
    std::unique_ptr<emulator::DevelopmentProvider> provider_;
    std::unique_ptr<http::Client> browser_;
    asio::executor_work_guard<asio::io_context::executor_type> alive_{io_.get_executor()};
    std::thread thread_;
};

}  // namespace example
