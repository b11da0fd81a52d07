-- Metadata is kept as the bytes it came in: its id is their SHA3-256.
CREATE TABLE assets (
    id            INTEGER PRIMARY KEY,
    asset_id      BLOB NOT NULL UNIQUE CHECK (length(asset_id) = 32),
    metadata      BLOB NOT NULL,
    name          TEXT,
    type          TEXT NOT NULL,
    content_type  TEXT,
    -- The SHA3-256 the metadata promises; NULL when it promises none.
    declared_hash BLOB CHECK (declared_hash IS NULL OR length(declared_hash) = 32),
    content_hash  BLOB CHECK (content_hash IS NULL OR length(content_hash) = 32),
    content_size  INTEGER CHECK (content_size IS NULL OR content_size >= 0),
    -- NULL for assets of the agent itself, such as operations.
    owner_id      INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    -- A private asset is seen by its owner, by admins and by those who bought it.
    is_private    INTEGER NOT NULL CHECK (is_private IN (0, 1)),
    created_at    INTEGER NOT NULL,
    CHECK ((content_hash IS NULL) = (content_size IS NULL)),
    CHECK (declared_hash IS NULL OR content_hash IS NULL OR declared_hash = content_hash)
) STRICT;

CREATE INDEX assets_by_name ON assets (name) WHERE name IS NOT NULL;
CREATE INDEX assets_of_owner ON assets (owner_id, id);
-- Whether a content is still needed.
CREATE INDEX assets_by_content ON assets (content_hash) WHERE content_hash IS NOT NULL;
