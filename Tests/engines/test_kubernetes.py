"""Jobs on a Kubernetes cluster whose API, pods and network do what they should not."""

import base64
import io
import tarfile

import pytest

from kubernetes import Cluster
from proving import eventually
from running_agent import Client
from test_engines import attempts, log, program

SLOW = 'echo begun >&2; sleep 2; printf "%s" "$INVOKE_INPUT_WORD"'
JOBS, PODS, SECRETS = "/jobs", "/pods", "/secrets"


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return Cluster()


def register(client: Client, script: str, **run) -> str:
    definition = program("kubernetes", script)
    definition["run"] |= run
    return client.register(script, **definition)


@pytest.mark.parametrize(
    "rule",
    [
        {"method": "POST", "path": JOBS, "status": 503, "times": 2},
        {"method": "POST", "path": JOBS, "status": 429, "times": 1},
        {"method": "POST", "path": JOBS, "status": 0, "times": 2},
        {"method": "POST", "path": JOBS, "status": 0, "after": True, "times": 2},
        {"method": "POST", "path": SECRETS, "status": 500, "times": 2},
        {"method": "POST", "path": SECRETS, "status": 0, "after": True, "times": 1},
        {"method": "GET", "path": PODS, "status": 500, "times": 4},
        {"method": "GET", "path": PODS, "status": 401, "times": 4},
        {"method": "GET", "path": "watch=true", "status": 0, "after": True, "times": 3},
        {"method": "GET", "path": "/log?", "status": 0, "after": True, "times": 2},
        {"method": "GET", "path": "/log?", "status": 500, "times": 2},
    ],
    ids=lambda rule: " ".join(str(value) for value in rule.values()),
)
def test_a_job_ends_once_whatever_the_api_answers(start_agent, cluster, rule):
    client = start_agent().client()
    operation = register(client, SLOW)
    with cluster.faults(rule):
        job = client.accepted(operation, "a word")
        result = client.result(job)
    assert result["result"] == {"echo": "a word"}, result
    assert log(client, job) == "begun\na word"
    ended = [attempt for attempt in attempts(client, job) if "no engine" not in attempt["cause"]]
    assert [attempt["cause"] for attempt in ended] == ["succeeded"]
    eventually(lambda: not [item for kind in ("jobs", "pods", "secrets") for item in cluster.named(kind, job)])


def test_a_watch_that_is_too_old_is_begun_anew(start_agent, cluster):
    client = start_agent().client()
    job = client.accepted(register(client, SLOW), "a word")
    eventually(lambda: "begun" in log(client, job))
    cluster.send("POST", "/double/forget-history", {"all": True})
    assert client.result(job)["result"] == {"echo": "a word"}


@pytest.mark.parametrize("replace", [True, False], ids=["replaced", "not replaced"])
def test_a_pod_that_somebody_removes_is_another_attempt(start_agent, cluster, replace):
    """Clusters differ: some make another pod for the same Job, which must not run the program a second time."""
    client = start_agent().client()
    cluster.send("POST", "/double/settings", {"replace": replace})
    try:
        job = client.accepted(register(client, SLOW.replace("sleep 2", "sleep 4")), "a word")
        eventually(lambda: "begun" in log(client, job))
        cluster.send("DELETE", f'/api/v1/namespaces/default/pods/{cluster.named("pods", job)[0]["metadata"]["name"]}')
        assert client.result(job)["result"] == {"echo": "a word"}
    finally:
        cluster.send("POST", "/double/settings", {"replace": True})
    causes = [attempt["cause"] for attempt in attempts(client, job)]
    assert len(causes) == 2 and causes[-1] == "succeeded", causes


def test_an_image_that_is_none_ends_the_job_with_the_clusters_words(start_agent):
    client = start_agent().client()
    result = client.result(client.accepted(register(client, SLOW, image="localhost/NoImage:1"), "x"))
    assert result["errorcode"] == 8212 and "InvalidImageName" in result["description"], result


def test_nothing_of_a_job_is_told_to_the_cluster(start_agent, cluster):
    client = start_agent().client()
    operation = register(client, SLOW, environment={"KEY": "a-secret-of-the-service"})
    job = client.accepted(operation, "a-secret-of-the-consumer")
    assert client.result(job)["status"] == "completed"
    sent = [request for request in cluster.send("GET", "/double/requests") if f"-{job}-" in str(request)]
    assert {request["path"].rpartition("/")[2] for request in sent if request["method"] == "POST"} == {"jobs", "secrets"}
    assert "a-secret" not in str(sent)


def test_files_of_an_attempt_are_its_pods_alone(start_agent, cluster, folder):
    agent = start_agent()
    client = agent.client()
    job = client.accepted(register(client, SLOW.replace("sleep 2", "sleep 6")), "a word")
    eventually(lambda: "begun" in log(client, job))
    secret = cluster.named("secrets", job)[0]
    pod = cluster.named("pods", job)[0]["metadata"]["name"]
    token = base64.b64decode(secret["data"]["token"]).decode()
    path, mine = f"/attempts/{job}-1", Client(agent.url, f"Bearer {token}")
    assert mine.send("GET", f"{path}/inputs?place={pod}").status == 200
    assert mine.send("GET", f"{path}/inputs?place=another").status == 409
    for stranger in (client, Client(agent.url, "Bearer "), Client(agent.url, f"Bearer {token[:-1]}x")):
        assert stranger.send("GET", f"{path}/inputs?place={pod}").status == 404
        assert stranger.send("PUT", f"{path}/outputs", b"").status == 404
    assert mine.send("GET", f"/attempts/{job}-2/inputs?place={pod}").status == 404
    for name in ("../outside", "/outside", "outputs/../../outside", "run.sh", "token"):
        answer = mine.send("PUT", f"{path}/outputs", archive({name: b"x"}))
        assert (answer.status, answer.code) == (400, 8101), (name, answer)
    whole = archive({"exit": b"0\n", "output.log": b"", "errors.log": b"", "outputs/echo": b"forged"})
    for broken in (b"", b"no archive" * 100, whole[:600], archive({"exit": b"0\n"})):
        assert mine.send("PUT", f"{path}/outputs", broken).status == 400
    assert not list(folder.glob("**/outside"))
    assert client.result(job)["result"] == {"echo": "a word"}
    # It is forgotten once its end is written down.
    eventually(lambda: mine.send("GET", f"{path}/inputs?place={pod}").status == 404)
    assert mine.send("PUT", f"{path}/outputs", whole).status == 404


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return target.getvalue()
