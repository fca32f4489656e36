-- Who is signed in, where, and until when.

CREATE TABLE sessions (
    id              TEXT   PRIMARY KEY,
    -- SHA-256 of the token; the token itself is not stored.
    token_hash      BYTEA  NOT NULL UNIQUE,
    account_id      TEXT   NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- How its holder signed in: password, or a provider's name.
    method          TEXT   NOT NULL,
    device          TEXT   NOT NULL,
    client_address  TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    last_seen_at    BIGINT NOT NULL,
    -- Slides with use, and never beyond absolute_end_at.
    expires_at      BIGINT NOT NULL,
    absolute_end_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
