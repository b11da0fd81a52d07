"""HTTP/1.1 over a bare socket: what a client library would never send, and what it would hide of the answers."""

import socket
import struct
import time
import urllib.parse

from running_agent import Answer


class Wire:
    """One connection to the agent."""

    def __init__(self, url: str, receive_buffer: int | None = None, timeout: float = 10):
        address = urllib.parse.urlsplit(url)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((address.hostname, address.port))
        self.rest = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes) -> "Wire":
        self.socket.sendall(data)
        return self

    def end(self) -> "Wire":
        """Nothing more will be sent; answers are still read."""
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def is_cut(self, within: float) -> bool:
        """Whether the agent ends the connection in time; what it says before that is left in `rest`."""
        limit = time.monotonic() + within
        try:
            while (left := limit - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if not self._fill():
                    return True
        except TimeoutError:
            pass
        except ConnectionError:
            return True
        return False

    @property
    def segments(self) -> int:
        """How many TCP segments with data have come: the agent's writes, as long as each is small (tcp_info(7))."""
        return struct.unpack_from("I", self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160), 152)[0]

    def answer(self) -> Answer | None:
        """The next answer; None when the agent ended the connection instead."""
        while b"\r\n\r\n" not in self.rest:
            if not self._fill():
                assert not self.rest, f"half an answer: {self.rest!r}"
                return None
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for name, value in (line.split(":", 1) for line in lines[1:]):
            # A header that comes twice is a list.
            earlier = headers.get(name.lower())
            headers[name.lower()] = f"{earlier}, {value.strip()}" if earlier else value.strip()
        status = int(lines[0].split(" ")[1])
        if headers.get("transfer-encoding") == "chunked":
            return Answer(status, headers, self._chunks())
        return Answer(status, headers, self._take(int(headers.get("content-length", "0"))))

    def answers(self) -> list[Answer]:
        """All answers until the agent ends the connection."""
        found = []
        while (answer := self.answer()) is not None:
            found.append(answer)
        return found

    def _fill(self) -> bool:
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            return False
        self.rest += data
        return bool(data)

    def _take(self, count: int) -> bytes:
        while len(self.rest) < count:
            assert self._fill(), "the connection ended in the middle of an answer"
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self.rest:
                assert self._fill(), "the connection ended in the middle of an answer"
            size, self.rest = self.rest.split(b"\r\n", 1)
            chunk = self._take(int(size, 16) + 2)[:-2]
            if not chunk:
                return body
            body += chunk


def request(method: str, path: str, *headers: str, body: bytes = b"", host: str = "agent") -> bytes:
    """A sound request, with the length of its body if it has one."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
