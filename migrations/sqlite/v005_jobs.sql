-- The id is time-ordered, so a new job is appended to the table. A row is checked whenever it is written, which is on the
-- path of every request, so the checks are cheap ones: no parsing of JSON, no IN with many values (a table each time).
CREATE TABLE jobs (
    id             INTEGER PRIMARY KEY,
    operation_id   INTEGER NOT NULL REFERENCES operations (id),
    service_id     INTEGER NOT NULL REFERENCES services (id),
    owner_id       INTEGER NOT NULL REFERENCES accounts (id),
    -- The engine in whose pool of the service it waits; '' where one pool is for all engines.
    pool           TEXT NOT NULL DEFAULT '',
    state          TEXT NOT NULL,
    -- Input values by name, secrets removed: a JSON object.
    inputs         TEXT NOT NULL CHECK (substr(inputs, 1, 1) = '{'),
    -- Output values by name: a JSON object.
    result         TEXT CHECK (substr(result, 1, 1) = '{'),
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
    CHECK (CASE state
        WHEN 'scheduled' THEN coalesce(ended_at, result, error_code) IS NULL
        WHEN 'running' THEN attempts > 0 AND started_at IS NOT NULL AND coalesce(ended_at, result, error_code) IS NULL
        WHEN 'succeeded' THEN attempts > 0 AND ended_at IS NOT NULL AND result IS NOT NULL
            AND coalesce(error_code, claimable_at) IS NULL
        WHEN 'failed' THEN ended_at IS NOT NULL AND error_code IS NOT NULL AND coalesce(result, claimable_at) IS NULL
        WHEN 'cancelled' THEN ended_at IS NOT NULL AND error_code IS NOT NULL AND coalesce(result, claimable_at) IS NULL
        ELSE 0
    END)
) STRICT;

-- What can be claimed, each caller's oldest first, and what has waited beyond its deadline.
CREATE INDEX jobs_claimable ON jobs (service_id, pool, owner_id, claimable_at, id, deadline_at)
WHERE claimable_at IS NOT NULL;
-- A caller's jobs, newest first.
CREATE INDEX jobs_of_owner ON jobs (owner_id, id);
-- The pruner's walk: the ended jobs of one state, oldest end first.
CREATE INDEX jobs_ended ON jobs (state, ended_at) WHERE ended_at IS NOT NULL;

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

CREATE TRIGGER jobs_move BEFORE UPDATE OF state ON jobs
WHEN OLD.state != NEW.state
    AND NOT EXISTS (SELECT 1 FROM job_moves WHERE before = OLD.state AND after = NEW.state)
BEGIN
    SELECT RAISE(ABORT, 'illegal job move');
END;

-- What a consumer has read of an ended job stays true.
CREATE TRIGGER jobs_ended_stay BEFORE UPDATE ON jobs
WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an ended job never changes');
END;

CREATE TABLE attempts (
    job_id      INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number >= 1),
    -- Drawn anew for each attempt: a late writer of an older one changes nothing.
    fence       INTEGER NOT NULL,
    -- What runs it, where that goes on without the agent; NULL for what ends with it.
    engine      TEXT,
    -- Where it is and what it waits for, in the words of what runs it.
    place       TEXT,
    started_at  INTEGER NOT NULL,
    -- Until when the worker that runs the attempt has answered for it; renewed while it runs.
    lease_until INTEGER NOT NULL,
    ended_at    INTEGER,
    ending      TEXT,
    PRIMARY KEY (job_id, number),
    CHECK ((ended_at IS NULL) = (ending IS NULL))
) STRICT;

CREATE INDEX attempts_open ON attempts (job_id) WHERE ended_at IS NULL;

-- What happens to a job after its acceptance, which its own row tells, and what its programs say: in the order it came.
-- The numbers rise for good, also when the last rows are removed: whoever follows a job goes on after the last he has seen.
CREATE TABLE job_events (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id   INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    owner_id INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    -- Of an attempt its number, of a progress its percentage, of a wait when it is over.
    number   INTEGER,
    -- Of a progress what the program says of it; of a wait how the attempt before it ended.
    text     TEXT,
    bytes    BLOB,
    CHECK (CASE kind
        WHEN 'attempt' THEN number >= 1
        WHEN 'wait' THEN number IS NOT NULL AND text IS NOT NULL
        WHEN 'progress' THEN number BETWEEN 0 AND 100 AND text IS NOT NULL
        WHEN 'log' THEN bytes IS NOT NULL
        WHEN 'end' THEN 1
        ELSE 0
    END)
) STRICT;

CREATE INDEX job_events_of_job ON job_events (job_id, id);
-- What a caller is told of all his jobs.
CREATE INDEX job_events_of_owner ON job_events (owner_id, id) WHERE kind != 'log';

CREATE TRIGGER attempt_told AFTER INSERT ON attempts
BEGIN
    INSERT INTO job_events (job_id, owner_id, at, kind, number)
    SELECT id, owner_id, NEW.started_at, 'attempt', NEW.number FROM jobs WHERE id = NEW.job_id;
END;

CREATE TRIGGER wait_told AFTER UPDATE OF claimable_at ON jobs
WHEN OLD.claimable_at IS NULL AND NEW.claimable_at IS NOT NULL
BEGIN
    INSERT INTO job_events (job_id, owner_id, at, kind, number, text)
    SELECT NEW.id, NEW.owner_id, ended_at, 'wait', NEW.claimable_at, ending FROM attempts
    WHERE job_id = NEW.id ORDER BY number DESC LIMIT 1;
END;

CREATE TRIGGER end_told AFTER UPDATE OF ended_at ON jobs
WHEN NEW.ended_at IS NOT NULL
BEGIN
    INSERT INTO job_events (job_id, owner_id, at, kind) VALUES (NEW.id, NEW.owner_id, NEW.ended_at, 'end');
END;

-- Which purchase paid for which job: written in the commit that makes the job.
CREATE TABLE purchase_uses (
    purchase_id INTEGER NOT NULL REFERENCES purchases (id),
    job_id      INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    PRIMARY KEY (purchase_id, job_id)
) STRICT;

CREATE INDEX purchase_uses_of_job ON purchase_uses (job_id);
