"""The end of a job reaches a receiver that verifies it with the package receivers really use."""

import queue

import pytest
import requests
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

DEFINITION = """
name: shout
version: 1.0.0
operations:
  shout:
    inputs: {text: {type: string}}
    outputs: {louder: {type: string}}
    run: {engine: process, command: [sh, -c, 'printf %s "$INVOKE_INPUT_TEXT!"']}
"""


def start_job(agent, receiver, **headers) -> str:
    service = requests.post(
        f"{agent.url}/services", DEFINITION, auth=agent.auth, headers={"Content-Type": "application/yaml"}
    ).json()
    operation = service["operations"]["shout"]["id"]
    started = requests.post(
        f"{agent.url}/invokeasync/{operation}",
        json={"text": "hello"},
        auth=agent.auth,
        headers={"Webhook-URL": receiver.url, **headers},
    )
    assert started.status_code == 201, started.text
    return started.json()["jobid"]


def test_a_delivery_verifies_and_no_changed_byte_does(agent, receiver):
    secret = requests.post(f"{agent.url}/webhooks/secret", auth=agent.auth).json()["secret"]
    job = start_job(agent, receiver)
    headers, body = receiver.received.get(timeout=20)
    event = Webhook(secret).verify(body, headers)
    assert event["type"] == "job.succeeded"
    assert event["data"]["jobid"] == job
    assert event["data"]["result"] == {"louder": "hello!"}
    assert requests.get(event["data"]["result_url"], auth=agent.auth).json()["status"] == "completed"
    for at in range(len(body)):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):
            Webhook(secret).verify(changed, headers)


def test_a_refused_delivery_comes_again_under_the_same_id(agent, receiver):
    receiver.answers.put(500)
    start_job(agent, receiver)
    first, _ = receiver.received.get(timeout=20)
    # The second attempt follows after 5 s, give or take a tenth.
    second, _ = receiver.received.get(timeout=20)
    lower = lambda headers: {name.lower(): value for name, value in headers.items()}
    assert lower(first)["webhook-id"] == lower(second)["webhook-id"]


def test_only_the_wanted_events_are_sent(agent, receiver):
    job = start_job(agent, receiver, **{"Webhook-Events": "job.failed"})
    result = requests.get(f"{agent.url}/jobs/result/{job}?wait=20", auth=agent.auth).json()
    assert result["status"] == "completed"
    with pytest.raises(queue.Empty):
        receiver.received.get(timeout=2)


def test_an_address_inside_is_refused_unless_the_operator_allows_it(start_agent, receiver):
    agent = start_agent()
    service = requests.post(
        f"{agent.url}/services", DEFINITION, auth=agent.auth, headers={"Content-Type": "application/yaml"}
    ).json()
    refused = requests.post(
        f"{agent.url}/invokeasync/{service['operations']['shout']['id']}",
        json={"text": "hello"},
        auth=agent.auth,
        headers={"Webhook-URL": receiver.url},
    )
    assert refused.status_code == 400
    assert refused.json()["errorcode"] == 8170
