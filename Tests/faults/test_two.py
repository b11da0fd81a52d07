"""T-TWO: a second agent on the same folder is kept away, and touches nothing (promise D3)."""

import hashlib
import pathlib
import signal

import pytest

from proving import eventually
from running_agent import NotStarted


def contents(data: pathlib.Path) -> dict[pathlib.Path, bytes]:
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in data.rglob("*") if path.is_file()}


def states(pid: int) -> list[str]:
    """What each thread of a process is doing, as /proc says it."""
    lines = [path.read_text() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
    return [line.rpartition(")")[2].split()[0] for line in lines]


def test_a_second_agent_on_the_same_data_is_refused(start_agent):
    agent = start_agent()
    # The first one stands still meanwhile, so whatever changes was changed by the second.
    agent.signal(signal.SIGSTOP)
    # Each thread stops when it is its turn to run.
    eventually(lambda: all(state == "T" for state in states(agent.pid)))
    before = contents(agent.data)
    with pytest.raises(NotStarted) as refused:
        start_agent()
    assert refused.value.status == 75
    assert str(agent.data) in refused.value.errors
    assert contents(agent.data) == before
    agent.signal(signal.SIGCONT)
    client = agent.client()
    job = client.accepted(client.register("printf x"), "x")
    assert client.result(job)["status"] == "completed"
