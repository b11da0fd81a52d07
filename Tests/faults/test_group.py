"""T-GROUP: submissions that arrive together share commits, and a lone one still has its own sync (promises D1, D5)."""

import pytest

from posting import Posting
from proving import count, eventually, traced


@pytest.fixture
def waiting(start_agent, folder):
    """An agent under strace, its token, and an operation whose jobs only wait, behind one that does not end."""
    log = folder / "trace"
    # In the sandbox, so that the endless job ends with its agent.
    agent = start_agent(prefix=traced(log, "fdatasync", "-y", "-s", "0"))
    client = agent.client()
    operation = client.register("sleep 1000", concurrency=1)
    job = client.accepted(operation, "x")
    # What its start writes is written before anything is counted.
    eventually(lambda: client.job(job)["status"] == "running")
    client.authorization = agent.token
    return agent, operation, lambda: count(log, "fdatasync")


def test_a_job_of_its_own_has_a_sync_of_its_own(waiting):
    agent, operation, syncs = waiting
    before = syncs()
    posting = Posting(agent.url, agent.token, operation, clients=1, each=40)
    posting.join()
    assert len(posting.acknowledged) == 40
    assert syncs() - before >= 40


def test_64_clients_share_their_commits(waiting):
    agent, operation, syncs = waiting
    before = syncs()
    posting = Posting(agent.url, agent.token, operation, clients=64, each=6)
    posting.join()
    assert len(posting.acknowledged) == 64 * 6
    # Far fewer, however slowly a busy machine lets the clients post; the ratio of rates is a benchmark's to tell.
    assert syncs() - before <= 64 * 6 / 3
