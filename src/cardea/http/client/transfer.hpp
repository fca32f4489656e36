// Transfer: one request on its way through libcurl, and what came back.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string_view>

#include "cardea/http/client/client.hpp"
#include "cardea/http/client/multi.hpp"

namespace cardea::http {

/// Lives in the coroutine that waits for it: when that goes away, so does the transfer.
class Transfer final : public Ending {
  public:
    Transfer(std::shared_ptr<Multi> multi, std::shared_ptr<const ClientOptions> options,
             Request request, Limits limits);
    ~Transfer() override;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    /// Checks the URL and hands the request to libcurl.
    Result<void> start();
    /// Waits for the end or the deadlines.
    Task<Response> outcome();
    void ended(CURLcode code) override;

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
    static std::size_t on_header(char* data, std::size_t one, std::size_t size, void* self);
    static std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self);

    Result<void> read_url();
    void set_trust();
    void set_request();
    void set_limits();
    void add_header(std::string_view name, std::string_view value);
    bool may_connect(const sockaddr& address) const;
    bool keep_header(std::string_view line);
    bool keep_body(std::string_view part);
    SteadyTime next_deadline() const;
    Result<Response> finish();
    Error error_of(CURLcode code) const;

    std::shared_ptr<Multi> multi_;
    std::shared_ptr<const ClientOptions> options_;
    Request request_;
    Limits limits_;
    Response response_;
    boost::asio::steady_timer timer_;
    SteadyTime begun_;
    CURL* easy_;
    CURLU* url_;
    curl_slist* headers_ = nullptr;
    std::array<char, CURL_ERROR_SIZE> message_{};
    std::size_t header_bytes_ = 0;
    CURLcode code_ = CURLE_OK;
    bool plain_ = false;  // http:// and not https://
    bool added_ = false;
    bool ended_ = false;
    bool address_refused_ = false;
    bool answering_ = false;  // the first byte is here
    bool too_large_ = false;
};

}  // namespace cardea::http
