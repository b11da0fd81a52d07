"""T-DRAIN: what the agent does between the order to stop and its end (promise O1)."""

import http.client
import signal
import threading
import time
import uuid

import pytest

from invariants import check_file, rows
from proving import eventually, marked_processes

STUBBORN = "trap '' TERM; echo begun; while :; do sleep 0.1; done"


class WaitingCall:
    """A call that waits for the job that it starts, with output; made by a thread of its own."""

    def __init__(self, agent, script: str, word: str = "x"):
        client, waiting = agent.client(), agent.client()
        operation = client.register(script, modes=["sync", "async"])
        self.answer = None
        self._thread = threading.Thread(target=self._call, args=(waiting, operation, word))
        self._thread.start()
        self.job = eventually(lambda: client.send("GET", "/jobs").json["jobs"])[0]["jobid"]
        eventually(lambda: client.send("GET", f"/jobs/{self.job}/logs").body)

    def _call(self, client, operation, word):
        self.answer = client.send("POST", f"/invoke/{operation}", {"word": word})

    def join(self, within: float):
        self._thread.join(within)
        assert self.answer is not None
        return self.answer


def is_refused(agent) -> bool:
    """Whether a new connection is refused; one that was waiting when the listener closed is reset."""
    try:
        http.client.HTTPConnection(agent.url.removeprefix("http://"), timeout=5).connect()
    except (ConnectionRefusedError, ConnectionResetError) as error:
        return isinstance(error, ConnectionRefusedError)
    return False


def test_an_agent_without_jobs_ends_at_once(start_agent):
    agent = start_agent()
    agent.client().send("GET", "/health")
    began = time.monotonic()
    assert agent.terminate() == 0
    # A second by the promise; the rest is for a machine that does much else.
    assert time.monotonic() - began < 3


def test_open_connections_are_told_and_new_ones_are_refused_while_a_job_ends(start_agent):
    agent = start_agent("--drain-grace", "20s")
    call = WaitingCall(agent, "echo begun; sleep 3; printf done")
    clients = [agent.client() for _ in range(4)]
    for other in clients:
        assert other.send("GET", "/ready").status == 200
    agent.process.terminate()
    eventually(lambda: is_refused(agent), within=5)
    for other, path in zip(clients, ["/ready", "/services", f"/jobs/result/{call.job}", "/operations"]):
        answer = other.send("GET", path)
        assert (answer.status, answer.code) == (503, 8161)
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.headers["Connection"] == "close"
    # Who waited for the job gets its result.
    assert call.join(20).json["result"] == {"echo": "begun\ndone"}
    assert agent.wait(20) == 0
    check_file(agent.data)


def test_a_stubborn_job_delays_the_end_by_the_graces_and_is_not_counted(start_agent):
    mark = uuid.uuid4().hex
    agent = start_agent("--drain-grace", "1s", "--kill-grace", "1s")
    call = WaitingCall(agent, STUBBORN, mark)
    began = time.monotonic()
    assert agent.terminate() == 0
    assert time.monotonic() - began < 1 + 1 + 5 + 3
    assert call.join(5).json["status"] == "inprogress"
    assert not marked_processes(mark)
    assert rows(agent.data, "SELECT state, attempts, interruptions, claimable_at IS NULL FROM jobs") == [("running", 1, 1, 0)]
    check_file(agent.data)


def test_a_second_signal_ends_the_agent_at_once_and_safely(start_agent):
    mark = uuid.uuid4().hex
    agent = start_agent("--drain-grace", "60s")
    client = agent.client()
    job = client.accepted(client.register("[ $INVOKE_ATTEMPT -gt 1 ] || sleep 100; printf %s $INVOKE_ATTEMPT"), mark)
    eventually(lambda: marked_processes(mark))
    agent.signal(signal.SIGTERM)
    with pytest.raises(Exception):
        agent.wait(1)
    agent.signal(signal.SIGTERM)
    assert agent.wait(2) == 128 + signal.SIGTERM
    eventually(lambda: not marked_processes(mark), within=5)
    check_file(agent.data)
    agent = start_agent()
    assert agent.client().result(job)["result"] == {"echo": "2"}


@pytest.mark.parametrize("_", range(3))
def test_connections_that_come_while_the_listener_closes_end_nothing(start_agent, _):
    agent = start_agent("--drain-grace", "20s")
    call = WaitingCall(agent, "echo begun; sleep 3; printf done")

    def knock():
        while not is_refused(agent):
            pass

    crowd = [threading.Thread(target=knock) for _ in range(16)]
    for one in crowd:
        one.start()
    time.sleep(0.2)
    agent.process.terminate()
    for one in crowd:
        one.join(10)
    assert call.join(20).json["result"] == {"echo": "begun\ndone"}
    assert agent.wait(20) == 0
