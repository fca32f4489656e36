-- Connections: an account's link to a provider's subject, with its tokens, sealed. One row for each
-- (issuer, subject); account_id is NULL until it is linked.
CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    email_verified BOOLEAN NOT NULL,
    scopes TEXT,
    token_type TEXT NOT NULL,
    access_token BYTEA NOT NULL,
    refresh_token BYTEA,
    id_token BYTEA,
    answer BYTEA,
    expiry TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    expires_at BIGINT,
    refresh_token_expires_at BIGINT,
    renew_at BIGINT,
    state TEXT NOT NULL,
    reason TEXT,
    failures BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    lease_holder TEXT,
    lease_until BIGINT,
    connected_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX connections_account_id ON connections (account_id);
-- The job takes what is due in this order.
CREATE INDEX connections_renew_at ON connections (renew_at) WHERE state = 'fresh';
