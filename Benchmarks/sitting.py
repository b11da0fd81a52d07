"""What the figures share: the folders, the agents that are started on them, and the numbers of rounds."""

import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

import store
from machine import Agent, NotMeasured, Program, sync_files
from provenance import Lineage

TEXT = {"text": "the quick brown fox"}
BODY = json.dumps(TEXT)


def service(name: str, command: list[str], text: dict, **pool) -> dict:
    """A service with one operation of its own name, that takes a text."""
    operation = {
        "inputs": {"text": {"type": "string", "max_length": 100, **text}},
        "outputs": {"said": {"type": "string"}},
        "run": {"engine": "process", "command": command, "timeout": "12h"},
    }
    return {"name": name, "version": "1.0.0", "operations": {name: operation}, "pool": pool}


# The first job of `park` holds its only slot for ever, so that all others wait. Those of `noop` do nothing.
SERVICES = [
    service("park", ["sleep", "43000"], {"pattern": "^[a-z ]+$"}, concurrency=1),
    service("noop", ["true"], {"required": False}, concurrency=8),
    service("narrow", ["true"], {"required": False}, concurrency=8, queue=16),
]


class Sitting:
    """One run of the benchmark: every figure is measured in it, beside its ceiling."""

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path):
        self.jobs = int(os.environ.get("BENCH_JOBS") or 1_000_000)
        self.seconds = int(os.environ.get("BENCH_SECONDS") or 3)
        self.rounds = int(os.environ.get("BENCH_ROUNDS") or 5)
        self.pending = min(10_000, self.jobs // 10)
        self.agent_program, self.bench_program = programs / "invoke-agent", programs / "invoke-bench"
        self.folder = folder

    @functools.cached_property
    def operations(self) -> dict[str, str]:
        """The ids of the operations in every store, by their names."""
        return self._template[1]

    @functools.cached_property
    def _template(self) -> tuple[pathlib.Path, dict[str, str]]:
        """A store with the services, a finished job of `noop`, and jobs of `park`, of which all but one wait."""
        folder = self.folder / "template"
        folder.mkdir()
        with Agent(self.agent_program, folder) as agent:
            operations = {}
            for definition in SERVICES:
                _, _, body = agent.call("/services", definition)
                name = definition["name"]
                operations[name] = json.loads(body)["operations"][name]["id"]
            answer = json.loads(agent.call(f"/invoke/{operations['noop']}", TEXT)[2])
            if answer["status"] != "completed":
                raise NotMeasured(f"a job that does nothing ended so: {answer}")
            for _ in range(2):
                agent.call(f"/invokeasync/{operations['park']}", TEXT)
        store.raise_queues(folder / "data/agent.sqlite", kept="narrow")
        return folder, operations

    def fresh(self, sandbox: str = "bubblewrap"):
        """An agent on a store of its own that holds next to nothing."""
        return self._on_copy(self._template[0], sandbox)

    def fresh_filled(self):
        """An agent on a store of its own that holds all the jobs."""
        return self._on_copy(self._filled[0], "bubblewrap")

    @contextlib.contextmanager
    def on_engines(self):
        """An agent with every engine there is, and the operations that do nothing there, by their engines' names.

        Kubernetes is among them where the environment names a cluster that `scripts/kubernetes-cluster` has brought up.
        """
        # podman takes no longer a path than this makes.
        folder = pathlib.Path(tempfile.mkdtemp(prefix="engines-"))
        tool = pathlib.Path(__file__).resolve().parents[1] / "scripts/test-engines"
        told = subprocess.run([tool, "up", folder], stdout=subprocess.PIPE, text=True, check=True).stdout
        place = dict(re.findall(r"export (\w+)='(.*)'", told))
        shared = pathlib.Path(place["INVOKE_TEST_SLURM"]) / "shared"
        slots = {"process": 8, "container": 8, "slurm": 64}
        settings = {
            "engines.container.socket": place["INVOKE_TEST_CONTAINER_SOCKET"],
            "engines.container.image": place["INVOKE_TEST_CONTAINER_IMAGE"],
            "engines.slurm.url": f"unix:{place['INVOKE_TEST_SLURM']}/rest", "engines.slurm.folder": shared,
        }
        if cluster := os.environ.get("INVOKE_TEST_KUBERNETES"):
            image = os.environ["INVOKE_TEST_KUBERNETES_IMAGE"]
            settings |= {
                # Where pods reach it.
                "host": os.environ["INVOKE_TEST_KUBERNETES_HOST"], "engines.kubernetes.config": f"{cluster}/kubeconfig",
                "engines.kubernetes.image": image, "engines.kubernetes.transfer_image": image,
            }
            slots["kubernetes"] = 8
        settings["engines.allowed"] = ",".join(slots)
        try:
            (self.folder / "on-engines").mkdir()
            with Agent(self.agent_program, self.folder / "on-engines", more=settings) as agent:
                operations = {}
                for engine, concurrency in slots.items():
                    definition = service(f"noop-{engine}", ["true"], {"required": False}, concurrency=concurrency)
                    # Small, so that a cluster starts as many as there are slots.
                    run = {"engine": engine, "resources": {"cpus": 0.1, "memory": "64MiB"}}
                    definition["operations"][f"noop-{engine}"]["run"] |= run
                    answer = json.loads(agent.call("/services", definition)[2])
                    operations[engine] = answer["operations"][f"noop-{engine}"]["id"]
                yield agent, operations
        finally:
            subprocess.run([tool, "down", folder], stdout=subprocess.DEVNULL, check=True)

    @contextlib.contextmanager
    def _on_copy(self, source: pathlib.Path, sandbox: str):
        folder = self.folder / f"copy-{time.monotonic_ns()}"
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("stderr-*", "work"))
        # What waits to be written would be in the way of the syncs that are measured.
        sync_files(folder)
        try:
            with Agent(self.agent_program, folder, sandbox) as agent:
                yield agent
        finally:
            shutil.rmtree(folder)

    @functools.cached_property
    def _filled(self) -> tuple[pathlib.Path, int]:
        folder = self.folder / "filled"
        shutil.copytree(self._template[0], folder, ignore=shutil.ignore_patterns("stderr-*", "work"))
        first = store.fill(folder / "data/agent.sqlite", self.jobs - self.pending, self.pending)
        return folder, first

    @property
    def first_finished(self) -> int:
        """The millisecond of the first finished job's id in the filled store."""
        return self._filled[1]

    def filled(self) -> Agent:
        """An agent on the one store that holds all the jobs."""
        return Agent(self.agent_program, self._filled[0])

    def lineage(self) -> Lineage:
        """A store of its own in which all the jobs made assets."""
        return Lineage(self.agent_program, self._template[0], self.folder / "lineage", self.jobs)

    @contextlib.contextmanager
    def bare(self, agent: Agent):
        """Bare Hummingbird that gives this agent's answers: the same statuses, headers and bytes."""
        job = store.ask(agent.database, "SELECT id FROM jobs WHERE state = 'succeeded' LIMIT 1")
        answers = {}
        for name, path, body in [
            ("accept", f"/invokeasync/{self.operations['park']}", TEXT),
            ("read", f"/jobs/result/{job}", None),
        ]:
            status, headers, content = agent.call(path, body)
            kept = {k: v for k, v in headers.items() if k.lower() not in ("content-length", "date", "connection")}
            answers[name] = {"status": status, "headers": kept, "body": content.decode()}
        path = self.folder / "answers.json"
        path.write_text(json.dumps(answers))
        with Program([self.bench_program, "serve", path], self.folder) as server:
            yield server

    def alternate(self, *measures) -> list[float]:
        """Measures each in turn, as often as there are rounds; their medians."""
        rounds = [[measure() for measure in measures] for _ in range(self.rounds)]
        return [statistics.median(column) for column in zip(*rounds)]
