"""An orchestration whose agent is killed, or told to stop, in the middle: each child is made once, and all goes on (J2, J5, O1)."""

import random
import time

from invariants import check_file, number, rows
from proving import eventually, size

# Appends a letter to its word; runs for a minute the first time, unless it is told to be quick.
STEP = """
case "$INVOKE_INPUT_WORD" in
quick*) sleep 0.2 ;;
slow*) sleep 2 ;;
*) [ $INVOKE_ATTEMPT -gt 1 ] || sleep 60 ;;
esac
printf %sx "$INVOKE_INPUT_WORD"
"""
STEPS = ["one", "two", "three"]


def orchestrate(client, operation: str) -> str:
    """Registers three steps, one after the other, each the same operation; returns the orchestration's id."""
    metadata = {
        "name": "three-steps",
        "type": "operation",
        "class": "orchestration",
        "operation": {"inputs": {"word": {"type": "json"}}, "outputs": {"echo": {"type": "json"}}},
    }
    answer = client.send("POST", "/api/v1/meta/data", metadata)
    assert answer.status == 200, answer
    ends = [None, *STEPS, None]
    edges = [
        {
            **({"source": source} if source else {}),
            "sourcePort": "echo" if source else "word",
            **({"target": target} if target else {}),
            "targetPort": "word" if target else "echo",
        }
        for source, target in zip(ends, ends[1:])
    ]
    graph = {"children": {step: {"did": operation} for step in STEPS}, "edges": edges}
    uploaded = client.send("PUT", f"/api/v1/assets/{answer.json}", graph)
    assert uploaded.status == 200, uploaded
    return answer.json


def started(client, job: str, step: str) -> str | None:
    """The job of a step that runs."""
    child = client.job(job)["children"][step]
    return child["jobid"] if child["status"] == "running" else None


def check_children(data, parents: int):
    """Every parent has its three children, and there is no job besides."""
    assert number(data, "SELECT count(*) FROM child_jobs WHERE job_id IS NOT NULL") == 3 * parents
    assert number(data, "SELECT count(DISTINCT parent_id) FROM child_jobs") == parents
    assert number(data, "SELECT count(*) FROM jobs") == 4 * parents
    assert number(data, "SELECT count(*) FROM jobs WHERE state != 'succeeded'") == 0
    check_file(data)


def test_each_child_exists_once_whenever_the_agent_is_killed(start_agent):
    agent = start_agent("--sandbox", "none")
    operation = agent.client().register(STEP, concurrency=16)
    orchestration = orchestrate(agent.client(), operation)
    parents = {}
    for life in range(size(6, 60)):
        client = agent.client()
        words = [f"quick-{life}-{n}-" for n in range(4)]
        parents |= {client.accepted(orchestration, word): word for word in words}
        # Twice in the life of each: the third time a job is lost, it has failed.
        for _ in range(2):
            time.sleep(random.uniform(0.01, 0.9))
            agent.kill()
            agent = start_agent("--sandbox", "none")
        for job, word in parents.items():
            assert agent.client().result(job)["result"] == {"echo": f"{word}xxx"}
    assert agent.terminate() == 0
    check_children(agent.data, len(parents))
    # The kills have met some in the middle.
    assert number(agent.data, "SELECT count(*) FROM child_jobs JOIN jobs ON jobs.id = parent_id WHERE attempts > 1") > 0


def test_an_orchestration_goes_on_at_the_step_where_its_agent_was_killed(start_agent):
    agent = start_agent()
    orchestration = orchestrate(agent.client(), agent.client().register(STEP))
    job = agent.client().accepted(orchestration, "w")
    children = {}
    for step in STEPS[:2]:
        children[step] = eventually(lambda: started(agent.client(), job, step))
        agent.kill()
        agent = start_agent()
    children["three"] = eventually(lambda: started(agent.client(), job, "three"))
    agent.kill()
    # The third loss of the parent is its end, and with it that of the child that waits to be run again.
    agent = start_agent()
    result = agent.client().result(job)
    assert (result["status"], result["errorcode"]) == ("error", 8207)
    assert {name: child["jobid"] for name, child in result["children"].items()} == children
    assert [child["status"] for child in result["children"].values()] == ["completed", "completed", "error"]
    assert agent.terminate() == 0
    assert rows(agent.data, "SELECT state FROM jobs ORDER BY id")[-1] == ("cancelled",)
    check_file(agent.data)


def test_the_term_signal_costs_an_orchestration_none_of_its_attempts(start_agent):
    options = ("--drain-grace", "100ms", "--kill-grace", "1s")
    agent = start_agent(*options)
    orchestration = orchestrate(agent.client(), agent.client().register(STEP))
    job = agent.client().accepted(orchestration, "w")
    children = {}
    for step in STEPS:
        children[step] = eventually(lambda: started(agent.client(), job, step))
        assert agent.terminate() == 0
        agent = start_agent(*options)
    result = agent.client().result(job)
    assert result["result"] == {"echo": "wxxx"}
    assert {name: child["jobid"] for name, child in result["children"].items()} == children
    assert agent.terminate() == 0
    assert rows(agent.data, f"SELECT attempts, interruptions FROM jobs WHERE id = {job}") == [(4, 3)]
    check_children(agent.data, 1)


def test_an_agent_that_is_to_stop_waits_for_programs_and_not_for_what_would_follow(start_agent):
    agent = start_agent("--drain-grace", "60s")
    orchestration = orchestrate(agent.client(), agent.client().register(STEP))
    job = agent.client().accepted(orchestration, "slow")
    child = eventually(lambda: started(agent.client(), job, "one"))
    began = time.monotonic()
    assert agent.terminate() == 0
    assert time.monotonic() - began < 20
    assert rows(agent.data, f"SELECT state, attempts FROM jobs WHERE id = {child}") == [("succeeded", 1)]
    agent = start_agent()
    assert agent.client().result(job)["result"] == {"echo": "slowxxx"}
    assert agent.terminate() == 0
    check_children(agent.data, 1)
