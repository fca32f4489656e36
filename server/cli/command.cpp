#include "server/cli/command.hpp"

#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cardea/base/encoding.hpp"
#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::cli {

namespace {

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return std::nullopt;
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

bool is_given(const std::string& path, std::string_view standard) {
    return path != standard;
}

/// It holds secrets: nobody else may read it.
void protect(const std::string& path, std::vector<schema::SettingProblem>& problems) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
    if (chmod(path.c_str(), S_IRUSR | S_IWUSR) == 0) return;
    if ((status.st_mode & S_IRWXO) == 0) return;
    problems.push_back({path, "", "a file that others can read", "mode 600: chmod 600 it", ""});
}

std::optional<std::string> read_environment_file(const Invocation& invocation,
                                                 std::vector<schema::SettingProblem>& problems) {
    auto text = read_file(invocation.environment_file);
    if (text) {
        protect(invocation.environment_file, problems);
    } else if (is_given(invocation.environment_file, ".env")) {
        problems.push_back(
            {"command line", "--env", invocation.environment_file, "a file that can be read", ""});
    }
    return text;
}

bool has_key(const schema::Environment& environment) {
    return environment.find("SECRET_KEY") != nullptr ||
           environment.find("SECRET_KEY_FILE") != nullptr;
}

/// Development mode keeps its key in an .env beside its database. Empty where something else says
/// which key is meant.
std::string environment_file_beside_data(const Invocation& invocation, const Loaded& loaded) {
    bool chosen = is_given(invocation.environment_file, ".env") ||
                  std::filesystem::exists(invocation.environment_file) ||
                  has_key(loaded.environment);
    if (chosen || !loaded.readable) return {};
    std::filesystem::path data = engine::sqlite_path(loaded.readable->database.url);
    auto file = data.parent_path() / ".env";
    return std::filesystem::exists(file) ? file.string() : std::string();
}

std::string origin_of_key(const schema::Environment& environment) {
    auto key = environment.take("SECRET_KEY");
    return key && *key ? (*key)->origin : "nowhere";
}

/// Columns of a text, counting code points: names are not all ASCII.
std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return width;
}

/// For what a command left in the background, such as a revocation at a provider.
constexpr Milliseconds closing_limit = 30s;

Task<void> open_and_work(engine::Settings settings, engine::CoreOptions options, Work work) {
    auto core = co_await engine::Core::open(std::move(settings), std::move(options));
    if (!core) co_return std::unexpected(core.error());
    auto worked = co_await work(**core);
    auto closed = co_await (*core)->close(closing_limit);
    if (!worked) co_return worked;
    co_return closed;
}

class QuietTerminal {
  public:
    QuietTerminal() {
        tcgetattr(STDIN_FILENO, &before_);
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~QuietTerminal() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

  private:
    termios before_{};
};

}  // namespace

void add_global_options(CLI::App& app, Invocation& invocation) {
    app.add_option("--config", invocation.config_file, "The configuration file")
        ->capture_default_str();
    app.add_option("--env", invocation.environment_file, "The file with environment variables")
        ->capture_default_str();
    app.add_flag("--json", invocation.json, "Answer in JSON, for scripts");
    app.fallthrough();
}

engine::StartContext Loaded::context(engine::Mode mode) const {
    return {mode, environment, origins, config_file, environment_file};
}

void Loaded::check(engine::Mode mode) {
    auto add = [this](std::vector<schema::SettingProblem> more) {
        for (auto& problem : more) {
            auto is_same = [&problem](const auto& known) { return known.key == problem.key; };
            // A value that could not be read is not missing as well.
            if (std::ranges::none_of(problems, is_same)) problems.push_back(std::move(problem));
        }
    };
    add(engine::check_environment(context(mode)));
    if (readable) add(engine::check_start(*readable, context(mode)));
}

Loaded load(const Invocation& invocation, LoadOptions options) {
    Loaded loaded;
    loaded.config_file = invocation.config_file;
    loaded.environment_file = invocation.environment_file;
    schema::SettingSources sources;
    sources.environment = schema::Environment(schema::Environment::of_process());
    auto dotenv = options.environment_text ? options.environment_text
                                           : read_environment_file(invocation, loaded.problems);
    if (dotenv) {
        auto wrong = sources.environment.add_dotenv(*dotenv, invocation.environment_file);
        loaded.problems.insert(loaded.problems.end(), wrong.begin(), wrong.end());
    }
    auto toml = read_file(invocation.config_file);
    if (!toml && is_given(invocation.config_file, "config.toml")) {
        loaded.problems.push_back(
            {"command line", "--config", invocation.config_file, "a file that can be read", ""});
    }
    sources.toml = toml.value_or("");
    sources.toml_name = invocation.config_file;
    sources.overrides = std::move(options.overrides);
    auto read = schema::load_settings<engine::Settings>(sources);
    loaded.problems.insert(loaded.problems.end(), read.problems.begin(), read.problems.end());
    loaded.settings = std::move(read.value);
    loaded.readable = std::move(read.readable);
    loaded.origins = std::move(read.origins);
    loaded.environment = std::move(sources.environment);
    return loaded;
}

LoadOptions for_development(Invocation& invocation, const std::string& data_folder,
                            LoadOptions options) {
    if (is_given(invocation.environment_file, ".env")) return options;
    invocation.environment_file = data_folder + "/.env";
    if (std::filesystem::exists(invocation.environment_file)) return options;
    crypto::SystemRandom random;
    options.environment_text =
        "# Made for development mode. Keep it: what is stored opens with this key alone.\n"
        "SECRET_KEY=" +
        to_base64url(random.bytes(32)) + "\n";
    return options;
}

schema::Json json_of(const std::vector<schema::SettingProblem>& problems) {
    schema::JsonArray items;
    for (const auto& problem : problems) {
        items.push_back(schema::JsonObject{{"source", problem.source},
                                           {"key", problem.key},
                                           {"found", problem.found},
                                           {"expected", problem.expected},
                                           {"nearest", problem.nearest}});
    }
    return items;
}

void print_problems(const Invocation& invocation,
                    const std::vector<schema::SettingProblem>& problems) {
    if (invocation.json) {
        schema::Json document = schema::JsonObject{{"problems", json_of(problems)}};
        std::cerr << schema::write_json(document) << "\n";
        return;
    }
    for (const auto& problem : problems) std::cerr << "cardea: " << problem.text() << "\n";
}

std::optional<Loaded> load_for_work(const Invocation& invocation, engine::Mode mode) {
    auto loaded = load(invocation);
    auto beside = environment_file_beside_data(invocation, loaded);
    if (mode == engine::Mode::records && !beside.empty()) {
        Invocation other = invocation;
        other.environment_file = beside;
        loaded = load(other);
    }
    loaded.check(mode);
    if (loaded.problems.empty()) return loaded;
    print_problems(invocation, loaded.problems);
    return std::nullopt;
}

int report(const Invocation& invocation, const Error& error) {
    if (invocation.json) {
        schema::JsonArray fields;
        for (const auto& field : error.fields()) {
            fields.push_back(schema::JsonObject{
                {"field", field.field}, {"reason", field.reason}, {"text", field.text}});
        }
        schema::Json document = schema::JsonObject{{"reason", error.reason().slug},
                                                   {"text", error.reason().text},
                                                   {"detail", error.detail()},
                                                   {"fields", std::move(fields)}};
        std::cerr << schema::write_json(document) << "\n";
        return failure;
    }
    std::cerr << "cardea: " << error.reason().text << "\n";
    for (const auto& field : error.fields())
        std::cerr << "  " << field.field << ": " << field.text << "\n";
    std::cerr << "  " << error.describe() << "\n";
    return failure;
}

int on_core(const Invocation& invocation, Work work) {
    auto loaded = load_for_work(invocation, engine::Mode::records);
    if (!loaded) return failure;
    log::Settings quiet;
    quiet.level = log::Level::warn;
    if (invocation.json) quiet.format = "json";
    auto logging = log::open(quiet);
    if (!logging) return report(invocation, logging.error());
    auto key_origin = origin_of_key(loaded->environment);
    asio::io_context io(1);
    std::optional<Result<void>> outcome;
    auto keep = [&outcome](std::exception_ptr thrown, Result<void> result) {
        if (thrown) std::rethrow_exception(thrown);
        outcome = std::move(result);
    };
    engine::CoreOptions options;
    // A url of http://127.0.0.1 in the table is the development provider's: it is served there
    // only.
    options.mode =
        loaded->settings->server.public_url ? engine::Mode::production : engine::Mode::development;
    options.environment = std::move(loaded->environment);
    asio::co_spawn(
        io, open_and_work(std::move(*loaded->settings), std::move(options), std::move(work)), keep);
    io.run();
    log::flush();
    if (!outcome) return report(invocation, Error(internal, "the command did not end"));
    if (*outcome) return success;
    const Error& error = outcome->error();
    if (!error.is(engine::key_mismatch)) return report(invocation, error);
    return report(invocation, Error(engine::key_mismatch,
                                    error.detail() + "; SECRET_KEY is from " + key_origin));
}

void print_done(bool json, std::string_view text, schema::JsonObject object) {
    if (json) {
        print_json(object);
    } else {
        std::cout << text << "\n";
    }
}

audit::Origin origin() {
    return {"cli", "", ""};
}

void Table::print(std::string_view empty) const {
    if (rows_.size() == 1) {
        std::cout << empty << "\n";
        return;
    }
    std::vector<std::size_t> widths(rows_[0].size());
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width_of(row[i]));
    }
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - width_of(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        std::cout << line << "\n";
    }
}

void print_json(const schema::Json& json) {
    std::cout << schema::write_json(json) << "\n";
}

std::optional<SecretText> read_secret(const std::string& prompt) {
    bool terminal = isatty(STDIN_FILENO) == 1;
    std::optional<QuietTerminal> quiet;
    if (terminal) {
        std::cerr << prompt << ": " << std::flush;
        quiet.emplace();
    }
    std::string line;
    bool read = static_cast<bool>(std::getline(std::cin, line));
    if (terminal) std::cerr << "\n";
    if (!read) return std::nullopt;
    return SecretText(std::move(line));
}

}  // namespace cardea::cli
