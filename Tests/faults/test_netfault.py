"""T-NETFAULT: a network that loses packets and breaks connections costs time, and nothing else: every webhook, and every
job of a provider's own server, arrives at least once, under one id (promises W5, J6)."""

import contextlib
import dataclasses
import http.server
import json
import socket
import struct
import threading

import pytest
from standardwebhooks import Webhook

from invariants import ECHO, check_webhooks
from networks import Network, connect
from proving import eventually, size
from running_agent import Client

HERE, THERE = "10.88.0.1", "10.88.0.2"
JOBS = size(8, 40)

# What nftables does to the packets of the far end.
LOSS = "numgen random mod 100 < 30 drop"
BLACKHOLE = "drop"
RESET = "meta l4proto tcp reject with tcp reset"
# Connections are made, and break before or while the request is sent.
BROKEN = "tcp flags & (fin | syn | rst) == 0 numgen random mod 100 < 40 reject with tcp reset"


class FarEnd(http.server.ThreadingHTTPServer):
    """Receives webhooks at /hook; at /jobs it is the server of a provider."""

    def __init__(self):
        self.hooks: list[tuple[dict, bytes]] = []
        self.calls: list[tuple[dict, bytes]] = []
        # Calls that come while it is not set wait for it, and then break off.
        self.answers = threading.Event()
        self.answers.set()
        self.forgotten = threading.Event()
        super().__init__((THERE, 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://{THERE}:{self.server_port}{path}"

    def handle_error(self, *_):
        """A connection that breaks is what this is about."""


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = 30
    server: FarEnd

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        outputs = {}
        if self.path == "/jobs":
            self.server.calls.append((dict(self.headers), body))
            if not self.server.answers.is_set():
                return self.forget()
            outputs = {"echo": json.loads(body)["inputs"]["word"]}
        else:
            self.server.hooks.append((dict(self.headers), body))
        answer = json.dumps({"outputs": outputs}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def forget(self):
        self.server.answers.wait()
        self.close_connection = True
        # To linger for no time makes the close a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.server.forgotten.set()

    def log_message(self, *_):
        pass


@dataclasses.dataclass
class World:
    far: Network
    cable: str
    home: Network
    home_cable: str
    server: FarEnd

    def bother(self, rule: str):
        """Does something to all packets between the two; nothing when the rule is empty."""
        # What the far end itself refuses to send, nobody hears of: a reset is an answer to what has arrived.
        hooks = ["input"] if "reject" in rule else ["input", "output"]
        chains = "".join(
            f"chain {hook} {{\ntype filter hook {hook} priority 0\nmeta l4proto tcp {rule}\n}}\n" for hook in hooks
        )
        self.far.rules(f"table inet faults {{\n{chains}}}" if rule else "")

    def slow(self, rate: str):
        for network, cable in [(self.far, self.cable), (self.home, self.home_cable)]:
            network.run(f"tc qdisc add dev {cable} root tbf rate {rate} burst 4kb latency 500ms")


@pytest.fixture
def world():
    """Puts this thread into the network of the agent."""
    with contextlib.ExitStack() as ends:
        home, far = Network(), Network()
        ends.callback(home.close)
        ends.callback(far.close)
        home_cable, cable = connect(home, [f"{HERE}/24"], far, [f"{THERE}/24"])
        with far.entered():
            server = FarEnd()
        ends.callback(server.server_close)
        ends.callback(server.shutdown)
        ends.enter_context(home.entered())
        yield World(far, cable, home, home_cable, server)


def register_endpoint(client: Client, world: World) -> str:
    run = {"engine": "http", "url": world.server.url("/jobs"), "timeout": "50s", "retries": 10}
    operation = {"inputs": {"word": {"type": "string"}}, "outputs": {"echo": {"type": "string"}}, "run": run}
    remote = {"name": "remote", "version": "1.0.0", "operations": {"work": operation}, "pool": {"concurrency": 4}}
    answer = client.send("POST", "/services", remote)
    assert answer.status == 201, answer
    return answer.json["operations"]["work"]["id"]


@pytest.mark.parametrize("fault", ["loss", "blackhole", "reset", "broken", "slow"])
def test_nothing_is_lost(world, start_agent, fault):
    retries = ("--webhooks-retries", ",".join(["1s"] * 60))
    agent = start_agent("--sandbox", "none", "--outbound-allow", "10.88.0.0/24", *retries)
    client = agent.client()
    secret = client.send("POST", "/webhooks/secret").json["secret"]
    work = client.register(ECHO, concurrency=2)
    far = register_endpoint(client, world)

    rules = {"loss": LOSS, "blackhole": BLACKHOLE, "reset": RESET, "broken": BROKEN}
    if fault == "slow":
        world.slow("64kbit")
    else:
        world.bother(rules[fault])
    hook = world.server.url("/hook")
    hooked = {client.accepted(work, f"hook {number}", Webhook_URL=hook) for number in range(JOBS)}
    called = {client.accepted(far, f"call {number}"): f"call {number}" for number in range(JOBS)}
    if fault in ("blackhole", "reset"):
        # Nothing arrives as long as it lasts; that attempts have failed meanwhile, the jobs of the far end tell.
        eventually(lambda: any(client.job(job)["attempts"] > 1 for job in called), within=20)
        assert world.server.hooks == [] and world.server.calls == []
    if fault in ("blackhole", "reset", "broken"):
        if fault == "broken":
            eventually(lambda: len(world.server.hooks) + len(world.server.calls) >= JOBS // 2, within=20)
        world.bother("")

    for job, word in called.items():
        assert client.result(job) == {"jobid": job, "status": "completed", "result": {"echo": word}}
    eventually(lambda: {told["data"]["jobid"] for told in map(body_of, world.server.hooks)} == hooked, within=60)
    for headers, body in world.server.hooks + world.server.calls:
        Webhook(secret).verify(body, headers)
    # One id for each job, whatever happened to its calls.
    ids = {(headers["webhook-id"], body_of((headers, body))["jobid"]) for headers, body in world.server.calls}
    assert ids == {(f"job_{job}", job) for job in called}
    world.bother("")
    agent.terminate()
    check_webhooks(agent.data, world.server.hooks)


def test_a_server_that_has_forgotten_a_call_is_called_again(world, start_agent):
    agent = start_agent("--sandbox", "none", "--outbound-allow", "10.88.0.0/24")
    client = agent.client()
    operation = register_endpoint(client, world)
    world.server.answers.clear()
    job = client.accepted(operation, "again")
    eventually(lambda: world.server.calls)
    # It goes down and comes up again, and the agent hears nothing of it.
    world.bother(BLACKHOLE)
    world.server.answers.set()
    assert world.server.forgotten.wait(20)
    world.bother("")
    assert client.result(job, within=45)["result"] == {"echo": "again"}
    assert client.job(job)["attempts"] == 2
    assert {headers["webhook-id"] for headers, _ in world.server.calls} == {f"job_{job}"}


def body_of(received: tuple[dict, bytes]) -> dict:
    return json.loads(received[1])
