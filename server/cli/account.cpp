// cardea account add | list | show | disable | enable | remove
#include <CLI/CLI.hpp>
#include <iostream>

#include "cardea/api/views.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/id.hpp"
#include "cardea/password/formats/any_hasher.hpp"
#include "cardea/password/password.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/account_flow.hpp"
#include "cardea/sign_in/bcrypt_side.hpp"
#include "cardea/sign_in/leaving_flow.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

struct NewPerson {
    std::string email;
    std::string name;
    bool admin = false;
    bool invite = false;
};

/// An account by its public id or its e-mail address.
Task<account::Account> find(engine::Core& core, std::string who) {
    auto uuid = crypto::from_public_id(api::prefix::account, who);
    if (uuid) co_return co_await core.accounts().find(core.database(), *uuid);
    auto email = account::Email::parse(who);
    if (!email) co_return std::unexpected(email.error());
    co_return co_await core.accounts().find_by_email(core.database(), *email);
}

void print(const account::Account& account, bool json) {
    auto view = api::view_of(account);
    if (json) {
        auto shown = schema::to_json(view);
        shown.as_object()["disabled"] = account.is_disabled();
        shown.as_object()["invited"] = account.is_invitation();
        print_json(shown);
        return;
    }
    std::string_view state = account.is_disabled()     ? "disabled"
                             : account.is_invitation() ? "invited"
                                                       : "active";
    std::cout << "id        " << view.id << "\n"
              << "email     " << view.email.value_or("none")
              << (view.email_verified ? " (verified)" : "") << "\n"
              << "name      " << view.name << "\n"
              << "state     " << state << "\n"
              << "roles     " << join(view.roles, " ") << "\n"
              << "password  " << (view.has_password ? "yes" : "no") << "\n"
              << "created   " << to_rfc3339(view.created_at) << "\n";
}

/// The flow that the server uses, too.
struct Flow {
    explicit Flow(engine::Core& core)
        : hasher(core.settings().password, sign_in::bcrypt_side(core.settings().password)),
          accounts({core.database(), core.accounts(), core.sessions(), core.trail(), hasher,
                    core.password_policy()}),
          leaving({core.database(), core.providers(), core.accounts(), core.vault(), core.trail(),
                   core.background()}) {}
    password::formats::AnyHasher hasher;
    sign_in::AccountFlow accounts;
    sign_in::LeavingFlow leaving;
};

Task<void> add(engine::Core& core, NewPerson person, SecretText typed, bool json) {
    auto email = account::Email::parse(person.email);
    if (!email) co_return std::unexpected(email.error());
    auto name = account::Name::parse(person.name);
    if (!name && !person.name.empty()) co_return std::unexpected(name.error());
    sign_in::AddAccount wish{*email, std::nullopt, name ? *name : account::Name(), {}};
    if (person.admin) {
        std::vector<std::string> words{std::string(account::admin)};
        wish.roles = *account::Roles::parse(words);
    }
    if (!person.invite) {
        auto password = password::Password::parse(typed.reveal());
        if (!password) co_return std::unexpected(password.error());
        wish.password = std::move(*password);
    }
    Flow flow(core);
    auto created = co_await flow.accounts.add(std::move(wish), origin());
    if (!created) co_return std::unexpected(created.error());
    print(*created, json);
    co_return Result<void>();
}

Task<void> list(engine::Core& core, std::string email, bool json) {
    account::Filter filter;
    if (!email.empty()) {
        auto parsed = account::Email::parse(email);
        if (!parsed) co_return std::unexpected(parsed.error());
        filter.email = *parsed;
    }
    Table table({"ID", "E-MAIL", "NAME", "ROLES", "STATE", "CREATED"});
    schema::JsonArray items;
    std::string cursor;
    do {
        auto page = co_await core.accounts().list(core.database(), filter, cursor, 200);
        if (!page) co_return std::unexpected(page.error());
        for (const auto& account : page->items) {
            auto view = api::view_of(account);
            std::string state = account.is_disabled()     ? "disabled"
                                : account.is_invitation() ? "invited"
                                                          : "active";
            table.add({view.id, view.email.value_or(""), view.name, join(view.roles, " "), state,
                       to_rfc3339(view.created_at)});
            auto item = schema::to_json(view);
            item.as_object()["state"] = state;
            items.push_back(std::move(item));
        }
        cursor = page->next_cursor.value_or("");
    } while (!cursor.empty());
    if (json) {
        print_json(items);
    } else {
        table.print("There is no account. `cardea account add you@example.com --admin` makes one.");
    }
    co_return Result<void>();
}

Task<void> show(engine::Core& core, std::string who, bool json) {
    auto found = co_await find(core, std::move(who));
    if (!found) co_return std::unexpected(found.error());
    print(*found, json);
    co_return Result<void>();
}

schema::JsonObject removed_account(const std::string& id) {
    return {{"removed", crypto::to_public_id(api::prefix::account, id)}};
}

enum class Act { disable, enable, remove };

Task<void> change(engine::Core& core, std::string who, Act act, bool json) {
    auto found = co_await find(core, std::move(who));
    if (!found) co_return std::unexpected(found.error());
    Flow flow(core);
    if (act == Act::remove) {
        auto removed = co_await flow.leaving.remove_account(found->id, origin());
        if (removed) print_done(json, "Removed.", removed_account(found->id));
        co_return removed;
    }
    Result<account::Account> changed = fail(account::missing);
    if (act == Act::disable) changed = co_await flow.accounts.disable(found->id, origin());
    if (act == Act::enable) changed = co_await flow.accounts.enable(found->id, origin());
    if (!changed) co_return std::unexpected(changed.error());
    print(*changed, json);
    co_return Result<void>();
}

}  // namespace

void add_account(CLI::App& app, Invocation& invocation) {
    auto* account = app.add_subcommand("account", "People's accounts");
    account->require_subcommand(1);

    auto person = std::make_shared<NewPerson>();
    auto* add_command = account->add_subcommand(
        "add",
        "Open an account. The password is asked for, or read from standard input:\n"
        "  cardea account add ada@example.com --admin < password.txt");
    add_command->add_option("EMAIL", person->email, "The e-mail address")->required();
    add_command->add_option("--name", person->name, "The name to show");
    add_command->add_flag("--admin", person->admin, "Give it the role admin");
    add_command->add_flag(
        "--invite", person->invite,
        "No password: the person claims the account by signing up with this address");
    add_command->callback([&invocation, person] {
        invocation.action = [&invocation, person] {
            std::optional<SecretText> typed = SecretText();
            if (!person->invite) typed = read_secret("Password for " + person->email);
            if (!typed)
                return report(invocation, Error(password::too_short, "nothing on standard input"));
            return on_core(invocation, [&](engine::Core& core) {
                return add(core, *person, *typed, invocation.json);
            });
        };
    });

    auto email = std::make_shared<std::string>();
    auto* list_command = account->add_subcommand("list", "List accounts");
    list_command->add_option("--email", *email, "Only the one with this address");
    list_command->callback([&invocation, email] {
        invocation.action = [&invocation, email] {
            return on_core(invocation,
                           [&](engine::Core& core) { return list(core, *email, invocation.json); });
        };
    });

    auto who = std::make_shared<std::string>();
    auto one = [&](const char* name, const char* help, auto act) {
        auto* command = account->add_subcommand(name, help);
        command->add_option("WHO", *who, "The account's id (acc_…) or e-mail address")->required();
        command->callback([&invocation, who, act] {
            invocation.action = [&invocation, who, act] {
                return on_core(invocation, [&](engine::Core& core) {
                    return act(core, *who, invocation.json);
                });
            };
        });
    };
    one("show", "Show one account", show);
    one("disable", "Disable an account: it cannot sign in, and its sessions end now",
        [](engine::Core& core, std::string id, bool json) {
            return change(core, std::move(id), Act::disable, json);
        });
    one("enable", "Let a disabled account sign in again",
        [](engine::Core& core, std::string id, bool json) {
            return change(core, std::move(id), Act::enable, json);
        });
    one("remove", "Erase an account with its sessions and connections",
        [](engine::Core& core, std::string id, bool json) {
            return change(core, std::move(id), Act::remove, json);
        });
    add_account_import(*account, invocation);
    add_account_stats(*account, invocation);
}

}  // namespace cardea::cli
