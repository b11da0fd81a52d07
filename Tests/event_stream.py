"""A reader of server-sent events, as the standard has it, over one connection."""

import http.client
import json
from collections.abc import Iterator
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One message; `data` is its JSON."""

    id: str
    name: str
    data: Any

    @property
    def status(self) -> str | None:
        return self.data.get("status")


class EventStream:
    """An open stream. `last` is the id of the last message that has been read whole.

    Iterating ends when the stream ends, however it does.
    """

    def __init__(self, agent, path: str, last: str | None = None, authorization: str | None = None, timeout: float = 60):
        self.last = last
        self._connection = http.client.HTTPConnection(agent.url.removeprefix("http://"), timeout=timeout)
        headers = {"Authorization": authorization or agent.authorization, "Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = last
        self._connection.request("GET", path, headers=headers)
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.headers = self._response.headers

    def __iter__(self) -> Iterator[Event]:
        fields: dict[str, str] = {}
        try:
            while line := self._response.readline():
                text = line.decode().rstrip("\n")
                if text:
                    name, _, value = text.partition(": ")
                    fields[name] = value
                    continue
                # An id alone moves a reader on, too.
                self.last = fields.get("id", self.last)
                if "data" in fields:
                    yield Event(fields["id"], fields["event"], json.loads(fields["data"]))
                fields = {}
        except (OSError, http.client.HTTPException):
            pass

    def close(self):
        self._response.close()
        self._connection.close()


def follow(agent_now, path: str, last: str | None = None) -> list[Event]:
    """All messages of a stream that comes to an end, and comes back to it when it is cut off; `agent_now` says which agent
    is there at the moment."""
    events: list[Event] = []
    while True:
        try:
            stream = EventStream(agent_now(), path, last)
        except (OSError, http.client.HTTPException):
            continue
        if stream.status == 204:
            return events
        if stream.status == 200:
            events += stream
            last = stream.last
        stream.close()
