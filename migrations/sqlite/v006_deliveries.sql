-- Where an account hears of its jobs. The secrets are derived from the agent's key, the id and the number of their
-- generation, so none is here.
CREATE TABLE webhooks (
    id            INTEGER PRIMARY KEY,
    public_id     TEXT NOT NULL UNIQUE CHECK (length(public_id) = 35),
    owner_id      INTEGER NOT NULL REFERENCES accounts (id),
    url           TEXT NOT NULL,
    -- Words between blanks; NULL for all events.
    events        TEXT,
    -- NULL for all operations.
    operation_id  INTEGER REFERENCES operations (id),
    generation    INTEGER NOT NULL DEFAULT 1 CHECK (generation >= 1),
    rotated_at    INTEGER,
    -- The first failure that no success has followed.
    failing_since INTEGER,
    disabled_at   INTEGER,
    disabled_for  TEXT CHECK (disabled_for IN ('gone', 'failing')),
    created_at    INTEGER NOT NULL,
    -- Its deliveries go later, some at a time, and the row with the last of them.
    removed_at    INTEGER,
    CHECK ((disabled_at IS NULL) = (disabled_for IS NULL))
) STRICT;

CREATE INDEX webhooks_of_owner ON webhooks (owner_id, id) WHERE removed_at IS NULL;
CREATE INDEX webhooks_removed ON webhooks (removed_at) WHERE removed_at IS NOT NULL;

-- The outbox: rows are written in the commit that ends the job, and go out afterwards.
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    -- The webhook-id: one for the event, whoever is told, on every attempt and when it is replayed.
    event_id        TEXT NOT NULL,
    -- What is told is read from the job, which never changes once it has ended; NULL for a test.
    job_id          INTEGER REFERENCES jobs (id),
    -- NULL for the URL that came with the call.
    webhook_id      INTEGER REFERENCES webhooks (id),
    account_id      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    url             TEXT NOT NULL,
    queue           TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
    -- Why it is dead.
    reason          TEXT CHECK (reason IN ('exhausted', 'gone', 'disabled', 'full')),
    -- Since it was put into the queue.
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- 1 for what is sent again: it takes its turn at a bounded rate.
    is_paced        INTEGER NOT NULL DEFAULT 0 CHECK (is_paced IN (0, 1)),
    next_attempt_at INTEGER,
    created_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK ((state = 'dead') = (reason IS NOT NULL)),
    CHECK (job_id IS NOT NULL OR webhook_id IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX deliveries_of_event ON deliveries (event_id, webhook_id);
CREATE INDEX deliveries_due ON deliveries (queue, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_of_job ON deliveries (job_id);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, id) WHERE webhook_id IS NOT NULL;
CREATE INDEX deliveries_tests ON deliveries (ended_at) WHERE job_id IS NULL;

CREATE TABLE delivery_attempts (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number >= 1),
    started_at  INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    -- NULL when no answer came.
    status      INTEGER,
    -- The beginning of the answer's body, or why there is none.
    answer      TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT;

-- What waits for one receiver: a registered webhook, or the scheme, host and port of the URLs that came with calls.
-- The triggers below keep it, so that nobody has to look through the outbox to know whose turn it is.
CREATE TABLE delivery_queues (
    name          TEXT PRIMARY KEY,
    pending       INTEGER NOT NULL CHECK (pending >= 1),
    next_at       INTEGER NOT NULL,
    -- Attempts that have failed since the last one that did not.
    failures      INTEGER NOT NULL DEFAULT 0,
    -- The newest delivery that was there during an outage: it and all before it take their turn at a bounded rate.
    paced_through INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX delivery_queues_due ON delivery_queues (next_at);

-- How much there is in all.
CREATE TABLE outbox (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    pending INTEGER NOT NULL CHECK (pending >= 0),
    dead    INTEGER NOT NULL CHECK (dead >= 0)
) STRICT;

INSERT INTO outbox (id, pending, dead) VALUES (1, 0, 0);

CREATE TRIGGER deliveries_inserted AFTER INSERT ON deliveries
BEGIN
    UPDATE outbox SET pending = pending + (NEW.state = 'pending'), dead = dead + (NEW.state = 'dead');
    INSERT INTO delivery_queues (name, pending, next_at)
    SELECT NEW.queue, 1, NEW.next_attempt_at WHERE NEW.state = 'pending'
    ON CONFLICT (name) DO UPDATE SET pending = pending + 1, next_at = min(next_at, excluded.next_at);
END;

CREATE TRIGGER deliveries_updated AFTER UPDATE OF state, next_attempt_at ON deliveries
BEGIN
    UPDATE outbox SET pending = pending + (NEW.state = 'pending') - (OLD.state = 'pending'),
        dead = dead + (NEW.state = 'dead') - (OLD.state = 'dead')
    WHERE OLD.state != NEW.state;
    INSERT INTO delivery_queues (name, pending, next_at)
    SELECT NEW.queue, 1, NEW.next_attempt_at WHERE NEW.state = 'pending' AND OLD.state != 'pending'
    ON CONFLICT (name) DO UPDATE SET pending = pending + 1, next_at = min(next_at, excluded.next_at);
    DELETE FROM delivery_queues
    WHERE name = OLD.queue AND pending = 1 AND OLD.state = 'pending' AND NEW.state != 'pending';
    UPDATE delivery_queues SET pending = pending - (NEW.state != 'pending'), next_at = (
        SELECT next_attempt_at FROM deliveries WHERE queue = OLD.queue AND next_attempt_at IS NOT NULL
        ORDER BY next_attempt_at LIMIT 1)
    WHERE name = OLD.queue AND OLD.state = 'pending';
END;

CREATE TRIGGER deliveries_deleted AFTER DELETE ON deliveries
BEGIN
    UPDATE outbox SET pending = pending - (OLD.state = 'pending'), dead = dead - (OLD.state = 'dead');
    DELETE FROM delivery_queues WHERE name = OLD.queue AND pending = 1 AND OLD.state = 'pending';
    UPDATE delivery_queues SET pending = pending - 1, next_at = (
        SELECT next_attempt_at FROM deliveries WHERE queue = OLD.queue AND next_attempt_at IS NOT NULL
        ORDER BY next_attempt_at LIMIT 1)
    WHERE name = OLD.queue AND OLD.state = 'pending';
END;
