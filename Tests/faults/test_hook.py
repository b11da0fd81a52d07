"""T-HOOK: every event reaches its receiver, verified as receivers verify, whatever both sides go through (W1 to W11).

All ten attempts, rotation and the end of the fifth day need another clock: they are in Tests/InvokeWebhooksTests and
Tests/InvokeStoreTests.
"""

import json
import queue
import random
import socket
import struct
import threading
import time

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from invariants import ECHO, check_file, number, rows
from posting import Posting
from proving import eventually, size
from running_agent import Client
from webhook_receiver import Receiver

# So that ten attempts take seconds.
QUICK = ("--webhooks-retries", ",".join(["200ms"] * 9), "--webhooks-attempt-time", "2s")


class Script:
    """A receiver on loopback that does to each connection what comes next in its script, the last thing for ever.

    A step is a number (a status), "hang", "reset", "flood" (200, then 1 GiB), or the bytes of a whole answer.
    `received` has the headers, in lower case, and the body of each request.
    """

    def __init__(self, *steps):
        self.received: list[tuple[dict, bytes]] = []
        self.flooded = 0
        self._steps = list(steps)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/hook"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket):
        with connection, connection.makefile("rb") as stream:
            if not stream.readline():
                return
            headers = {}
            while (line := stream.readline().decode().strip()):
                name, value = line.split(":", 1)
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers["content-length"]))
            with self._lock:
                self.received.append((headers, body))
                step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
            try:
                self._answer(connection, stream, step)
            except OSError:
                pass  # The agent has gone.

    def _answer(self, connection: socket.socket, stream, step):
        if step == "hang":
            stream.read(1)
        elif step == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif step == "flood":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1 << 30))
            for _ in range(1 << 14):
                connection.sendall(b"x" * (1 << 16))
                self.flooded += 1 << 16
        elif isinstance(step, bytes):
            connection.sendall(step)
        else:
            connection.sendall(b"HTTP/1.1 %d Scripted\r\nContent-Length: 2\r\n\r\nno" % step)

    def close(self):
        self._listener.close()


def register(client: Client, url: str, **more) -> tuple[str, str]:
    """Returns the webhook's id and its secret."""
    answer = client.send("POST", "/webhooks", {"url": url, **more})
    assert answer.status == 201, answer
    return answer.json["id"], answer.json["secret"]


def deliveries(client: Client, webhook: str) -> list[dict]:
    """All deliveries to a webhook, oldest first."""
    found, path = [], f"/webhooks/{webhook}/deliveries?limit=200"
    while path:
        answer = client.send("GET", path)
        assert answer.status == 200, answer
        found += answer.json["deliveries"]
        cursor = answer.json.get("next_cursor")
        path = cursor and f"/webhooks/{webhook}/deliveries?limit=200&cursor={cursor}"
    return found[::-1]


def settled(client: Client, webhook: str, within: float = 60) -> list[dict]:
    """The same, once none of them waits any longer."""
    def all_ended():
        found = deliveries(client, webhook)
        return found if found and all(one["state"] != "pending" for one in found) else None
    return eventually(all_ended, within=within, every=0.1)


def verify(secret: str, headers: dict, body: bytes) -> dict:
    """What a receiver believes, and that it believes nothing else."""
    event = Webhook(secret).verify(body, headers)
    for at in range(0, len(body), 7):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):
            Webhook(secret).verify(changed, headers)
    for name in ["webhook-id", "webhook-timestamp"]:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, {**headers, name: headers[name] + "0"})
    return event


def test_every_kind_of_answer_is_one_of_ten_attempts(start_agent):
    redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    later = b"HTTP/1.1 429 Later\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"
    script = Script(500, redirect, "reset", later, "hang", b"nonsense\r\n\r\n", 404, 503, 301, "flood")
    client = start_agent(*QUICK).client()
    webhook, secret = register(client, script.url)
    job = client.accepted(client.register(ECHO), "x")
    [told] = settled(client, webhook)
    assert told["state"] == "delivered"
    assert told["jobid"] == job
    statuses = [500, 302, None, 429, None, None, 404, 503, 301, 200]
    assert [attempt.get("status") for attempt in told["attempts"]] == statuses
    assert told["attempts"][0]["reply"] == "no"
    assert told["attempts"][9]["reply"] == "x" * 1024
    assert all(attempt["failure"] for attempt in told["attempts"] if "status" not in attempt)
    assert told["attempts"][4]["ms"] >= 1900
    # Of the flood, no more has left the receiver than what sockets hold.
    assert script.flooded < 64 << 20
    assert len(script.received) == 10
    for headers, body in script.received:
        event = verify(secret, headers, body)
        assert event["type"] == "job.succeeded"
        assert event["data"]["jobid"] == job
        assert headers["webhook-id"] == told["event"]
    # Retry-After was honoured.
    times = [int(headers["webhook-timestamp"]) for headers, _ in script.received]
    assert times[4] - times[3] >= 2
    script.close()


def test_an_event_is_a_dead_letter_after_the_tenth_attempt_and_a_replay_keeps_its_id(start_agent):
    script = Script(*[500] * 10, 200)
    client = start_agent(*QUICK).client()
    webhook, secret = register(client, script.url)
    event = client.send("POST", f"/webhooks/{webhook}/test").json["event"]
    [dead] = settled(client, webhook)
    assert (dead["state"], dead["reason"], len(dead["attempts"])) == ("dead", "exhausted", 10)
    answer = client.send("POST", f"/webhooks/{webhook}/replay", {"event": event})
    assert answer.json == {"replayed": 1, "more": False}
    [told] = settled(client, webhook)
    assert told["state"] == "delivered"
    assert {headers["webhook-id"] for headers, _ in script.received} == {event}
    assert verify(secret, *script.received[-1])["type"] == "webhook.test"
    script.close()


def test_both_secrets_verify_after_a_rotation_and_no_third_one(start_agent, receiver):
    client = start_agent().client()
    webhook, first = register(client, receiver.url)
    secrets = [first]
    for _ in range(2):
        secrets.append(client.send("POST", f"/webhooks/{webhook}/rotate").json["secret"])
    client.send("POST", f"/webhooks/{webhook}/test")
    headers, body = receiver.received.get(timeout=20)
    headers = {name.lower(): value for name, value in headers.items()}
    for secret in secrets[1:]:
        verify(secret, headers, body)
    with pytest.raises(WebhookVerificationError):
        Webhook(first).verify(body, headers)


def test_gone_disables_a_webhook_and_nothing_that_it_misses_is_lost(start_agent):
    script = Script(410, 200)
    agent = start_agent(*QUICK)
    client = agent.client()
    webhook, secret = register(client, script.url)
    operation = client.register(ECHO)
    jobs = [client.accepted(operation, "first")]
    settled(client, webhook)
    assert client.send("GET", f"/webhooks/{webhook}").json["disabled"]["reason"] == "gone"
    jobs += [client.accepted(operation, f"missed {number}") for number in range(3)]
    for job in jobs:
        client.result(job)
    # What is disabled stays so, and what it misses is there, after a kill too.
    agent.kill()
    client = start_agent(*QUICK).client()
    missed = deliveries(client, webhook)
    assert [one["state"] for one in missed] == ["dead"] * 4
    assert len(script.received) == 1
    assert client.send("POST", f"/webhooks/{webhook}/enable").json["state"] == "enabled"
    range_ = {"since": "2020-01-01T00:00:00Z", "state": "dead"}
    assert client.send("POST", f"/webhooks/{webhook}/replay", range_).json == {"replayed": 4, "more": False}
    told = settled(client, webhook)
    assert [one["state"] for one in told] == ["delivered"] * 4
    assert [one["event"] for one in told] == [one["event"] for one in missed]
    replayed = [verify(secret, headers, body)["data"]["jobid"] for headers, body in script.received[1:]]
    assert sorted(replayed) == sorted(jobs)
    script.close()


def test_no_delivery_is_lost_over_kills(start_agent):
    receiver = Receiver()
    agent = start_agent("--sandbox", "none", *QUICK)
    client = agent.client()
    operation = client.register(ECHO)
    everything, secret = register(client, receiver.url)
    register(client, receiver.url, events=["job.failed"])
    acknowledged: dict[str, str] = {}
    for _ in range(size(10, 200)):
        for _ in range(3):
            receiver.answers.put(503)
        posting = Posting(agent.url, agent.token, operation, clients=4, each=4)
        time.sleep(random.uniform(0.05, 0.6))
        agent.kill()
        posting.join()
        acknowledged |= posting.acknowledged
        agent = start_agent("--sandbox", "none", *QUICK)
    assert len(acknowledged) >= size(20, 400)
    client = Client(agent.url, agent.token)
    for job in acknowledged:
        client.result(job)
    assert {one["state"] for one in settled(client, everything, within=120)} == {"delivered"}
    assert agent.terminate() == 0
    check_file(agent.data, acknowledged)
    # One event for each job, and one webhook-id for each event, received at least once.
    told = "FROM deliveries JOIN webhooks ON webhooks.id = webhook_id WHERE public_id = ?"
    events = {job: event for event, job in rows(agent.data, f"SELECT event_id, job_id {told}", everything)}
    assert set(events) >= {int(job) for job in acknowledged}
    assert len(events) == number(agent.data, f"SELECT count(*) {told}", everything)
    received: dict[int, set[str]] = {}
    while True:
        try:
            headers, body = receiver.received.get_nowait()
        except queue.Empty:
            break
        headers = {name.lower(): value for name, value in headers.items()}
        Webhook(secret).verify(body, headers)
        received.setdefault(int(json.loads(body)["data"]["jobid"]), set()).add(headers["webhook-id"])
    assert received == {job: {event} for job, event in events.items()}
    receiver.close()
