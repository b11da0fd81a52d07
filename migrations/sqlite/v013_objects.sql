CREATE TABLE buckets (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 3 AND 63),
    -- NULL for a bucket of the agent itself: made by an admin, or with its own access key.
    owner_id      INTEGER REFERENCES accounts (id),
    visibility    TEXT NOT NULL CHECK (visibility IN ('private', 'restricted', 'public')),
    -- The names of those who may use a restricted bucket: a JSON array.
    allowed_users TEXT NOT NULL CHECK (substr(allowed_users, 1, 1) = '['),
    -- The service that it was made for.
    service       TEXT,
    created_at    INTEGER NOT NULL
) STRICT;

-- Keys are bytes, so that they are in S3's order. What an object holds is a file named by its hash.
CREATE TABLE objects (
    id           INTEGER PRIMARY KEY,
    bucket_id    INTEGER NOT NULL REFERENCES buckets (id),
    key          BLOB NOT NULL CHECK (length(key) BETWEEN 1 AND 1024),
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    content_size INTEGER NOT NULL CHECK (content_size >= 0),
    etag         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    -- Header fields that are given back with it, the user's own among them: a JSON object.
    headers      TEXT NOT NULL CHECK (substr(headers, 1, 1) = '{'),
    modified_at  INTEGER NOT NULL,
    UNIQUE (bucket_id, key)
) STRICT;

CREATE INDEX objects_by_content ON objects (content_hash);

-- An object that arrives in parts.
CREATE TABLE uploads (
    id           INTEGER PRIMARY KEY,
    public_id    TEXT NOT NULL UNIQUE,
    bucket_id    INTEGER NOT NULL REFERENCES buckets (id),
    key          BLOB NOT NULL CHECK (length(key) BETWEEN 1 AND 1024),
    content_type TEXT NOT NULL,
    headers      TEXT NOT NULL CHECK (substr(headers, 1, 1) = '{'),
    created_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX uploads_of_bucket ON uploads (bucket_id);
CREATE INDEX uploads_by_age ON uploads (created_at);

CREATE TABLE upload_parts (
    upload_id    INTEGER NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL CHECK (number BETWEEN 1 AND 10000),
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    content_size INTEGER NOT NULL CHECK (content_size >= 0),
    md5          BLOB NOT NULL CHECK (length(md5) = 16),
    modified_at  INTEGER NOT NULL,
    PRIMARY KEY (upload_id, number)
) STRICT;

CREATE INDEX upload_parts_by_content ON upload_parts (content_hash);

-- What has happened to objects, written in the same commit. The numbers rise for good: whoever follows goes on after the
-- last he has seen.
CREATE TABLE object_events (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket       TEXT NOT NULL,
    key          BLOB NOT NULL,
    -- As S3 names it, without `s3:`.
    kind         TEXT NOT NULL,
    content_hash BLOB,
    content_size INTEGER,
    etag         TEXT,
    content_type TEXT,
    headers      TEXT,
    -- Who did it, and from where.
    principal    TEXT NOT NULL,
    address      TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

CREATE INDEX object_events_of_bucket ON object_events (bucket, id);

-- The last event that has been acted on.
CREATE TABLE object_event_place (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    event INTEGER NOT NULL
) STRICT;

INSERT INTO object_event_place (id, event) VALUES (1, 0);

-- Contents that some row has ceased to name, or that were found without one. Their files go when no row names them.
CREATE TABLE loose_contents (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    -- Not at once: somebody may be about to open the file.
    since        INTEGER NOT NULL
) STRICT;

CREATE TRIGGER asset_content_removed AFTER UPDATE OF content_hash ON assets
WHEN OLD.content_hash IS NOT NULL AND NEW.content_hash IS NULL
BEGIN
    INSERT INTO loose_contents (content_hash, since) VALUES (OLD.content_hash, unixepoch() * 1000);
END;

CREATE TRIGGER object_replaced AFTER UPDATE OF content_hash ON objects
WHEN OLD.content_hash != NEW.content_hash
BEGIN
    INSERT INTO loose_contents (content_hash, since) VALUES (OLD.content_hash, NEW.modified_at);
END;

CREATE TRIGGER object_removed AFTER DELETE ON objects
BEGIN
    INSERT INTO loose_contents (content_hash, since) VALUES (OLD.content_hash, unixepoch() * 1000);
END;

CREATE TRIGGER part_replaced AFTER UPDATE OF content_hash ON upload_parts
WHEN OLD.content_hash != NEW.content_hash
BEGIN
    INSERT INTO loose_contents (content_hash, since) VALUES (OLD.content_hash, NEW.modified_at);
END;

CREATE TRIGGER part_removed AFTER DELETE ON upload_parts
BEGIN
    INSERT INTO loose_contents (content_hash, since) VALUES (OLD.content_hash, unixepoch() * 1000);
END;
