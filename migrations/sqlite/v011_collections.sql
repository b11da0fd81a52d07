-- Named lists of assets, each account's own; what an id names may be on another agent.
CREATE TABLE collection_items (
    id       INTEGER PRIMARY KEY,
    owner_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name     TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    asset_id BLOB NOT NULL CHECK (length(asset_id) = 32),
    -- As the owner spelled it: that is how clients look for it.
    spelling TEXT NOT NULL,
    UNIQUE (owner_id, name, asset_id)
) STRICT;
