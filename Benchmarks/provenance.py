"""Fills a store with jobs that made assets out of each other, and asks what was made of one."""

import json
import pathlib
import shutil
import sqlite3
import statistics
import time

import store
from machine import Agent, NotMeasured


# Takes a text, and an asset if there is one; makes an asset.
MAKER = {
    "name": "make", "version": "1.0.0",
    "operations": {"make": {
        "inputs": {"text": {"type": "string"}, "part": {"type": "asset", "required": False}},
        "outputs": {"made": {"type": "asset", "content_type": "text/plain"}},
        "run": {"engine": "process", "command": ["sh", "-c", "echo made > $INVOKE_OUTPUT_DIR/made"]},
    }},
}

# A family is a source with this many assets made of it, of which each has seven made of it: four levels.
FAMILY, CHILDREN = 400, 7

# The least that could answer: one statement of SQLite's own.
DEPENDENTS = """
    WITH RECURSIVE walk (id) AS (SELECT id FROM assets WHERE asset_id = :start UNION
        SELECT generated.asset_id FROM walk JOIN used ON used.asset_id = walk.id
        JOIN generated ON generated.job_id = used.job_id)
    SELECT assets.asset_id FROM walk JOIN assets USING (id) LIMIT :limit"""


class Lineage:
    """A store whose jobs made assets: a tenth of them out of one popular asset, the others in families."""

    def __init__(self, program: pathlib.Path, template: pathlib.Path, folder: pathlib.Path, jobs: int):
        self.program, self.folder = program, folder
        self.popular = jobs // 10
        families = max(1, (jobs - self.popular) // FAMILY)
        shutil.copytree(template, folder, ignore=shutil.ignore_patterns("stderr-*", "work"))
        with self.agent() as agent:
            operation = json.loads(agent.call("/services", MAKER)[2])["operations"]["make"]["id"]
            made = json.loads(agent.call(f"/invoke/{operation}", {"text": "any"})[2])
            if made["status"] != "completed":
                raise NotMeasured(f"a job that makes an asset ended so: {made}")
            self.database = agent.database
        connection = store.open_database(self.database)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        fill(connection, self.popular, families)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def agent(self) -> Agent:
        return Agent(self.program, self.folder)

    def source(self, number: int) -> bytes:
        """The id of a source: 0 is the popular one, the families come after it."""
        return store.ask(self.database, "SELECT asset_id FROM assets WHERE name = ?", f"source {number}")

    def ours(self, agent: Agent, source: bytes, limit: int, expected: int) -> float:
        """Milliseconds of a call that tells what was made of a source."""
        path = f"/api/v1/meta/data/{source.hex()}/provenance?direction=down&limit={limit}"

        def ask() -> int:
            return len(json.loads(agent.call(path)[2])["entity"])

        return milliseconds(ask, expected)

    def ceiling(self, source: bytes, limit: int, expected: int) -> float:
        """Milliseconds of the bare statement."""
        connection = store.open_database(self.database)

        def ask() -> int:
            return len(connection.execute(DEPENDENTS, {"start": source, "limit": limit}).fetchall())

        try:
            return milliseconds(ask, expected)
        finally:
            connection.close()


def fill(connection: sqlite3.Connection, popular: int, families: int):
    """Adds jobs like the one that made the newest asset, one per millisecond up to now, with what they used and made."""
    job, asset = connection.execute("SELECT job_id, asset_id FROM generated").fetchone()
    operation = connection.execute("SELECT asset_id FROM used WHERE job_id = ?", (job,)).fetchone()[0]
    created = connection.execute("SELECT created_at FROM jobs WHERE id = ?", (job,)).fetchone()[0]
    count = popular + families * FAMILY
    start = int(time.time() * 1000) - store.EPOCH - count
    for table, key in [("jobs", "id"), ("attempts", "job_id"), ("activities", "job_id")]:
        store.copy(connection, table, key, job, start, start + store.EPOCH - created, count)
    # First the sources, then what the jobs made, in their order.
    first = asset + 1 + 1 + families
    values = {
        "asset": asset, "operation": operation, "start": start, "count": count, "sources": 1 + families,
        "source": asset + 1, "first": first, "popular": popular, "family": FAMILY, "children": CHILDREN,
    }
    counting = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {})"
    columns = [
        name for (name,) in connection.execute("SELECT name FROM pragma_table_info('assets')")
        if name not in ("id", "asset_id", "name")
    ]
    for begin, number, name in [(":source", ":sources", "'source ' || i"), (":first", ":count", "name")]:
        connection.execute(
            f"{counting.format(number)} INSERT INTO assets (id, asset_id, name, {', '.join(columns)})"
            f" SELECT {begin} + i, randomblob(32), {name}, {', '.join(columns)} FROM n, assets WHERE id = :asset", values
        )
    # The one before it in the tree of its family, whose first is its source.
    used = (
        ":first + :popular + (i - :popular) / :family * :family + ((i - :popular) % :family - :children) / :children"
    )
    source = "iif(i < :popular, :source, :source + 1 + (i - :popular) / :family)"
    is_first = "i < :popular OR (i - :popular) % :family < :children"
    for table, value in [
        ("used", ":operation"), ("used", f"iif({is_first}, {source}, {used})"), ("generated", ":first + i"),
    ]:
        connection.execute(
            f"{counting.format(':count')} INSERT INTO {table} (asset_id, job_id)"
            f" SELECT {value}, (:start + i) << 18 FROM n", values
        )


def milliseconds(ask, expected: int) -> float:
    """The median of some calls, after one that is not counted."""
    times = []
    for _ in range(8):
        start = time.perf_counter()
        found = ask()
        times.append((time.perf_counter() - start) * 1000)
        if found != expected:
            raise NotMeasured(f"{found} assets were told of, not {expected}")
    return statistics.median(times[1:])
