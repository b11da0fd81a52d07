"""T-PAGE: a walk through the pages of a list meets what was there throughout once, whatever comes and goes (promise I5)."""

import threading

from filling import figure, fill_ended
from invariants import ECHO
from proving import eventually

HOUR = 3600


def walk(client, path: str, name: str, limit: int):
    """All items of a list, page by page."""
    cursor = ""
    while True:
        page = client.send("GET", f"{path}?limit={limit}{cursor}")
        assert page.status == 200
        assert len(page.json[name]) <= limit
        yield from page.json[name]
        if "next_cursor" not in page.json:
            return
        assert len(page.json[name]) == limit
        cursor = f"&cursor={page.json['next_cursor']}"


class Meanwhile:
    """Does something again and again in a thread of its own while the block runs."""

    def __init__(self, *actions):
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(action,)) for action in actions]

    def _run(self, action):
        while not self._over.is_set():
            action()

    def __enter__(self):
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_jobs_are_met_once_while_others_are_added_removed_and_pruned(start_agent):
    agent = start_agent("--sandbox", "none")
    operation = agent.client().register(ECHO)
    assert agent.terminate() == 0
    staying = fill_ended(agent.data, operation, 400, ended=20 * HOUR)
    going = fill_ended(agent.data, operation, 400, ended=23 * HOUR)
    fill_ended(agent.data, operation, 2_000, ended=25 * HOUR)

    agent = start_agent("--sandbox", "none", "--pending-per-caller", "100000")
    client, adding, removing = agent.client(), agent.client(), agent.client()
    removed = iter(going)
    with Meanwhile(
        lambda: adding.accepted(operation, "new"),
        lambda: (job := next(removed, None)) and removing.send("DELETE", f"/jobs/{job}"),
    ):
        for _ in range(3):
            met = [job["jobid"] for job in walk(client, "/jobs", "jobs", 7)]
            assert len(met) == len(set(met))
            assert met == sorted(met, key=int, reverse=True)
            assert set(staying) <= set(met)
    eventually(lambda: figure(client, "jobs_pruned_total") == 2_000, within=60)
    assert client.send("GET", "/jobs?limit=201").code == client.send("GET", "/jobs?limit=0").code == 8103


def test_services_and_operations_are_met_once_while_others_come_and_go(start_agent):
    agent = start_agent()
    client, adding = agent.client(), agent.client()
    staying = [f"staying-{place}" for place in range(60)]
    for name in staying:
        client.register(ECHO, name=name)
    numbers = iter(range(10_000))

    def come_and_go():
        name = f"passing-{next(numbers)}"
        adding.register(ECHO, name=name)
        assert adding.send("DELETE", f"/services/{name}").status == 204

    with Meanwhile(come_and_go):
        for _ in range(3):
            services = [service["name"] for service in walk(client, "/services", "services", 7)]
            assert len(services) == len(set(services))
            assert set(staying) <= set(services)
            operations = [operation["did"] for operation in walk(client, "/operations", "operations", 7)]
            assert len(operations) == len(set(operations)) and len(operations) >= len(staying)
