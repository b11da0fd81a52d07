"""Starts the built agent for tests that speak to it as its users do."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("INVOKE_AGENT_PROGRAM", ROOT / ".build/debug/invoke-agent"))
PASSWORD = "client-test-password"


class Agent:
    """A running agent on a data folder of its own; `url`, and `auth` as user and password of its admin."""

    def __init__(self, *options: str):
        self.folder = tempfile.TemporaryDirectory()
        self.errors = open(f"{self.folder.name}/stderr", "w+")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--data-dir", f"{self.folder.name}/data", *options],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env={"PATH": "/usr/bin:/bin", "INVOKE_AGENT_ADMIN_PASSWORD": PASSWORD, "SWIFT_BACKTRACE": "enable=no"},
        )
        line = self.process.stdout.readline()
        assert line, self.log()
        self.url = json.loads(line)["url"]
        self.auth = ("admin", PASSWORD)

    def log(self) -> str:
        self.errors.flush()
        return pathlib.Path(self.errors.name).read_text()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=40)
        finally:
            self.process.kill()
            self.errors.close()
            self.folder.cleanup()


@pytest.fixture
def start_agent():
    """Starts agents that end with the test."""
    agents = []

    def start(*options: str) -> Agent:
        agents.append(Agent(*options))
        return agents[-1]

    yield start
    for agent in agents:
        agent.stop()


@pytest.fixture
def agent(start_agent):
    return start_agent("--outbound-allow", "127.0.0.0/8")
