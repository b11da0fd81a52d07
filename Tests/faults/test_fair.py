"""T-FAIR: callers take turns, and services do not share slots (promise X11)."""

import pytest

from gate import gate_in
from invariants import ECHO, check_invariants, number
from proving import eventually, size

SLOTS = 4
ENDED = "SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL"
RUNNING = "SELECT count(*) FROM attempts WHERE ended_at IS NULL"


@pytest.mark.parametrize("others", [1, 3])
def test_the_first_job_of_another_caller_starts_in_its_turn(start_agent, folder, others):
    depth = size(200, 1000)
    agent = start_agent("--sandbox", "none", "--rate", "0", "--pending-per-caller", "2000", "--job-lifetime", "3600s")
    client = agent.client()
    with gate_in(folder) as gate:
        operation = client.register(gate.script, concurrency=SLOTS, queue=2000)
        client.authorization = agent.token
        acknowledged = {client.accepted(operation, f"deep-{job}"): f"deep-{job}" for job in range(depth)}
        quiet = [agent.client() for _ in range(others)]
        for name, caller in enumerate(quiet):
            caller.authorization = agent.account(f"quiet-{name}")
        ended = 0
        for turn in range(size(5, 20)):
            eventually(lambda: number(agent.data, RUNNING) == SLOTS)
            first = {caller.accepted(operation, f"quiet-{turn}"): f"quiet-{turn}" for caller in quiet}
            acknowledged |= first
            # No more than so many complete: the slots, and one for each caller.
            ended += SLOTS + others + 1
            gate.let(SLOTS + others + 1)
            eventually(lambda: number(agent.data, ENDED) == ended)
            eventually(lambda: all(client.job(job)["status"] != "scheduled" for job in first), within=10)
        gate.let(len(acknowledged) - ended)
        eventually(lambda: number(agent.data, ENDED) == len(acknowledged), within=size(60, 300))
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)


def test_a_service_whose_programs_hang_uses_no_slots_of_another(start_agent, folder):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    with gate_in(folder) as gate:
        hanging = client.register(gate.script, name="hanging", concurrency=2)
        other = client.register(ECHO, name="other", concurrency=2)
        stuck = {client.accepted(hanging, f"stuck-{job}"): f"stuck-{job}" for job in range(50)}
        eventually(lambda: number(agent.data, RUNNING) == 2)
        acknowledged = {client.accepted(other, f"other-{job}"): f"other-{job}" for job in range(20)}
        for job, word in acknowledged.items():
            assert client.result(job)["result"] == {"echo": f"{word} 1"}
        assert number(agent.data, RUNNING) == 2
        assert number(agent.data, ENDED) == len(acknowledged)
        gate.let(len(stuck))
        acknowledged |= stuck
        eventually(lambda: number(agent.data, ENDED) == len(acknowledged), within=60)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)
