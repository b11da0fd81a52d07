"""T-STORM: a receiver that hangs delays nobody else, and one that comes back is not run over (promises W8, W9)."""

import http.server
import json
import threading
import time

from invariants import ECHO
from proving import eventually, mechanism, size
from test_hook import Script, deliveries, register


class Counting:
    """A receiver for many webhooks: notes when what came to which path, with its webhook-id and the job it is about.
    It answers once it is `open`."""

    def __init__(self, port: int = 0, is_open: bool = True):
        self.arrivals: list[tuple[float, str, str, str | None]] = []
        self.open = threading.Event()
        if is_open:
            self.open.set()
        counting = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                at, event = time.monotonic(), json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                counting.arrivals.append((at, self.path, self.headers["webhook-id"], event["data"].get("jobid")))
                counting.open.wait()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def test_one_of_twenty_receivers_hangs_and_the_others_do_not_wait_for_it(start_agent):
    counting, hanging = Counting(), Script("hang")
    client = start_agent("--sandbox", "none").client()
    for number in range(19):
        register(client, f"http://127.0.0.1:{counting.port}/{number}")
    stuck, _ = register(client, hanging.url)
    jobs = size(8, 100)
    operation = client.register(ECHO)
    ended = {}
    for number in range(jobs):
        job = client.accepted(operation, str(number))
        client.result(job)
        ended[job] = time.monotonic()
    eventually(lambda: len(counting.arrivals) >= 19 * jobs, within=60)
    assert len({(path, event) for _, path, event, _ in counting.arrivals}) == 19 * jobs
    # A hanging attempt takes 15 s: whoever waited for one would be far behind.
    delays = sorted(at - ended[job] for at, _, _, job in counting.arrivals)
    assert delays[int(len(delays) * 0.99)] < 12, delays[-20:]
    # Four at a time at the most, and nothing is lost.
    assert 1 <= len(hanging.received) <= 8
    assert {one["state"] for one in deliveries(client, stuck)} == {"pending"}
    counting.close()
    hanging.close()


def test_a_receiver_that_comes_back_gets_every_event_at_ten_a_second(start_agent):
    away = Counting()
    port = away.port
    away.close()
    events = size(300, 5000)
    agent = start_agent("--webhooks-retries", ",".join(["2s"] * 9))
    client = agent.client()
    client.authorization = agent.token
    webhook, _ = register(client, f"http://127.0.0.1:{port}/")

    def announce(count):
        return {client.send("POST", f"/webhooks/{webhook}/test").json["event"] for _ in range(count)}

    ids = announce(events)
    # The outage is known: some attempts have failed one after the other.
    eventually(lambda: client.send("GET", f"/webhooks/{webhook}").json.get("failing_since"), within=20)
    eventually(lambda: sum(len(one["attempts"]) for one in deliveries(client, webhook)) >= 6, within=30, every=0.2)
    try:
        back = Counting(port, is_open=False)
    except OSError as error:
        mechanism(False, f"the port of before: {error}")
    # What is announced after the last failure has waited through the outage as well.
    eventually(lambda: back.arrivals, within=30)
    ids |= announce(30)
    back.open.set()
    eventually(lambda: {event for _, _, event, _ in back.arrivals} >= ids, within=events / 4 + 60, every=0.2)
    times = sorted(at for at, *_ in back.arrivals)
    # On a busy machine the four that are under way at a time may arrive together.
    for index, start in enumerate(times):
        within = sum(1 for at in times[index:] if at < start + 1)
        assert within <= 10 + 4 + 1, f"{within} requests in the second from request {index}"
    assert len(times) / (times[-1] - times[0]) < 10.5
    back.close()
