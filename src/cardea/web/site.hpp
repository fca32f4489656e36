// Site: the routes of the pages. They call the same flows as the JSON interface.
#pragma once

#include <string>
#include <vector>

#include "cardea/api/transport.hpp"
#include "cardea/http/router.hpp"
#include "cardea/http/url.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/sign_in/leaving_flow.hpp"
#include "cardea/sign_in/oauth_flow.hpp"
#include "cardea/sign_in/password_flow.hpp"
#include "cardea/sign_in/session_flow.hpp"
#include "cardea/vault/vault.hpp"
#include "cardea/web/pages.hpp"

namespace cardea::web {

class Site {
  public:
    struct Parts {
        db::Database& database;
        provider::Providers& providers;
        session::Sessions& sessions;
        vault::Vault& vault;
        sign_in::PasswordFlow& passwords;
        sign_in::OAuthFlow& oauth;
        sign_in::SessionFlow& session_flow;
        sign_in::LeavingFlow& leaving;
        const Clock& clock;
        session::Origin origin;
        sign_in::Settings settings;
        /// Our own origin and `return_origins`: where a sign-in may return to.
        std::vector<http::Url> origins;
        int minimum_password_length = 8;  ///< For the hint beside a new password.
    };
    explicit Site(Parts parts);
    void add_routes(http::Router& router);

    Task<http::Response> home(http::Exchange& exchange);
    Task<http::Response> sign_in_form(http::Exchange& exchange);
    Task<http::Response> sign_in(http::Exchange& exchange);
    Task<http::Response> sign_up_form(http::Exchange& exchange);
    Task<http::Response> sign_up(http::Exchange& exchange);
    Task<http::Response> sign_out(http::Exchange& exchange);
    Task<http::Response> change_password(http::Exchange& exchange);
    Task<http::Response> end_session(http::Exchange& exchange);
    Task<http::Response> remove_connection(http::Exchange& exchange);
    Task<http::Response> style();

    Task<http::Response> begin(http::Exchange& exchange);
    Task<http::Response> link(http::Exchange& exchange);
    Task<http::Response> callback(http::Exchange& exchange);
    Task<http::Response> posted_callback(http::Exchange& exchange);

  private:
    /// What stands at the top of a page.
    struct Banner {
        std::string notice;
        std::string problem;
        std::vector<FieldError> errors;
    };
    std::optional<http::Response> problem_page(const http::Exchange& exchange,
                                               const http::Problem& problem) const;
    Task<std::vector<ProviderView>> provider_views();
    /// Where a sign-in may return to.
    std::vector<std::string> return_targets() const;
    /// Where a form of the account page may lead: that, and to the providers that can be linked.
    Task<std::vector<std::string>> account_targets();
    Task<http::Response> show_sign_in(FormView form, std::string notice, int status);
    Task<http::Response> show_sign_up(FormView form, int status);
    Task<http::Response> show_account(http::Exchange& exchange, Banner banner, int status);
    http::Response go(const sign_in::SignedIn& signed_in, const std::string& return_to) const;
    http::ReturnTo return_to(std::string_view text) const;

    Task<http::Response> start(http::Exchange& exchange, std::optional<std::string> link_to);
    Task<http::Response> finish(http::Exchange& exchange, std::string query);
    http::Response finished(const http::Exchange& exchange, const sign_in::Finished& done) const;
    Task<http::Response> not_finished(http::Exchange& exchange, Error error);

    Parts parts_;
    Frame frame_;
};

}  // namespace cardea::web
