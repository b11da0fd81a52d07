"""Fills an agent's store with jobs: copies of rows that the agent wrote, in the order it would have made them."""

import pathlib
import sqlite3
import time

from machine import NotMeasured

# Where the clock of job ids starts, in milliseconds; an id is these milliseconds and then 18 bits, here zeros.
EPOCH = 1_704_067_200_000


def open_database(database: pathlib.Path) -> sqlite3.Connection:
    return sqlite3.connect(database, isolation_level=None, timeout=10)


def ask(database: pathlib.Path, sql: str, *values):
    """The first column of the first row."""
    connection = open_database(database)
    try:
        return connection.execute(sql, values).fetchone()[0]
    finally:
        connection.close()


def copy_database(database: pathlib.Path, target: pathlib.Path):
    """A copy of a store in one file; an agent may be running."""
    connection = open_database(database)
    connection.execute("VACUUM INTO ?", (str(target),))
    connection.close()


def wait_until_ended(database: pathlib.Path, service: str, seconds: float = 120):
    """Returns when no job of a service waits or runs."""
    deadline = time.monotonic() + seconds
    mine = "ended_at IS NULL AND service_id = (SELECT id FROM services WHERE name = ?)"
    while count := ask(database, f"SELECT count(*) FROM jobs WHERE {mine}", service):
        if time.monotonic() > deadline:
            raise NotMeasured(f"{count} jobs of {service} have not ended after {seconds:.0f} s")
        time.sleep(0.1)


def raise_queues(database: pathlib.Path, kept: str):
    """Lets any number of jobs wait, but for one service; an agent must not be running."""
    connection = open_database(database)
    connection.execute("UPDATE services SET queue = 100000000 WHERE name != ?", (kept,))
    connection.close()


def fill(database: pathlib.Path, finished: int, pending: int) -> int:
    """Adds finished and waiting jobs, one per millisecond up to now, each like the newest of its kind.

    No agent must be running. Returns the millisecond of the first one's id.
    """
    first = int(time.time() * 1000) - EPOCH - finished - pending
    connection = open_database(database)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for state, start, count in [("succeeded", first, finished), ("scheduled", first + finished, pending)]:
        job, created = connection.execute(
            "SELECT id, created_at FROM jobs WHERE state = ? ORDER BY id DESC LIMIT 1", (state,)
        ).fetchone()
        shift = start + EPOCH - created
        for table, key in [("jobs", "id"), *tables_of_jobs(connection)]:
            copy(connection, table, key, job, start, shift, count)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return first


def tables_of_jobs(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """What else holds rows of a job."""
    return connection.execute(
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
        " WHERE t.type = 'table' AND c.name = 'job_id'"
    ).fetchall()


def copy(connection: sqlite3.Connection, table: str, key: str, job: int, start: int, shift: int, count: int):
    """Copies a job's rows of one table to new jobs, one per millisecond from `start`; all times move along."""
    columns, values = [], []
    for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall():
        if column == key:
            value = "(:start + i) << 18"
        elif column == "id":
            continue
        elif column.endswith("_at"):
            value = f"{column} + :shift + i"
        else:
            value = column
        columns.append(column)
        values.append(value)
    connection.execute(
        f"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)"
        f" INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM n, {table} WHERE {key} = :job",
        {"start": start, "shift": shift, "count": count, "job": job},
    )
