"""Agents with every engine there is: `scripts/test-engines up` has started what they run on, and told where."""

import os
import pathlib
import shutil
import subprocess

import pytest

from running_agent import Agent, free_port, scratch_folder

PROGRAMS = ("process", "container", "slurm", "kubernetes")


class Slurm:
    """The cluster of the tests, spoken to by its own commands."""

    def __init__(self):
        cluster = pathlib.Path(os.environ["INVOKE_TEST_SLURM"])
        self.socket, self.bin = cluster / "rest", cluster / "bin"
        # Nodes and agent are one machine: any folder is shared.
        self.folder = cluster / "shared"
        self.folder.mkdir(mode=0o711, exist_ok=True)

    def run(self, command: str, *arguments: str) -> str:
        ended = subprocess.run([self.bin / command, *arguments], capture_output=True, text=True, timeout=60, check=True)
        return ended.stdout

    def names(self, *states: str) -> list[str]:
        """The names of the jobs that are in one of the states, each as often as it is there."""
        return self.run("squeue", "-h", "-t", ",".join(states), "-o", "%j").split()


@pytest.fixture(scope="session")
def slurm() -> Slurm:
    return Slurm()


@pytest.fixture
def folder():
    with scratch_folder() as path:
        yield path


@pytest.fixture
def start_agent(folder, slurm):
    """Starts agents with all engines, on one folder, that are killed at the end of the test."""
    agents = []
    shared = slurm.folder / folder.name
    shared.mkdir(mode=0o711)
    # Pods that outlive an agent find the next one at the same address.
    port = free_port()
    image = os.environ["INVOKE_TEST_KUBERNETES_IMAGE"]

    def start(*options: str, shares_folder: bool = True, **more) -> Agent:
        if shares_folder:
            options = ("--slurm-folder", str(shared / "jobs"), *options)
        agent = Agent(
            folder, "--port", str(port), "--engines-allowed", ",".join(PROGRAMS),
            "--container-socket", os.environ["INVOKE_TEST_CONTAINER_SOCKET"],
            "--container-image", os.environ["INVOKE_TEST_CONTAINER_IMAGE"],
            "--slurm-url", f"unix:{slurm.socket}",
            "--kubernetes-config", os.environ["INVOKE_TEST_KUBERNETES"] + "/kubeconfig",
            "--kubernetes-image", image, "--kubernetes-transfer-image", image, *options, **more,
        )
        agents.append(agent)
        return agent

    yield start
    for agent in agents:
        agent.kill()
    shutil.rmtree(shared, ignore_errors=True)
