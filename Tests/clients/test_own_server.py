"""The example of a provider that runs its jobs itself, beside the built program."""

import os
import subprocess
import sys

import pytest
import requests

from running_agent import ROOT

EXAMPLE = ROOT / "examples/own-server"
TEXT = "to be\nor not\n"


@pytest.fixture
def provider(agent):
    """The example's server; gives its URL."""
    secret = requests.post(f"{agent.url}/webhooks/secret", auth=agent.auth).json()["secret"]
    server = subprocess.Popen(
        [sys.executable, EXAMPLE / "provider.py", "0"],
        env={**os.environ, "PROVIDER_SECRET": secret},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture
def operation(agent, provider):
    definition = (EXAMPLE / "definition.yaml").read_text().replace("URL", provider)
    answer = requests.post(
        f"{agent.url}/services", definition, auth=agent.auth, headers={"Content-Type": "application/yaml"}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["operations"]["number"]["id"]


@pytest.mark.parametrize("later", ["no", "yes"])
def test_it_runs_a_job_at_once_and_later(agent, operation, later):
    metadata = {"name": "text", "contentType": "text/plain"}
    asset = requests.post(f"{agent.url}/api/v1/meta/data", json=metadata, auth=agent.auth).json()
    requests.put(f"{agent.url}/api/v1/assets/{asset}", TEXT, auth=agent.auth).raise_for_status()
    inputs = {"text": {"did": asset}, "later": later}
    job = requests.post(f"{agent.url}/invoke/{operation}", json=inputs, auth=agent.auth).json()
    assert job["status"] == "completed", job
    assert job["result"]["lines"] == "2"
    did = job["result"]["numbered"]["did"]
    numbered = requests.get(f"{agent.url}/api/v1/assets/{did}", auth=agent.auth)
    assert numbered.text == "1 to be\n2 or not\n" and numbered.headers["Content-Type"] == "text/plain"
    # The asset tells what it was made of.
    provenance = requests.get(f"{agent.url}/jobs/{job['jobid']}/provenance", auth=agent.auth).text
    assert asset in provenance and did[-64:] in provenance


def test_it_takes_no_job_that_the_agent_has_not_signed(provider):
    call = {"jobid": "1", "inputs": {"later": "yes"}}
    assert requests.post(provider, json=call).status_code == 401
    forged = {"webhook-id": "job_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    assert requests.post(provider, json=call, headers=forged).status_code == 401
