// For examples 3, 4 and 9: Google as the emulator plays it on a port of its own, somebody who signs
// in there, and the configuration that a config.toml and an .env would hold.
#pragma once

#include <fmt/format.h>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "cardea/crypto/keyring.hpp"
#include "cardea/embed/configuration.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/emulator/emulator_server.hpp"

namespace example {

using namespace cardea;

class Provider {
  public:
    /// Access tokens live as long as Google's unless told.
    explicit Provider(std::optional<Seconds> token_lifetime = std::nullopt) {
        emulator::EmulatorServer::Options options;
        options.emulator.redirect_uris = {"http://127.0.0.1:8080/auth/callback/{provider}"};
        options.emulator.token_lifetime = token_lifetime;
        auto started = emulator::EmulatorServer::start(io_.get_executor(), clock_, random_,
                                                       std::move(options));
        if (!started) throw std::runtime_error(started.error().describe());
        server_ = std::move(*started);
        http::ClientOptions loopback;
        loopback.insecure_allow_loopback = true;
        browser_ = http::make_client(io_.get_executor(), loopback);
        thread_ = std::thread([this] { io_.run(); });
    }
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;
    ~Provider() {
        io_.stop();
        thread_.join();
    }

    /// What stands in config.toml. Without the emulator: nothing at all.
    TomlConfiguration toml() const {
        auto text = fmt::format("[OAuth]\nemulator = \"{}\"\n", server_->url());
        return TomlConfiguration::parse(text).value();
    }
    /// What stands in .env.
    Environment environment() {
        const auto& client = server_->emulator().find("google")->client();
        Environment::Variables variables{
            {"SECRET_KEY", crypto::new_secret(random_).reveal()},
            {"DATABASE_URL", "sqlite::memory:"},
            {"REDIRECT_URI", "http://127.0.0.1:8080/auth/callback/{provider}"},
            {"GOOGLE_CLIENT_ID", client.id},
            {"GOOGLE_CLIENT_SECRET", client.secret.reveal()}};
        return Environment(variables);
    }

    /// Goes to the authorization URL, agrees, and is sent back: gives the query of the callback.
    std::string consent(std::string url) {
        http::Request look;
        look.target = std::move(url);
        auto sent_back = wait_for(browser_->send(std::move(look))).value();
        std::string location(sent_back.headers.get("Location"));
        return location.substr(location.find('?') + 1);
    }

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

    SystemClock clock_;
    crypto::SystemRandom random_;
    asio::io_context io_{1};
    std::unique_ptr<emulator::EmulatorServer> server_;
    std::unique_ptr<http::Client> browser_;
    asio::executor_work_guard<asio::io_context::executor_type> alive_{io_.get_executor()};
    std::thread thread_;
};

}  // namespace example
