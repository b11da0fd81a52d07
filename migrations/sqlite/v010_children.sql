-- What the job of an orchestration consists of. All children are named in the commit that accepts it; each gets its job
-- in the commit that makes that job, so that no restart makes a child twice.
CREATE TABLE child_jobs (
    parent_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL CHECK (position >= 0),
    name      TEXT NOT NULL,
    -- Stays as long as the parent does: what has been read of an ended parent stays true.
    job_id    INTEGER UNIQUE REFERENCES jobs (id),
    PRIMARY KEY (parent_id, name)
) STRICT;
