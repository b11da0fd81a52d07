"""An agent of its own for each test that speaks to it as its users do."""

import contextlib

import minio
import pytest

import oscar
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


@pytest.fixture
def start_cluster(start_agent):
    """Starts agents that speak OSCAR's dialect; settings are given under OSCAR's names."""

    def start(*options: str, **environment: str) -> oscar.Cluster:
        return oscar.Cluster(start_agent(*options, **oscar.ENVIRONMENT, **environment))

    return start


@pytest.fixture(scope="module")
def cluster():
    """One for all tests of a file, each with services of its own."""
    with scratch_folder() as folder:
        agent = Agent(folder, environment=oscar.ENVIRONMENT)
        yield oscar.Cluster(agent)
        agent.stop()


@pytest.fixture(scope="module")
def store(cluster) -> minio.Minio:
    """A client of the cluster's object store."""
    return cluster.store()
