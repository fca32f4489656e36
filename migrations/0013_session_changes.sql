-- A number that grows whenever a session ends or the account of one changes, whoever wrote that: what
-- was read of sessions before is good while it is the same. Opening and prolonging do not count.
CREATE TABLE session_changes (number BIGINT NOT NULL);
INSERT INTO session_changes (number) VALUES (0);

CREATE TRIGGER session_ended AFTER DELETE ON sessions BEGIN
    UPDATE session_changes SET number = number + 1;
END;
CREATE TRIGGER session_changed AFTER UPDATE ON sessions
WHEN NOT (NEW.expires_at >= OLD.expires_at AND NEW.absolute_end_at >= OLD.absolute_end_at
    AND NEW.id = OLD.id AND NEW.token_hash = OLD.token_hash AND NEW.account_id = OLD.account_id
    AND NEW.method = OLD.method AND NEW.device = OLD.device
    AND NEW.client_address = OLD.client_address AND NEW.created_at = OLD.created_at)
BEGIN
    UPDATE session_changes SET number = number + 1;
END;
CREATE TRIGGER session_owner_changed AFTER UPDATE ON accounts BEGIN
    UPDATE session_changes SET number = number + 1;
END;
CREATE TRIGGER session_owner_removed AFTER DELETE ON accounts BEGIN
    UPDATE session_changes SET number = number + 1;
END;
