"""What the proofs share: their sizes, their mechanisms, and waiting for something to become true."""

import os
import pathlib
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def size(pr: Value, nightly: Value) -> Value:
    """How much a proof does: PROOF_SIZE is `pr`, the default, or `nightly`."""
    return {"pr": pr, "nightly": nightly}[os.environ.get("PROOF_SIZE", "pr")]


def mechanism(isThere: bool, name: str):
    """A proof whose mechanism is missing has failed: it is not skipped."""
    assert isThere, f"mechanism missing: {name}"


def eventually(
    condition: Callable[[], Value], within: float = 20, every: float = 0.02, tell: Callable[[], object] = lambda: ""
) -> Value:
    """Waits until a condition holds; returns what it then says. `tell` says what is missing when it never does."""
    end = time.monotonic() + within
    while True:
        if value := condition():
            return value
        assert time.monotonic() < end, f"not within {within} s: {condition.__doc__ or condition} {tell()}"
        time.sleep(every)


class Watch:
    """Looks at something again and again, in a thread of its own, until it is stopped.

    What a look raises, `stop` raises. `pause` is the seconds between two looks.
    """

    def __init__(self, look: Callable[[], object], pause: float = 0):
        self._look, self._pause = look, pause
        self._looks, self._error = 0, None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stopped.wait(self._pause):
                self._look()
                self._looks += 1
        except BaseException as error:
            self._error = error

    def stop(self):
        self._stopped.set()
        self._thread.join()
        if self._error:
            raise self._error
        assert self._looks > 0, "nobody has looked"


def run(*command: str | pathlib.Path):
    """Runs a command that has to succeed."""
    mechanism(shutil.which(command[0]) is not None, str(command[0]))
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, f"{' '.join(map(str, command))}: {ran.stderr}"


def traced(log: pathlib.Path, calls: str, *options: str) -> tuple[str, ...]:
    """A prefix that starts the agent under strace, which writes the named system calls to a file.

    The agent keeps the process id (-D), and is stopped at these calls only (--seccomp-bpf). A call is counted for each
    thread by itself; one thread of the agent does all writing.
    """
    mechanism(shutil.which("strace") is not None, "strace")
    can = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, text=True)
    mechanism(can.returncode == 0, f"strace, which says: {can.stderr}")
    return ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", str(log), "-e", f"trace={calls}", *options)


def marked_processes(mark: str) -> list[int]:
    """The processes whose environment names a mark: jobs have their inputs there, and what they start inherits it."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            pass  # It has ended meanwhile.
    return found


def count(log: pathlib.Path, call: str) -> int:
    """How often a system call is in what strace wrote."""
    return len(re.findall(rf"\b{call}\(", log.read_text(errors="replace")))
