-- What an Idempotency-Key stood for: written in the commit that makes the job.
CREATE TABLE idempotency_keys (
    owner_id     INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    operation_id INTEGER NOT NULL REFERENCES operations (id),
    key          TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- SHA-256 of the canonical body and the operation's id.
    fingerprint  BLOB NOT NULL CHECK (length(fingerprint) = 32),
    job_id       INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (owner_id, operation_id, key)
) STRICT;

CREATE INDEX idempotency_keys_of_job ON idempotency_keys (job_id);
