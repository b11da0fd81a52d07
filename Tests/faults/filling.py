"""Jobs that ended long ago, written into the database of a stopped agent as the agent would have written them."""

import pathlib
import sqlite3
import time


def fill_ended(data: pathlib.Path, operation: str, number: int, ended: float, log: int = 0) -> list[str]:
    """Adds succeeded jobs of the first account that ended `ended` seconds ago, each with an attempt and a log.

    `log` is the bytes that each has said. Returns their ids, oldest first.
    """
    now = int(time.time() * 1000)
    at = now - int(ended * 1000)
    database = sqlite3.connect(data / "agent.sqlite")
    operation_id, service_id = database.execute(
        "SELECT id, service_id FROM operations WHERE asset_id = ?", (bytes.fromhex(operation),)
    ).fetchone()
    owner = database.execute("SELECT min(id) FROM accounts").fetchone()[0]
    # 41 bits of milliseconds since 2024, then 18 bits that are drawn: here one job a millisecond.
    ids = [(at - 1_704_067_200_000 - number + place) << 18 for place in range(number)]
    database.executemany(
        "INSERT INTO jobs (id, operation_id, service_id, owner_id, state, inputs, result, attempts, created_at, started_at,"
        " ended_at, deadline_at)"
        " VALUES (?, ?, ?, ?, 'succeeded', '{\"word\":\"x\"}', '{\"echo\":\"x 1\"}', 1, ?, ?, ?, ?)",
        ((job, operation_id, service_id, owner, at, at, at, at + 300_000) for job in ids),
    )
    database.executemany(
        "INSERT INTO attempts (job_id, number, fence, started_at, lease_until, ended_at, ending)"
        " VALUES (?, 1, 7, ?, ?, ?, 'succeeded')",
        ((job, at, at, at) for job in ids),
    )
    if log:
        database.executemany(
            "INSERT INTO job_events (job_id, owner_id, at, kind, bytes) VALUES (?, ?, ?, 'log', zeroblob(?))",
            ((job, owner, at, log) for job in ids),
        )
    database.commit()
    database.close()
    return [str(job) for job in ids]


def figure(client, name: str) -> float:
    """One of the figures that the agent tells of itself."""
    text = client.send("GET", "/metrics").body.decode()
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"invoke_agent_{name} ")))
