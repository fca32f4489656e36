-- Answers to requests that carried an Idempotency-Key, kept for a day. The answer is sealed: it may
-- hold a token. A row without an answer is a request that is under way.
CREATE TABLE idempotency (
    key_hash BYTEA PRIMARY KEY,
    body_hash BYTEA NOT NULL,
    status BIGINT,
    answer BYTEA,
    expires_at BIGINT NOT NULL
);
CREATE INDEX idempotency_expires_at ON idempotency (expires_at);
