CREATE TABLE listings (
    id          INTEGER PRIMARY KEY,
    public_id   BLOB NOT NULL UNIQUE CHECK (length(public_id) = 32),
    asset_id    BLOB NOT NULL REFERENCES assets (asset_id),
    owner_id    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    info        TEXT NOT NULL CHECK (json_type(info) = 'object'),
    agreement   TEXT CHECK (agreement IS NULL OR json_valid(agreement)),
    status      TEXT NOT NULL CHECK (status IN ('unpublished', 'published', 'suspended')),
    trust_level INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX listings_of_asset ON listings (asset_id);
CREATE INDEX listings_of_owner ON listings (owner_id, id);

CREATE TABLE purchases (
    id         INTEGER PRIMARY KEY,
    public_id  BLOB NOT NULL UNIQUE CHECK (length(public_id) = 32),
    listing_id INTEGER NOT NULL REFERENCES listings (id),
    buyer_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    info       TEXT NOT NULL CHECK (json_type(info) = 'object'),
    agreement  TEXT CHECK (agreement IS NULL OR json_valid(agreement)),
    -- The buyer's own word; it proves nothing.
    status     TEXT NOT NULL CHECK (status IN ('wishlist', 'ordered', 'delivered')),
    -- The seller's word: the proof.
    payment    TEXT NOT NULL CHECK (payment IN ('none', 'pending', 'settled', 'refunded')),
    -- Uses that are left; NULL for any number.
    uses_left  INTEGER CHECK (uses_left IS NULL OR uses_left >= 0),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX purchases_of_buyer ON purchases (buyer_id, id);
CREATE INDEX purchases_of_listing ON purchases (listing_id, id);
