// The section [Crons] of config.toml: which jobs run, and how often.
#pragma once

#include "cardea/base/clock.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::jobs {

struct Settings {
    bool renew_oaths = true;
    Seconds renew_oaths_interval = 60s;
    bool clean_expired_verifications = true;
    Seconds clean_expired_verifications_interval = 5min;
    bool clean_expired_sessions = true;
    Seconds clean_expired_sessions_interval = 10min;
    bool clean_expired_idempotency_keys = true;
    Seconds clean_expired_idempotency_keys_interval = 1h;
    bool clean_unlinked_connections = true;
    Seconds clean_unlinked_connections_interval = 1h;
    bool clean_old_events = true;
    Seconds clean_old_events_interval = 24h;
    Seconds keep_events = 400 * 24h;
};

DESCRIBED(Settings, (renew_oaths, "Renew provider tokens before they expire."),
          (renew_oaths_interval, "How often to look for tokens that are due.",
           schema::between(1s, 24h)),
          (clean_expired_verifications, "Remove expired sign-in states and other one-time proofs."),
          (clean_expired_verifications_interval, "How often to remove them.",
           schema::between(1s, 7 * 24h)),
          (clean_expired_sessions, "Remove sessions that have ended."),
          (clean_expired_sessions_interval, "How often to remove them.",
           schema::between(1s, 7 * 24h)),
          (clean_expired_idempotency_keys, "Remove answers kept for repeated requests."),
          (clean_expired_idempotency_keys_interval, "How often to remove them.",
           schema::between(1s, 7 * 24h)),
          (clean_unlinked_connections,
           "Remove tokens that nobody has linked to an account within vault.keep_unlinked."),
          (clean_unlinked_connections_interval, "How often to remove them.",
           schema::between(1s, 7 * 24h)),
          (clean_old_events, "Remove events of the audit trail that are older than keep_events."),
          (clean_old_events_interval, "How often to remove them.", schema::between(1s, 7 * 24h)),
          (keep_events, "How long events of the audit trail are kept.",
           schema::between(24h, 100 * 365 * 24h)))

}  // namespace cardea::jobs
