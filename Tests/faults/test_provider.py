"""A provider's own server is given a job once: that it has taken the job on, and how the job has ended there, survives
SIGKILL (promises D1, J4, J5)."""

import http.server
import json
import queue
import threading

import pytest

from invariants import check_file, number
from proving import eventually, size
from running_agent import Client


class Provider:
    """Takes every job on, and completes none by itself; `calls` has the calls."""

    def __init__(self):
        self.calls: queue.Queue[dict] = queue.Queue()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                provider.calls.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jobs"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.mark.parametrize("turn", range(size(3, 30)))
def test_a_job_that_was_taken_on_is_not_given_away_again(start_agent, provider, turn):
    agent = start_agent()
    client = agent.client()
    operation = {
        "inputs": {"word": {"type": "string"}},
        "outputs": {"echo": {"type": "string"}},
        "run": {"engine": "http", "url": provider.url},
    }
    service = {"name": "remote", "version": "1.0.0", "operations": {"work": operation}, "pool": {"concurrency": 4}}
    work = client.send("POST", "/services", service).json["operations"]["work"]["id"]
    jobs = [client.accepted(work, str(word)) for word in range(4)]
    calls = {call["jobid"]: call for call in (provider.calls.get(timeout=20) for _ in jobs)}
    assert set(calls) == set(jobs)

    def complete(job: str) -> int:
        """What the agent says to the job's token."""
        holder = Client(agent.url, f"Bearer {calls[job]['token']}")
        return holder.send("POST", f"/jobs/{job}/complete", {"outputs": {"echo": f"done {job}"}}).status

    # One is completed, and the agent killed as soon as it has said so; the others wait.
    eventually(lambda: number(agent.data, "SELECT count(*) FROM completions") == len(jobs))
    assert complete(jobs[0]) == 204
    agent.kill()
    agent = start_agent()
    client = agent.client()
    assert client.result(jobs[0])["result"] == {"echo": f"done {jobs[0]}"}
    for job in jobs[1:]:
        assert complete(job) == 204
        assert client.result(job)["result"] == {"echo": f"done {job}"}
        # Who is not sure that he was heard says it again.
        assert complete(job) == 204
    assert provider.calls.empty()
    agent.terminate()
    check_file(agent.data, jobs)
