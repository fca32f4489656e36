#include "server/cli/command.hpp"

#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

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

/// Columns of a text, counting code points: names are not all ASCII.
std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return width;
}

Task<void> open_and_work(engine::Settings settings, engine::CoreOptions options, Work work) {
    auto core = co_await engine::Core::open(std::move(settings), std::move(options));
    if (!core) co_return std::unexpected(core.error());
    auto worked = co_await work(**core);
    auto closed = co_await (*core)->close();
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

Loaded load(const Invocation& invocation, std::vector<schema::SettingOverride> overrides) {
    Loaded loaded;
    schema::SettingSources sources;
    sources.environment = schema::Environment(schema::Environment::of_process());
    auto dotenv = read_file(invocation.environment_file);
    if (dotenv) {
        // It holds secrets: nobody else may read it.
        (void)chmod(invocation.environment_file.c_str(), S_IRUSR | S_IWUSR);
        loaded.problems = sources.environment.add_dotenv(*dotenv, invocation.environment_file);
    } else if (is_given(invocation.environment_file, ".env")) {
        loaded.problems.push_back(
            {"command line", "--env", invocation.environment_file, "a file that can be read", ""});
    }
    auto toml = read_file(invocation.config_file);
    if (!toml && is_given(invocation.config_file, "config.toml")) {
        loaded.problems.push_back(
            {"command line", "--config", invocation.config_file, "a file that can be read", ""});
    }
    sources.toml = toml.value_or("");
    sources.toml_name = invocation.config_file;
    sources.overrides = std::move(overrides);
    auto read = schema::load_settings<engine::Settings>(sources);
    loaded.problems.insert(loaded.problems.end(), read.problems.begin(), read.problems.end());
    loaded.settings = std::move(read.value);
    loaded.origins = std::move(read.origins);
    loaded.environment = std::move(sources.environment);
    return loaded;
}

void print_problems(const std::vector<schema::SettingProblem>& problems) {
    for (const auto& problem : problems) std::cerr << "cardea: " << problem.text() << "\n";
}

std::optional<Loaded> load_for_work(const Invocation& invocation, engine::Mode mode) {
    auto loaded = load(invocation);
    if (loaded.settings) {
        auto more = engine::check_start(*loaded.settings, loaded.environment, mode);
        loaded.problems.insert(loaded.problems.end(), more.begin(), more.end());
    }
    if (loaded.problems.empty()) return loaded;
    print_problems(loaded.problems);
    return std::nullopt;
}

int report(const Error& error) {
    std::cerr << "cardea: " << error.reason().text << "\n";
    for (const auto& field : error.fields())
        std::cerr << "  " << field.field << ": " << field.text << "\n";
    std::cerr << "  " << error.describe() << "\n";
    return failure;
}

int on_core(const Invocation& invocation, Work work) {
    // Records are the same in both modes; the rules for listening do not matter here.
    auto loaded = load_for_work(invocation, engine::Mode::development);
    if (!loaded) return failure;
    log::Settings quiet;
    quiet.level = log::Level::warn;
    auto logging = log::open(quiet);
    if (!logging) return report(logging.error());
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
    if (!outcome) return report(Error(internal, "the command did not end"));
    if (!*outcome) return report(outcome->error());
    return success;
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
