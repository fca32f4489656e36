// cardea explain: what happened to a sign-in at a provider, by the reference that its person
// quotes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <ranges>

#include "cardea/audit/trail.hpp"
#include "cardea/base/log_escape.hpp"
#include "cardea/oauth/callback.hpp"
#include "cardea/oauth/dpop.hpp"
#include "cardea/oauth/id_token.hpp"
#include "cardea/oauth/profile.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/oauth_flow.hpp"
#include "server/cli/command.hpp"

namespace cardea::cli {

namespace {

inline constexpr Reason bad_reference{
    Code::invalid, "explain.bad_reference",
    "That is no reference: it has ten characters, 0-9 and a-f, and stands below the message of a "
    "sign-in that failed."};

/// What an operator can make of a reason.
struct Advice {
    std::string_view slug;
    std::string_view text;
};
constexpr std::array advices{
    Advice{
        oauth::state_mismatch.slug,
        "The sign-in took longer than ten minutes, or the provider sent it to another provider's "
        "redirect URI. Starting again helps."},
    Advice{sign_in::other_browser.slug,
           "The cookie that began the sign-in did not come back: cookies are blocked, the callback "
           "opened in another browser or app, or public_url is another host than the one that "
           "people use. Somebody may also have been sent a foreign link."},
    Advice{oauth::issuer_mismatch.slug,
           "iss in the callback is not the provider's issuer: compare `issuer` of the provider "
           "with its discovery document. Unexpected, it may be an attack (mix-up)."},
    Advice{oauth::callback_forged.slug,
           "The callback is not signed with this client secret: compare it with the provider's, "
           "which may have been changed there. Unexpected, somebody made the callback up."},
    Advice{oauth::callback_mismatch.slug,
           "A parameter of the callback names something else than the provider's `values` do, such "
           "as another shop. Unexpected, it may be an attack (mix-up)."},
    Advice{oauth::denied.slug, "The person, or a rule of the organisation, said no."},
    Advice{oauth::provider_error.slug,
           "The provider reported the error above before a code was issued; scopes, the redirect "
           "URI and the state of the app at the provider are where to look."},
    Advice{provider::code_refused.slug,
           "The provider did not take the code: it was used already, came late, or the redirect "
           "URI registered there differs from the one above."},
    Advice{oauth::client_rejected.slug,
           "client_id or client_secret is wrong, or sent in another way than the provider wants "
           "(token_endpoint_auth_method). `cardea provider check NAME` tells."},
    Advice{oauth::id_token_refused.slug,
           "The ID token is not for us. With times in it, compare this machine's clock with the "
           "right time; with iss or aud, issuer and client_id."},
    Advice{oauth::token_not_bound.slug,
           "The row says dpop_bound_access_tokens, and a token came that anybody could use: the "
           "provider has no DPoP, or the app there must be told to use it."},
    Advice{oauth::answer_malformed.slug,
           "The token endpoint answered something else than tokens: `cardea provider check NAME` "
           "tries it."},
    Advice{oauth::profile_refused.slug,
           "The profile lacks what is needed: the subject's pointer or the scopes are wrong."},
    Advice{provider::failed.slug, "The provider could not be reached or failed itself."},
    Advice{provider::timeout.slug, "The provider did not answer in time."},
    Advice{sign_in::link_first.slug,
           "An account with this address exists, and the provider's word is not proof enough to "
           "open it. Its owner signs in and connects the provider from the account page."},
    Advice{sign_in::link_needs_session.slug,
           "Who began to connect the provider was signed out before it was finished."},
};

std::string_view advice_on(std::string_view slug) {
    auto found = std::ranges::find(advices, slug, &Advice::slug);
    return found == advices.end() ? std::string_view() : found->text;
}

bool is_success(const audit::Entry& event) {
    return event.type == "session.opened" || event.type == "connection.linked";
}

/// What follows from the events, oldest first, and from one that is still pending.
std::string conclusion(const std::vector<audit::Entry>& events, bool pending) {
    if (pending) return "It has begun, and the browser has not come back from the provider yet.";
    if (events.empty()) {
        return "Nothing is known of it: it was never begun here, it was given up and is over ten "
               "minutes old, or its events were cleaned up (Crons.keep_events).";
    }
    if (std::ranges::any_of(events, is_success)) {
        return "It succeeded. A second callback with the same state is refused: the page was "
               "loaded again, or opened twice.";
    }
    auto reason = events.back().detail.find("reason");
    if (reason == events.back().detail.end()) return {};
    return std::string(advice_on(reason->second));
}

// Some of it was said by a provider or a browser: nothing of that may move the cursor.
std::string harmless(std::string_view text) {
    fmt::memory_buffer line;
    log::append_text(line, text);
    return fmt::to_string(line);
}

void print(const std::vector<audit::Entry>& events, const std::optional<Instant>& begun,
           std::string_view meaning) {
    if (begun) std::cout << to_rfc3339(*begun) << "  begun\n";
    for (const auto& event : events) {
        std::cout << to_rfc3339(event.at) << "  " << event.type << "\n";
        for (const auto& [key, text] : event.detail) {
            std::cout << "    " << key << ": " << harmless(text) << "\n";
        }
        if (!event.client_address.empty()) {
            std::cout << "    client address: " << event.client_address << "\n";
        }
        std::cout << "    request: " << event.request_id << "\n";
    }
    std::cout << meaning << "\n";
}

schema::JsonObject json_of(const audit::Entry& event) {
    schema::JsonObject detail;
    for (const auto& [key, text] : event.detail) detail[key] = text;
    return {{"at", to_rfc3339(event.at)},
            {"type", event.type},
            {"client_address", event.client_address},
            {"request_id", event.request_id},
            {"detail", std::move(detail)}};
}

void print_as_json(const std::string& reference, const std::vector<audit::Entry>& events,
                   const std::optional<Instant>& begun, std::string_view meaning) {
    schema::JsonArray items;
    items.reserve(events.size());
    for (const auto& event : events) items.emplace_back(json_of(event));
    schema::Json begun_at = begun ? schema::Json(to_rfc3339(*begun)) : schema::Json(nullptr);
    print_json(schema::JsonObject{{"reference", reference},
                                  {"begun_at", std::move(begun_at)},
                                  {"events", std::move(items)},
                                  {"meaning", meaning}});
}

bool is_reference(std::string_view text) {
    return text.size() == 10 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Task<void> explain(engine::Core& core, std::string reference, bool json) {
    if (!is_reference(reference)) co_return fail(bad_reference);
    audit::Filter filter{.reference = reference};
    auto page = co_await core.trail().list(core.database(), std::move(filter), {}, 200);
    if (!page) co_return std::unexpected(page.error());
    auto begun = co_await core.verifications().find_pending(core.database(), reference);
    if (!begun) co_return std::unexpected(begun.error());
    std::ranges::reverse(page->items);
    auto meaning = conclusion(page->items, begun->has_value());
    if (json) {
        print_as_json(reference, page->items, *begun, meaning);
    } else {
        print(page->items, *begun, meaning);
    }
    co_return Result<void>();
}

}  // namespace

void add_explain(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "explain",
        "What happened to a sign-in at a provider, by the reference that its person quotes:\n"
        "  cardea explain 3f9a0c51d2");
    auto reference = std::make_shared<std::string>();
    command->add_option("REF", *reference, "As the page of the failed sign-in shows it")
        ->required();
    command->callback([&invocation, reference] {
        invocation.action = [&invocation, reference] {
            return on_core(invocation, [&](engine::Core& core) {
                return explain(core, *reference, invocation.json);
            });
        };
    });
}

}  // namespace cardea::cli
