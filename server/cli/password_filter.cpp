// cardea password filter build | check | show: the file of passwords that leaked somewhere
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/password/password.hpp"
#include "cardea/password/policy/breach_filter.hpp"
#include "cardea/password/policy/breach_filter_builder.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

struct BuildWish {
    std::string file;
    std::string list;
    std::string lines = "detect";
    password::FilterOptions options;
};

/// `1 in 1,000`, or `never` for an empty filter.
std::string odds_of(double rate) {
    if (rate <= 0) return "never";
    return fmt::format("1 in {:.0f}", 1 / rate);
}

schema::JsonObject to_json(const password::FilterFacts& facts) {
    return {{"entries", facts.entries},
            {"bytes", facts.file_size()},
            {"bits_per_entry", facts.bits_per_entry()},
            {"probes", facts.probes},
            {"false_positive_rate", password::false_positive_rate(facts)}};
}

void print(const password::FilterFacts& facts) {
    std::cout << "entries          " << facts.entries << "\n"
              << "bytes            " << facts.file_size() << "\n"
              << "bits per entry   " << fmt::format("{:.1f}", facts.bits_per_entry()) << "\n"
              << "false positives  " << odds_of(password::false_positive_rate(facts)) << "\n";
}

/// One line on a terminal that is written again and again; nothing elsewhere.
class ProgressLine {
  public:
    explicit ProgressLine(const std::string& list) {
        struct stat status{};
        if (list != "-" && stat(list.c_str(), &status) == 0)
            total_ = static_cast<std::uint64_t>(status.st_size);
    }
    ~ProgressLine() {
        if (shown_) std::cerr << "\n";
    }

    void show(const password::FilterProgress& progress) {
        if (isatty(STDERR_FILENO) == 0) return;
        bool counting = progress.step == password::FilterProgress::Step::counting;
        std::string done;
        if (total_ > 0) done = fmt::format("{:3} %  ", progress.list.bytes * 100 / total_);
        std::cerr << fmt::format("\r{}  {}{} entries", counting ? "Counting" : "Writing ", done,
                                 progress.list.entries)
                  << std::flush;
        shown_ = true;
    }

  private:
    std::uint64_t total_ = 0;
    bool shown_ = false;
};

password::Lines lines_of(std::string_view name) {
    if (name == "sha1") return password::Lines::sha1;
    if (name == "plain") return password::Lines::plain;
    return password::Lines::detect;
}

int build(const Invocation& invocation, BuildWish wish) {
    wish.options.list.lines = lines_of(wish.lines);
    Result<password::BuiltFilter> built = fail(internal);
    {
        ProgressLine line(wish.list);
        auto show = [&line](const password::FilterProgress& progress) { line.show(progress); };
        built = password::build_filter(wish.list, wish.file, wish.options, show);
    }
    if (!built) return report(invocation, built.error());
    if (invocation.json) {
        auto facts = to_json(built->facts);
        facts["skipped"] = built->skipped;
        print_json(facts);
        return success;
    }
    print(built->facts);
    std::cout << "skipped lines    " << built->skipped << "\n";
    return success;
}

int show(const Invocation& invocation, const std::string& file) {
    auto filter = password::BreachFilter::open(file);
    if (!filter) return report(invocation, filter.error());
    auto whole = filter->verify();
    if (!whole) return report(invocation, whole.error());
    if (invocation.json) {
        print_json(to_json(filter->facts()));
    } else {
        print(filter->facts());
    }
    return success;
}

int check(const Invocation& invocation, const std::string& file) {
    auto filter = password::BreachFilter::open(file);
    if (!filter) return report(invocation, filter.error());
    auto typed = read_secret("Password");
    if (!typed) return report(invocation, Error(password::too_short, "nothing on standard input"));
    auto normal = password::normalise(typed->reveal());
    if (!normal) return report(invocation, normal.error());
    auto found = filter->contains(password::breach_key_of(normal->reveal()));
    if (!found) return report(invocation, found.error());
    std::cout << (*found ? "The password is in the list.\n" : "The password is not in the list.\n");
    return *found ? failure : success;
}

void add_build(CLI::App& filter, Invocation& invocation) {
    auto wish = std::make_shared<BuildWish>();
    auto* command = filter.add_subcommand(
        "build",
        "Make a filter from a list: SHA-1 lines as Have I Been Pwned has them (HASH:count), or "
        "plain "
        "passwords, one a line:\n"
        "  cardea password filter build leaked.filter --from pwned-passwords-sha1.txt\n"
        "  cardea password filter build leaked.filter --from - --entries 1000000 < list.txt");
    command->add_option("FILE", wish->file, "The filter to write")->required();
    command->add_option("--from", wish->list, "The list; - is standard input")->required();
    command->add_option("--lines", wish->lines, "What its lines are: detect, sha1 or plain")
        ->check(CLI::IsMember({"detect", "sha1", "plain"}))
        ->capture_default_str();
    command
        ->add_option("--bits", wish->options.bits_per_entry,
                     "Bits an entry: more make the file larger and mistakes rarer")
        ->check(CLI::Range(4, 32))
        ->capture_default_str();
    command->add_option("--at-least", wish->options.list.at_least,
                        "Leave out hashes that were seen less often");
    command->add_option("--entries", wish->options.entries,
                        "How many there are; without it, the list is read twice");
    command->callback([&invocation, wish] {
        invocation.action = [&invocation, wish] { return build(invocation, *wish); };
    });
}

/// `cardea password`, made by whoever comes first.
CLI::App& password_commands(CLI::App& app) {
    auto is_password = [](const CLI::App* command) { return command->get_name() == "password"; };
    auto there = app.get_subcommands(is_password);
    if (!there.empty()) return *there.front();
    auto* made = app.add_subcommand("password", "What passwords may be, and what they cost");
    made->require_subcommand(1);
    return *made;
}

}  // namespace

void add_password_filter(CLI::App& app, Invocation& invocation) {
    auto* filter = password_commands(app).add_subcommand(
        "filter", "A file of leaked passwords; password.breached_filter names it to the server");
    filter->require_subcommand(1);
    add_build(*filter, invocation);

    auto file = std::make_shared<std::string>();
    auto* check_command = filter->add_subcommand(
        "check",
        "Look up a password, read from the terminal or from standard input; exit code 84 when it "
        "is "
        "in the list:\n  cardea password filter check leaked.filter < password.txt");
    check_command->add_option("FILE", *file, "The filter")->required();
    check_command->callback([&invocation, file] {
        invocation.action = [&invocation, file] { return check(invocation, *file); };
    });
    auto* show_command =
        filter->add_subcommand("show", "Read a whole filter, check its sum and say what it holds");
    show_command->add_option("FILE", *file, "The filter")->required();
    show_command->callback([&invocation, file] {
        invocation.action = [&invocation, file] { return show(invocation, *file); };
    });
}

}  // namespace cardea::cli
