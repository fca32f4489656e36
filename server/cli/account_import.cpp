// cardea account import | stats
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cardea/password/formats/any_hasher.hpp"
#include "cardea/password/formats/registry.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/bcrypt_side.hpp"
#include "cardea/sign_in/importing/importer.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

namespace importing = sign_in::importing;

constexpr Reason cannot_read{Code::invalid, "import.cannot_read", "The file cannot be read."};
constexpr Reason some_refused{Code::invalid, "import.some_refused",
                              "Some rows were refused; the list says which and why."};

struct Wish {
    std::string file;
    std::string firebase_file;
    std::string report_file;
    bool dry_run = false;
};

/// A line on the terminal that is drawn over and over; nothing anywhere else.
class ProgressBar {
  public:
    explicit ProgressBar(std::uint64_t size) : size_(size), shown_(isatty(STDERR_FILENO) == 1) {}
    ~ProgressBar() { clear(); }

    void draw(std::uint64_t done, const importing::Counts& counts) {
        auto now = std::chrono::steady_clock::now();
        if (!shown_ || (done < size_ && now - drawn_ < 100ms)) return;
        drawn_ = now;
        std::size_t percent = size_ > 0 ? std::min<std::uint64_t>(100, done * 100 / size_) : 100;
        std::string bar(percent / 4, '#');
        bar.resize(25, '.');
        auto seconds = std::chrono::duration<double>(now - begun_).count();
        auto text = fmt::format("\r{:3} % [{}] {} imported, {} there already, {} refused, {:.0f}/s",
                                percent, bar, counts.imported, counts.present, counts.refused,
                                static_cast<double>(counts.rows()) / std::max(seconds, 0.001));
        std::cerr << text << "\x1b[K" << std::flush;
    }
    void clear() const {
        if (shown_) std::cerr << "\r\x1b[K" << std::flush;
    }

  private:
    std::uint64_t size_;
    bool shown_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point drawn_;
};

Result<std::ifstream> open_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    // A folder opens, and fails at the first byte.
    if (!stream || stream.peek() == std::ifstream::traits_type::eof()) {
        return fail(cannot_read, path + ": not there, not readable, or empty");
    }
    return stream;
}

std::uint64_t size_of(std::ifstream& stream) {
    stream.seekg(0, std::ios::end);
    auto size = stream.tellg();
    stream.clear();
    stream.seekg(0);
    return size > 0 ? static_cast<std::uint64_t>(size) : 0;
}

Result<std::optional<password::formats::FirebaseProject>> read_firebase(const std::string& path) {
    if (path.empty()) return std::optional<password::formats::FirebaseProject>();
    auto stream = open_file(path);
    if (!stream) return std::unexpected(stream.error());
    std::ostringstream text;
    text << stream->rdbuf();
    auto project = password::formats::parse_firebase_project(text.str());
    if (!project) return fail(cannot_read, project.error());
    return std::optional(std::move(*project));
}

void print(const importing::Counts& counts, const Wish& wish, bool json) {
    if (json) {
        schema::JsonObject object{{"dry_run", wish.dry_run},
                                  {"imported", counts.imported},
                                  {"present", counts.present},
                                  {"refused", counts.refused}};
        schema::JsonObject formats;
        for (const auto& [name, count] : counts.formats)
            formats[name.empty() ? "none" : name] = count;
        schema::JsonObject refusals;
        for (const auto& [slug, count] : counts.refusals) refusals[slug] = count;
        object["formats"] = std::move(formats);
        object["refusals"] = std::move(refusals);
        print_json(object);
        return;
    }
    std::cout << (wish.dry_run ? "Nothing was written. It would be:\n" : "");
    std::cout << counts.imported << " imported\n";
    for (const auto& [name, count] : counts.formats)
        std::cout << "  " << count << " " << (name.empty() ? "without a password" : name) << "\n";
    std::cout << counts.present << " there already\n" << counts.refused << " refused\n";
    for (const auto& [slug, count] : counts.refusals)
        std::cout << "  " << count << " " << slug << "\n";
}

Task<void> import(engine::Core& core, Wish wish, bool json) {
    auto stream = open_file(wish.file);
    if (!stream) co_return std::unexpected(stream.error());
    auto firebase = read_firebase(wish.firebase_file);
    if (!firebase) co_return std::unexpected(firebase.error());
    std::ofstream report;
    if (!wish.report_file.empty()) report.open(wish.report_file, std::ios::trunc);
    if (!report) co_return fail(cannot_read, wish.report_file + ": cannot be written");
    ProgressBar bar(size_of(*stream));
    auto rows = importing::Rows::open(*stream, importing::columns());
    if (!rows) co_return std::unexpected(rows.error());

    importing::Importer::Options options;
    options.mode = wish.dry_run ? importing::Mode::dry_run : importing::Mode::real;
    options.reading = {core.settings().password, std::move(*firebase), core.clock().now()};
    options.origin = origin();
    auto& out = wish.report_file.empty() ? std::cerr : static_cast<std::ostream&>(report);
    importing::Importer::Watch watch;
    watch.refused = [&bar, &out](std::size_t line, const Error& why) {
        bar.clear();
        out << "line " << line << ": " << why.reason().slug;
        if (!why.detail().empty()) out << " (" << why.detail() << ")";
        out << "\n";
    };
    watch.progressed = [&bar, &rows](const importing::Counts& so_far) {
        bar.draw(rows->bytes(), so_far);
    };
    importing::Importer importer({core.database(), core.accounts(), core.trail()},
                                 std::move(options), std::move(watch));
    auto counts = co_await importer.run(*rows);
    if (!counts) co_return std::unexpected(counts.error());
    bar.clear();
    print(*counts, wish, json);
    if (counts->refused > 0) co_return fail(some_refused, std::to_string(counts->refused));
    co_return Result<void>();
}

struct FormatCount {
    std::size_t accounts = 0;
    std::size_t to_replace = 0;
};

void print(const std::map<std::string, FormatCount>& formats, std::size_t accounts, bool json) {
    std::size_t with_password = 0;
    std::size_t to_replace = 0;
    Table table({"HASH", "ACCOUNTS", "TO REPLACE"});
    schema::JsonArray items;
    for (const auto& [name, count] : formats) {
        with_password += count.accounts;
        to_replace += count.to_replace;
        table.add({name, std::to_string(count.accounts), std::to_string(count.to_replace)});
        items.push_back(schema::JsonObject{
            {"format", name}, {"accounts", count.accounts}, {"to_replace", count.to_replace}});
    }
    if (json) {
        print_json(schema::JsonObject{{"accounts", accounts},
                                      {"with_password", with_password},
                                      {"to_replace", to_replace},
                                      {"hashes", std::move(items)}});
        return;
    }
    std::cout << accounts << " accounts, " << with_password << " with a password, " << to_replace
              << " hashes to replace when their owners sign in\n\n";
    table.print("No account has a password.");
}

Task<void> stats(engine::Core& core, bool json) {
    const auto& settings = core.settings().password;
    password::formats::AnyHasher hasher(settings, sign_in::bcrypt_side(settings));
    std::map<std::string, FormatCount> formats;
    std::optional<std::string> cursor = "";
    while (cursor) {
        auto page = co_await core.accounts().list_hashes(core.database(), *cursor, 1000);
        if (!page) co_return std::unexpected(page.error());
        for (const auto& hash : page->hashes) {
            auto& count = formats[std::string(password::formats::name_of(hash.reveal()))];
            ++count.accounts;
            count.to_replace += hasher.needs_rehash(hash.reveal());
        }
        cursor = std::move(page->next_cursor);
    }
    auto accounts = co_await core.accounts().count(core.database());
    if (!accounts) co_return std::unexpected(accounts.error());
    print(formats, *accounts, json);
    co_return Result<void>();
}

}  // namespace

void add_account_import(CLI::App& account, Invocation& invocation) {
    auto wish = std::make_shared<Wish>();
    auto* command = account.add_subcommand(
        "import",
        "Bring accounts in from another system, with their password hashes: CSV with a header, or\n"
        "JSON lines. Columns: email, email_verified, name, password_hash, created_at, "
        "external_id.\n"
        "Stopped or killed, it goes on where it was when it is run again:\n"
        "  cardea account import people.csv --dry-run\n"
        "  cardea account import people.csv --report refused.txt");
    command->add_option("FILE", wish->file, "The file to read")->required();
    command->add_flag(
        "--dry-run", wish->dry_run,
        "Check each row and write nothing; an address that stands twice is found by a real run");
    command->add_option("--report", wish->report_file,
                        "Where to list refused lines; standard error unless told");
    command->add_option("--firebase", wish->firebase_file,
                        "A file with the password hash parameters of the Firebase console: "
                        "password_hash and password_salt are then Firebase's");
    command->callback([&invocation, wish] {
        invocation.action = [&invocation, wish] {
            return on_core(invocation, [&](engine::Core& core) {
                return import(core, *wish, invocation.json);
            });
        };
    });
}

void add_account_stats(CLI::App& account, Invocation& invocation) {
    account.add_subcommand("stats", "How many accounts there are, and what their hashes are")
        ->callback([&invocation] {
            invocation.action = [&invocation] {
                return on_core(invocation,
                               [&](engine::Core& core) { return stats(core, invocation.json); });
            };
        });
}

}  // namespace cardea::cli
