// /v1/admin/api-keys: keys for programs.
#pragma once

#include "cardea/api/views.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/http/reply.hpp"
#include "cardea/http/router.hpp"

namespace cardea::api {

struct ListQuery {
    std::optional<std::string> cursor;
    int limit = 50;
};
DESCRIBED(ListQuery, (cursor, "`next_cursor` of the page before."),
          (limit, "Items on a page.", schema::between(1, 200), schema::may_be_missing()))

struct NewKeyBody {
    std::string name;
    std::vector<std::string> scopes;
    std::optional<Instant> expires_at;
};
DESCRIBED(NewKeyBody, (name, "What it is for.", schema::length(1, 100)),
          (scopes, "What it may do: accounts:read, connections:read, tokens:read, admin."),
          (expires_at, "When it ends; leave it out for a key that does not."))

struct CreatedKey {
    KeyView api_key;
    std::string token;
};
DESCRIBED(CreatedKey, (api_key, "The key as it is listed from now on."),
          (token, "The key itself, `cak_…`: shown this once."))

struct KeyPage {
    std::vector<KeyView> items;
    std::optional<std::string> next_cursor;
};
DESCRIBED(KeyPage, (items, "Keys, oldest first."),
          (next_cursor, "Asks for the next page; missing on the last."))

struct IdPath {
    std::string id;
};
DESCRIBED(IdPath, (id, "The public id."))

class Keys {
  public:
    struct Parts {
        db::Database& database;
        api_key::ApiKeys& keys;
        audit::Trail& trail;
    };
    explicit Keys(Parts parts) : parts_(parts) {}
    /// `idempotent` wraps the POST that creates.
    void add_routes(http::Router& router, const http::Route::Wrapper& idempotent);

    Task<KeyPage> list(ListQuery query);
    Task<http::Reply<CreatedKey>> create(NewKeyBody body, http::Exchange& exchange);
    Task<http::NoContent> remove(IdPath path, http::Exchange& exchange);

  private:
    Parts parts_;
};

/// The UUID behind a public id of that kind, or `missing` of the resource.
Result<std::string> uuid_of(std::string_view prefix, std::string_view public_id,
                            const Reason& missing);

}  // namespace cardea::api
