-- Keys that programs call with.

CREATE TABLE api_keys (
    id           TEXT   PRIMARY KEY,
    name         TEXT   NOT NULL,
    -- SHA-256 of the key; the key itself is shown once and not stored.
    key_hash     BYTEA  NOT NULL UNIQUE,
    -- Words separated by one space.
    scopes       TEXT   NOT NULL,
    -- The account of the administrator who made it, or cli.
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT
);
