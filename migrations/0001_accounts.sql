-- Accounts, and the single-use proofs (verifications) that something is under way for one.

CREATE TABLE accounts (
    id             TEXT    PRIMARY KEY,
    -- The address as its owner writes it; none when a provider gave none.
    email          TEXT,
    -- What two addresses that look alike have in common: unique, so that they cannot both be here.
    email_key      TEXT    UNIQUE,
    email_verified BOOLEAN NOT NULL,
    name           TEXT    NOT NULL,
    picture        TEXT    NOT NULL,
    -- None for those who sign in through a provider alone.
    password_hash  TEXT,
    -- Words separated by one space; empty for most.
    roles          TEXT    NOT NULL,
    -- Set while an administrator's invitation waits for the person it is for.
    invited_at     BIGINT,
    disabled_at    BIGINT,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL
);

CREATE TABLE verifications (
    -- SHA-256 of the secret that proves it; the secret itself is not stored.
    secret_hash  BYTEA  PRIMARY KEY,
    -- What it proves, such as oauth_state.
    kind         TEXT   NOT NULL,
    account_id   TEXT   REFERENCES accounts (id) ON DELETE CASCADE,
    -- SHA-256 of the cookie of the browser that it is bound to.
    binding_hash BYTEA,
    provider     TEXT   NOT NULL,
    -- What the flow must remember, sealed.
    payload      BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE INDEX verifications_by_account ON verifications (account_id);
CREATE INDEX verifications_by_expiry ON verifications (expires_at);
CREATE INDEX verifications_by_kind ON verifications (kind, created_at);
