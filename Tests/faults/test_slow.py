"""T-SLOW: whoever is slow or stuck is sent away on the clock, and nobody else notices (promise I6).

The clocks are shortened; what they are by default is only a number more.
"""

import concurrent.futures
import hashlib
import pathlib
import time

import pytest

from proving import eventually, size
from raw import Wire, request
from running_agent import Agent, scratch_folder

CLOCKS = ("--header-time", "1s", "--body-time", "2s", "--idle-time", "3s", "--write-time", "2s")
# Long enough for a busy machine; what is not cut at all shows all the same.
PATIENCE = 20


@pytest.fixture(scope="module")
def agent():
    with scratch_folder() as folder:
        agent = Agent(folder, *CLOCKS)
        yield agent
        agent.kill()


@pytest.fixture
def credentials(agent):
    return f"Authorization: {agent.token}"


def drip(wire: Wire, data: bytes, every: float = 0.1):
    """Sends a byte now and then until the agent has had enough."""
    end = time.monotonic() + PATIENCE
    wire.socket.settimeout(every)
    for start in range(len(data)):
        try:
            wire.send(data[start : start + 1])
            if not wire._fill() or wire.rest:
                return
        except TimeoutError:
            pass
        except ConnectionError:
            return
        assert time.monotonic() < end, "the agent takes it for ever"


def asset(agent, content: bytes) -> str:
    client = agent.client()
    found = client.send("POST", "/api/v1/meta/data", {"name": "content", "size": str(len(content))}).json
    assert client.send("PUT", f"/api/v1/assets/{found}", content, Content_Type="application/octet-stream").status == 200
    return found


def holds(agent, wire: Wire) -> bool:
    """Whether the agent has its end of a connection open: one that waits to be taken, or is closed, has no inode."""
    ends = [int(agent.url.rsplit(":", 1)[1]), wire.socket.getsockname()[1]]
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if [int(address.split(":")[1], 16) for address in fields[1:3]] == ends:
            return fields[9] != "0"
    return False


def test_dripping_headers_do_not_buy_time(agent):
    with Wire(agent.url) as wire:
        drip(wire, b"GET /health HTTP/1.1\r\nHost: agent\r\nX: " + b"a" * 1000)
        wire.socket.settimeout(PATIENCE)
        answer = wire.answer()
        assert (answer.status, answer.code, answer.headers["connection"]) == (408, 8122, "close")
        assert wire.is_cut(PATIENCE)


def test_a_dripping_body_does_not_buy_time(agent, credentials):
    with Wire(agent.url) as wire:
        wire.send(f"POST /services HTTP/1.1\r\nHost: a\r\n{credentials}\r\nContent-Length: 9999\r\n\r\n".encode())
        drip(wire, b"{" + b" " * 1000)
        wire.socket.settimeout(PATIENCE)
        answer = wire.answer()
        assert (answer.status, answer.code, answer.headers["connection"]) == (408, 8122, "close")
        assert wire.is_cut(PATIENCE)


def test_a_dripping_upload_leaves_nothing_behind(agent, credentials):
    name = agent.client().send("POST", "/api/v1/meta/data", {"name": "dripped"}).json
    with Wire(agent.url) as wire:
        head = f"PUT /api/v1/assets/{name} HTTP/1.1\r\nHost: a\r\n{credentials}\r\nContent-Length: 9999\r\n\r\n"
        wire.send(head.encode())
        drip(wire, b"a" * 1000)
        wire.socket.settimeout(PATIENCE)
        answer = wire.answer()
        assert (answer.status, answer.code) == (408, 8122)
    assert agent.client().send("GET", f"/api/v1/assets/{name}").status == 404
    assert not [path for path in (agent.data / "contents").rglob("*") if path.is_file() and path.stat().st_size == 0]


def test_who_says_nothing_is_told_nothing(agent):
    with Wire(agent.url) as wire:
        assert wire.is_cut(PATIENCE)
        assert wire.rest == b""


def test_a_connection_between_requests_is_ended_without_a_word(agent):
    with Wire(agent.url) as wire:
        assert wire.send(request("GET", "/health")).answer().status == 200
        # Longer than headers may take, since none have begun.
        time.sleep(1.5)
        assert wire.send(request("GET", "/health")).answer().status == 200
        assert wire.is_cut(PATIENCE)
        assert wire.rest == b""


def test_who_keeps_its_side_open_after_a_last_answer_is_cut(agent):
    with Wire(agent.url) as wire:
        assert wire.send(request("GET", "/health", "Connection: close")).answer().status == 200
        assert wire.is_cut(PATIENCE)
        eventually(lambda: not holds(agent, wire), PATIENCE)


def test_who_closes_its_side_after_the_question_gets_its_answer(agent):
    with Wire(agent.url) as wire:
        assert [answer.status for answer in wire.send(request("GET", "/health")).end().answers()] == [200]


def test_a_steady_upload_may_take_longer_than_a_body(agent, credentials):
    content = bytes(range(256)) * 1024
    name = agent.client().send("POST", "/api/v1/meta/data", {"name": "steady"}).json
    with Wire(agent.url, timeout=PATIENCE) as wire:
        head = f"PUT /api/v1/assets/{name} HTTP/1.1\r\nHost: a\r\n{credentials}\r\nContent-Length: {len(content)}\r\n\r\n"
        wire.send(head.encode())
        for start in range(0, len(content), 32 << 10):
            time.sleep(0.6)
            wire.send(content[start : start + (32 << 10)])
        assert wire.answer().status == 200
    kept = agent.client().send("GET", f"/api/v1/assets/{name}").body
    assert hashlib.sha256(kept).digest() == hashlib.sha256(content).digest()


def test_an_upload_that_stops_is_ended(agent, credentials):
    name = agent.client().send("POST", "/api/v1/meta/data", {"name": "stopped"}).json
    with Wire(agent.url, timeout=PATIENCE) as wire:
        head = f"PUT /api/v1/assets/{name} HTTP/1.1\r\nHost: a\r\n{credentials}\r\nContent-Length: {8 << 20}\r\n\r\n"
        wire.send(head.encode() + b"a" * (4 << 20))
        answer = wire.answer()
        assert (answer.status, answer.code) == (408, 8122)


def test_a_call_that_waits_for_its_job_outlives_every_clock(agent):
    client = agent.client()
    operation = client.register('sleep 5; printf "%s" "$INVOKE_INPUT_WORD"', name="patient", modes=["sync", "async"])
    answer = client.send("POST", f"/invoke/{operation}", {"word": "late"})
    assert (answer.status, answer.json["result"]) == (200, {"echo": "late"})


def test_an_answer_that_nobody_reads_is_given_up(agent, credentials):
    name = asset(agent, b"a" * (32 << 20))
    with Wire(agent.url, receive_buffer=4096) as wire:
        wire.send(request("GET", f"/api/v1/assets/{name}", credentials))
        eventually(lambda: holds(agent, wire))
        eventually(lambda: not holds(agent, wire), PATIENCE)


def test_answers_to_a_flood_of_requests_that_nobody_reads_are_given_up(agent):
    with Wire(agent.url, receive_buffer=4096, timeout=1) as wire:
        eventually(lambda: holds(agent, wire))
        with pytest.raises(OSError):
            for _ in range(100_000):
                wire.send(request("GET", "/openapi.json") * 10)
        eventually(lambda: not holds(agent, wire), PATIENCE)


def test_an_answer_that_is_read_slowly_is_served_to_its_end(agent, credentials):
    length = 8 << 20
    name = asset(agent, b"a" * length)
    with Wire(agent.url, receive_buffer=64 << 10, timeout=PATIENCE) as wire:
        wire.send(request("GET", f"/api/v1/assets/{name}", credentials))
        # For longer than an answer may rest.
        for part in range(1, 33):
            while len(wire.rest) < part * length // 32:
                assert wire._fill()
            time.sleep(0.12)
        answer = wire.answer()
        assert (answer.status, answer.body) == (200, b"a" * length)


def test_good_clients_are_served_while_hundreds_are_slow(agent, credentials):
    count = size(500, 900)
    slow = [Wire(agent.url, timeout=PATIENCE) for _ in range(count)]
    dripped = f"POST /services HTTP/1.1\r\nHost: a\r\n{credentials}\r\nContent-Length: 999\r\n\r\n".encode()
    for number, wire in enumerate(slow):
        wire.send((b"", b"GET /health HTTP/1.1\r\nX: ", dripped + b"{")[number % 3])

    def good(_) -> set[int]:
        client = agent.client(timeout=PATIENCE)
        client.authorization = agent.token
        return {client.send("GET", path).status for path in ["/health", "/jobs", "/services"] * 20}

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert set().union(*pool.map(good, range(64))) == {200}
    cut = [wire.is_cut(PATIENCE) for wire in slow]
    said = [wire.rest.split(b" ", 2)[1:2] for wire in slow]
    for wire in slow:
        wire.socket.close()
    assert all(cut)
    # Who has begun a request learns why it was ended.
    assert said == [([], [b"408"], [b"408"])[number % 3] for number in range(count)]
