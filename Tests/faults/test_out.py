"""T-OUT: whatever a program says is read to its end, and the agent does not grow with it (promise X8)."""

import concurrent.futures
import pathlib

import pytest

from proving import size
from running_agent import Client

FLOOD = """
yes a line of the flood | head -c {bytes} >&2 &
yes a line of the flood | head -c {bytes}
wait
printf '\\nthe last words' >&2
exit 3
"""


@pytest.mark.parametrize("sandbox", ["bubblewrap", "none"])
def test_floods_on_both_streams_do_not_stop_the_jobs_or_grow_the_agent(start_agent, sandbox):
    jobs, each = size((4, 256 << 20), (16, 1 << 30))
    agent = start_agent("--sandbox", sandbox)
    client = agent.client()
    operation = client.register(FLOOD.format(bytes=each), concurrency=jobs)
    small = client.register(FLOOD.format(bytes=1 << 20), name="small", concurrency=jobs)
    run_all(agent, small, jobs)
    # From here on the peak is that of the floods.
    pathlib.Path(f"/proc/{agent.pid}/clear_refs").write_text("5")
    before = agent.memory("VmHWM")
    for result in run_all(agent, operation, jobs):
        assert result["errorcode"] == 8005
        assert "the last words" in result["description"]
    assert agent.memory("VmHWM") - before < 8 << 10, "KiB"


def run_all(agent, operation: str, jobs: int) -> list[dict]:
    """Runs jobs at the same time, with a token, since the hash of a password takes 16 MiB; returns their results."""

    def client() -> Client:
        return Client(agent.url, agent.token, timeout=300)

    ids = [client().accepted(operation, "x") for _ in range(jobs)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda job: client().result(job, within=300), ids))
