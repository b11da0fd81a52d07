"""T-CLOCK: when the machine's clock jumps, work goes on as if nothing had happened (promise O2)."""

import pathlib
import struct

import pytest

from gate import gate_in
from invariants import ECHO, check_file, check_webhooks, number
from proving import Watch, eventually, run

HOURS = 3600


class WallClock:
    """The time of day as an agent that is started with `environment` sees it; only `jump` makes it differ from ours."""

    def __init__(self, folder: pathlib.Path):
        shim, self._shift = folder / "clock_shim.so", folder / "clock_shift"
        run("gcc", "-shared", "-fPIC", "-O2", "-o", shim, pathlib.Path(__file__).with_name("clock_shim.c"))
        self._shift.write_bytes(struct.pack("q", 0))
        self.environment = {"LD_PRELOAD": str(shim), "CLOCK_SHIM": str(self._shift)}

    def jump(self, seconds: int):
        # In one write, so that nobody sees half of it.
        with self._shift.open("r+b", buffering=0) as shift:
            shift.write(struct.pack("q", seconds))


def program(script: str, **more) -> dict:
    return {"engine": "process", "command": ["sh", "work.sh"], "files": {"work.sh": script}, **more}


@pytest.mark.parametrize("jump", [2 * HOURS, -2 * HOURS], ids=["forwards", "backwards"])
def test_a_jump_of_the_clock_moves_no_deadline_no_lease_no_retry_and_no_webhook(start_agent, folder, receiver, jump):
    clock, lease, flag = WallClock(folder), 3, folder / "flag"
    agent = start_agent("--sandbox", "none", "--lease", f"{lease}s", environment=clock.environment)
    client = agent.client()
    with gate_in(folder) as gate:
        held = client.register(gate.script, name="held", concurrency=1)
        running, waiting = client.accepted(held, "running"), client.accepted(held, "waiting")
        retried = client.accepted(
            client.register("", name="retried", run=program(f"[ -e {flag} ] || exit 1; {ECHO}", retries=10)), "retried"
        )
        # By now it is tried again within 4 s.
        eventually(lambda: client.job(retried)["attempts"] == 3)
        receiver.answers.put(500)
        told = client.accepted(client.register(ECHO, name="told"), "told", Webhook_URL=receiver.url)
        first = receiver.received.get(timeout=20)
        eventually(lambda: number(agent.data, "SELECT attempts FROM deliveries") == 1)
        hanging = client.register("", name="hanging", run=program("sleep 1000", timeout="3s"))
        hanging = client.accepted(hanging, "hanging")
        assert client.job(running)["status"] == "running"

        def ask():
            assert asking.send("GET", "/health").status == 200

        asking = agent.client(timeout=20)
        asked = Watch(ask, pause=0.01)
        clock.jump(jump)
        flag.touch()
        assert client.result(retried, within=30)["result"] == {"echo": f"retried {client.job(retried)['attempts']}"}
        assert client.result(hanging, within=30)["errorcode"] == 8200
        second = receiver.received.get(timeout=30)
        # The second attempt says the new time, and that it came 5 s ± 10 % after the first.
        sent = [int(headers["webhook-timestamp"]) for headers, _ in (first, second)]
        assert lease < sent[1] - sent[0] - jump < 30
        asked.stop()

        assert [client.job(job)["status"] for job in (running, waiting)] == ["running", "scheduled"]
        gate.let(2)
        acknowledged = {running: "running", waiting: "waiting", retried: "retried", told: "told"}
        for job, word in acknowledged.items():
            assert client.result(job, within=30)["result"] == {"echo": f"{word} {client.job(job)['attempts']}"}
        assert [client.job(job)["attempts"] for job in (running, waiting, told)] == [1, 1, 1]
        assert "\ninvoke_agent_leases_expired_total 0\n" in client.send("GET", "/metrics").body.decode()
    assert agent.terminate() == 0
    check_file(agent.data, acknowledged)
    check_webhooks(agent.data, [first, second])
    assert receiver.received.empty()
    assert number(agent.data, "SELECT error_code FROM jobs WHERE id = ?", int(hanging)) == 8200
