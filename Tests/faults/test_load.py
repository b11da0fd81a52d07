"""T-LOAD: queues take exactly what they may, and more load than can be served harms nobody (promises B1, B2, B3)."""

import time
from typing import NamedTuple

import pytest

from gate import gate_in
from invariants import check_invariants, number, rows
from posting import Posting
from proving import Watch, eventually, size
from running_agent import Agent, Answer

SUBMITTERS, SLOTS, ROOM = 64, 4, 40
WAITING = "SELECT count(*) FROM jobs WHERE claimable_at IS NOT NULL"
RUNNING = "SELECT count(*) FROM attempts WHERE ended_at IS NULL"


class Bound(NamedTuple):
    """One way to allow no more than ROOM jobs to wait, and the refusal of one more."""

    options: tuple[str, ...]
    queue: int
    refusal: tuple[int, int]


BOUNDS = {
    "service": Bound((), ROOM, (503, 8160)),
    "caller": Bound(("--pending-per-caller", str(ROOM)), 1000, (429, 8151)),
    "agent": Bound(("--pending", str(ROOM)), 1000, (503, 8160)),
}


def flood(agent: Agent, operation: str, each: int) -> Posting:
    posting = Posting(agent.url, agent.token, operation, clients=SUBMITTERS, each=each)
    posting.join()
    return posting


def check_refused(answers: list[Answer], refusal: tuple[int, int]):
    """Every refusal is the expected one, and says when to come again (promise E4)."""
    assert {(answer.status, answer.code) for answer in answers} == {refusal}
    assert all(int(answer.headers["Retry-After"]) == answer.json["retry_after"] >= 1 for answer in answers)


@pytest.mark.parametrize("bound", BOUNDS.values(), ids=BOUNDS)
def test_64_submitters_never_get_one_job_more_in_than_there_is_room(start_agent, folder, bound):
    agent = start_agent("--sandbox", "none", "--rate", "0", *bound.options)
    client = agent.client()
    with gate_in(folder) as gate:
        operation = client.register(gate.script, concurrency=SLOTS, queue=bound.queue)
        acknowledged = {client.accepted(operation, f"slot-{slot}"): f"slot-{slot}" for slot in range(SLOTS)}
        eventually(lambda: number(agent.data, RUNNING) == SLOTS)
        # Nothing ends while they post, so there is exactly so much room.
        for room in [ROOM, *[1, 7, SLOTS] * size(1, 20)]:
            gate.let(room if len(acknowledged) > SLOTS else 0)
            eventually(lambda: number(agent.data, WAITING) == ROOM - room and number(agent.data, RUNNING) == SLOTS)
            posting = flood(agent, operation, each=2)
            assert (len(posting.acknowledged), posting.cut_off) == (room, 0)
            check_refused(posting.refused, bound.refusal)
            acknowledged |= posting.acknowledged
            assert number(agent.data, "SELECT count(*) FROM jobs") == len(acknowledged)

        # And while they end as fast as they can, there are never more at any moment that a reader sees.
        seen: list[int] = []
        gate.let(20_000)
        watch = Watch(lambda: seen.append(number(agent.data, WAITING)))
        posting = flood(agent, operation, each=size(15, 300))
        watch.stop()
        assert max(seen) <= ROOM
        check_refused(posting.refused, bound.refusal)
        assert posting.cut_off == 0 and len(posting.acknowledged) > SLOTS
        acknowledged |= posting.acknowledged
        eventually(lambda: not rows(agent.data, "SELECT 1 FROM jobs WHERE ended_at IS NULL LIMIT 1"), within=120)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)


def test_a_caller_who_may_have_no_more_takes_no_room_from_others(start_agent, folder):
    agent = start_agent("--sandbox", "none", "--rate", "0", "--pending-per-caller", str(ROOM))
    client = agent.client()
    with gate_in(folder) as gate:
        operation = client.register(gate.script, concurrency=SLOTS)
        acknowledged = flood(agent, operation, each=2).acknowledged
        other = agent.client()
        other.authorization = agent.account("other")
        acknowledged |= {other.accepted(operation, f"other-{job}"): f"other-{job}" for job in range(ROOM)}
        check_refused([other.invoke(operation, "other-more")], BOUNDS["caller"].refusal)
        gate.let(len(acknowledged))
        eventually(lambda: not rows(agent.data, "SELECT 1 FROM jobs WHERE ended_at IS NULL LIMIT 1"), within=60)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)


def test_four_times_what_can_be_served_is_refused_politely_and_reads_go_on(start_agent):
    agent = start_agent("--rate", "0", "--sandbox", "none")
    client = agent.client()
    operation = client.register('sleep 0.2; printf "%s %s" "$INVOKE_INPUT_WORD" "$INVOKE_ATTEMPT"', queue=100)
    first = client.accepted(operation, "first")
    client.result(first)
    paths = ["/health", f"/jobs/{first}", f"/jobs/result/{first}", "/jobs?limit=20"]

    def reader(path: str) -> Watch:
        # A read that takes so long has not been answered.
        reading = agent.client(timeout=20)
        reading.authorization = agent.token

        def read():
            assert reading.send("GET", path).status == 200

        return Watch(read)

    readers = [reader(path) for path in paths]
    posting = Posting(agent.url, agent.token, operation, clients=SUBMITTERS)
    time.sleep(size(8, 60))
    posting.stop()
    posting.join()
    for watch in readers:
        watch.stop()
    assert posting.cut_off == 0
    check_refused(posting.refused, BOUNDS["service"].refusal)
    served = number(agent.data, "SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL")
    asked = len(posting.acknowledged) + len(posting.refused)
    assert asked >= 4 * served, f"no load: {asked} jobs were offered while {served} were run"
    # The most that it ever held.
    assert agent.memory("VmHWM") <= 256 << 10
    acknowledged = {first: "first"} | posting.acknowledged
    eventually(lambda: not rows(agent.data, "SELECT 1 FROM jobs WHERE ended_at IS NULL LIMIT 1"), within=60)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)


def test_a_page_of_large_jobs_takes_little(start_agent):
    agent = start_agent("--pending-per-caller", "1000")
    client = agent.client()
    operation = client.register("sleep 1000", concurrency=1)
    jobs = [client.accepted(operation, "x" * 900_000) for _ in range(size(60, 200))]
    page = client.send("GET", "/jobs?limit=200")
    assert {job["jobid"] for job in page.json["jobs"]} == set(jobs)
    assert len(page.body) < len(jobs) * 2_000
    assert agent.memory("VmHWM") <= 256 << 10
