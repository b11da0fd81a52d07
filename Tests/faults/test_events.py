"""T-LIVE: what is told of jobs as they go (agent.md, section 5) misses nothing and tells nothing twice."""

import http.client
import pathlib
import threading

from event_stream import EventStream, follow
from invariants import check_file
from proving import eventually, size

# Says a line now and then; an attempt that is begun again goes on where it stopped.
TALKER = "n=0; while [ $n -lt 40 ]; do n=$((n+1)); echo $INVOKE_ATTEMPT.$n; sleep 0.1; done; printf done"

# What the feed calls the ends that the seed's results tell of.
ENDS = {"completed": "succeeded", "error": "failed"}


class Successive:
    """One agent after another on the same folder and port, as `start_agent` makes them."""

    def __init__(self, start_agent, *options: str):
        self._start, self._options = start_agent, options
        self.now = start_agent(*options)

    def kill_and_start_again(self):
        port = self.now.url.rpartition(":")[2]
        self.now.kill()
        self.now = self._start(*self._options, "--port", port)


def words(events) -> list[str]:
    """Log lines, states and percentages in the order they were told."""
    found = []
    for event in events:
        if event.name == "log":
            found += event.data["text"].splitlines()
        elif event.name == "progress":
            found.append(str(event.data["percent"]))
        else:
            found.append(event.data["status"])
    return found


def test_a_job_is_followed_across_kills_without_a_gap(start_agent):
    agents = Successive(start_agent)
    client = agents.now.client()
    job = client.accepted(client.register(TALKER), "x")
    followed = []
    reader = threading.Thread(target=lambda: followed.extend(follow(lambda: agents.now, f"/jobs/{job}/events")))
    reader.start()
    for attempt in range(1, size(3, 3)):
        # Once an attempt has said something, it is cut off.
        eventually(lambda: f"{attempt}.3\n" in agents.now.client().send("GET", f"/jobs/{job}/logs").body.decode())
        agents.kill_and_start_again()
    reader.join(60)
    # Whoever comes last is told the very same.
    assert words(followed) == words(EventStream(agents.now, f"/jobs/{job}/events"))
    assert [event.id for event in followed] == [event.id for event in EventStream(agents.now, f"/jobs/{job}/events")]
    told = words(followed)
    assert told[0] == "scheduled" and told[-1] == "succeeded"
    for attempt in (1, 2):
        lines = [word for word in told if word.startswith(f"{attempt}.")]
        assert lines == [f"{attempt}.{n}" for n in range(1, len(lines) + 1)] and len(lines) >= 3
    assert followed[-1].data["result"] == agents.now.client().result(job)["result"]
    # A reader of the log is told of nothing else, but for the end.
    assert words(follow(lambda: agents.now, f"/jobs/{job}/logs?follow=1")) == [
        word for word in told if word not in ("scheduled", "running")
    ]


def test_the_feed_tells_once_of_every_job_and_every_end_over_kills(start_agent):
    agents = Successive(start_agent)
    client = agents.now.client()
    operation = client.register("sleep 0.2; printf x", concurrency=8)
    events = []

    def read():
        last = None
        while True:
            try:
                stream = EventStream(agents.now, "/events", last)
            except (OSError, http.client.HTTPException):
                continue
            for event in stream:
                events.append(event)
            last = stream.last
            stream.close()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    eventually(lambda: client.accepted(operation, "first") and events)
    jobs = []
    for _ in range(size(4, 20)):
        client = agents.now.client()
        jobs += [client.accepted(operation, "x") for _ in range(25)]
        agents.kill_and_start_again()
    client = agents.now.client()
    # A job that was running at three of the kills has failed.
    results = {job: client.result(job) for job in jobs}
    assert {result.get("errorcode") for result in results.values()} <= {None, 8207}
    ends = {job: ENDS[result["status"]] for job, result in results.items()}

    def untold():
        return ends.items() - {(event.data["jobid"], event.status) for event in events}

    eventually(lambda: not untold(), tell=untold)
    ids = [event.id for event in events]
    assert len(set(ids)) == len(ids)
    for job in jobs:
        told = [event.status for event in events if event.data["jobid"] == job]
        assert told[0] == "scheduled" and told.count("scheduled") == 1
        assert told[-1] == ends[job] and told.count(ends[job]) == 1
        assert told.count("running") >= 1
    accepted = [event.data["jobid"] for event in events if event.status == "scheduled"]
    assert [job for job in accepted if job in set(jobs)] == jobs


def test_streams_end_with_the_agent_and_go_on_with_the_next(start_agent):
    agent = start_agent("--drain-grace", "10s")
    client = agent.client()
    job = client.accepted(client.register("echo up; sleep 2; printf done"), "x")
    streams = [EventStream(agent, path) for path in [f"/jobs/{job}/events", "/events", f"/jobs/{job}/logs?follow=1"]]
    eventually(lambda: client.send("GET", f"/jobs/{job}/logs").body)
    # The job ends within the grace, and that is told before the streams end.
    assert agent.terminate() == 0
    told = [words(stream) for stream in streams]
    assert told[0] == ["scheduled", "running", "up", "done", "succeeded"]
    assert told[1][-1] == "succeeded"
    assert told[2] == ["up", "done", "succeeded"]
    check_file(agent.data)
    again = EventStream(start_agent(), f"/jobs/{job}/events", streams[0].last)
    assert again.status == 204


def test_nobody_follows_what_is_not_his(start_agent):
    agent = start_agent()
    client = agent.client()
    operation = client.register("echo secret; printf done")
    bob = agent.account("bob")
    feed = EventStream(agent, "/events", authorization=bob)
    job = client.accepted(operation, "x")
    client.result(job)
    for path in ["events", "logs?follow=1"]:
        answers = []
        for id in [job, "123456789"]:
            stream = EventStream(agent, f"/jobs/{id}/{path}", authorization=bob)
            answers.append(stream.status)
            stream.close()
        assert answers == [404, 404]
    own = agent.client()
    own.authorization = bob
    own_job = own.accepted(operation, "x")
    seen = []
    for event in feed:
        seen.append(event)
        if event.status == "succeeded":
            break
    assert {event.data["jobid"] for event in seen} == {own_job}


def open_connections(agent) -> int:
    """The connections that the agent holds: established, or closed by the other side only."""
    port = f":{int(agent.url.rpartition(':')[2]):04X}"
    lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for line in lines if line[1].endswith(port) and line[3] in ("01", "08"))


def test_a_reader_that_goes_away_is_not_kept(start_agent):
    agent = start_agent()
    client = agent.client()
    job = client.accepted(client.register("sleep 100; printf done"), "x")
    streams = [EventStream(agent, f"/jobs/{job}/events") for _ in range(20)]
    for stream in streams:
        # Read, so that the connection ends politely, not with a reset.
        assert next(iter(stream)).status == "scheduled"
    assert open_connections(agent) == 21
    for stream in streams:
        stream.close()
    # Long before the agent has anything to say to them.
    eventually(lambda: open_connections(agent) == 1, within=20)


def test_a_long_line_is_told_in_pieces_of_whole_characters(start_agent):
    agent = start_agent()
    client = agent.client()
    halves = "printf 'a%.0s' $(seq 5000); printf '\\303'; sleep 1; printf '\\251'; printf done"
    job = client.accepted(client.register(halves), "x")
    client.result(job)
    texts = [event.data["text"] for event in EventStream(agent, f"/jobs/{job}/logs?follow=1") if event.name == "log"]
    assert texts == ["a" * 5000, "édone"]


def test_what_names_no_event_is_refused_and_an_old_place_is_as_good_as_any(start_agent):
    agent = start_agent()
    client = agent.client()
    job = client.accepted(client.register("printf done"), "x")
    client.result(job)
    for path, bad in [(f"/jobs/{job}/events", "1-2"), (f"/jobs/{job}/events", "-1"), ("/events", "7"), ("/events", "a-b")]:
        answer = client.send("GET", path, Last_Event_ID=bad)
        assert (answer.status, answer.code) == (400, 8103), (path, bad)
    answer = client.send("GET", f"/jobs/{job}/logs?follow=2")
    assert (answer.status, answer.code) == (400, 8103)
    assert EventStream(agent, f"/jobs/{job}/events", "999999").status == 204
    told = words(EventStream(agent, f"/jobs/{job}/events", "0"))
    assert told == ["running", "done", "succeeded"]
