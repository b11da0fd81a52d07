"""An agent of its own for each test that speaks to it as its users do."""

import contextlib

import pytest

from running_agent import Agent, scratch_folder
from webhook_receiver import Receiver


@pytest.fixture
def start_agent():
    """Starts agents, each on a fresh folder, that end with the test."""
    with contextlib.ExitStack() as ends:

        def start(*options: str, **environment: str) -> Agent:
            agent = Agent(ends.enter_context(scratch_folder()), *options, environment=environment)
            ends.callback(agent.stop)
            return agent

        yield start


@pytest.fixture
def agent(start_agent):
    return start_agent("--outbound-allow", "127.0.0.0/8")


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
