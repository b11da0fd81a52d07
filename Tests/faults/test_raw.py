"""T-RAW: bytes that are no HTTP get a problem body and the end of the connection, and nothing after them is done.

Every stream ends in a sound request that would make a token. No token may come of it (promise E7).
"""

import pytest

from raw import Wire, request
from running_agent import Agent, scratch_folder

HOST = b"Host: agent"
GET = b"GET /health HTTP/1.1"


def lines(*parts: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join(parts) + b"\r\n\r\n" + body


def chunked(body: bytes, *headers: bytes, version: bytes = b"1.1") -> bytes:
    """A request by somebody known, so that its body is read and its chunks are looked at."""
    credentials = b"Authorization: @CREDENTIALS@"
    return lines(
        b"POST /services HTTP/" + version, HOST, credentials, *headers, b"Transfer-Encoding: chunked", body=body
    )


def sized(*headers: bytes, body: bytes = b"{}") -> bytes:
    return lines(b"POST /services HTTP/1.1", HOST, *headers, body=body)


# Where a request ends, told in two ways or in a way that another reader may understand otherwise.
FRAMING = {
    "length, then chunks": sized(b"Content-Length: 6", b"Transfer-Encoding: chunked", body=b"0\r\n\r\nG"),
    "chunks, then length": sized(b"Transfer-Encoding: chunked", b"Content-Length: 6", body=b"0\r\n\r\nG"),
    "two lengths": sized(b"Content-Length: 1", b"Content-Length: 2"),
    "the same length twice": sized(b"Content-Length: 2", b"Content-Length: 2"),
    "a list of lengths": sized(b"Content-Length: 2, 2"),
    "a negative length": sized(b"Content-Length: -2"),
    "a length with a plus": sized(b"Content-Length: +2"),
    "a hexadecimal length": sized(b"Content-Length: 0x2"),
    "a length with a space inside": sized(b"Content-Length: 2 2"),
    "a length with a fraction": sized(b"Content-Length: 2.0"),
    "a length of 30 digits": sized(b"Content-Length: " + b"9" * 30),
    "an empty length": sized(b"Content-Length:"),
    "a space before the colon": sized(b"Content-Length : 2"),
    "another coding": sized(b"Transfer-Encoding: gzip", body=b"0\r\n\r\n"),
    "another coding below the chunks": sized(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "another coding above the chunks": sized(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "no coding": sized(b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
    "a coding that ends like one": sized(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "a coding in quotes": sized(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"),
    "chunks twice": sized(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks and an empty coding": sized(b"Transfer-Encoding: chunked", b"Transfer-Encoding:", body=b"0\r\n\r\n"),
    "a vertical tab before the coding": sized(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "a folded coding": sized(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"),
    "a space after the coding's name": sized(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "chunks in HTTP/1.0": chunked(b"0\r\n\r\n", version=b"1.0"),
}

CHUNKS = {
    "a chunk size that is no number": chunked(b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk size with 0x": chunked(b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a negative chunk size": chunked(b"-2\r\n{}\r\n0\r\n\r\n"),
    "a chunk size beyond 64 bits": chunked(b"ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
    "an empty chunk size": chunked(b"\r\n{}\r\n0\r\n\r\n"),
    "a space before a chunk size": chunked(b" 2\r\n{}\r\n0\r\n\r\n"),
    "a chunk size ended by a bare CR": chunked(b"2\r{}\r\n0\r\n\r\n"),
    "a chunk size ended by a bare LF": chunked(b"2\n{}\n0\n\n"),
    "a chunk longer than its size": chunked(b"2\r\n{} \r\n0\r\n\r\n"),
    "a chunk shorter than its size": chunked(b"4\r\n{}\r\n0\r\n\r\n"),
    "a LF in a chunk's extension": chunked(b"2;a\nb\r\n{}\r\n0\r\n\r\n"),
}

LINES = {
    "no words at all": b"\x00\x01\x02\x03\r\n\r\n",
    "a TLS greeting": bytes.fromhex("16030100a5010000a10303") + b"\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/1.2": lines(b"GET /health HTTP/1.2", HOST),
    "HTTP/2.0": lines(b"GET /health HTTP/2.0", HOST),
    "HTTP/1": lines(b"GET /health HTTP/1", HOST),
    "http/1.1": lines(b"GET /health http/1.1", HOST),
    "a version of two lines": b"GET /health HTTP/1.\r\n1\r\n" + HOST + b"\r\n\r\n",
    "a method in lower case": lines(b"get /health HTTP/1.1", HOST),
    "an unknown method": lines(b"FETCH /health HTTP/1.1", HOST),
    "a method without end": lines(b"G" * 20_000 + b" /health HTTP/1.1", HOST),
    "a tab for a space": lines(b"GET\t/health HTTP/1.1", HOST),
    "a target without a slash": lines(b"GET health HTTP/1.1", HOST),
    "a NUL in the target": lines(b"GET /hea\x00lth HTTP/1.1", HOST),
    "lines ended by a bare CR": b"GET /health HTTP/1.1\rHost: agent\r\r",
    "lines ended by a bare LF": b"GET /health HTTP/1.1\nHost: agent\n\n",
}

HEADERS = {
    "no host": lines(GET),
    "two hosts": lines(GET, HOST, b"Host: other"),
    "the same host twice": lines(GET, HOST, HOST),
    "a bare CR in a header": lines(GET, HOST, b"X: a\rY: b"),
    "a NUL in a header": lines(GET, HOST, b"X: a\x00b"),
    "a NUL in a header's name": lines(GET, HOST, b"X\x00: a"),
    "a control character in a header": lines(GET, HOST, b"X: a\x01b"),
    "a space in a header's name": lines(GET, HOST, b"X Y: a"),
    "a header without a colon": lines(GET, HOST, b"XY"),
    "a header without a name": lines(GET, HOST, b": a"),
    "a folded header": lines(GET, HOST, b"X: a", b" b"),
    "a space before the first header": lines(GET, b" Host: agent"),
}

TOO_LARGE = {
    "a target of 8193 bytes": (lines(b"GET /" + b"a" * 8192 + b" HTTP/1.1", HOST), 414, 8141),
    "a target of 64 KiB": (lines(b"GET /" + b"a" * 65536 + b" HTTP/1.1", HOST), 414, 8141),
    "a header of more than 8 KiB": (lines(GET, HOST, b"X: " + b"a" * 8193), 431, 8143),
    "a header's name of more than 8 KiB": (lines(GET, HOST, b"X" * 8193 + b": a"), 431, 8143),
    "headers of more than 16 KiB": (lines(GET, HOST, *[b"X%d: " % i + b"a" * 999 for i in range(17)]), 431, 8143),
    "101 headers": (lines(GET, HOST, *[b"X: a"] * 100), 431, 8143),
}

REJECTED = {
    **{name: (data, 400, 8103) for part in (FRAMING, CHUNKS, LINES, HEADERS) for name, data in part.items()},
    **TOO_LARGE,
}


@pytest.fixture(scope="module")
def agent():
    with scratch_folder() as folder:
        agent = Agent(folder)
        yield agent
        agent.kill()


@pytest.fixture
def smuggled(agent):
    """The request that must never be done, and the proof that it was not."""
    tokens = request("GET", "/api/v1/auth/token", f"Authorization: {agent.authorization}")
    with Wire(agent.url) as wire:
        before = wire.send(tokens).answer().json
    yield request("POST", "/api/v1/auth/token", f"Authorization: {agent.authorization}")
    with Wire(agent.url) as wire:
        assert wire.send(tokens).answer().json == before


def is_refused(answer, status: int, code: int):
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] in answer.json["instance"]
    assert answer.json["description"] == answer.json["detail"]


@pytest.mark.parametrize("name", REJECTED)
def test_bytes_that_are_no_request_end_the_connection_and_nothing_after_them_is_done(name, agent, smuggled):
    data, status, code = REJECTED[name]
    with Wire(agent.url) as wire:
        answers = wire.send(data.replace(b"@CREDENTIALS@", agent.authorization.encode()) + smuggled).answers()
    assert len(answers) == 1
    is_refused(answers[0], status, code)


@pytest.mark.parametrize("name", ["two lengths", "no host", "a bare CR in a header", "101 headers"])
def test_what_came_before_is_answered_first(name, agent, smuggled):
    data, status, code = REJECTED[name]
    with Wire(agent.url) as wire:
        answers = wire.send(request("GET", "/health") * 3 + data + smuggled).answers()
    assert [answer.status for answer in answers[:-1]] == [200] * 3
    is_refused(answers[-1], status, code)


@pytest.mark.parametrize("name", ["two lengths", "a TLS greeting", "a folded header", "a target of 8193 bytes"])
def test_bytes_that_come_one_by_one_are_refused_the_same(name, agent):
    data, status, code = REJECTED[name]
    with Wire(agent.url) as wire:
        for start in range(0, min(len(data), 9000)):
            try:
                wire.send(data[start : start + 1])
            except ConnectionError:
                break
        is_refused(wire.answer(), status, code)


# A close that was asked for, in each of its spellings, or that no request can follow.
LAST = {
    "HTTP/1.0": lines(b"GET /health HTTP/1.0"),
    "Connection: close": lines(GET, HOST, b"Connection: close"),
    "Connection: Close": lines(GET, HOST, b"Connection: Close"),
    "close in a list": lines(GET, HOST, b"Connection: keep-alive, close"),
    "an upgrade to HTTP/2": lines(GET, HOST, b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c"),
    "an upgrade to a socket": lines(GET, HOST, b"Connection: Upgrade", b"Upgrade: websocket"),
}


@pytest.mark.parametrize("name", LAST)
def test_a_last_request_is_answered_and_nothing_after_it(name, agent, smuggled):
    with Wire(agent.url) as wire:
        answers = wire.send(LAST[name] + smuggled).answers()
    assert [answer.status for answer in answers] == [200]
    assert answers[0].headers["connection"] == "close"


SOUND = {
    "an empty host": lines(GET, b"Host:"),
    "an absolute target": lines(b"GET http://other/health HTTP/1.1", HOST),
    "empty lines before the request": b"\r\n\r\n" + lines(GET, HOST),
    "100 headers": lines(GET, HOST, *[b"X: a"] * 99),
    "a header of 8 KiB": lines(GET, HOST, b"X: " + b"a" * 8192),
    "a request within a body": lines(GET, HOST, b"Content-Length: 8", body=b"GET / HT"),
}


@pytest.mark.parametrize("name", SOUND)
def test_unusual_but_sound_requests_are_served_and_the_connection_goes_on(name, agent):
    with Wire(agent.url) as wire:
        wire.send(SOUND[name] + SOUND[name])
        assert [wire.answer().status for _ in range(2)] == [200, 200]


def test_chunks_may_have_extensions_and_trailers(agent):
    body = b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n"
    with Wire(agent.url) as wire:
        for _ in range(2):
            answer = wire.send(chunked(body).replace(b"@CREDENTIALS@", agent.authorization.encode())).answer()
            assert (answer.status, answer.code) == (400, 8102)


def test_who_asks_for_leave_to_send_a_body_gets_it(agent):
    head = request("POST", "/services", f"Authorization: {agent.authorization}", "Expect: 100-continue")
    with Wire(agent.url) as wire:
        assert wire.send(head.replace(b"Content-Length: 0", b"Content-Length: 2")).answer().status == 100
        answer = wire.send(b"{}").answer()
        assert (answer.status, answer.code) == (400, 8102)


def test_the_set_is_as_large_as_promised():
    assert len(REJECTED) >= 60
