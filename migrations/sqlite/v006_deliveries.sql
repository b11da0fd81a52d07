-- The outbox: a row is written in the commit that ends the job, and goes out afterwards.
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    -- The webhook-id: the same on every attempt.
    event_id        TEXT NOT NULL UNIQUE,
    -- What is told is read from the job, which never changes once it has ended.
    job_id          INTEGER NOT NULL REFERENCES jobs (id),
    account_id      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    url             TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    last_answer     TEXT,
    created_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL))
) STRICT;

CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_of_job ON deliveries (job_id);
