"""T-ORPHAN: nothing outlives its job, however it was detached: deadline, cancel, end of the agent (promise X7)."""

import time
import uuid

import pytest

from proving import eventually, marked_processes

# The inner process is in a session of its own, has no living parent, holds no stream, and ignores the polite signal.
DETACHED = """
trap '' TERM
(setsid sh -c '(trap "" TERM; exec sleep 3600) >/dev/null 2>&1 &') &
wait
"""


@pytest.fixture(params=["bubblewrap", "none"])
def sandbox(request):
    return request.param


def a_job(client, script: str, mark: str, **operation) -> str:
    """Starts a job; returns when it and all that it detaches are running."""
    job = client.accepted(client.register(script, **operation), mark)
    eventually(lambda: len([pid for pid in marked_processes(mark) if is_sleeping(pid)]) >= 2)
    return job


def is_sleeping(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().startswith(b"sleep\0")
    except OSError:
        return False


def nothing_is_left(mark: str):
    """no process of the job is left"""
    return not marked_processes(mark)


def test_a_program_that_ends_takes_with_it_what_it_left(start_agent, sandbox):
    mark = uuid.uuid4().hex
    client = start_agent("--sandbox", sandbox).client()
    job = client.accepted(client.register(DETACHED + "sleep 0.2; printf done"), mark)
    assert client.result(job)["result"]["echo"] == "done"
    assert nothing_is_left(mark)


def test_a_deadline_leaves_nothing(start_agent, sandbox):
    mark = uuid.uuid4().hex
    client = start_agent("--sandbox", sandbox, "--kill-grace", "1s").client()
    run = {"engine": "process", "command": ["sh", "work.sh"], "files": {"work.sh": DETACHED + "sleep 3600"}}
    job = a_job(client, "", mark, run={**run, "timeout": "3s"})
    assert client.result(job)["errorcode"] == 8200
    assert nothing_is_left(mark)


def test_a_cancel_leaves_nothing(start_agent, sandbox):
    mark = uuid.uuid4().hex
    client = start_agent("--sandbox", sandbox, "--kill-grace", "1s").client()
    job = a_job(client, DETACHED + "sleep 3600", mark)
    assert client.send("POST", f"/jobs/{job}/cancel").status in (200, 202)
    eventually(lambda: nothing_is_left(mark), within=5)


def test_the_end_of_the_agent_leaves_nothing_in_a_sandbox(start_agent):
    mark = uuid.uuid4().hex
    agent = start_agent()
    a_job(agent.client(), DETACHED + "sleep 3600", mark)
    agent.kill()
    eventually(lambda: nothing_is_left(mark), within=5)


def test_without_a_sandbox_the_next_agent_ends_what_was_detached(start_agent):
    """The program itself goes with the agent; what it detached goes before the next agent claims a job."""
    mark = uuid.uuid4().hex
    options = ("--sandbox", "none", "--kill-grace", "1s")
    agent = start_agent(*options)
    client = agent.client()
    job = a_job(client, f"[ $INVOKE_ATTEMPT -gt 1 ] && printf again && exit\n{DETACHED}sleep 3600", mark)
    agent.kill()
    client = start_agent(*options).client()
    assert client.result(job)["result"]["echo"] == "again"
    assert nothing_is_left(mark)


def test_no_dead_process_is_left_uncollected(start_agent):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    operation = client.register("(setsid sh -c 'true &' &); printf done")
    for _ in range(20):
        assert client.result(client.accepted(operation, "x"))["status"] == "completed"
    # The last job's own orphans may still be ending when it ends: the next job collects them.
    time.sleep(0.5)
    assert client.result(client.accepted(operation, "x"))["status"] == "completed"
    assert dead_children(agent.pid) <= 2


def dead_children(parent: int) -> int:
    with open(f"/proc/{parent}/task/{parent}/children") as file:
        children = file.read().split()
    dead = 0
    for child in children:
        try:
            with open(f"/proc/{child}/stat") as file:
                dead += file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            pass  # It has been collected meanwhile.
    return dead
