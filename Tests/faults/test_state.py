"""T-STATE: an acknowledged job survives a power cut (promise D1).

The system calls of the agent are recorded, and the disk is rebuilt as it could be at each acknowledgement: without all
that had not been synced by then, or with a random half of it.
"""

import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys

import pytest

from disk import Disk, acknowledgement, events, recorder
from invariants import ECHO, check_file
from posting import Posting
from proving import size
from running_agent import Agent

# Writes rows as the agent writes jobs, one commit each, acknowledges each of them, and waits to be told to close.
WRITER = f"""
import os, sqlite3, sys
path, synchronous = sys.argv[1:]
database = sqlite3.connect(path, isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, inputs TEXT)")
database.execute(f"PRAGMA synchronous = {{synchronous}}")
for job in range(1, 101):
    database.execute("INSERT INTO jobs VALUES (?, ?)", (job, "x" * 200))
    os.write(1, b"{acknowledgement("%d").decode().strip()}\\n" % job)
sys.stdin.read()
"""


def lost(path: pathlib.Path, acknowledged: list[str]) -> set[str]:
    """The acknowledged jobs that a database does not have; all of them when it can't be read."""
    database = sqlite3.connect(path)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        stored = {str(job) for (job,) in database.execute("SELECT id FROM jobs")}
    except sqlite3.DatabaseError:
        return set(acknowledged)
    finally:
        database.close()
    return set(acknowledged) - stored


def states(log: pathlib.Path, disk: Disk, wanted: int):
    """Yields the jobs that were acknowledged at a moment, and what writes the disk of that moment, `wanted` times."""
    recorded = list(events(log))
    moments = sum(event.kind == "acknowledged" for event in recorded)
    assert moments > 0, "nothing was acknowledged"
    chance = random.Random(1)
    # Each moment at least twice: without anything unsynced, and with halves of it.
    times = max(2, -(-wanted // moments))
    acknowledged: list[str] = []
    for event in recorded:
        disk.apply(event)
        if event.kind == "acknowledged":
            acknowledged.append(event.data.decode())
            for time in range(times):
                yield list(acknowledged), (lambda to, half=time > 0: disk.write(to, chance if half else None))


def losses(log: pathlib.Path, disk: Disk, file: str, folder: pathlib.Path, wanted: int) -> list[int]:
    """How many acknowledged jobs are lost in each rebuilt state."""
    found = []
    for acknowledged, write in states(log, disk, wanted):
        write(folder)
        found.append(len(lost(folder / file, acknowledged)))
        shutil.rmtree(folder)
    return found


@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
def test_the_proof_tells_a_program_that_loses_rows_from_one_that_does_not(folder, synchronous):
    data, log = folder / "data", folder / "trace"
    data.mkdir()
    command = [*recorder(log), sys.executable, "-c", WRITER, str(data / "rows.sqlite"), synchronous]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    found = losses(log, Disk(data), "rows.sqlite", folder / "cut", wanted=100)
    if synchronous == "FULL":
        assert not any(found)
    else:
        assert all(loss for loss in found[::2]), "what is not synced is lost when nothing unsynced is kept"


def test_no_acknowledged_job_is_lost_in_a_power_cut(start_agent, folder):
    agent = start_agent("--sandbox", "none")
    operation, token = agent.client().register(ECHO), agent.token
    agent.terminate()
    base, log = folder / "base", folder / "trace"
    shutil.copytree(agent.data, base)
    agent = start_agent("--sandbox", "none", prefix=recorder(log))
    posting = Posting(agent.url, token, operation, clients=4, each=size(6, 60))
    posting.join()
    agent.kill()
    assert len(posting.acknowledged) == 4 * size(6, 60)
    found = losses(log, Disk(agent.data, base), "agent.sqlite", folder / "cut", size(200, 2000))
    assert len(found) >= size(100, 2000)
    assert not any(found), f"{sum(map(bool, found))} of {len(found)} states lack acknowledged jobs"


def test_the_agent_starts_after_a_power_cut_at_any_moment_of_its_first_life(start_agent, folder):
    log = folder / "trace"
    agent = start_agent("--sandbox", "none", prefix=recorder(log))
    client = agent.client()
    operation = client.register(ECHO)
    for word in "abc":
        client.accepted(operation, word)
    agent.kill()
    disk, acknowledged, chance = Disk(agent.data), [], random.Random(2)
    recorded = list(events(log))
    syncs = [index for index, event in enumerate(recorded) if event.kind in ("sync", "acknowledged")]
    chosen = set(chance.sample(syncs, min(len(syncs), size(12, 200)))) | {
        index for index in syncs if recorded[index].kind == "acknowledged"
    }
    for index, event in enumerate(recorded):
        disk.apply(event)
        if event.kind == "acknowledged":
            acknowledged.append(event.data.decode())
        if index not in chosen:
            continue
        place = folder / f"cut-{index}"
        (place / "data").mkdir(parents=True)
        place.chmod(0o711)
        disk.write(place / "data", chance if index % 2 else None)
        restarted: Agent = start_agent("--sandbox", "none", at=place)
        client = restarted.client()
        for job in acknowledged:
            client.result(job)
        assert restarted.terminate() == 0
        check_file(restarted.data, acknowledged)
        shutil.rmtree(place)
