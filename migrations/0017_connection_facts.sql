-- What a provider's row keeps beside the tokens, sealed like them: facts for the application, and what
-- renewals repeat of the callback.
ALTER TABLE connections ADD COLUMN kept BYTEA;
