-- The audit trail: what happened to an account, in order.

CREATE TABLE events (
    -- A UUIDv7 that grows with every event: the order of the trail.
    id             TEXT   PRIMARY KEY,
    at             BIGINT NOT NULL,
    type           TEXT   NOT NULL,
    -- No foreign key: what happened outlives the account.
    account_id     TEXT,
    -- Who did it: an account's id, key:<id>, cli, job, or empty for somebody unknown.
    actor          TEXT   NOT NULL,
    client_address TEXT   NOT NULL,
    request_id     TEXT   NOT NULL,
    -- A JSON object of texts; never a secret.
    detail         TEXT   NOT NULL
);

CREATE INDEX events_by_account ON events (account_id, id);
CREATE INDEX events_by_type ON events (type, id);
