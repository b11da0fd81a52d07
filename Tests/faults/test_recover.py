"""T-RECOVER: with 100,000 stored jobs, 10,000 of them pending, it is ready within 5 s of a SIGKILL (promise D10)."""

import sqlite3
import time

import pytest

from invariants import ECHO
from proving import size

PENDING, RUNNING, ENDED = 10_000, 100, 89_900


def fill(data, operation: str):
    """Writes the jobs as the agent would have, without the agent."""
    database = sqlite3.connect(data / "agent.sqlite")
    ids = "SELECT id, service_id FROM operations WHERE asset_id = ?"
    operation_id, service_id = database.execute(ids, (bytes.fromhex(operation),)).fetchone()
    owner = database.execute("SELECT min(id) FROM accounts").fetchone()[0]
    now = int(time.time() * 1000)
    total = PENDING + RUNNING + ENDED
    # 41 bits of milliseconds since 2024, then 18 bits that are drawn.
    first = (now - 1_704_067_200_000 - total) << 18
    database.executemany(
        "INSERT INTO jobs (id, operation_id, service_id, owner_id, state, inputs, claimable_at, created_at,"
        " deadline_at) VALUES (?, ?, ?, ?, 'scheduled', ?, ?, ?, ?)",
        (
            (
                first + (number << 18), operation_id, service_id, owner, '{"word":"x"}',
                now if number >= RUNNING + ENDED else None, now - total + number, now + 86_400_000,
            )
            for number in range(total)
        ),
    )
    held = "SELECT id FROM jobs WHERE claimable_at IS NULL"
    attempts = "INSERT INTO attempts (job_id, number, fence, started_at, lease_until)"
    database.execute(f"{attempts} SELECT id, 1, random(), {now}, {now} FROM ({held})")
    database.execute(f"UPDATE jobs SET state = 'running', attempts = 1, started_at = {now} WHERE id IN ({held})")
    ended = f"{held} AND id < {first + (ENDED << 18)}"
    database.execute(f"UPDATE attempts SET ended_at = {now}, ending = 'succeeded' WHERE job_id IN ({ended})")
    database.execute(
        f"UPDATE jobs SET state = 'succeeded', result = '{{\"echo\":\"x 1\"}}', ended_at = {now} WHERE id IN ({ended})"
    )
    database.commit()
    database.close()


@pytest.mark.quiet
def test_it_is_ready_within_5_seconds_of_a_kill(start_agent):
    agent = start_agent("--sandbox", "none")
    operation = agent.client().register(ECHO)
    assert agent.terminate() == 0
    fill(agent.data, operation)
    for _ in range(size(2, 20)):
        agent = start_agent("--sandbox", "none", ready_within=5)
        assert agent.client(timeout=5).send("GET", "/ready").status == 200
        agent.kill()
