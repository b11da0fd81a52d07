CREATE TABLE services (
    id               INTEGER PRIMARY KEY,
    name             TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 39),
    owner_id         INTEGER NOT NULL REFERENCES accounts (id),
    asset_id         BLOB NOT NULL CHECK (length(asset_id) = 32),
    version          TEXT NOT NULL,
    definition       TEXT NOT NULL CHECK (json_valid(definition)),
    -- In whose words it was registered, and can be replaced.
    dialect          TEXT NOT NULL CHECK (dialect IN ('dep', 'oscar')),
    -- What only its programs are told, by variable, and the stores of others: JSON, encrypted under the agent's key.
    secrets          BLOB,
    -- Jobs that run at a time; NULL for the agent's default.
    concurrency      INTEGER CHECK (concurrency >= 1),
    -- The same by engine, as JSON, where each has a pool of its own.
    engine_slots     TEXT CHECK (substr(engine_slots, 1, 1) = '{'),
    -- Jobs that may wait.
    queue            INTEGER NOT NULL CHECK (queue >= 1),
    -- The service token is derived from the agent's key, the service and this number.
    token_generation INTEGER NOT NULL DEFAULT 0 CHECK (token_generation >= 0),
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    retired_at       INTEGER
) STRICT;

-- A retired service gives its name free.
CREATE UNIQUE INDEX services_live_name ON services (name) WHERE retired_at IS NULL;

CREATE TABLE operations (
    id              INTEGER PRIMARY KEY,
    asset_id        BLOB NOT NULL UNIQUE CHECK (length(asset_id) = 32),
    service_id      INTEGER NOT NULL REFERENCES services (id),
    service_version TEXT NOT NULL,
    name            TEXT NOT NULL,
    -- Its name, that of its service and its description, in lower case, to be searched.
    search_text     TEXT NOT NULL,
    -- Words between blanks.
    tags            TEXT NOT NULL,
    -- 1 for the operation that the service's present definition names so; older ones stay invocable.
    is_current      INTEGER NOT NULL CHECK (is_current IN (0, 1)),
    succeeded       INTEGER NOT NULL DEFAULT 0,
    failed          INTEGER NOT NULL DEFAULT 0,
    running_ms      INTEGER NOT NULL DEFAULT 0,
    -- How the last 20 jobs have ended, newest first, in 25 characters each: the state's first letter, when (14 digits) and
    -- how long it ran (10 digits), both in milliseconds; -000000001 for one that never ran.
    last_ends       TEXT NOT NULL DEFAULT '' CHECK (length(last_ends) % 25 = 0),
    created_at      INTEGER NOT NULL,
    retired_at      INTEGER,
    -- The last column, because it may be long, and most rows that are looked at are only passed by.
    definition      TEXT NOT NULL CHECK (json_valid(definition))
) STRICT;

CREATE UNIQUE INDEX operations_current ON operations (service_id, name) WHERE is_current = 1;
CREATE INDEX operations_of_service ON operations (service_id, id);
