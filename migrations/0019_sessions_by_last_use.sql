-- A sign-in ends the account's sessions beyond its limit, those that were not used for longest. The
-- index alone tells which they are: an account with many would otherwise have each of them read.

DROP INDEX sessions_by_account;
CREATE INDEX sessions_by_account ON sessions (account_id, last_seen_at, id);
