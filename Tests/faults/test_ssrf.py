"""T-SSRF: nobody reaches into the agent's own network through it: by a webhook, as a provider, or as the checker of
purchase tokens (promise S4).

The agent is in a network of its own. One cable leads to the public: a real address of the internet that is on the other
end of that cable only. All private addresses lead to a network that counts every packet that arrives.
"""

import base64
import contextlib
import dataclasses
import os
import socket
import subprocess
import threading

import pytest

from invariants import ECHO
from name_server import NameServer
from networks import Network, connect, resolving_by
from proving import eventually
from running_agent import PROGRAM, scratch_folder

PUBLIC = "93.184.215.14"
INSIDE = "10.77.0.9"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()

# Refused by their text alone, before anybody is asked.
HOSTILE = [
    # No https URL.
    "ftp://public.example/", "file:///etc/passwd", "gopher://10.77.0.9:6379/_INFO", "javascript://public.example/",
    "unix:///run/docker.sock", "dict://10.77.0.9:11211/", "data:text/plain,x", "//10.77.0.9/", "10.77.0.9",
    "https:10.77.0.9", "https:/10.77.0.9", "https:///10.77.0.9", "https:\\\\10.77.0.9\\", "https://",
    "https://?10.77.0.9",
    # Plain http, wherever it leads.
    f"http://{PUBLIC}/", "http://10.77.0.9/",
    # Parts that readers of URLs disagree on.
    "https://public.example@10.77.0.9/", "https://10.77.0.9@public.example/", "https://a:b@public.example/",
    "https://10.77.0.9#@public.example/", "https://public.example#.evil.example/",
    "https://public.example\\@10.77.0.9/", "https://10.77.0.9\\.public.example/",
    "https://10.77.0.9%2f@public.example/", "https://%31%30.77.0.9/", "https://10.77.0.9%00.public.example/",
    "https://10.77.0.9%0a.public.example/", "https://public.example/%zz", "https://public.example /",
    " https://public.example/", "https://public.\texample/", "https://public.example\n/",
    "https://public.example/\r\nHost: inside.example", "https://public.example/\x7f",
    # IPv4 in disguise.
    "https://172818441/", "https://0x0a4d0009/", "https://01223200011/", "https://0xa.0x4d.0.9/",
    "https://012.0115.0.011/", "https://10.77.9/", "https://10.5046281/", "https://127.1/", "https://0/",
    "https://10.77.0.9./", "https://10.77.0.09/", "https://10.077.0.9/", "https://10。77。0。9/", "https://10．77．0．9/",
    "https://１０.77.0.9/", "https://①⓪.77.0.9/", "https://10.77.0.0x9/", "https://+10.77.0.9/",
    "https://10.77.0.265/",
    # Networks that are not public.
    "https://10.77.0.9/", "https://10.77.0.9:8443/", "https://127.0.0.1/", "https://0.0.0.0/",
    "https://100.64.0.9/", "https://169.254.169.254/latest/meta-data/", "https://172.16.0.9/",
    "https://192.168.0.9/", "https://192.0.0.192/", "https://198.18.0.9/", "https://198.51.100.9/",
    "https://203.0.113.9/", "https://224.0.0.1/", "https://255.255.255.255/",
    # IPv6, and IPv4 inside of it.
    "https://[::1]/", "https://[::]/", "https://[fd77::9]/", "https://[fe80::1]/", "https://[fe80::1%25cable]/",
    "https://[ff02::1]/", "https://[::ffff:10.77.0.9]/", "https://[::ffff:a4d:9]/", "https://[::10.77.0.9]/",
    "https://[::ffff:0:10.77.0.9]/", "https://[64:ff9b::10.77.0.9]/", "https://[64:ff9b:1::a4d:9]/",
    "https://[2002:a4d:9::1]/", "https://[2001:0:a4d:9::1]/", "https://[2001:0:808:808::f5b2:fff6]/",
    "https://[2001:db8::9]/", "https://[fec0::9]/", "https://[10.77.0.9]/", "https://[::1/", "https://fd77::9/",
    # Names and ports that are none.
    "https://public.example./", "https://public..example/", "https://-public.example/", "https://püblic.example/",
    "https://public。example/", "https://public.example:/", "https://public.example:0/",
    "https://public.example:65536/", "https://public.example:0443/", "https://public.example:22/",
    "https://public.example:25/", "https://public.example:443:80/",
]

# What the resolver says decides.
TURNED = {
    "inside.example": [[INSIDE]],
    "metadata.example": [["169.254.169.254"]],
    "loopback.example": [["127.0.0.1"]],
    "carrier.example": [["100.64.0.9"]],
    "mapped.example": [["::ffff:10.77.0.9"]],
    "local.example": [["fd77::9"]],
    "translated.example": [["64:ff9b::a4d:9"]],
    "tunnel.example": [["2002:a4d:9::1"]],
    "mixed.example": [[PUBLIC, INSIDE]],
    "mixed6.example": [[PUBLIC, "fd77::9"]],
    "nothing.example": [[]],
}

# Public when it is looked up first, inside from then on.
REBINDING = {f"rebinding-{user}.example": [[PUBLIC], [INSIDE]] for user in ("webhook", "provider", "checker")}


class PublicServer:
    """Notes which names TLS clients ask for on port 443, and hangs up on all of them."""

    def __init__(self):
        self.greetings: list[bytes] = []
        self.socket = socket.create_server((PUBLIC, 443))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    self.greetings.append(connection.recv(4096))

    def met(self, name: str) -> int:
        return sum(name.encode() in greeting for greeting in self.greetings)

    def close(self):
        self.socket.close()


@dataclasses.dataclass
class World:
    home: Network
    inside: Network
    public: PublicServer
    names: NameServer

    def reached_inside(self) -> int:
        return self.inside.counted("arrived")


@pytest.fixture
def world():
    """Puts this thread into the network of the agent."""
    with contextlib.ExitStack() as ends:
        home, inside, outside = [Network() for _ in range(3)]
        for network in (home, inside, outside):
            ends.callback(network.close)
        private = ["10.77.0.9/24", "fd77::9/64"]
        cable, end = connect(home, ["10.77.0.1/24", "fd77::1/64"], inside, private)
        connect(home, ["93.184.215.1/24"], outside, [f"{PUBLIC}/24"])
        for route in ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/8", "198.18.0.0/15"):
            home.run(f"ip route add {route} via {INSIDE}")
        for route in ("64:ff9b::/32", "2002::/16", "2001::/23", "::/96"):
            home.run(f"ip -6 route add {route} via fd77::9")
        inside.rules(
            f"""
            table inet watch {{
                counter arrived {{}}
                chain arriving {{
                    type filter hook prerouting priority -300;
                    iifname "{end}" meta l4proto {{ tcp, udp }} counter name arrived
                }}
            }}
            """
        )
        with outside.entered():
            public = PublicServer()
        ends.callback(public.close)
        ends.enter_context(home.entered())
        names = NameServer({**TURNED, **REBINDING, "public.example": [[PUBLIC]]})
        ends.callback(names.close)
        world = World(home, inside, public, names)
        check_the_counter(world)
        yield world


def check_the_counter(world: World):
    """Whoever does reach inside is counted, by each of the ways there; the count begins anew afterwards."""
    ways = [INSIDE, "169.254.169.254", "100.64.0.9", "fd77::9", "64:ff9b::a4d:9", "2002:a4d:9::1"]
    for count, address in enumerate(ways, 1):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.sendto(b"x", (address, 443))
        eventually(lambda: world.reached_inside() == count, within=5)
    world.inside.run("nft reset counters")


def refused_by_the_checker(urls: list[str], folder) -> list[str]:
    """Those of the URLs that no agent starts with."""
    refused = []
    for url in urls:
        ran = subprocess.run(
            [PROGRAM, "serve", "--port", "0", "--data-dir", folder / "data", "--tokens-checker", url],
            env={**os.environ, "INVOKE_AGENT_TOKENS_CHECKER_SECRET": SECRET, "SWIFT_BACKTRACE": "enable=no"},
            capture_output=True,
            timeout=20,
        )
        if ran.returncode == 78 and b"tokens.checker" in ran.stderr:
            refused.append(url)
    return refused


def endpoint(url: str, name: str = "remote") -> dict:
    run = {"engine": "http", "url": url, "timeout": "20s"}
    operation = {"inputs": {"word": {"type": "string"}}, "outputs": {"echo": {"type": "string"}}, "run": run}
    return {"name": name, "version": "1.0.0", "operations": {"work": operation}, "pool": {"concurrency": 32}}


def test_a_hostile_url_is_refused_by_its_text(world, start_agent):
    assert len(HOSTILE) >= 60
    agent = start_agent("--sandbox", "none", "--outbound-allow", "")
    client = agent.client()
    work = client.register(ECHO)
    taken = []
    for url in HOSTILE:
        # A header can't hold line ends at all, nor spaces around its value.
        if url == url.strip() and not any(character in url for character in "\n\r\t\x7f"):
            answer = client.invoke(work, "x", Webhook_URL=url.encode().decode("latin-1"))
            if answer.code not in (8103, 8170, 8171):
                taken.append(("webhook", url, answer))
        answer = client.send("POST", "/services", endpoint(url))
        if answer.code != 8102 or answer.json["errors"][0]["pointer"] != "#/operations/work/run/url":
            taken.append(("provider", url, answer))
    assert taken == []
    with scratch_folder() as folder:
        assert refused_by_the_checker(HOSTILE, folder) == HOSTILE
    assert world.reached_inside() == 0
    assert world.public.greetings == [] and sum(world.names.asked.values()) == 0


def test_a_name_that_leads_inside_is_never_called(world, start_agent, folder):
    prefix = resolving_by(folder)
    agent = start_agent("--sandbox", "none", "--outbound-allow", "", prefix=prefix)
    client = agent.client()
    work = client.register(ECHO, concurrency=32)

    # Webhooks: taken, because the name alone says nothing; then looked up before each attempt.
    names = [*TURNED, "localhost"]
    for name in [*names, "public.example", "rebinding-webhook.example"]:
        client.accepted(work, "x", Webhook_URL=f"https://{name}/hook")

    # Providers.
    jobs = {}
    for number, name in enumerate([*names, "nowhere.example", "public.example", "rebinding-provider.example"]):
        answer = client.send("POST", "/services", endpoint(f"https://{name}/jobs", f"remote-{number}"))
        assert answer.status == 201, answer
        jobs[name] = client.accepted(answer.json["operations"]["work"]["id"], "x")
    codes = {name: client.result(job)["errorcode"] for name, job in jobs.items()}
    assert codes.pop("public.example") == 8209
    assert set(codes.values()) == {8210}, codes
    for job in jobs.values():
        assert "example" not in client.result(job)["description"], "the consumer is told where the provider is"
    assert world.public.met("rebinding-provider.example") == 1
    assert world.names.asked["rebinding-provider.example"] == 2

    # The second attempt at a webhook comes after some seconds.
    eventually(lambda: world.names.asked["rebinding-webhook.example"] >= 2, within=20)
    eventually(lambda: world.public.met("public.example") >= 4, within=20)
    assert world.public.met("rebinding-webhook.example") == 1
    assert all(world.names.asked[name] >= 2 for name in TURNED), world.names.asked
    assert not any(world.public.met(name) for name in TURNED)
    assert world.reached_inside() == 0


def test_a_checker_that_turns_inwards_is_never_called(world, start_agent):
    for name, met in [("mixed.example", 0), ("inside.example", 0), ("rebinding-checker.example", 1)]:
        with scratch_folder() as folder:
            agent = start_agent(
                "--sandbox", "none", "--outbound-allow", "", "--tokens-checker", f"https://{name}/check",
                at=folder,
                prefix=resolving_by(folder),
                environment={"INVOKE_AGENT_TOKENS_CHECKER_SECRET": SECRET},
            )
            client = agent.client()
            priced = client.register(ECHO, price={"amount": "1", "currency": "OCEAN"})
            consumer = agent.client()
            consumer.authorization = agent.account("ada")
            for turn in (1, 2):
                answer = consumer.invoke(priced, "x", Purchase_Token="a voucher of somebody else")
                assert (answer.status, answer.code) == (503, 8162), answer
                assert world.names.asked[name] == turn
            assert world.public.met(name) == met
            agent.kill()
    assert world.reached_inside() == 0
