// cardea provider add | list | show | check | remove
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/provider/catalogue.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

struct NewProvider {
    std::string name;
    std::string issuer;
    std::string client_id;
    std::string secret_file;
    bool secret_from_input = false;
    std::vector<std::string> values;
};

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

Result<schema::JsonObject> row_of(const NewProvider& wanted) {
    schema::JsonObject row;
    if (!wanted.issuer.empty()) row["issuer"] = wanted.issuer;
    if (!wanted.client_id.empty()) row["client_id"] = wanted.client_id;
    if (!wanted.secret_file.empty()) {
        auto secret = schema::read_secret_file(wanted.secret_file);
        if (!secret) return std::unexpected(secret.error());
        row["client_secret"] = secret->reveal();
    } else if (wanted.secret_from_input) {
        auto secret = read_secret("Client secret");
        if (secret) row["client_secret"] = secret->reveal();
    }
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

Task<void> list(engine::Core& core, bool json) {
    auto listed = co_await core.providers().list();
    if (!listed) co_return std::unexpected(listed.error());
    if (json) {
        print_json(schema::to_json(*listed));
        co_return Result<void>();
    }
    Table table({"NAME", "TITLE", "OFFERED", "WHY NOT", "IN THE TABLE"});
    for (const auto& item : *listed) {
        table.add({item.name, item.title, item.enabled ? "yes" : "no", item.problem,
                   item.stored ? "yes" : "no"});
    }
    table.print("There is no provider.");
    co_return Result<void>();
}

Task<void> show(engine::Core& core, std::string name, bool json) {
    auto shown = co_await core.providers().show(std::move(name));
    if (!shown) co_return std::unexpected(shown.error());
    print(*shown, json);
    co_return Result<void>();
}

Task<void> check(engine::Core& core, std::string name, bool json) {
    auto tried = co_await core.providers().check(std::move(name));
    if (!tried) co_return std::unexpected(tried.error());
    Table table({"TRIED", "WORKS", "WHY NOT"});
    for (const auto& step : *tried) table.add({step.what, step.works ? "yes" : "no", step.problem});
    if (json) {
        print_json(schema::to_json(*tried));
    } else {
        table.print("Nothing was tried.");
    }
    bool works = std::ranges::all_of(*tried, &provider::Tried::works);
    if (!works) co_return fail(provider::failed, "see above");
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

}  // namespace

void add_provider(CLI::App& app, Invocation& invocation) {
    auto* provider = app.add_subcommand("provider", "Providers that people sign in with");
    provider->require_subcommand(1);
    auto wanted = std::make_shared<NewProvider>();
    auto* add_command = provider->add_subcommand(
        "add",
        "Put a provider into the database; a running server offers it at once:\n"
        "  cardea provider add acme --issuer https://id.acme.example --client-id abc "
        "--client-secret-file secret.txt\n"
        "  cardea provider add google --client-id … < secret.txt --client-secret-stdin");
    add_command->add_option("NAME", wanted->name, "Its name in URLs")->required();
    add_command->add_option("--issuer", wanted->issuer, "The issuer of an OpenID provider");
    add_command->add_option("--client-id", wanted->client_id, "The client id it gave you");
    add_command->add_option("--client-secret-file", wanted->secret_file,
                            "File with the client secret (mode 0600)");
    add_command->add_flag("--client-secret-stdin", wanted->secret_from_input,
                          "Read the client secret from standard input");
    add_command->add_option(
        "--set", wanted->values,
        "Any other key: --set scopes='[\"openid\",\"email\"]' --set profile.subject=/id");
    add_command->callback([&invocation, wanted] {
        invocation.action = [&invocation, wanted] {
            auto row = row_of(*wanted);
            if (!row) return report(invocation, row.error());
            return on_core(invocation, [&](engine::Core& core) {
                return add(core, wanted->name, *row, invocation.json);
            });
        };
    });
    provider->add_subcommand("list", "List the providers")->callback([&invocation] {
        invocation.action = [&invocation] {
            return on_core(invocation,
                           [&](engine::Core& core) { return list(core, invocation.json); });
        };
    });
    auto name = std::make_shared<std::string>();
    auto* show_command =
        provider->add_subcommand("show", "Every value of a provider and where it comes from");
    show_command->add_option("NAME", *name, "Its name")->required();
    show_command->callback([&invocation, name] {
        invocation.action = [&invocation, name] {
            return on_core(invocation,
                           [&](engine::Core& core) { return show(core, *name, invocation.json); });
        };
    });
    auto* check_command = provider->add_subcommand(
        "check",
        "Try a provider without a user: its settings, its discovery document, its keys and the "
        "client's credentials");
    check_command->add_option("NAME", *name, "Its name")->required();
    check_command->callback([&invocation, name] {
        invocation.action = [&invocation, name] {
            return on_core(invocation,
                           [&](engine::Core& core) { return check(core, *name, invocation.json); });
        };
    });
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
    remove_command->add_option("NAME", *name, "Its name")->required();
    remove_command->callback([&invocation, name] {
        invocation.action = [&invocation, name] {
            return on_core(invocation, [&](engine::Core& core) {
                return remove(core, *name, invocation.json);
            });
        };
    });
}

}  // namespace cardea::cli
