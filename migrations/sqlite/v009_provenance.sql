-- Which job made which assets out of which: written in the commit that ends the job. A job that made no asset leaves
-- nothing here. The job's row is pruned while its assets stay, so no key leads to it.
CREATE TABLE activities (
    job_id       INTEGER PRIMARY KEY,
    operation_id INTEGER NOT NULL REFERENCES operations (id),
    owner_id     INTEGER NOT NULL REFERENCES accounts (id),
    -- The attempt that made the assets.
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER NOT NULL
) STRICT;

-- The assets among a job's inputs, and the asset of its operation.
CREATE TABLE used (
    asset_id INTEGER NOT NULL REFERENCES assets (id),
    job_id   INTEGER NOT NULL REFERENCES activities (job_id),
    PRIMARY KEY (asset_id, job_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX used_by_job ON used (job_id, asset_id);

CREATE TABLE generated (
    asset_id INTEGER PRIMARY KEY REFERENCES assets (id),
    job_id   INTEGER NOT NULL REFERENCES activities (job_id)
) STRICT;

CREATE INDEX generated_by_job ON generated (job_id, asset_id);
