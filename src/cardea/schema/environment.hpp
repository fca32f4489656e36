// The environment of a program: `.env` below the process environment, with NAME_FILE twins for
// secrets.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"

namespace cardea::schema {

/// Something wrong with the settings: where, what was found, what is expected.
struct SettingProblem {
    std::string source;    ///< `config.toml:12:8`, `.env:3`, `environment` or `command line`.
    std::string key;       ///< `Server_configuration.port` or a variable's name.
    std::string found;     ///< Never a secret.
    std::string expected;  ///< What to write there.
    std::string nearest;   ///< The known key that was probably meant.
    bool operator==(const SettingProblem&) const = default;
    /// One line for people.
    std::string text() const;
};

/// A variable that is not there; the detail names it.
inline constexpr Reason variable_missing{Code::not_found, "environment.missing",
                                         "An environment variable is not set."};
/// NAME and NAME_FILE are both there, or the file cannot be used; the detail says which and why.
inline constexpr Reason variable_unusable{Code::invalid, "environment.unusable",
                                          "An environment variable cannot be used."};

struct Variable {
    SecretText value;
    std::string origin;  ///< `environment`, `.env:3`, or `SECRET_KEY_FILE` for a file's content.
};

class Environment {
  public:
    using Variables = std::map<std::string, std::string>;

    Environment() = default;
    /// The variables of the process; tests pass their own.
    explicit Environment(const Variables& process);
    /// What this process was started with.
    static Variables of_process();

    /// Puts the text of an `.env` file below what is there. Values that are set and empty count as
    /// set.
    std::vector<SettingProblem> add_dotenv(std::string_view text, std::string_view file);

    /// The variable itself, without its twin. Nothing when it is not set.
    const Variable* find(std::string_view name) const;
    /// NAME, or the content of the file that NAME_FILE names, without the line end at its end.
    /// Nothing when neither is set. Fails with `variable_unusable`.
    Result<std::optional<Variable>> take(std::string_view name) const;
    /// As `take`; a variable that is not set (or empty) fails with `variable_missing`.
    Result<SecretText> demand(std::string_view name) const;

    const std::map<std::string, Variable, std::less<>>& all() const { return variables_; }

  private:
    std::map<std::string, Variable, std::less<>> variables_;
};

/// A file with a secret in it: regular, at most 64 KiB, not readable by others (mode o=). One line
/// end at its end is cut. Fails with `variable_unusable`.
Result<SecretText> read_secret_file(const std::string& path);

}  // namespace cardea::schema
