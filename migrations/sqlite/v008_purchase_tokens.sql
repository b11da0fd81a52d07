-- How often a purchase token of an issuer or of the external checker has paid, when the times are limited. The tokens
-- themselves are never stored: an identity is a SHA-256 of what makes a token that token.
CREATE TABLE purchase_tokens (
    identity   BLOB PRIMARY KEY NOT NULL CHECK (length(identity) = 32),
    uses       INTEGER NOT NULL CHECK (uses >= 0),
    -- From then on the token pays for nothing; NULL for never.
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX purchase_tokens_expiring ON purchase_tokens (expires_at) WHERE expires_at IS NOT NULL;

-- Which token paid for which job: written in the commit that makes the job.
CREATE TABLE purchase_token_uses (
    job_id   INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    identity BLOB NOT NULL CHECK (length(identity) = 32),
    PRIMARY KEY (job_id, identity)
) STRICT, WITHOUT ROWID;
