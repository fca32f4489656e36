// /health, /health/live, /health/ready, and /v1/admin/shutdown.
#pragma once

#include "cardea/api_key/api_keys.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/http/router.hpp"
#include "cardea/lifecycle/health.hpp"
#include "cardea/lifecycle/server_management.hpp"

namespace cardea::api {

class Health {
  public:
    struct Parts {
        lifecycle::Health& health;
        ServerManagement& management;
        BackgroundTasks& tasks;
        db::Database& database;
        audit::Trail& trail;
    };
    explicit Health(Parts parts) : parts_(parts) {}
    void add_routes(http::Router& router);

    Task<http::Response> health(http::Exchange& exchange);
    Task<http::Response> live();
    Task<http::Response> ready();
    Task<http::Response> shutdown(http::Exchange& exchange);

  private:
    Parts parts_;
};

}  // namespace cardea::api
