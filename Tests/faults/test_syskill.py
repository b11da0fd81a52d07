"""T-SYSKILL: killed at its n-th sync and at its n-th write, it has been killed in every gap between two (D1, J2)."""

import pytest

from invariants import ECHO, check_invariants
from posting import Posting
from proving import size, traced
from running_agent import GONE, NotStarted

POINTS = size(range(1, 61, 3), range(1, 400))


def killing(log, call: str, at: int) -> tuple[str, ...]:
    return traced(log, call, "-s", "0", "-e", f"inject={call}:signal=SIGKILL:when={at}")


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_nothing_is_lost_when_it_is_killed_at_work(start_agent, folder, call, at):
    agent = start_agent("--sandbox", "none")
    operation, token = agent.client().register(ECHO), agent.token
    agent.terminate()
    acknowledged: dict[str, str] = {}
    try:
        agent = start_agent("--sandbox", "none", prefix=killing(folder / "trace", call, at))
    except NotStarted as killed:
        assert killed.status == -9
    else:
        posting = Posting(agent.url, token, operation, clients=4, each=5)
        posting.join()
        acknowledged = posting.acknowledged
        client = agent.client()
        client.authorization = token
        try:
            for job in acknowledged:
                client.result(job)
        except GONE:
            assert agent.wait(10) == -9
        agent.kill()
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    for job in acknowledged:
        client.result(job)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)


@pytest.mark.parametrize("at", size([1, 2, 4, 8, 16, 32], POINTS))
@pytest.mark.parametrize("call", ["fdatasync", "pwrite64"])
def test_a_first_start_that_was_killed_is_done_again(start_agent, folder, call, at):
    try:
        start_agent("--sandbox", "none", prefix=killing(folder / "trace", call, at)).kill()
    except NotStarted as killed:
        assert killed.status == -9
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    word = {client.accepted(client.register(ECHO), "x"): "x"}
    client.result(next(iter(word)))
    assert agent.terminate() == 0
    check_invariants(agent.data, word)
