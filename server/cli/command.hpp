// What the commands share: the invocation, loading settings, running on a Core, and printing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cardea/engine/core.hpp"
#include "cardea/engine/settings.hpp"
#include "cardea/schema/settings.hpp"

namespace CLI {
class App;
}

namespace cardea::cli {

/// The exit codes; there are no others.
inline constexpr int success = 0;
inline constexpr int failure = 84;

/// What the command line said. `action` is what the chosen command does; its result is the exit
/// code.
struct Invocation {
    std::string config_file = "config.toml";
    std::string environment_file = ".env";
    bool json = false;
    std::function<int()> action;
};

void add_global_options(CLI::App& app, Invocation& invocation);
void add_serve(CLI::App& app, Invocation& invocation);
void add_migrate(CLI::App& app, Invocation& invocation);
void add_account(CLI::App& app, Invocation& invocation);
void add_provider(CLI::App& app, Invocation& invocation);
void add_connection(CLI::App& app, Invocation& invocation);
void add_key(CLI::App& app, Invocation& invocation);
void add_job(CLI::App& app, Invocation& invocation);
void add_password(CLI::App& app, Invocation& invocation);
void add_password_calibrate(CLI::App& app, Invocation& invocation);
void add_settings(CLI::App& app, Invocation& invocation);
void add_openapi(CLI::App& app, Invocation& invocation);
void add_version(CLI::App& app, Invocation& invocation);

/// Settings and environment, read and checked by themselves; `problems` has what is wrong with
/// them.
struct Loaded {
    std::optional<engine::Settings> settings;
    schema::Environment environment;
    schema::SettingOrigins origins;
    std::vector<schema::SettingProblem> problems;
};
/// Reads the environment file (mode 0600 is set on it) and the configuration file. A file that is
/// not there is no problem unless the command line named it.
Loaded load(const Invocation& invocation, std::vector<schema::SettingOverride> overrides = {});
/// Prints every problem, one a line, to standard error.
void print_problems(const std::vector<schema::SettingProblem>& problems);
/// load() and engine::check_start(); prints what is wrong and returns nothing when anything is.
std::optional<Loaded> load_for_work(const Invocation& invocation, engine::Mode mode);

/// Opens the Core, runs the work on an I/O thread of its own and closes. Prints an Error; the exit
/// code is `success` or `failure`.
using Work = std::function<Task<void>(engine::Core&)>;
int on_core(const Invocation& invocation, Work work);

/// One line to standard error: what happened and what to do, then the detail.
int report(const Error& error);

/// Who acts, for the audit trail.
audit::Origin origin();

/// Rows under a heading, columns aligned for people.
class Table {
  public:
    explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    /// To standard output; `empty` is said when there is no row.
    void print(std::string_view empty) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

/// Pretty JSON and a line end to standard output.
void print_json(const schema::Json& json);

/// A secret from standard input: typed without echo on a terminal after the prompt, else the first
/// line. Nothing at its end.
std::optional<SecretText> read_secret(const std::string& prompt);

}  // namespace cardea::cli
