-- SHA-256 of a connection's refresh token and of the one before it: whoever has a refresh token, and
-- nothing else, is led to its connection, and a spent one is not sent to the provider again.
ALTER TABLE connections ADD COLUMN refresh_token_hash BYTEA;
ALTER TABLE connections ADD COLUMN previous_refresh_token_hash BYTEA;
CREATE INDEX connections_refresh_token ON connections (refresh_token_hash)
    WHERE refresh_token_hash IS NOT NULL;
CREATE INDEX connections_previous_refresh_token ON connections (previous_refresh_token_hash)
    WHERE previous_refresh_token_hash IS NOT NULL;
