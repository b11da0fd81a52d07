"""Folders, agents and receivers of the proofs: each starts the built program and does something terrible to it."""

import pathlib

import pytest

from running_agent import Agent, scratch_folder
from webhook_receiver import Receiver


@pytest.fixture
def folder():
    with scratch_folder() as path:
        yield path


@pytest.fixture
def start_agent(folder):
    """Starts agents, on the test's folder unless another is given, that are killed at the end of the test."""
    agents = []

    def start(*options: str, at: pathlib.Path = folder, **more) -> Agent:
        agents.append(Agent(at, "--outbound-allow", "127.0.0.0/8", *options, **more))
        return agents[-1]

    yield start
    for agent in agents:
        agent.kill()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
