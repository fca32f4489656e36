// ListeningProvider: FakeProvider behind a real socket on loopback, in a thread of its own.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_provider.hpp"
#include "tests/support/http_server.hpp"

namespace cardea {

/// A request to an endpoint that is set to hang is held until release() or stop().
class ListeningProvider {
  public:
    /// Calls `f` where the provider lives; it must give something.
    template <class F>
    auto with(F f) {
        return server_.on_thread([&](http::Server&) { return f(provider_); });
    }
    explicit ListeningProvider(FakeProvider::Options options = {})
        : provider_(clock_, random_, std::move(options)) {
        for (const char* path : {"/.well-known/openid-configuration", "/jwks", "/userinfo"})
            add(http::Method::get, path);
        for (const char* path : {"/par", "/token", "/revoke"}) add(http::Method::post, path);
        server_.start();
        issuer_ = "http://127.0.0.1:" + std::to_string(server_.port);
        with([this](FakeProvider& provider) { return provider.options.issuer = issuer_; });
    }
    ~ListeningProvider() { stop(); }

    const std::string& issuer() const { return issuer_; }
    std::string authorize(std::string url) {
        return with([&](FakeProvider& provider) { return provider.authorize(url); });
    }
    int count(const std::string& endpoint) {
        return with([&](FakeProvider& provider) { return provider.count(endpoint); });
    }
    bool fail(const std::string& endpoint, FakeProvider::Failure failure) {
        return with([&](FakeProvider& provider) {
            provider.fail(endpoint, failure);
            return true;
        });
    }
    /// Waits until that many requests are held.
    void wait_until_held(std::size_t number) {
        while (server_.on_thread([this](http::Server&) { return held_.size(); }) < number)
            std::this_thread::yield();
    }
    void release() {
        server_.on_thread([this](http::Server&) {
            for (auto& timer : held_) timer->cancel();
            return true;
        });
    }
    /// The provider goes down: nobody listens any more.
    void stop() {
        if (stopped_) return;
        stopped_ = true;
        release();
        server_.stop();
    }

  private:
    void add(http::Method method, std::string path) {
        server_.router.add(http::route(method, std::move(path), http::Access::anyone, "", *this,
                                       &ListeningProvider::answer));
    }
    Task<http::Response> answer(http::Exchange& exchange) {
        http::Request request = exchange.request;
        request.target = issuer_ + request.target;
        http::Limits limits;
        limits.response_bytes = std::size_t{1} << 30;
        auto response = co_await provider_.send(std::move(request), limits);
        if (!response && response.error().is(http::peer_timeout)) co_await hold();
        co_return response;
    }
    asio::awaitable<void> hold() {
        auto executor = co_await asio::this_coro::executor;
        auto timer =
            std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
        held_.push_back(timer);
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await timer->async_wait(token);
        std::erase(held_, timer);
    }

    SystemClock clock_;
    crypto::SystemRandom random_;
    FakeProvider provider_;
    std::string issuer_;
    std::vector<std::shared_ptr<asio::steady_timer>> held_;
    bool stopped_ = false;
    TestServer server_;
};

}  // namespace cardea
