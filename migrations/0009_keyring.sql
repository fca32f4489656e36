-- Which SECRET_KEY sealed what is stored: a value that only a keyring with the same key accepts.
CREATE TABLE keyring (
    key_id TEXT PRIMARY KEY,
    check_value BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
