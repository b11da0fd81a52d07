"""T-PRUNE: ended jobs go when their time is over, and the file stops growing (promise O3)."""

import json
import socket

import commands
from filling import figure, fill_ended
from invariants import ECHO, check_file, number
from proving import eventually, size

HOUR = 3600


def prune(start_agent, expected: int):
    """Lets an agent prune until it has removed as many jobs as expected; returns the size of its file afterwards."""
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    eventually(lambda: figure(client, "jobs_pruned_total") >= expected, within=300)
    eventually(lambda: number(agent.data, "PRAGMA freelist_count") <= 1024, within=60)
    assert figure(client, "jobs_pruned_total") == expected
    assert agent.terminate() == 0
    check_file(agent.data)
    return (agent.data / "agent.sqlite").stat().st_size


def test_old_jobs_go_young_ones_stay_and_the_file_stops_growing(start_agent):
    agent = start_agent("--sandbox", "none")
    operation = agent.client().register(ECHO)
    assert agent.terminate() == 0
    jobs = size(20_000, 200_000)
    young = fill_ended(agent.data, operation, 500, ended=23 * HOUR)
    sizes = []
    for _ in range(3):
        fill_ended(agent.data, operation, jobs, ended=25 * HOUR + len(sizes) * HOUR, log=500)
        full = (agent.data / "agent.sqlite").stat().st_size
        sizes.append(prune(start_agent, jobs))
        assert sizes[-1] < full / 2
    assert number(agent.data, "SELECT count(*) FROM jobs") == len(young)
    for table in ["attempts", "job_events"]:
        stray = f"SELECT count(*) FROM {table} WHERE job_id NOT IN (SELECT id FROM jobs)"
        assert number(agent.data, stray) == 0
    # Within the space that is kept for new rows, 1,024 pages.
    assert max(sizes) - min(sizes) <= 2 * 1024 * 4096


def test_pruned_jobs_are_unknown_and_their_assets_stay(start_agent):
    agent = start_agent("--keep-succeeded", "2s")
    client = agent.client()
    operation = client.register(
        'printf made > "$INVOKE_OUTPUT_DIR/file"', outputs={"file": {"type": "asset", "content_type": "text/plain"}}
    )
    job = client.accepted(operation, "x")
    asset = client.result(job)["result"]["file"]["did"].split("/")[-1]
    eventually(lambda: client.send("GET", f"/jobs/{job}").status == 404, within=30)
    assert client.send("GET", f"/jobs/result/{job}").code == 8001
    assert client.send("GET", f"/api/v1/assets/{asset}").body == b"made"


def test_a_job_whose_webhook_cannot_be_reached_is_kept(start_agent):
    agent = start_agent("--keep-succeeded", "3s")
    client = agent.client()
    operation = client.register(ECHO)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    kept = client.accepted(operation, "x", Webhook_URL=f"http://127.0.0.1:{port}/")
    gone = client.accepted(operation, "x")
    for job in [kept, gone]:
        client.result(job)
    eventually(lambda: client.send("GET", f"/jobs/{gone}").status == 404, within=30)
    assert client.job(kept)["status"] == "succeeded"


def test_an_operator_prunes_the_folder_of_a_stopped_agent(start_agent):
    def prune(*options: str) -> dict:
        ran = commands.run("admin", "prune", "--output", "json", "--data-dir", agent.data, *options)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    agent = start_agent("--sandbox", "none")
    operation = agent.client().register(ECHO)
    assert agent.terminate() == 0
    fill_ended(agent.data, operation, 1_500, ended=10 * 24 * HOUR, log=500)
    fill_ended(agent.data, operation, 200, ended=3 * 24 * HOUR)
    assert prune("--dry-run") == {"jobs": 1_700, "dry_run": True}
    assert prune("--succeeded", "7d", "--dry-run") == {"jobs": 1_500, "dry_run": True}
    assert number(agent.data, "SELECT count(*) FROM jobs") == 1_700
    assert prune("--succeeded", "7d") == {"jobs": 1_500, "dry_run": False}
    assert number(agent.data, "SELECT count(*) FROM jobs") == 200
    check_file(agent.data)
    assert commands.run("admin", "prune", "--data-dir", agent.data, "--succeeded", "soon").returncode == 64

    agent = start_agent("--sandbox", "none", "--keep-succeeded", "1000h")
    refused = commands.run("admin", "prune", "--data-dir", agent.data)
    assert refused.returncode == 75 and "limits.keep_succeeded" in refused.stderr
    assert number(agent.data, "SELECT count(*) FROM jobs") == 200
