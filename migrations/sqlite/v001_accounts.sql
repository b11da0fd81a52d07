-- Facts the agent draws once and keeps: its DID, for one.
CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
    id                    INTEGER PRIMARY KEY,
    public_id             BLOB NOT NULL UNIQUE CHECK (length(public_id) = 32),
    username              TEXT NOT NULL CHECK (length(username) BETWEEN 1 AND 64),
    -- scrypt: parameters, salt and key in one text; never the password
    password_hash         TEXT NOT NULL CHECK (password_hash LIKE 'scrypt$%'),
    is_admin              INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
    is_provider           INTEGER NOT NULL CHECK (is_provider IN (0, 1)),
    is_consumer           INTEGER NOT NULL CHECK (is_consumer IN (0, 1)),
    -- Webhook secrets are derived from the agent's key and this number; a rotation raises it.
    webhook_generation    INTEGER NOT NULL DEFAULT 0 CHECK (webhook_generation >= 0),
    webhook_rotated_at    INTEGER,
    created_at            INTEGER NOT NULL,
    -- A removed account's jobs and assets stay, so its row does too.
    removed_at            INTEGER
) STRICT;

CREATE UNIQUE INDEX accounts_live_username ON accounts (username) WHERE removed_at IS NULL;

-- A token's secret half is derived from the agent's key and its lookup half, so nothing here lets anyone in.
CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    lookup     BLOB NOT NULL UNIQUE CHECK (length(lookup) = 16),
    -- 1 for the session of a browser: kept in its cookie, never listed, ended with the password.
    is_session INTEGER NOT NULL DEFAULT 0 CHECK (is_session IN (0, 1)),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL CHECK (expires_at > created_at)
) STRICT;

CREATE INDEX tokens_of_account ON tokens (account_id, id);
