"""The program's commands, run as an operator runs them."""

import re
import shlex
import subprocess

from running_agent import PROGRAM


def start(*arguments: object, prefix: tuple[str, ...] = (), **environment: str) -> subprocess.Popen:
    """Starts a command; `prefix` is one that runs it in its own stead."""
    return subprocess.Popen(
        [*prefix, str(PROGRAM), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "SWIFT_BACKTRACE": "enable=no",
            **environment,
        },
    )


def ended(running: subprocess.Popen, within: float = 120) -> subprocess.CompletedProcess:
    """Waits for a command's end."""
    try:
        output, errors = running.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        running.kill()
        raise
    return subprocess.CompletedProcess(running.args, running.returncode, output, errors)


def run(*arguments: object, **more) -> subprocess.CompletedProcess:
    """Runs a command to its end."""
    return ended(start(*arguments, **more))


def example(*command: str) -> list[str]:
    """The arguments of the example on a command's help page."""
    page = run(*command, "--help")
    assert page.returncode == 0, page.stderr
    lines = re.search(r"Example:\s+invoke-agent ((?:.*\\\n)*.*)", page.stdout)
    assert lines, page.stdout
    words = shlex.split(lines[1].replace("\\\n", ""))
    assert words[: len(command)] == list(command)
    return words
