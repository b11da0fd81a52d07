-- What providers say of the jobs that they run themselves: that one has been taken on, and later how it has ended. Without
-- the row, a job would be given to its provider again after a restart of the agent.
CREATE TABLE completions (
    job_id      INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    taken_at    INTEGER NOT NULL,
    -- The outputs, or why there are none: a JSON object in canonical text.
    report      TEXT CHECK (substr(report, 1, 1) = '{'),
    reported_at INTEGER,
    CHECK ((report IS NULL) = (reported_at IS NULL))
) STRICT;
