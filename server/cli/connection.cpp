// cardea connection list | renew | remove
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/api/connections.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

std::string_view state_text(vault::State state) {
    return boost::describe::enum_to_string(state, "");
}

Task<void> list(engine::Core& core, vault::Filter filter, bool json) {
    Table table({"ID", "ACCOUNT", "PROVIDER", "SUBJECT", "STATE", "EXPIRES", "RENEWS"});
    schema::JsonArray items;
    std::string cursor;
    auto when = [](const std::optional<Instant>& at) { return at ? to_rfc3339(*at) : "-"; };
    do {
        auto page = co_await core.vault().list(core.database(), filter, cursor, 200);
        if (!page) co_return std::unexpected(page.error());
        for (const auto& connection : page->items) {
            auto view = api::view_of(connection);
            std::string account = "-";
            if (connection.account_id)
                account = crypto::to_public_id(api::prefix::account, *connection.account_id);
            table.add({view.id, account, view.provider, view.subject,
                       std::string(state_text(view.state)), when(view.expires_at),
                       when(view.renew_at)});
            auto item = schema::to_json(view);
            item.as_object()["account"] = account;
            items.push_back(std::move(item));
        }
        cursor = page->next_cursor.value_or("");
    } while (!cursor.empty());
    if (json) {
        print_json(items);
    } else {
        table.print("There is no connection.");
    }
    co_return Result<void>();
}

Result<std::string> id_of(const std::string& text) {
    auto id = crypto::from_public_id(api::prefix::connection, text);
    if (!id)
        return fail(vault::missing,
                    "an id looks like con_0190…; `cardea connection list` shows them");
    return *id;
}

/// As `connection list` shows it.
schema::Json json_of(const vault::Connection& connection) {
    return schema::to_json(api::view_of(connection));
}

Task<void> renew(engine::Core& core, std::string text, bool json) {
    auto id = id_of(text);
    if (!id) co_return std::unexpected(id.error());
    auto renewed = co_await core.vault().renew(*id);
    if (!renewed) co_return std::unexpected(renewed.error());
    std::string until =
        renewed->expires_at ? "; good until " + to_rfc3339(*renewed->expires_at) : std::string();
    if (json) {
        print_json(json_of(*renewed));
    } else {
        std::cout << "Renewed" << until << ".\n";
    }
    co_return Result<void>();
}

Task<void> remove(engine::Core& core, std::string text, bool json) {
    auto id = id_of(text);
    if (!id) co_return std::unexpected(id.error());
    auto found = co_await core.vault().find(core.database(), *id);
    if (!found) co_return std::unexpected(found.error());
    auto transaction = co_await core.database().begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto removed = co_await core.vault().remove(**transaction, *id);
    if (!removed) co_return removed;
    audit::Event event{"connection.removed",
                       found->account_id,
                       origin(),
                       {{"connection", *id}, {"provider", found->provider}}};
    auto written = co_await core.trail().write(**transaction, std::move(event));
    if (!written) co_return written;
    auto committed = co_await (*transaction)->commit();
    schema::JsonObject done{{"removed", text}, {"revoked", false}};
    if (committed)
        print_done(json, "Removed. It was not revoked at the provider.", std::move(done));
    co_return committed;
}

}  // namespace

void add_connection(CLI::App& app, Invocation& invocation) {
    auto* connection =
        app.add_subcommand("connection", "Accounts' connections to providers, and their tokens");
    connection->require_subcommand(1);
    auto provider = std::make_shared<std::string>();
    auto* list_command = connection->add_subcommand("list", "List connections; never a token");
    list_command->add_option("--provider", *provider, "Only those of this provider");
    list_command->callback([&invocation, provider] {
        invocation.action = [&invocation, provider] {
            vault::Filter filter;
            if (!provider->empty()) filter.provider = *provider;
            return on_core(invocation,
                           [&](engine::Core& core) { return list(core, filter, invocation.json); });
        };
    });
    auto id = std::make_shared<std::string>();
    auto one = [&](const char* name, const char* help, auto act) {
        auto* command = connection->add_subcommand(name, help);
        command->add_option("ID", *id, "As `cardea connection list` shows it")->required();
        command->callback([&invocation, id, act] {
            invocation.action = [&invocation, id, act] {
                return on_core(invocation,
                               [&](engine::Core& core) { return act(core, *id, invocation.json); });
            };
        });
    };
    one("renew", "Renew the tokens now", renew);
    one("remove", "Remove the connection and its tokens, also when it is the account's last way in",
        remove);
}

}  // namespace cardea::cli
