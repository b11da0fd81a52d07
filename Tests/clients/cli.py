"""The program as a client: run in a pipe, or typed at a terminal."""

import json
import os
import pathlib
import subprocess

import pexpect

from running_agent import PROGRAM, ROOT, Agent


class CommandLine:
    """Somebody's command line, with a home of its own; `url` is the agent that it speaks to unless told otherwise."""

    def __init__(self, home: pathlib.Path, agent: Agent | None = None):
        self.home = home
        self.environment = {
            "PATH": f"{PROGRAM.parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "xterm",
        }
        if agent:
            self.environment |= {
                "INVOKE_URL": agent.url, "INVOKE_USERNAME": agent.auth[0], "INVOKE_PASSWORD": agent.auth[1],
            }

    def run(self, *arguments, stdin: str | bytes = "", **environment: str) -> subprocess.CompletedProcess:
        """Runs it in a pipe."""
        return subprocess.run(
            [PROGRAM, *map(str, arguments)], cwd=self.home, env=self.environment | environment, timeout=120,
            input=stdin.encode() if isinstance(stdin, str) else stdin, capture_output=True,
        )

    def text(self, *arguments, **options) -> str:
        """What it prints when all goes well."""
        ran = self.run(*arguments, **options)
        assert ran.returncode == 0, (arguments, ran.stdout, ran.stderr)
        return ran.stdout.decode()

    def json(self, *arguments, **options):
        return json.loads(self.text(*arguments, "--output", "json", **options))

    def refused(self, status: int, *arguments, **options) -> str:
        """What it tells when it ends with a status."""
        ran = self.run(*arguments, **options)
        assert ran.returncode == status, (arguments, ran)
        return ran.stderr.decode()

    def typed(self, *arguments, width: int = 120, **environment: str) -> pexpect.spawn:
        """Types it at a terminal."""
        return pexpect.spawn(
            str(PROGRAM), list(map(str, arguments)), cwd=str(self.home), env=self.environment | environment,
            dimensions=(40, width), timeout=60, encoding="utf-8", codec_errors="replace",
        )

    def register(self, example: str):
        self.text("service", "register", ROOT / "examples" / example / "service.yaml")


def ended(terminal: pexpect.spawn) -> str:
    """All that a terminal has shown until its program ended with 0."""
    shown = terminal.read()
    terminal.close()
    assert terminal.exitstatus == 0, shown
    return shown


def commands(command: dict | None = None, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], dict]]:
    """Every command of the program, as its own dump of its help tells."""
    if command is None:
        dumped = subprocess.run([PROGRAM, "--experimental-dump-help"], capture_output=True, check=True, env={**os.environ})
        command = json.loads(dumped.stdout)["command"]
    found = [(path, command)]
    for inner in command.get("subcommands", []):
        if inner["commandName"] != "help":
            found += commands(inner, (*path, inner["commandName"]))
    return found
