"""T-CUT: an acknowledged job survives a power cut of a real file system (promise D1).

The data lies on an ext4 image that is kept in memory. A copy of the image has what the file system had brought to its
disk by then, and nothing else: mounting the copy is what a machine does after the power came back.
"""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import pytest

from invariants import ECHO, check_invariants
from posting import Posting
from proving import mechanism, run, size
from test_state import WRITER


@pytest.fixture
def memory() -> Iterator[pathlib.Path]:
    """A folder in memory."""
    mechanism(pathlib.Path("/dev/shm").is_dir(), "/dev/shm")
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="invoke-agent-test-") as name:
        yield pathlib.Path(name)


@pytest.fixture
def image(memory) -> pathlib.Path:
    """An empty ext4 file system, larger than the low-water mark; it takes memory only as far as it is filled."""
    mechanism(os.geteuid() == 0, "mount, which needs root")
    path = memory / "image"
    with path.open("wb") as file:
        file.truncate(512 << 20)
    run("mkfs.ext4", "-q", "-E", "lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0", path)
    return path


@contextlib.contextmanager
def mounted(image: pathlib.Path, at: pathlib.Path) -> Iterator[pathlib.Path]:
    at.mkdir(parents=True, exist_ok=True)
    # Nothing is brought to the disk just because time passes.
    run("mount", "-o", "loop,commit=600", image, at)
    try:
        yield at
    finally:
        run("umount", "--lazy", at)


def copy(image: pathlib.Path) -> pathlib.Path:
    cut = image.with_name("cut")
    run("cp", "--sparse=always", image, cut)
    return cut


@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
def test_the_cut_tells_a_program_that_loses_rows_from_one_that_does_not(folder, image, synchronous):
    with mounted(image, folder / "disk") as disk:
        os.sync()
        command = [sys.executable, "-c", WRITER, disk / "rows.sqlite", synchronous]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
            assert [writer.stdout.readline()[:8] for _ in range(100)] == [b"Location"] * 100
            cut = copy(image)
    with mounted(cut, folder / "after") as disk:
        try:
            database = sqlite3.connect(disk / "rows.sqlite")
            found = database.execute("SELECT count(*) FROM jobs").fetchone()[0]
            database.close()
        except sqlite3.DatabaseError:
            found = 0
    assert found == 100 if synchronous == "FULL" else found < 100


def test_no_acknowledged_job_is_lost_when_the_power_is_cut(folder, image, start_agent):
    acknowledged: dict[str, str] = {}
    token = operation = None
    for _ in range(size(5, 100)):
        with mounted(image, folder / "data"):
            (folder / "data").chmod(0o700)
            agent = start_agent("--sandbox", "none")
            token, operation = token or agent.token, operation or agent.client().register(ECHO)
            posting = Posting(agent.url, token, operation, clients=4, each=20)
            time.sleep(random.uniform(0.05, 0.5))
            # While the copy is made the agent does nothing more, as after a cut.
            agent.signal(signal.SIGSTOP)
            cut = copy(image)
            agent.kill()
            posting.join()
            acknowledged |= posting.acknowledged
        shutil.move(cut, image)
    assert len(acknowledged) > size(20, 400)
    with mounted(image, folder / "data"):
        agent = start_agent("--sandbox", "none")
        client = agent.client()
        client.authorization = token
        for job in acknowledged:
            client.result(job)
        assert agent.terminate() == 0
        check_invariants(agent.data, acknowledged)
