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
/// Subcommands of `account` that have a file of their own.
void add_account_import(CLI::App& account, Invocation& invocation);
void add_account_stats(CLI::App& account, Invocation& invocation);
void add_provider(CLI::App& app, Invocation& invocation);
void add_connection(CLI::App& app, Invocation& invocation);
void add_emulate(CLI::App& app, Invocation& invocation);
void add_explain(CLI::App& app, Invocation& invocation);
void add_key(CLI::App& app, Invocation& invocation);
void add_job(CLI::App& app, Invocation& invocation);
void add_password(CLI::App& app, Invocation& invocation);
void add_password_filter(CLI::App& app, Invocation& invocation);
void add_password_calibrate(CLI::App& app, Invocation& invocation);
void add_settings(CLI::App& app, Invocation& invocation);
void add_openapi(CLI::App& app, Invocation& invocation);
void add_version(CLI::App& app, Invocation& invocation);

/// Settings and environment, read and checked by themselves; `problems` has what is wrong with
/// them.
struct Loaded {
    std::optional<engine::Settings> settings;
    std::optional<engine::Settings> readable;  ///< Without what is wrong, for further checks.
    schema::Environment environment;
    schema::SettingOrigins origins;
    std::vector<schema::SettingProblem> problems;
    std::string config_file;
    std::string environment_file;  ///< The one that was read or looked for.

    engine::StartContext context(engine::Mode mode) const;
    /// Adds what engine::check_start() and check_environment() find.
    void check(engine::Mode mode);
};

struct LoadOptions {
    std::vector<schema::SettingOverride> overrides;
    /// Stands in for an environment file that is yet to be written.
    std::optional<std::string> environment_text;
};
/// Reads the environment file (mode 0600 is set on it) and the configuration file. A file that is
/// not there is no problem unless the command line named it. Writes nothing else.
Loaded load(const Invocation& invocation, LoadOptions options = {});
/// Development mode reads the environment file of its data folder. Where there is none yet, the
/// options get the text that `serve --dev` will write there: a key of its own.
LoadOptions for_development(Invocation& invocation, const std::string& data_folder,
                            LoadOptions options = {});
/// load() and check(); prints what is wrong and returns nothing when anything is. A command on
/// records that finds neither an .env nor a key takes the .env beside the database: the one that
/// `serve --dev` made.
std::optional<Loaded> load_for_work(const Invocation& invocation, engine::Mode mode);

/// Prints every problem, one a line, to standard error; with --json as one document.
void print_problems(const Invocation& invocation,
                    const std::vector<schema::SettingProblem>& problems);
schema::Json json_of(const std::vector<schema::SettingProblem>& problems);

/// Opens the Core, runs the work on an I/O thread of its own and closes. Prints an Error; the exit
/// code is `success` or `failure`.
using Work = std::function<Task<void>(engine::Core&)>;
int on_core(const Invocation& invocation, Work work);

/// To standard error: what happened and what to do, then the detail; with --json as one object.
int report(const Invocation& invocation, const Error& error);
/// Says that something is done: the text for people, the object with --json.
void print_done(bool json, std::string_view text, schema::JsonObject object);

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
