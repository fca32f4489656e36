// The program itself, signed in to with a certified OpenID Provider: everything real but the
// person.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "cardea/http/parameters.hpp"
#include "tests/providers/real_provider.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea {
namespace {

bool servers_are_required() {
    const char* value = std::getenv("CARDEA_REQUIRE_SERVERS");
    return value != nullptr && std::string_view(value) == "1";
}

/// A port that nobody listens on. The provider must know the address before the program starts.
std::uint16_t free_port() {
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(probe, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
    close(probe);
    return ntohs(address.sin_port);
}

std::string quoted(const schema::Json& value) {
    return schema::write_json(value);
}

/// The program in development mode with the real provider in its config.toml.
class Program {
  public:
    Program(const std::string& folder, std::uint16_t port, const RealProvider& idp) {
        auto row = idp.row("RS256");
        std::ofstream(folder + "/config.toml")
            << "[OAuth.providers.real]\ntitle = \"Real\"\nissuer = " << quoted(row.at("issuer"))
            << "\nclient_id = " << quoted(row.at("client_id"))
            << "\nclient_secret = " << quoted(row.at("client_secret"))
            << "\nscopes = [\"openid\", \"email\", \"profile\"]\npkce = \"required\"\n"
            << "[OAuth.providers.real.profile]\nemail_trust = \"claim\"\n";
        ChildProcess::Options options;
        options.folder = folder;
        options.without = "CARDEA_";  // to the program these would be unknown settings
        std::vector<std::string> command{CARDEA_PROGRAM, "serve", "--dev", "--port",
                                         std::to_string(port)};
        process = std::make_unique<ChildProcess>(command, options);
        // It says where to go once it listens.
        for (std::string line; line.find("http://") == std::string::npos;) {
            auto next = process->read_line(30s);
            if (!next) throw std::runtime_error("the program did not come up");
            line = *next;
        }
    }
    std::unique_ptr<ChildProcess> process;
};

class RealProviderServer : public testing::Test {
  protected:
    void SetUp() override {
        auto missing = RealProvider::missing();
        if (!missing.empty() && servers_are_required()) FAIL() << missing;
        if (!missing.empty()) GTEST_SKIP() << missing;
        port = free_port();
        origin = "http://127.0.0.1:" + std::to_string(port);
        idp = std::make_unique<RealProvider>(std::vector<std::string>{callback()});
        program = std::make_unique<Program>(folder.path(), port, *idp);
        http::ClientOptions options;
        options.insecure_allow_loopback = true;
        client = http::make_client(io.get_executor(), options);
    }
    std::string callback() const { return origin + "/auth/callback/real"; }

    /// From the button to the provider and back: the callback's URL, not yet opened.
    std::string visit_provider(UserAgent& app) {
        auto begun = app.visit(origin + "/auth/real?return_to=/");
        EXPECT_EQ(begun.status, 303) << begun.body;
        UserAgent at_provider(io, *client);
        auto query = at_provider.follow(std::string(begun.headers.get("Location")), callback());
        return callback() + '?' + query;
    }
    schema::Json json(UserAgent& app, http::Method method, const std::string& path) {
        http::Request request;
        request.method = method;
        request.target = origin + path;
        request.headers.set("Sec-Fetch-Site", "same-origin");
        auto response = app.send(std::move(request));
        EXPECT_EQ(response.status, 200) << path << ' ' << response.body;
        return schema::parse_json(response.body).value_or(schema::Json());
    }

    TempFolder folder;
    std::uint16_t port = 0;
    std::string origin;
    std::unique_ptr<RealProvider> idp;
    std::unique_ptr<Program> program;
    asio::io_context io{1};
    std::unique_ptr<http::Client> client;
};

TEST_F(RealProviderServer, RefusesACallbackInAnotherBrowserAndASecondOne) {
    UserAgent mine(io, *client);
    UserAgent other(io, *client);
    auto url = visit_provider(mine);

    EXPECT_GE(other.visit(url).status, 400);
    EXPECT_EQ(other.visit(origin + "/v1/session").status, 401);
    EXPECT_GE(mine.visit(url).status, 400) << "a callback serves once, whoever opens it";
    auto second = visit_provider(mine);
    EXPECT_EQ(mine.visit(second).status, 303);
    EXPECT_GE(mine.visit(second).status, 400);
}

TEST_F(RealProviderServer, SignsInKeepsTheTokensAndRenewsThem) {
    UserAgent app(io, *client);

    auto finished = app.visit(visit_provider(app));

    ASSERT_EQ(finished.status, 303) << finished.body;
    auto session = json(app, http::Method::get, "/v1/session");
    EXPECT_EQ(session.at("account").at("email").as_string(), "alice@idp.example");
    auto connections = json(app, http::Method::get, "/v1/connections").at("items").as_array();
    ASSERT_EQ(connections.size(), 1U);
    EXPECT_EQ(connections[0].at("provider").as_string(), "real");
    EXPECT_EQ(connections[0].at("state").as_string(), "fresh");
    auto id = std::string(connections[0].at("id").as_string());
    auto renewed = json(app, http::Method::post, "/v1/connections/" + id + "/renew");
    EXPECT_EQ(renewed.at("state").as_string(), "fresh");
}

TEST_F(RealProviderServer, EndsOrderlyAndIsStillSignedInAfterwards) {
    UserAgent app(io, *client);
    ASSERT_EQ(app.visit(visit_provider(app)).status, 303);

    program->process->signal(SIGTERM);
    EXPECT_EQ(program->process->wait(20s), 0);
    program = std::make_unique<Program>(folder.path(), port, *idp);

    auto session = json(app, http::Method::get, "/v1/session");
    EXPECT_EQ(session.at("account").at("email").as_string(), "alice@idp.example");
}

}  // namespace
}  // namespace cardea
