// The baseline of `./bench session`: a coroutine server made of Beast and nothing else, one thread,
// that answers every request with the same bytes.
//
// bare_beast PORT FILE: FILE holds a whole response as another server sent it (curl -i shows one).
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using Response = beast::http::response<beast::http::string_body>;

namespace {

asio::awaitable<void> serve(beast::tcp_stream stream, const Response& pattern) {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    for (;;) {
        beast::http::request<beast::http::string_body> request;
        stream.expires_after(std::chrono::seconds(60));
        co_await beast::http::async_read(stream, buffer, request, token);
        if (error) co_return;
        Response response = pattern;
        response.keep_alive(request.keep_alive());
        co_await beast::http::async_write(stream, response, token);
        if (error || !request.keep_alive()) co_return;
    }
}

asio::awaitable<void> accept_all(Tcp::acceptor acceptor, const Response& pattern) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(Tcp::no_delay(true));
        auto executor = acceptor.get_executor();
        asio::co_spawn(executor, serve(beast::tcp_stream(std::move(socket)), pattern),
                       asio::detached);
    }
}

Response read_pattern(const char* path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    beast::http::response_parser<beast::http::string_body> parser;
    parser.eager(true);
    boost::system::error_code error;
    auto bytes = text.str();
    parser.put(asio::buffer(bytes), error);
    if (error) throw boost::system::system_error(error, path);
    return parser.release();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "bare_beast PORT FILE\n";
        return 84;
    }
    auto pattern = read_pattern(argv[2]);
    asio::io_context io(1);
    Tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                           static_cast<std::uint16_t>(std::stoi(argv[1])));
    Tcp::acceptor acceptor(io, endpoint);
    asio::co_spawn(io, accept_all(std::move(acceptor), pattern), asio::detached);
    io.run();
}
