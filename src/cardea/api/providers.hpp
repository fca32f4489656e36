// /v1/providers for everyone; /v1/admin/providers: the table oauth_providers.
#pragma once

#include "cardea/audit/trail.hpp"
#include "cardea/http/reply.hpp"
#include "cardea/http/router.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::api {

struct ProviderItem {
    std::string name;
    std::string title;
    std::string sign_in_url;
};
DESCRIBED(ProviderItem, (name, "Its name in URLs."), (title, "What people read."),
          (sign_in_url, "Where a browser begins to sign in with it."))

struct ProviderItems {
    std::vector<ProviderItem> items;
    std::optional<std::string> next_cursor;
};
DESCRIBED(ProviderItems, (items, "Providers that people can sign in with, by name."),
          (next_cursor, "Never set: the list is short."))

struct ListedProviders {
    std::vector<provider::Listed> items;
    std::optional<std::string> next_cursor;
};
DESCRIBED(ListedProviders, (items, "Every provider known here, by name."),
          (next_cursor, "Never set: the list is short."))

struct NamePath {
    std::string name;
};
DESCRIBED(NamePath, (name, "The provider's name."))

class Providers {
  public:
    struct Parts {
        db::Database& database;
        provider::Providers& providers;
        audit::Trail& trail;
        std::string public_url;  ///< Without a slash at the end.
    };
    explicit Providers(Parts parts) : parts_(std::move(parts)) {}
    /// `idempotent` wraps the POST that creates.
    void add_routes(http::Router& router, const http::Route::Wrapper& idempotent);

    Task<ProviderItems> offered();
    Task<ListedProviders> list();
    Task<provider::Shown> show(NamePath path);
    Task<http::Response> add(http::Exchange& exchange);
    Task<http::Response> replace(http::Exchange& exchange);
    Task<http::Response> update(http::Exchange& exchange);
    Task<provider::CheckReport> check(http::Exchange& exchange);
    Task<http::NoContent> remove(NamePath path, http::Exchange& exchange);

  private:
    Task<http::Response> shown(std::string name, int status);
    Task<void> note(std::string what, std::string name, http::Exchange& exchange);
    Parts parts_;
};

}  // namespace cardea::api
