"""The receivers of docs/webhooks.md: each is run as it stands there, believes what the agent sends, and nothing else."""

import base64
import datetime
import os
import re
import subprocess
import sys
import time

import pytest
import requests
from standardwebhooks import Webhook

from running_agent import PROGRAM, ROOT, free_port, wait_until_it_listens

# The language of the block in the document, the file that it shows, and what runs it.
RECEIVERS = {
    "python": ("receiver.py", [sys.executable]),
    "js": ("receiver.mjs", ["node"]),
    "swift": ("Receiver.swift", None),
}


def block(language: str) -> str:
    text = (ROOT / "docs/webhooks.md").read_text()
    [found] = re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)
    return found


@pytest.mark.parametrize("language", RECEIVERS)
def test_a_receiver_of_the_document_believes_the_agent_and_nobody_else(language, agent, tmp_path):
    name, runner = RECEIVERS[language]
    assert block(language) == (ROOT / "examples/webhook-receiver" / name).read_text()
    (tmp_path / name).write_text(block(language))
    # The one in Swift is built with the agent.
    command = [*runner, str(tmp_path / name)] if runner else [str(PROGRAM.parent / "webhook-receiver")]
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    webhook = requests.post(f"{agent.url}/webhooks", json={"url": url}, auth=agent.auth).json()
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": webhook["secret"]}
    with (tmp_path / "said").open("w") as said:
        running = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
    try:
        wait_until_it_listens(running, port)
        tested = requests.post(f"{agent.url}/webhooks/{webhook['id']}/test", auth=agent.auth).json()
        assert first_status(agent, webhook["id"]) == 204
        check_forgeries(url, webhook["secret"])
    finally:
        running.terminate()
        running.wait(10)
    said = (tmp_path / "said").read_text()
    assert tested["event"] in said
    assert said.count("msg_mine") == 2
    assert "forged" not in said


def first_status(agent, webhook: str) -> int:
    """What the first attempt at a webhook was answered with."""
    end = time.monotonic() + 20
    while True:
        answer = requests.get(f"{agent.url}/webhooks/{webhook}/deliveries", auth=agent.auth).json()
        if attempts := answer["deliveries"][0]["attempts"]:
            return attempts[0]["status"]
        assert time.monotonic() < end, "no attempt was made"
        time.sleep(0.05)


def check_forgeries(url: str, secret: str):
    now, body = datetime.datetime.now(datetime.timezone.utc), '{"type":"webhook.test","data":{}}'

    def headers(secret: str, at: datetime.datetime) -> dict:
        signature = Webhook(secret).sign("msg_mine", at, body)
        return {"webhook-id": "msg_mine", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}

    other = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    good, foreign = headers(secret, now), headers(other, now)
    forged = [
        ('{"type":"forged","data":{}}', good),
        (body, {**good, "webhook-id": "msg_forged"}),
        (body, {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)}),
        (body, headers(secret, now - datetime.timedelta(minutes=6))),
        (body, foreign),
        (body, {**good, "webhook-signature": "v1,"}),
        (body, {name: value for name, value in good.items() if name != "webhook-signature"}),
    ]
    for changed, fields in forged:
        assert requests.post(url, changed, headers=fields, timeout=10).status_code == 400, fields
    # While a secret is rotated, there are two signatures.
    both = {**good, "webhook-signature": f"{foreign['webhook-signature']} {good['webhook-signature']}"}
    for fields in [good, both]:
        assert requests.post(url, body, headers=fields, timeout=10).status_code == 204
