#include "cardea/http/client/client.hpp"

#include "cardea/http/client/multi.hpp"
#include "cardea/http/client/transfer.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::http {
namespace {

class CurlClient final : public Client {
  public:
    CurlClient(const asio::any_io_executor& executor, ClientOptions options)
        : multi_(std::make_shared<Multi>(executor, options.connections_per_host)),
          options_(std::make_shared<const ClientOptions>(std::move(options))) {}
    ~CurlClient() override { multi_->close(); }

    Task<Response> send(Request request, Limits limits) override {
        return exchange(multi_, options_, std::move(request), limits);
    }

  private:
    // Static: the client may be gone before the answer is here.
    static Task<Response> exchange(std::shared_ptr<Multi> multi,
                                   std::shared_ptr<const ClientOptions> options, Request request,
                                   Limits limits) {
        Transfer transfer(std::move(multi), std::move(options), std::move(request), limits);
        auto started = transfer.start();
        if (!started) co_return std::unexpected(started.error());
        co_return co_await transfer.outcome();
    }

    std::shared_ptr<Multi> multi_;
    std::shared_ptr<const ClientOptions> options_;
};

}  // namespace

std::unique_ptr<Client> make_client(const asio::any_io_executor& executor, ClientOptions options) {
    return std::make_unique<CurlClient>(executor, std::move(options));
}

}  // namespace cardea::http
