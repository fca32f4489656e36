#include "cardea/schema/environment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cardea/schema/dotenv.hpp"

namespace cardea::schema {

namespace {

constexpr std::size_t secret_file_limit = 64 * 1024;

class File {
  public:
    // Non-blocking, because a pipe without a writer would hold up the start.
    explicit File(const std::string& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

std::unexpected<Error> unusable(const std::string& path, std::string_view why) {
    return fail(variable_unusable, fmt::format("{}: {}", path, why));
}

/// Why a file of this kind cannot hold a secret; empty when it can.
std::string_view objection(const struct stat& status) {
    if (!S_ISREG(status.st_mode)) return "is not a regular file";
    if ((status.st_mode & S_IRWXO) != 0) return "can be read by others; chmod 600 it";
    if (static_cast<std::size_t>(status.st_size) > secret_file_limit) return "is over 64 KiB";
    return {};
}

void cut_line_end(std::string& text) {
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
}

}  // namespace

std::string SettingProblem::text() const {
    std::string line = source;
    if (!key.empty()) line += (line.empty() ? "" : ": ") + key;
    if (!found.empty()) line += ": found " + found;
    if (!expected.empty()) line += (found.empty() ? ": expected " : ", expected ") + expected;
    if (!nearest.empty()) line += fmt::format("; did you mean `{}`?", nearest);
    return line;
}

Result<SecretText> read_secret_file(const std::string& path) {
    File file(path);
    struct stat status{};
    if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0)
        return unusable(path, std::generic_category().message(errno));
    if (auto why = objection(status); !why.empty()) return unusable(path, why);
    std::string text(secret_file_limit, '\0');
    auto count = ::read(file.descriptor(), text.data(), text.size());
    if (count < 0) return unusable(path, std::generic_category().message(errno));
    text.resize(static_cast<std::size_t>(count));
    cut_line_end(text);
    return SecretText(std::move(text));
}

Environment::Environment(const Variables& process) {
    for (const auto& [name, value] : process)
        variables_.emplace(name, Variable{SecretText(value), "environment"});
}

Environment::Variables Environment::of_process() {
    Variables variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view text(*entry);
        auto equals = text.find('=');
        if (equals == text.npos) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

std::vector<SettingProblem> Environment::add_dotenv(std::string_view text, std::string_view file) {
    auto lookup = [this](std::string_view name) -> std::optional<std::string> {
        const Variable* variable = find(name);
        return variable == nullptr ? std::nullopt : std::optional(variable->value.reveal());
    };
    Dotenv dotenv = read_dotenv(text, lookup);
    std::map<std::string, Variable> own;
    for (DotenvEntry& entry : dotenv.entries) {
        Variable variable{SecretText(std::move(entry.value)),
                          fmt::format("{}:{}", file, entry.line)};
        own.insert_or_assign(std::move(entry.name), std::move(variable));
    }
    for (auto& [name, variable] : own) variables_.emplace(name, std::move(variable));
    std::vector<SettingProblem> problems;
    problems.reserve(dotenv.problems.size());
    for (DotenvProblem& problem : dotenv.problems)
        problems.push_back({fmt::format("{}:{}", file, problem.line), "", std::move(problem.text),
                            "NAME=value", ""});
    return problems;
}

const Variable* Environment::find(std::string_view name) const {
    auto found = variables_.find(name);
    return found == variables_.end() ? nullptr : &found->second;
}

Result<std::optional<Variable>> Environment::take(std::string_view name) const {
    std::string twin = fmt::format("{}_FILE", name);
    const Variable* direct = find(name);
    const Variable* file = find(twin);
    if (file == nullptr || file->value.empty())
        return direct == nullptr ? std::nullopt : std::make_optional(*direct);
    if (direct != nullptr && !direct->value.empty())
        return fail(variable_unusable, fmt::format("{} and {} are both set", name, twin));
    auto content = read_secret_file(file->value.reveal());
    if (!content)
        return fail(variable_unusable, fmt::format("{}: {}", twin, content.error().detail()));
    return std::make_optional(Variable{std::move(*content), twin});
}

Result<SecretText> Environment::demand(std::string_view name) const {
    auto variable = take(name);
    if (!variable) return std::unexpected(variable.error());
    if (*variable && !(*variable)->value.empty()) return std::move((*variable)->value);
    return fail(variable_missing, std::string(name));
}

}  // namespace cardea::schema
