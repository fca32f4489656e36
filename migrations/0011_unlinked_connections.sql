-- Connections that nobody has linked are swept after a while, oldest first.
CREATE INDEX connections_unlinked ON connections (connected_at) WHERE account_id IS NULL;
