// The program itself, signed in to with a certified OpenID Provider: everything real but the
// person.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "cardea/http/parameters.hpp"
#include "cardea/http/url.hpp"
#include "tests/providers/real_provider.hpp"
#include "tests/support/raw_client.hpp"
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
    auto* named = reinterpret_cast<sockaddr*>(&address);
    if (bind(probe, named, size) != 0 || getsockname(probe, named, &size) != 0)
        throw std::runtime_error("no free port");
    close(probe);
    return ntohs(address.sin_port);
}

std::string quoted(const schema::Json& value) {
    return schema::write_json(value);
}

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Everything that the program wrote. Two files hold secrets on purpose: what the operator wrote,
/// and the generated key.
std::map<std::string, std::string> files_below(const std::string& folder) {
    std::map<std::string, std::string> texts;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        auto name = entry.path().filename();
        if (entry.is_regular_file() && name != "config.toml" && name != ".env")
            texts[entry.path()] = text_of(entry.path());
    }
    return texts;
}

/// Of what goes to the token endpoint and comes back: not the scope, the token's type and the like.
bool is_secret(const std::string& name) {
    return name == "code" || name == "session" || name == "client secret" || name == "SECRET_KEY" ||
           name.ends_with("_token") || name.ends_with("code_verifier");
}

/// The program in development mode with the real provider in its config.toml.
class Program {
  public:
    Program(const std::string& folder, std::uint16_t port, const schema::JsonObject& row,
            const std::string& more = "") {
        std::ofstream(folder + "/config.toml")
            << "[OAuth.providers.real]\ntitle = \"Real\"\nissuer = " << quoted(row.at("issuer"))
            << "\nclient_id = " << quoted(row.at("client_id"))
            << "\nclient_secret = " << quoted(row.at("client_secret"))
            << "\nscopes = [\"openid\", \"email\", \"profile\"]\npkce = \"required\"\n"
            << "[OAuth.providers.real.profile]\nemail_trust = \"claim\"\n"
            << more;
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
        row = idp->row("RS256");
        start_program();
        http::ClientOptions options;
        options.insecure_allow_loopback = true;
        client = http::make_client(io.get_executor(), options);
    }
    /// Ends the one that runs, if any.
    void start_program(const std::string& more = "") {
        program = nullptr;
        program = std::make_unique<Program>(folder.path(), port, row, more);
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
        if (method == http::Method::post) {
            request.headers.set("Content-Type", "application/json");
            request.body = "{}";
        }
        auto response = app.send(std::move(request));
        EXPECT_EQ(response.status, 200) << path << ' ' << response.body;
        return schema::parse_json(response.body).value_or(schema::Json());
    }

    /// Of the only connection.
    std::string connection_id(UserAgent& app) {
        auto connections = json(app, http::Method::get, "/v1/connections");
        return std::string(connections.at("items").at(0).at("id").as_string());
    }
    /// Asks for a renewal and does not wait for the answer.
    void ask_and_go_away(UserAgent& app, const std::string& id) {
        RawClient hasty(port);
        hasty.send("POST /v1/connections/" + id +
                   "/renew HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                   "\r\nSec-Fetch-Site: same-origin\r\nCookie: " + app.cookie_header() +
                   "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        asked = idp->next_event("asked");
    }

    TempFolder folder;
    std::string asked;  ///< The refresh token of the renewal that nobody waited for.
    std::uint16_t port = 0;
    std::string origin;
    std::unique_ptr<RealProvider> idp;
    schema::JsonObject row;  ///< The provider's, for config.toml.
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
    start_program();

    auto session = json(app, http::Method::get, "/v1/session");
    EXPECT_EQ(session.at("account").at("email").as_string(), "alice@idp.example");
}

TEST_F(RealProviderServer, StoresTheAnswerToARenewalThatTheStopFindsUnderWay) {
    start_program("[lifecycle]\ndrain_limit = \"1s\"\n");
    UserAgent app(io, *client);
    ASSERT_EQ(app.visit(visit_provider(app)).status, 303);
    auto id = connection_id(app);
    idp->delay_renewals(2s);
    ask_and_go_away(app, id);

    program->process->signal(SIGTERM);
    EXPECT_EQ(program->process->wait(30s), 0);

    auto rotated = idp->next_event("answered");
    EXPECT_NE(rotated, asked);
    idp->delay_renewals(0ms);
    start_program();
    auto renewed = json(app, http::Method::post, "/v1/connections/" + id + "/renew");
    EXPECT_EQ(renewed.at("state").as_string(), "fresh");
    EXPECT_EQ(idp->next_event("asked"), rotated) << "the last that the provider gave is kept";
}

TEST_F(RealProviderServer, LeavesNoSecretInLogFilesOrArguments) {
    start_program("[log]\nlevel = \"debug\"\nfile = \"log.txt\"\n");
    idp->reveal();
    UserAgent app(io, *client);
    ASSERT_EQ(app.visit(visit_provider(app)).status, 303);
    auto secrets = idp->next_revealed();
    json(app, http::Method::post, "/v1/connections/" + connection_id(app) + "/renew");
    for (auto& [name, value] : idp->next_revealed()) secrets["renewed " + name] = value;
    secrets["session"] = app.cookie_header().substr(app.cookie_header().find("cas_"), 53);
    secrets["client secret"] = std::string(row.at("client_secret").as_string());
    auto key = text_of(folder.path() + "/data/.env");
    secrets["SECRET_KEY"] = key.substr(key.find("SECRET_KEY=") + 11, 40);
    auto arguments = text_of("/proc/" + std::to_string(program->process->pid()) + "/cmdline");
    program->process->signal(SIGTERM);
    ASSERT_EQ(program->process->wait(30s), 0);

    for (const char* name : {"code", "code_verifier", "access_token", "refresh_token", "id_token",
                             "renewed access_token", "renewed refresh_token"})
        EXPECT_TRUE(secrets.contains(name)) << name;
    auto log = text_of(folder.path() + "/log.txt");
    EXPECT_NE(log.find(" debug "), log.npos) << "the log is at its most talkative";
    for (const auto& [name, secret] : secrets) {
        if (!is_secret(name)) continue;
        EXPECT_EQ(arguments.find(secret), arguments.npos) << name;
        for (const auto& [file, text] : files_below(folder.path()))
            EXPECT_EQ(text.find(secret), text.npos) << name << " in " << file;
    }
}

TEST_F(RealProviderServer, SignsInOnceAProviderIsThereThatWasDownAtTheStart) {
    auto address = http::Url::parse(idp->issuer()).value();
    idp = nullptr;
    start_program();
    UserAgent app(io, *client);

    EXPECT_EQ(app.visit(origin + "/auth/real").status, 502);
    idp = std::make_unique<RealProvider>(std::vector<std::string>{callback()}, address.port());

    // What was seen down is asked again after a moment.
    auto is_back = [&] { return app.visit(origin + "/auth/real").status == 303; };
    for (int i = 0; i < 120 && !is_back(); ++i) std::this_thread::sleep_for(500ms);
    EXPECT_EQ(app.visit(visit_provider(app)).status, 303);
    EXPECT_EQ(json(app, http::Method::get, "/v1/session").at("session").at("method").as_string(),
              "real");
}

}  // namespace
}  // namespace cardea
