-- When each job runs next, who is at it, and how the last run ended.

CREATE TABLE jobs (
    name             TEXT   PRIMARY KEY,
    next_run_at      BIGINT NOT NULL,
    -- A new id for each run, so that a run that slept past its lease cannot write over its successor.
    lease_holder     TEXT,
    lease_until      BIGINT,
    last_started_at  BIGINT,
    last_finished_at BIGINT,
    last_outcome     TEXT,
    last_ms          BIGINT,
    -- Since the last success.
    failures         BIGINT NOT NULL
);
