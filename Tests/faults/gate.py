"""A gate that jobs wait at, so that a test says when, and how many of them, may end."""

import contextlib
import os
import pathlib
from collections.abc import Iterator

from invariants import ECHO


class Gate:
    """A pipe of which every job takes one byte before it ends; jobs see it only without a sandbox."""

    def __init__(self, folder: pathlib.Path):
        path = folder / "gate"
        os.mkfifo(path)
        # Jobs run as users of their own.
        path.chmod(0o666)
        self.script = f"dd if={path} bs=1 count=1 > /dev/null 2> /dev/null; {ECHO}"
        # For both, so that neither this nor a job waits for somebody to open the other end.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def let(self, jobs: int):
        """Lets so many jobs end, those that wait here first."""
        assert os.write(self._pipe, b"." * jobs) == jobs, "more than the pipe holds"

    def close(self):
        """Whoever waits here goes on."""
        os.close(self._pipe)


@contextlib.contextmanager
def gate_in(folder: pathlib.Path) -> Iterator[Gate]:
    gate = Gate(folder)
    try:
        yield gate
    finally:
        gate.close()
