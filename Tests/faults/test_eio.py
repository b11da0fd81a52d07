"""T-EIO: no success is made of an I/O error on a write or a sync; the agent ends, and nothing is lost (promise D6)."""

import pytest

from invariants import ECHO, check_invariants
from posting import Posting
from proving import size, traced

# Beyond what a start writes, so all lie in the load: calls are counted for each thread, and one thread commits all.
POINTS = size([1, 2, 3, 5, 8], range(1, 60))


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_an_io_error_ends_the_agent_and_costs_no_acknowledged_job(start_agent, folder, call, at):
    agent = start_agent("--sandbox", "none")
    operation, token = agent.client().register(ECHO), agent.token
    agent.terminate()

    # From the n-th call on, as a broken disk does it.
    log = folder / "trace"
    inject = ("-y", "-s", "0", "-e", f"inject={call}:error=EIO:when={at + 40}+")
    agent = start_agent("--sandbox", "none", prefix=traced(log, call, *inject))
    posting = Posting(agent.url, token, operation, clients=4, each=200)
    posting.join()
    assert "EIO" in log.read_text(), "mechanism missing: no call was made to fail"
    assert {answer.code for answer in posting.refused} <= {8162}
    # The system's word for an I/O error (sysexits.h); the log says why.
    assert agent.wait(within=5) == 74
    assert "the disk has failed" in agent.log()

    agent = start_agent("--sandbox", "none")
    client = agent.client()
    for job in posting.acknowledged:
        client.result(job)
    assert agent.terminate() == 0
    check_invariants(agent.data, posting.acknowledged)
