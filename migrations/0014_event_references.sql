-- Which sign-in at a provider an event belongs to: what its person can quote, or empty.
ALTER TABLE events ADD COLUMN reference TEXT NOT NULL DEFAULT '';
CREATE INDEX events_by_reference ON events (reference, id);
