"""T-STOP: workers that stand still, an agent that stands still, and results that come too late (J3, J4, J10)."""

import contextlib
import os
import signal
import sqlite3
import time
import uuid

from filling import figure
from invariants import check_file, rows
from proving import eventually, marked_processes, size

# Says which attempt it is, and takes its time the first time.
SLOW_FIRST = 'echo begun; [ $INVOKE_ATTEMPT -gt 1 ] || sleep 3; printf "%s" "$INVOKE_ATTEMPT" > "$INVOKE_OUTPUT_DIR/echo"'


@contextlib.contextmanager
def stopped(agent):
    """The agent stands still."""
    agent.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        agent.signal(signal.SIGCONT)


def take_over(agent, job: str):
    """Does to a job what another worker does that claims it and dies: the agent's own claim is void."""
    database = sqlite3.connect(agent.data / "agent.sqlite", timeout=10)
    with database:
        database.execute(
            "UPDATE attempts SET fence = fence & 4095, lease_until = 0 WHERE job_id = ? AND ended_at IS NULL", (job,)
        )
    database.close()


def test_a_late_result_is_refused_and_its_program_ends(start_agent):
    agent = start_agent("--lease", "1s", "--kill-grace", "1s")
    client = agent.client()
    operation = client.register(SLOW_FIRST)
    for _ in range(size(2, 20)):
        stale = figure(client, "stale_endings_total")
        job = client.accepted(operation, "x")
        eventually(lambda: client.send("GET", f"/jobs/{job}/logs").body)
        with stopped(agent):
            take_over(agent, job)
        result = client.result(job)
        assert (result["status"], result["result"]) == ("completed", {"echo": "2"})
        eventually(lambda: figure(client, "stale_endings_total") == stale + 1, within=10)
        history = client.job(job)["history"]
        assert [(attempt["attempt"], attempt["cause"]) for attempt in history] == [
            (1, "lost: its lease was not renewed"), (2, "succeeded"),
        ]
    assert agent.terminate() == 0
    check_file(agent.data)


def test_an_agent_that_stood_still_finds_its_own_jobs_again(start_agent):
    agent = start_agent("--lease", "1s")
    client = agent.client()
    operation = client.register('echo begun; sleep 6; printf "%s" "$INVOKE_ATTEMPT" > "$INVOKE_OUTPUT_DIR/echo"')
    job = client.accepted(operation, "x")
    eventually(lambda: client.send("GET", f"/jobs/{job}/logs").body)
    with stopped(agent):
        time.sleep(size(4, 60))
    assert client.result(job)["result"] == {"echo": "1"}
    assert figure(client, "leases_expired_total") == 0
    assert agent.terminate() == 0
    check_file(agent.data)


def test_a_program_that_stands_still_ends_at_its_deadline(start_agent):
    mark = uuid.uuid4().hex
    agent = start_agent("--kill-grace", "1s")
    client = agent.client()
    began = time.monotonic()
    job = client.accepted(client.register("sleep 100"), mark, Job_Timeout="4s")
    for process in eventually(lambda: len(found := marked_processes(mark)) >= 2 and found):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    result = client.result(job)
    assert result["errorcode"] == 8200
    # Deadline, kill grace and five seconds (promise J3), and some for the machine.
    assert time.monotonic() - began < 4 + 1 + 5 + 5
    eventually(lambda: not marked_processes(mark), within=5)


def test_what_the_file_says_of_leases_is_what_runs(start_agent):
    agent = start_agent("--lease", "1s")
    client = agent.client()
    job = client.accepted(client.register("echo begun; sleep 5"), "x")
    eventually(lambda: client.send("GET", f"/jobs/{job}/logs").body)
    first = rows(agent.data, "SELECT lease_until FROM attempts WHERE ended_at IS NULL")
    assert len(first) == 1
    eventually(lambda: rows(agent.data, "SELECT lease_until FROM attempts WHERE ended_at IS NULL") > first, within=5)
    assert client.send("POST", f"/jobs/{job}/cancel").status == 202
    assert client.result(job)["errorcode"] == 8208
