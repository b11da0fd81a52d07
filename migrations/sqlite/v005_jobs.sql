-- The id is time-ordered, so a new job is appended to the table.
CREATE TABLE jobs (
    id             INTEGER PRIMARY KEY,
    operation_id   INTEGER NOT NULL REFERENCES operations (id),
    service_id     INTEGER NOT NULL REFERENCES services (id),
    owner_id       INTEGER NOT NULL REFERENCES accounts (id),
    state          TEXT NOT NULL CHECK (state IN ('scheduled', 'running', 'succeeded', 'failed', 'cancelled')),
    -- Input values by name, secrets removed.
    inputs         TEXT NOT NULL CHECK (json_type(inputs) = 'object'),
    -- Output values by name.
    result         TEXT CHECK (result IS NULL OR json_type(result) = 'object'),
    error_code     INTEGER,
    error_text     TEXT,
    attempts       INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Attempts that ended because the agent was stopped in good order: they don't count against the job.
    interruptions  INTEGER NOT NULL DEFAULT 0 CHECK (interruptions BETWEEN 0 AND attempts),
    progress       INTEGER CHECK (progress BETWEEN 0 AND 100),
    progress_text  TEXT,
    -- When a worker may claim the job; NULL while an attempt holds it and after its end.
    claimable_at   INTEGER,
    cancel_asked   INTEGER NOT NULL DEFAULT 0 CHECK (cancel_asked IN (0, 1)),
    webhook_url    TEXT,
    webhook_events TEXT,
    created_at     INTEGER NOT NULL,
    started_at     INTEGER,
    ended_at       INTEGER,
    deadline_at    INTEGER NOT NULL,
    CHECK ((ended_at IS NOT NULL) = (state IN ('succeeded', 'failed', 'cancelled'))),
    CHECK ((result IS NOT NULL) = (state = 'succeeded')),
    CHECK ((error_code IS NOT NULL) = (state IN ('failed', 'cancelled'))),
    CHECK (claimable_at IS NULL OR ended_at IS NULL),
    CHECK (started_at IS NOT NULL OR state != 'running')
) STRICT;

CREATE INDEX jobs_claimable ON jobs (service_id, owner_id, claimable_at, id) WHERE claimable_at IS NOT NULL;
CREATE INDEX jobs_open ON jobs (deadline_at) WHERE ended_at IS NULL;

CREATE TABLE job_moves (
    before TEXT NOT NULL,
    after  TEXT NOT NULL,
    PRIMARY KEY (before, after)
) STRICT;

INSERT INTO job_moves (before, after) VALUES
    ('scheduled', 'running'),
    ('scheduled', 'failed'),
    ('scheduled', 'cancelled'),
    ('running', 'succeeded'),
    ('running', 'failed'),
    ('running', 'cancelled');

CREATE TRIGGER jobs_start_scheduled BEFORE INSERT ON jobs
WHEN NEW.state != 'scheduled'
BEGIN
    SELECT RAISE(ABORT, 'a job starts as scheduled');
END;

CREATE TRIGGER jobs_move BEFORE UPDATE OF state ON jobs
WHEN OLD.state != NEW.state
    AND NOT EXISTS (SELECT 1 FROM job_moves WHERE before = OLD.state AND after = NEW.state)
BEGIN
    SELECT RAISE(ABORT, 'illegal job move');
END;

CREATE TRIGGER jobs_begin_to_wait AFTER INSERT ON jobs
WHEN NEW.claimable_at IS NOT NULL
BEGIN
    UPDATE services SET waiting = waiting + 1 WHERE id = NEW.service_id;
END;

CREATE TRIGGER jobs_wait_or_not AFTER UPDATE OF claimable_at ON jobs
WHEN (OLD.claimable_at IS NULL) != (NEW.claimable_at IS NULL)
BEGIN
    UPDATE services SET waiting = waiting + iif(NEW.claimable_at IS NULL, -1, 1) WHERE id = NEW.service_id;
END;

-- What a consumer has read of an ended job stays true.
CREATE TRIGGER jobs_ended_stay BEFORE UPDATE ON jobs
WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an ended job never changes');
END;

CREATE TABLE attempts (
    job_id     INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL CHECK (number >= 1),
    -- Drawn anew for each attempt: a late writer of an older one changes nothing.
    fence      INTEGER NOT NULL,
    handle     TEXT,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    ending     TEXT,
    PRIMARY KEY (job_id, number),
    CHECK ((ended_at IS NULL) = (ending IS NULL))
) STRICT;

CREATE INDEX attempts_open ON attempts (job_id) WHERE ended_at IS NULL;

-- What a job's programs said on standard output and error, piece by piece in the order it came.
CREATE TABLE job_log (
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    piece  INTEGER NOT NULL CHECK (piece >= 1),
    at     INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (job_id, piece)
) STRICT;

-- Which purchase paid for which job: written in the commit that makes the job.
CREATE TABLE purchase_uses (
    purchase_id INTEGER NOT NULL REFERENCES purchases (id),
    job_id      INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    PRIMARY KEY (purchase_id, job_id)
) STRICT;
