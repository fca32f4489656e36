// A blocking keep-alive connection: one request after another, for flows that depend on answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cardea::bench {

class HttpConnection {
  public:
    /// `host` is an address of 127.0.0.0/8 to come from. Connects when first used, and anew when
    /// the server has closed.
    HttpConnection(std::uint32_t host, std::uint16_t port) : host_(host), port_(port) {}
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    /// The whole response, head and body. Throws when the connection breaks.
    std::string send(std::string_view request);
    /// GET of a path, with a Cookie field when there is one to send.
    std::string get(std::string_view path, std::string_view cookie = "");

  private:
    std::uint32_t host_;
    std::uint16_t port_;
    int socket_ = -1;
    std::string incoming_;
};

/// The value of a header field; empty when it is not there.
std::string field_of(const std::string& response, std::string_view name);
int status_of(const std::string& response);

}  // namespace cardea::bench
