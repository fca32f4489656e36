-- A number that grows whenever a session ends or the account of one changes, whoever wrote that: what
-- was read of sessions before is good while it is the same. Opening and prolonging do not count.
CREATE TABLE session_changes (number BIGINT NOT NULL);
INSERT INTO session_changes (number) VALUES (0);

CREATE TRIGGER session_ended AFTER DELETE ON sessions BEGIN
    UPDATE session_changes SET number = number + 1;
END;
CREATE TRIGGER session_shortened AFTER UPDATE ON sessions
WHEN NEW.expires_at < OLD.expires_at OR NEW.absolute_end_at < OLD.absolute_end_at
    OR NEW.token_hash <> OLD.token_hash OR NEW.account_id <> OLD.account_id
BEGIN
    UPDATE session_changes SET number = number + 1;
END;
CREATE TRIGGER session_owner_changed AFTER UPDATE ON accounts BEGIN
    UPDATE session_changes SET number = number + 1;
END;
CREATE TRIGGER session_owner_removed AFTER DELETE ON accounts BEGIN
    UPDATE session_changes SET number = number + 1;
END;
