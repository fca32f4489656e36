// cardea provider add | update | list | show | check | remove
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "cardea/provider/catalogue.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

/// The words for what does not work have been printed.
inline constexpr Reason not_working{Code::peer_failed, "provider.not_working",
                                    "People cannot sign in with that provider as it is."};

/// What the command line says of a row.
struct Wanted {
    std::string name;
    std::string issuer;
    std::string client_id;
    std::string secret_file;
    std::string previous_secret_file;
    bool secret_from_input = false;
    std::vector<std::string> values;
};

/// A secret on a command line would stand in the shell's history and in everybody's `ps`.
bool is_secret(const std::string& key) {
    return std::ranges::find(provider::secret_keys, key) != provider::secret_keys.end();
}

/// `key=value`; a value that is JSON is taken as such, anything else as text. `a.b=c` goes into
/// table a.
Result<void> set_value(schema::JsonObject& row, const std::string& text) {
    auto equals = text.find('=');
    if (equals == text.npos || equals == 0) {
        return fail(schema::invalid, "--set wants key=value, such as --set scopes='[\"openid\"]'");
    }
    auto key = text.substr(0, equals);
    auto json = schema::parse_json(text.substr(equals + 1));
    schema::Json value = json ? *json : schema::Json(text.substr(equals + 1));
    if (is_secret(key) && !value.is_null()) {
        return fail(schema::invalid,
                    "--set takes no " + key + " but null: others could read it. Give it with --" +
                        (key == "client_secret" ? "client-secret-file or --client-secret-stdin"
                                                : "client-secret-previous-file"));
    }
    schema::JsonObject* place = &row;
    for (auto dot = key.find('.'); dot != key.npos; dot = key.find('.')) {
        auto& inner = (*place)[key.substr(0, dot)];
        if (!inner.is_object()) inner = schema::JsonObject();
        place = &inner.get_object();
        key.erase(0, dot + 1);
    }
    (*place)[key] = std::move(value);
    return {};
}

Result<void> read_into(schema::JsonObject& row, std::string_view key, const std::string& file) {
    if (file.empty()) return {};
    auto secret = schema::read_secret_file(file);
    if (!secret) return std::unexpected(secret.error());
    row[key] = secret->reveal();
    return {};
}

Result<schema::JsonObject> row_of(const Wanted& wanted) {
    schema::JsonObject row;
    if (!wanted.issuer.empty()) row["issuer"] = wanted.issuer;
    if (!wanted.client_id.empty()) row["client_id"] = wanted.client_id;
    if (wanted.secret_file.empty() && wanted.secret_from_input) {
        auto secret = read_secret("Client secret");
        if (secret) row["client_secret"] = secret->reveal();
    }
    auto read = read_into(row, "client_secret", wanted.secret_file);
    if (read) read = read_into(row, "client_secret_previous", wanted.previous_secret_file);
    if (!read) return std::unexpected(read.error());
    for (const auto& text : wanted.values) {
        auto set = set_value(row, text);
        if (!set) return std::unexpected(set.error());
    }
    return row;
}

void print(const provider::Shown& shown, bool json) {
    if (json) {
        print_json(schema::to_json(shown));
        return;
    }
    std::cout << shown.name << " (" << shown.title << ")\n"
              << (shown.enabled ? "People can sign in with it.\n"
                                : "Not offered: " + shown.problem + "\n")
              << "Redirect URI to register there: " << shown.redirect_uri << "\n\n";
    Table table({"KEY", "VALUE", "FROM"});
    for (const auto& value : shown.values) {
        table.add({value.key, value.value,
                   std::string(boost::describe::enum_to_string(value.origin, ""))});
    }
    table.print("Nothing is set.");
}

void print(const provider::CheckReport& report) {
    std::cout << "Redirect URI to register there: " << report.redirect_uri << "\n\n";
    Table table({"TRIED", "RESULT", "URL"});
    for (const auto& one : report.items)
        table.add(
            {one.what, std::string(boost::describe::enum_to_string(one.outcome, "")), one.url});
    table.print("Nothing was tried.");
    for (const auto& one : report.items) {
        if (one.problem.empty()) continue;
        std::cout << "\n" << one.what << ": " << one.problem << "\n  " << one.advice << "\n";
    }
    if (report.secret_in_use == provider::ClientSecret::previous)
        std::cout << "\nSigning in works with client_secret_previous.\n";
}

Task<void> note(engine::Core& core, std::string type, std::string name) {
    audit::Event event{std::move(type), std::nullopt, origin(), {{"provider", std::move(name)}}};
    co_return co_await core.trail().write(core.database(), std::move(event));
}

Task<void> add(engine::Core& core, std::string name, schema::JsonObject row, bool json) {
    auto added = co_await core.providers().add(name, std::move(row));
    if (!added) co_return added;
    auto noted = co_await note(core, "provider.added", name);
    if (!noted) co_return noted;
    auto shown = co_await core.providers().show(name);
    if (!shown) co_return std::unexpected(shown.error());
    print(*shown, json);
    co_return Result<void>();
}

Task<void> update(engine::Core& core, std::string name, schema::JsonObject changes, bool json) {
    auto updated = co_await core.providers().update(name, std::move(changes));
    if (!updated) co_return updated;
    auto noted = co_await note(core, "provider.changed", name);
    if (!noted) co_return noted;
    auto shown = co_await core.providers().show(name);
    if (!shown) co_return std::unexpected(shown.error());
    print(*shown, json);
    co_return Result<void>();
}

/// Of the catalogue's hundred, a server uses a few.
enum class Which { configured, all };

Task<void> list(engine::Core& core, Which which, bool json) {
    auto listed = co_await core.providers().list();
    if (!listed) co_return std::unexpected(listed.error());
    if (which == Which::configured)
        std::erase_if(*listed, [](const provider::Listed& item) { return !item.configured; });
    if (json) {
        print_json(schema::to_json(*listed));
        co_return Result<void>();
    }
    Table table({"NAME", "TITLE", "OFFERED", "WHY NOT", "IN THE TABLE"});
    for (const auto& item : *listed) {
        table.add({item.name, item.title, item.enabled ? "yes" : "no", item.problem,
                   item.stored ? "yes" : "no"});
    }
    table.print("No provider is configured; --all lists those that are known.");
    co_return Result<void>();
}

Task<void> show(engine::Core& core, std::string name, bool json) {
    auto shown = co_await core.providers().show(std::move(name));
    if (!shown) co_return std::unexpected(shown.error());
    print(*shown, json);
    co_return Result<void>();
}

Task<void> check(engine::Core& core, std::string name, bool json) {
    auto report = co_await core.providers().check(name);
    if (!report) co_return std::unexpected(report.error());
    json ? print_json(schema::to_json(*report)) : print(*report);
    if (!report->works) co_return fail(not_working, std::move(name));
    co_return Result<void>();
}

Task<void> remove(engine::Core& core, std::string name, bool json) {
    auto removed = co_await core.providers().remove(name);
    if (!removed) co_return removed;
    schema::JsonObject done{{"removed", name}};
    auto noted = co_await note(core, "provider.removed", std::move(name));
    if (!noted) co_return noted;
    print_done(json, "Removed.", std::move(done));
    co_return Result<void>();
}

void add_row_options(CLI::App& command, const std::shared_ptr<Wanted>& wanted) {
    command.add_option("NAME", wanted->name, "Its name in URLs")->required();
    command.add_option("--issuer", wanted->issuer, "The issuer of an OpenID provider");
    command.add_option("--client-id", wanted->client_id, "The client id it gave you");
    command.add_option("--client-secret-file", wanted->secret_file,
                       "File with the client secret (mode 0600)");
    command.add_flag("--client-secret-stdin", wanted->secret_from_input,
                     "Read the client secret from standard input");
    command.add_option("--client-secret-previous-file", wanted->previous_secret_file,
                       "File with the secret before it, while the provider may still want that");
    command.add_option("--set", wanted->values,
                       "Any other key, null takes it out: --set scopes='[\"openid\",\"email\"]' "
                       "--set profile.subject=/id");
}

using RowWork = Task<void> (*)(engine::Core&, std::string, schema::JsonObject, bool);

void add_row_command(CLI::App& command, Invocation& invocation, RowWork work) {
    auto wanted = std::make_shared<Wanted>();
    add_row_options(command, wanted);
    command.callback([&invocation, wanted, work] {
        invocation.action = [&invocation, wanted, work] {
            auto row = row_of(*wanted);
            if (!row) return report(invocation, row.error());
            return on_core(invocation, [&](engine::Core& core) {
                return work(core, wanted->name, *row, invocation.json);
            });
        };
    });
}

using NameWork = Task<void> (*)(engine::Core&, std::string, bool);

void add_name_command(CLI::App& command, Invocation& invocation, NameWork work) {
    auto name = std::make_shared<std::string>();
    command.add_option("NAME", *name, "Its name")->required();
    command.callback([&invocation, name, work] {
        invocation.action = [&invocation, name, work] {
            return on_core(invocation,
                           [&](engine::Core& core) { return work(core, *name, invocation.json); });
        };
    });
}

}  // namespace

void add_provider(CLI::App& app, Invocation& invocation) {
    auto* provider = app.add_subcommand("provider", "Providers that people sign in with");
    provider->require_subcommand(1);
    auto* add_command = provider->add_subcommand(
        "add",
        "Put a provider into the database; a running server offers it at once:\n"
        "  cardea provider add acme --issuer https://id.acme.example --client-id abc "
        "--client-secret-file secret.txt\n"
        "  cardea provider add google --client-id … < secret.txt --client-secret-stdin");
    add_row_command(*add_command, invocation, add);
    auto* update_command = provider->add_subcommand(
        "update",
        "Change a provider's row in the database; a running server follows at once:\n"
        "  cardea provider update acme --client-secret-file new.txt "
        "--client-secret-previous-file old.txt");
    add_row_command(*update_command, invocation, update);
    auto which = std::make_shared<Which>(Which::configured);
    auto* list_command = provider->add_subcommand("list", "List the providers that are configured");
    list_command->add_flag_callback(
        "--all", [which] { *which = Which::all; }, "Those that the catalogue knows, too");
    list_command->callback([&invocation, which] {
        invocation.action = [&invocation, which] {
            return on_core(invocation,
                           [&](engine::Core& core) { return list(core, *which, invocation.json); });
        };
    });
    auto* show_command =
        provider->add_subcommand("show", "Every value of a provider and where it comes from");
    add_name_command(*show_command, invocation, show);
    auto* check_command = provider->add_subcommand(
        "check",
        "Try a provider without a user: its settings, its endpoints and the client's credentials; "
        "says what is wrong and where to mend it");
    add_name_command(*check_command, invocation, check);
    provider
        ->add_subcommand("schema",
                         "Print the JSON Schema of a provider's keys, which editors complete and "
                         "check TOML with:\n"
                         "  cardea provider schema > provider.schema.json\n"
                         "and as the first line of the provider's file\n"
                         "  #:schema ./provider.schema.json")
        ->callback([&invocation] {
            invocation.action = [] {
                print_json(schema::Json(provider::row_schema()));
                return success;
            };
        });
    auto* remove_command =
        provider->add_subcommand("remove", "Remove a provider's row from the database");
    add_name_command(*remove_command, invocation, remove);
}

}  // namespace cardea::cli
