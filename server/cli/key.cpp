// cardea key add | list | remove
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/api/views.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

struct NewKey {
    std::string name;
    std::vector<std::string> scopes;
    std::string expires_at;
};

Task<void> add(engine::Core& core, NewKey wanted, bool json) {
    auto scopes = api_key::Scopes::parse(wanted.scopes);
    if (!scopes) co_return std::unexpected(scopes.error());
    api_key::NewApiKey key{wanted.name, *scopes, "cli", std::nullopt};
    if (!wanted.expires_at.empty()) {
        key.expires_at = from_rfc3339(wanted.expires_at);
        if (!key.expires_at)
            co_return fail(api_key::ends_in_the_past, "--expires-at wants 2027-01-31T00:00:00Z");
    }
    auto transaction = co_await core.database().begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto created = co_await core.keys().create(**transaction, std::move(key));
    if (!created) co_return std::unexpected(created.error());
    audit::Event event{"api_key.created",
                       std::nullopt,
                       origin(),
                       {{"key", created->key.id}, {"scopes", created->key.scopes.to_column()}}};
    auto written = co_await core.trail().write(**transaction, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    if (json) {
        print_json(schema::JsonObject{{"api_key", schema::to_json(api::view_of(created->key))},
                                      {"token", created->token.reveal()}});
    } else {
        std::cout << created->token.reveal() << "\n";
        std::cerr << "This key is shown once. It goes into a header: Authorization: Bearer <key>\n";
    }
    co_return Result<void>();
}

Task<void> list(engine::Core& core, bool json) {
    Table table({"ID", "NAME", "SCOPES", "CREATED", "EXPIRES", "LAST USED"});
    std::vector<api::KeyView> views;
    std::string cursor;
    do {
        auto page = co_await core.keys().list(core.database(), cursor, 200);
        if (!page) co_return std::unexpected(page.error());
        for (const auto& key : page->items) views.push_back(api::view_of(key));
        cursor = page->next_cursor.value_or("");
    } while (!cursor.empty());
    if (json) {
        print_json(schema::to_json(views));
        co_return Result<void>();
    }
    auto when = [](const std::optional<Instant>& at) { return at ? to_rfc3339(*at) : "never"; };
    for (const auto& view : views) {
        table.add({view.id, view.name, join(view.scopes, " "), to_rfc3339(view.created_at),
                   when(view.expires_at), when(view.last_used_at)});
    }
    table.print("There is no API key. `cardea key add NAME --scope tokens:read` makes one.");
    co_return Result<void>();
}

Task<void> remove(engine::Core& core, std::string id, bool json) {
    auto uuid = crypto::from_public_id(api::prefix::key, id);
    if (!uuid)
        co_return fail(api_key::missing,
                       "an id looks like key_0190…; `cardea key list` shows them");
    auto transaction = co_await core.database().begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto removed = co_await core.keys().remove(**transaction, *uuid);
    if (!removed) co_return std::unexpected(removed.error());
    audit::Event event{"api_key.removed", std::nullopt, origin(), {{"key", *uuid}}};
    auto written = co_await core.trail().write(**transaction, std::move(event));
    if (!written) co_return std::unexpected(written.error());
    auto committed = co_await (*transaction)->commit();
    schema::JsonObject done{{"removed", id}};
    if (committed) print_done(json, "Removed.", std::move(done));
    co_return committed;
}

}  // namespace

void add_key(CLI::App& app, Invocation& invocation) {
    auto* key = app.add_subcommand("key", "API keys of programs");
    key->require_subcommand(1);
    auto wanted = std::make_shared<NewKey>();
    auto* add_command = key->add_subcommand("add",
                                            "Make a key and print it once:\n  cardea key add "
                                            "billing --scope accounts:read --scope tokens:read");
    add_command->add_option("NAME", wanted->name, "What it is for")->required();
    add_command
        ->add_option("--scope", wanted->scopes,
                     "accounts:read, connections:read, tokens:read or admin")
        ->required();
    add_command->add_option("--expires-at", wanted->expires_at,
                            "When it ends, such as 2027-01-31T00:00:00Z");
    add_command->callback([&invocation, wanted] {
        invocation.action = [&invocation, wanted] {
            return on_core(invocation,
                           [&](engine::Core& core) { return add(core, *wanted, invocation.json); });
        };
    });
    key->add_subcommand("list", "List the keys")->callback([&invocation] {
        invocation.action = [&invocation] {
            return on_core(invocation,
                           [&](engine::Core& core) { return list(core, invocation.json); });
        };
    });
    auto id = std::make_shared<std::string>();
    auto* remove_command =
        key->add_subcommand("remove", "Remove a key; it is refused from then on");
    remove_command->add_option("ID", *id, "As `cardea key list` shows it")->required();
    remove_command->callback([&invocation, id] {
        invocation.action = [&invocation, id] {
            return on_core(invocation,
                           [&](engine::Core& core) { return remove(core, *id, invocation.json); });
        };
    });
}

}  // namespace cardea::cli
