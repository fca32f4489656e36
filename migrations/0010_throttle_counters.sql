-- Attempts at signing in that are being slowed down, so that a restart does not forget them. `key` is
-- a keyed digest: the table tells nobody who tried, or from where.
CREATE TABLE throttle_counters (
    key BYTEA PRIMARY KEY,
    value BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX throttle_counters_ends_at ON throttle_counters (ends_at);
