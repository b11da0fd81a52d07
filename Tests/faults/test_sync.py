"""T-SYNC: a call that waits stores its job first, and hanging up changes nothing (promise J9)."""

import contextlib
import socket
import time
from collections.abc import Iterator

from proving import eventually
from running_agent import Agent


def test_a_call_that_ends_in_time_has_the_result(start_agent):
    client = start_agent().client()
    operation = client.register('printf "%s" "$INVOKE_INPUT_WORD"', modes=["sync", "async"])
    answer = client.send("POST", f"/invoke/{operation}", {"word": "hello"})
    assert answer.status == 200
    assert answer.json == client.send("GET", f"/jobs/result/{answer.json['jobid']}").json
    assert answer.json["result"] == {"echo": "hello"}


def test_a_call_that_takes_longer_says_where_the_result_will_be(start_agent):
    client = start_agent("--sync-wait", "1s").client()
    operation = client.register("sleep 3; printf done", modes=["sync", "async"])
    answer = client.send("POST", f"/invoke/{operation}", {"word": "x"})
    assert answer.status == 200
    assert answer.json["status"] in ("scheduled", "inprogress")
    assert answer.headers["Location"] == f"/jobs/result/{answer.json['jobid']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.result(answer.json["jobid"])["result"] == {"echo": "done"}


@contextlib.contextmanager
def calling(agent: Agent, operation: str) -> Iterator[None]:
    """A synchronous call whose answer nobody waits for; its connection ends with the block."""
    host, port = agent.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f"POST /invoke/{operation} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {agent.authorization}\r\n"
            'Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{"word":"x"}'.encode()
        )
        yield


def test_who_hangs_up_does_not_cancel(start_agent):
    agent = start_agent()
    client = agent.client()
    operation = client.register("sleep 2; printf done", modes=["sync", "async"])
    with calling(agent, operation):
        eventually(lambda: client.send("GET", "/jobs").json["jobs"])
    job = client.send("GET", "/jobs").json["jobs"][0]["jobid"]
    assert client.result(job)["result"] == {"echo": "done"}


def test_the_job_of_a_call_is_stored_before_it_runs(start_agent):
    agent = start_agent()
    client = agent.client()
    operation = client.register("[ $INVOKE_ATTEMPT -gt 1 ] || sleep 100; printf done", modes=["sync", "async"])
    with calling(agent, operation):
        job = eventually(lambda: client.send("GET", "/jobs").json["jobs"])[0]["jobid"]
        eventually(lambda: client.job(job)["status"] == "running")
        time.sleep(0.2)
        agent.kill()
    assert start_agent().client().result(job)["result"] == {"echo": "done"}
