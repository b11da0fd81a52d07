"""T-FULL: a full disk costs no job; new ones are refused early, and taken again once there is room (promise D7)."""

import contextlib
import os
import time

import pytest

from invariants import ECHO, check_invariants
from proving import eventually, mechanism, run

MIB = 1 << 20
# Above the low-water mark of 200 MiB when it is empty; it takes memory only as far as it is filled.
SIZE = 320 * MIB


@pytest.fixture
def disk(folder):
    """A small disk of its own for the data."""
    mechanism(os.geteuid() == 0, "mount, which needs root")
    (folder / "data").mkdir(mode=0o700)
    run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", folder / "data")
    yield folder / "data"
    # What still uses it, an agent that is about to be killed, goes on without it.
    run("umount", "--lazy", folder / "data")


def free(disk) -> int:
    facts = os.statvfs(disk)
    return facts.f_bavail * facts.f_frsize


def fill(disk, left: int):
    """Makes a file so large that it leaves so many bytes free."""
    with (disk / "ballast").open("ab") as ballast:
        while (more := free(disk) - left) > 0:
            # The agent writes too: what was free may be gone.
            with contextlib.suppress(OSError):
                os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), more)
        ballast.truncate(ballast.seek(0, os.SEEK_END) + more)


def flagged(folder) -> str:
    """A job that ends when the test says so."""
    return f"while [ ! -e {folder / 'flag'} ]; do sleep 0.1; done; {ECHO}"


def check_refused(answer):
    assert (answer.status, answer.code) == (503, 8162), answer
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_full_disk_refuses_writes_and_serves_reads_until_there_is_room(disk, start_agent):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    operation = client.register(ECHO)
    acknowledged = {client.accepted(operation, "before"): "before"}
    client.result(next(iter(acknowledged)))
    fill(disk, left=0)

    # What SQLite has of the file already can still be written; then nothing can.
    for attempt in range(2000):
        answer = client.invoke(operation, f"full-{attempt}")
        if answer.status != 201:
            break
        acknowledged[answer.json["jobid"]] = f"full-{attempt}"
    for _ in range(20):
        check_refused(client.invoke(operation, "refused"))
        assert client.send("GET", "/health").status == 200
        assert client.job(min(acknowledged))["status"] == "succeeded"
    check_refused(client.send("GET", "/ready"))

    run("mount", "-o", f"remount,size={2 * SIZE}", disk)
    job = eventually(lambda: client.invoke(operation, "after").json.get("jobid"), within=5)
    acknowledged[job] = "after"
    for job in acknowledged:
        client.result(job, within=30)
    assert client.send("GET", "/ready").status == 200
    assert agent.terminate() == 0
    check_invariants(disk, acknowledged)


def test_below_the_low_water_mark_running_jobs_record_their_results(disk, folder, start_agent):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    operation = client.register(flagged(folder))
    job = client.accepted(operation, "x")
    eventually(lambda: client.job(job)["status"] == "running")
    fill(disk, left=100 * MIB)
    answer = eventually(lambda: next((a for a in [client.invoke(operation, "y")] if a.status != 201), None), within=10)
    check_refused(answer)
    (folder / "flag").touch()
    assert client.result(job, within=20)["result"] == {"echo": "x 1"}
    fill(disk, left=250 * MIB)
    later = eventually(lambda: client.invoke(operation, "z").json.get("jobid"), within=5)
    assert client.result(later, within=20)["result"] == {"echo": "z 1"}


def test_content_that_has_no_room_is_refused_and_taken_once_there_is(disk, start_agent):
    agent = start_agent()
    client = agent.client()
    asset = client.send("POST", "/api/v1/meta/data", {"name": "rows"}).json
    fill(disk, left=100 * MIB)
    eventually(lambda: client.send("GET", "/ready").status == 503)
    answer = client.send("PUT", f"/api/v1/assets/{asset}", b"abc")
    assert (answer.status, answer.code) == (507, 8164), answer
    assert client.send("GET", f"/api/v1/assets/{asset}").status == 404
    fill(disk, left=250 * MIB)
    eventually(lambda: client.send("PUT", f"/api/v1/assets/{asset}", b"abc").status == 200)


def test_a_job_that_ends_while_the_disk_is_full_still_ends(disk, folder, start_agent):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    operation = client.register(flagged(folder))
    job = client.accepted(operation, "x")
    eventually(lambda: client.job(job)["status"] == "running")
    fill(disk, left=0)
    # Whatever room is left inside the files is used up.
    for number in range(2000):
        if client.send("POST", "/api/v1/meta/data", {"name": f"n{number}", "description": "x" * 100_000}).status != 200:
            break
    (folder / "flag").touch()
    time.sleep(3)
    run("mount", "-o", f"remount,size={2 * SIZE}", disk)
    # It may be run again, for what could not be written is lost.
    assert client.result(job, within=60)["status"] == "completed"
