-- The secret before the current one: while a provider changes over, it may know either.

ALTER TABLE oauth_providers ADD COLUMN client_secret_previous BYTEA;
