-- The private key that a connection's access token is bound to (RFC 9449), sealed; NULL where it is not.
ALTER TABLE connections ADD COLUMN dpop_key BYTEA;
