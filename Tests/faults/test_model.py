"""T-MODEL: whatever callers do in whatever order, and however often the agent dies, it does what a small model says
(J1, J2, J5, J8, I1, I2).

Hypothesis draws the order. The model knows of a job what was asked of it, and of its end only what it has seen: from
then on it must never change.
"""

import dataclasses
import uuid

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from invariants import ECHO, check_file
from proving import size
from running_agent import Answer, Client

SCRIPTS = {"echo": ECHO, "fail": "exit 3", "hang": "sleep 1000"}
ATTEMPTS = 3
# What is said of a job's end, wherever it is said.
FACTS = ["status", "result", "errorcode", "description", "attempts", "created", "started", "ended"]


class World:
    """The agent that all runs share; each run has words and keys of its own."""

    def __init__(self, start_agent):
        self._start = start_agent
        self.agent = start_agent("--sandbox", "none")
        self.token = self.agent.token
        self.client = Client(self.agent.url, self.token)
        self.operations = {
            kind: self.client.register(script, name=kind, concurrency=32 if kind == "hang" else 2)
            for kind, script in SCRIPTS.items()
        }
        self.stored: set[str] = set()

    def kill(self):
        self.agent.kill()
        self.agent = self._start("--sandbox", "none")
        self.client = Client(self.agent.url, self.token)


@dataclasses.dataclass
class Job:
    """What the model knows of a job."""

    id: str
    kind: str
    word: str
    is_cancel_asked: bool = False
    is_removed: bool = False
    # How often the agent died while the job was not known to have ended.
    kills: int = 0
    end: dict | None = None

    @property
    def can_have_ended(self) -> bool:
        return self.kind != "hang" or self.is_cancel_asked or self.kills >= ATTEMPTS

    def check_end(self, body: dict):
        end = {fact: body.get(fact) for fact in FACTS}
        if self.end is not None:
            assert end == self.end, "an ended job has changed"
            return
        self.end = end
        match body["status"]:
            case "succeeded":
                assert self.kind == "echo"
                assert body["result"] == {"echo": f"{self.word} {body['attempts']}"}
            case "cancelled":
                assert self.is_cancel_asked and body["errorcode"] == 8208
            case "failed":
                assert body["errorcode"] == 8207 and self.kills >= ATTEMPTS or (
                    body["errorcode"] == 8005 and self.kind == "fail"
                )
            case status:
                raise AssertionError(f"{status} is no end")


class Callers(RuleBasedStateMachine):
    world: World
    jobs = Bundle("jobs")
    kinds = st.sampled_from(["echo", "echo", "fail", "hang"])

    def __init__(self):
        super().__init__()
        self.run = uuid.uuid4().hex[:8]
        self.known: dict[str, Job] = {}
        self.keys: dict[tuple[str, str], Job] = {}

    def send(self, method: str, path: str) -> Answer:
        return self.world.client.send(method, path)

    def accept(self, answer: Answer, kind: str, word: str) -> Job:
        assert answer.status == 201, answer
        job = Job(answer.json["jobid"], kind, word)
        assert job.id not in self.known
        self.known[job.id] = job
        self.world.stored.add(job.id)
        return job

    @rule(target=jobs, kind=kinds)
    def submit(self, kind):
        return self.accept(self.world.client.invoke(self.world.operations[kind], self.run), kind, self.run)

    @rule(target=jobs, kind=kinds, key=st.sampled_from("ab"), word=st.sampled_from("xy"))
    def submit_with_a_key(self, kind, key, word):
        word = f"{self.run}-{word}"
        answer = self.world.client.invoke(self.world.operations[kind], word, Idempotency_Key=f"{self.run}-{key}")
        earlier = self.keys.get((kind, key))
        if earlier is None or earlier.is_removed:
            self.keys[kind, key] = self.accept(answer, kind, word)
        elif earlier.word == word:
            assert (answer.status, answer.json["jobid"]) == (201, earlier.id)
            assert answer.headers["Idempotency-Replayed"] == "true"
        else:
            assert (answer.status, answer.code) == (422, 8134)
        return self.keys[kind, key]

    @rule(job=jobs)
    def look(self, job):
        answer = self.send("GET", f"/jobs/{job.id}")
        if job.is_removed:
            assert (answer.status, answer.code) == (404, 8001)
        elif answer.json["status"] in ("scheduled", "running"):
            assert job.end is None
        else:
            job.check_end(answer.json)

    @rule(job=jobs)
    def cancel(self, job):
        job.is_cancel_asked = job.is_cancel_asked or job.end is None
        answer = self.send("POST", f"/jobs/{job.id}/cancel")
        if job.is_removed:
            assert (answer.status, answer.code) == (404, 8001)
        elif answer.status == 200:
            job.check_end(answer.json)
            assert answer.json["status"] == "cancelled"
        elif answer.status == 202:
            assert job.end is None
        else:
            assert (answer.status, answer.code) == (409, 8131)
            self.look(job)
            assert job.end and job.end["status"] != "cancelled"

    @rule(target=jobs, job=jobs)
    def retry(self, job):
        answer = self.send("POST", f"/jobs/{job.id}/retry")
        if job.is_removed:
            assert (answer.status, answer.code) == (404, 8001)
        elif answer.status == 409:
            assert answer.code == 8131 and job.end is None
        else:
            assert job.can_have_ended
            return self.accept(answer, job.kind, job.word)
        return job

    @rule(job=jobs)
    def remove(self, job):
        answer = self.send("DELETE", f"/jobs/{job.id}")
        if job.is_removed:
            assert (answer.status, answer.code) == (404, 8001)
        elif answer.status == 204:
            assert job.can_have_ended
            job.is_removed = True
            self.world.stored.discard(job.id)
        else:
            assert (answer.status, answer.code) == (409, 8131)
            assert job.end is None

    @rule(luck=st.integers(0, 3))
    def kill(self, luck):
        # A start takes longer than all the rest, so it happens more rarely.
        if luck:
            return
        self.world.kill()
        for job in self.known.values():
            if job.end is None:
                job.kills += 1

    def teardown(self):
        """All jobs end, and everything is still as it was seen."""
        for job in self.known.values():
            if job.kind == "hang" and not job.is_removed:
                self.cancel(job)
        for job in self.known.values():
            if not job.is_removed:
                self.world.client.result(job.id, within=40)
            self.look(job)
        listed = {job["jobid"] for job in self.send("GET", "/jobs?limit=200").json["jobs"]}
        assert {job.id for job in self.known.values() if not job.is_removed} <= listed
        assert listed.isdisjoint(job.id for job in self.known.values() if job.is_removed)


def test_the_agent_does_what_the_model_says(start_agent):
    world = World(start_agent)
    machine = type("Callers", (Callers,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=size(100, 5000),
            stateful_step_count=8,
            deadline=None,
            database=None,
            derandomize=size(True, False),
            # What happened once need not happen again, so nothing is made smaller.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert world.agent.terminate() == 0
    check_file(world.agent.data, world.stored)
