"""What a call would come to, asked of the built program: `?dryrun=1` tells it and leaves everything as it is."""

import base64
import contextlib
import datetime
import sqlite3

from market import buy, consumer, offer
from oscar import eventually
from running_agent import Agent, Client

DIALECTS = ["/invokeasync", "/invoke", "/api/v1/invoke/async", "/api/v1/invoke/sync"]


def kept(agent: Agent) -> tuple[list[str], list[str]]:
    """Everything that the agent keeps: the rows of its database as SQL, and the files beside it."""
    with contextlib.closing(sqlite3.connect(f"file:{agent.data}/agent.sqlite?mode=ro", uri=True)) as database:
        rows = list(database.iterdump())
    files = [str(path) for path in agent.data.rglob("*") if path.is_file() and not path.name.startswith("agent.sqlite")]
    return rows, sorted(files)


def figures(client: Client) -> dict[str, str]:
    """What `/metrics` tells of jobs."""
    lines = client.send("GET", "/metrics").body.decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#") and "job" in line)


def test_nothing_that_the_agent_keeps_or_counts_changes(start_agent):
    agent = start_agent("--sandbox", "none", "--outbound-allow", "127.0.0.0/8")
    admin = agent.client()
    operation = admin.register("cat")
    carol = consumer(agent)
    token = buy(carol, admin, offer(admin, operation, uses=1))
    headers = {"Purchase_Token": token, "Idempotency_Key": "once", "Webhook_URL": "http://127.0.0.1:9999/hook"}
    before = kept(agent), figures(admin)
    assert any(row.startswith('INSERT INTO "purchases"') for row in before[0][0]) and before[1]
    for path in DIALECTS:
        good = carol.send("POST", f"{path}/{operation}?dryrun=1", {"word": "x"}, **headers)
        assert (good.status, good.json["accepted"], good.json["price"]["paid"]) == (200, True, True), good.body
        bad = carol.send("POST", f"{path}/{operation}?dryrun=yes", {"wort": "x"}, **headers)
        assert (bad.status, [refusal["errorcode"] for refusal in bad.json["refusals"]]) == (200, [8101]), bad
    assert (kept(agent), figures(admin)) == before
    # The token and the key are still there to be used.
    carol.accepted(operation, "x", **headers)
    assert kept(agent) != before[0]


def test_a_dry_run_of_a_script_keeps_nothing(start_cluster):
    cluster = start_cluster("--sandbox", "none")
    echo = cluster.create("echo", 'cat "$INPUT_FILE_PATH"')
    long = base64.b64encode(bytes(300 << 10))
    before = kept(cluster.agent)
    for path in ["/run/echo", "/job/echo"]:
        answer = cluster.send("POST", f"{path}?dryrun=1", long, f"Bearer {echo.token}")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json"), answer
        told = answer.json["inputs"]["input"]
        assert (answer.json["accepted"], told["size"], len(told["value"])) == (True, len(long), 256)
    assert kept(cluster.agent) == before
    assert echo.run(b"aGVsbG8=").body == b"hello\n"


def test_a_dry_run_tells_what_the_next_job_is_told(start_agent):
    client = start_agent("--sandbox", "none").client()
    operation = client.register("sleep 60", concurrency=1)
    jobs = [client.accepted(operation, "x")]
    eventually(lambda: client.job(jobs[0])["status"] == "running")
    jobs += [client.accepted(operation, "x") for _ in range(3)]
    told = client.send("POST", f"/invokeasync/{operation}?dryrun=1", {"word": "x"}).json
    assert (told["queue"]["position"], told["queue"]["capacity"]) == (4, 1000)
    jobs.append(client.accepted(operation, "x"))
    job = client.job(jobs[-1])
    assert job["waiting"] == {name: told["queue"][name] for name in ["reason", "detail", "ahead"]}
    ends = [datetime.datetime.fromisoformat(time) for time in (told["deadline"], job["deadline"])]
    assert datetime.timedelta() <= ends[1] - ends[0] < datetime.timedelta(minutes=1)
    for started in jobs:
        client.send("POST", f"/jobs/{started}/cancel")
