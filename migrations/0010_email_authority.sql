-- Whether the address was proven by whoever gives it out (or by an administrator), and not merely by
-- a provider that says `verified`. Only such an account is found by its address. What was proven
-- before this column existed counts as claimed: its owner proves it with the next sign-in.
ALTER TABLE accounts ADD COLUMN email_authoritative BOOLEAN NOT NULL DEFAULT FALSE;
