"""T-BUSY: while somebody else locks the database callers see 503/8162 only, and no job is left behind (D4, J3)."""

import contextlib
import sqlite3
import time

import pytest

from invariants import ECHO, check_invariants
from posting import Posting
from proving import eventually


@contextlib.contextmanager
def foreign_lock(data):
    database = sqlite3.connect(data / "agent.sqlite", isolation_level=None, timeout=30)
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.execute("ROLLBACK")
        database.close()


@pytest.mark.parametrize("seconds", [1, 10])
def test_a_foreign_lock_is_waited_for_or_answered_with_503(start_agent, seconds):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    operation = client.register(ECHO)
    before = {client.accepted(operation, "before"): "before"}
    client.result(next(iter(before)))
    with foreign_lock(agent.data):
        posting = Posting(agent.url, agent.authorization, operation, clients=4, each=3)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            # Readers are not kept waiting.
            assert client.job(next(iter(before)))["status"] == "succeeded"
            assert client.send("GET", "/health").status == 200
            time.sleep(0.1)
    posting.join()
    assert {(answer.status, answer.code) for answer in posting.refused} <= {(503, 8162)}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in posting.refused)
    assert posting.cut_off == 0
    if seconds < 5:
        assert not posting.refused
    job = eventually(lambda: client.invoke(operation, "after").json.get("jobid"), within=10)
    acknowledged = before | posting.acknowledged | {job: "after"}
    for job in acknowledged:
        client.result(job, within=30)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)


def test_a_job_that_ends_while_the_database_is_locked_still_ends(start_agent, folder):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    flag = folder / "flag"
    operation = client.register(f"while [ ! -e {flag} ]; do sleep 0.1; done; {ECHO}")
    job = client.accepted(operation, "x")
    eventually(lambda: client.job(job)["status"] == "running")
    with foreign_lock(agent.data):
        flag.touch()
        # The agent waits 5 s for a lock, and what waits behind one write waits that much longer.
        time.sleep(20)
    # It may be run again, for what could not be written is lost.
    assert client.result(job, within=60)["status"] == "completed"
