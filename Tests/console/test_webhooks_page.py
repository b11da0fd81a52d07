"""A webhook's life in the console."""

import re

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width
from webhook_receiver import Receiver


@pytest.fixture
def receiver():
    receiver = Receiver(b"thank you")
    yield receiver
    receiver.close()


def add(agent, receiver) -> str:
    answer = agent.client().send("POST", "/webhooks", {"url": receiver.url})
    assert answer.status == 201, answer
    return answer.json["id"]


def webhooks(agent) -> list:
    return agent.client().send("GET", "/webhooks").json["webhooks"]


def secret_of(page) -> str:
    secret = page.locator("dialog [data-shown=secret]").inner_text()
    assert secret.startswith("whsec_")
    page.get_by_role("button", name="I have kept it").click()
    return secret


def test_a_webhook_is_added_and_its_secret_shown_once(page, agent, receiver):
    operation = agent.client().register("printf hi", name="told-of")
    page.goto("/ui/webhooks")
    expect(page.get_by_text("You have no webhooks.")).to_be_visible()
    page.get_by_label("URL").fill(receiver.url)
    page.get_by_label("job.cancelled").uncheck()
    page.get_by_label("Operation").fill("told-of")
    suggestion = page.locator("#operations option")
    expect(suggestion).to_have_text("told-of/work")
    page.get_by_label("Operation").fill(suggestion.get_attribute("value"))
    page.get_by_role("button", name="Add").click()
    secret = secret_of(page)
    row = page.get_by_role("row").filter(has_text=receiver.url)
    expect(row).to_contain_text("enabled")
    expect(row).to_contain_text("told-of/work")
    assert secret not in page.content()
    page.reload()
    assert secret not in page.content()
    (webhook,) = webhooks(agent)
    assert webhook["url"] == receiver.url
    assert webhook["events"] == ["job.succeeded", "job.failed"]
    assert webhook["operation"].endswith(operation)
    check_accessibility(page)
    check_width(page)
    agent.client().send("DELETE", f"/webhooks/{webhook['id']}")


def test_what_is_wrong_with_a_webhook_stands_at_its_field(open_browser):
    page = open_browser(expected=("400",))
    page.goto("/ui/webhooks")
    page.get_by_label("URL").fill("https://hooks.example/jobs")
    for event in ("job.succeeded", "job.failed", "job.cancelled"):
        page.get_by_label(event).uncheck()
    page.get_by_role("button", name="Add").click()
    expect(page.locator("fieldset .fault")).to_contain_text("at least one")


def test_a_webhook_is_tested_rotated_and_removed(page, agent, receiver):
    id = add(agent, receiver)
    page.goto(f"/ui/webhooks/{id}")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text(re.compile("The test msg_.* is on its way"))).to_be_visible()
    receiver.received.get(timeout=20)
    row = page.get_by_role("row", name=re.compile("webhook.test"))
    expect(row).to_contain_text("delivered", timeout=15_000)
    row.locator("summary").click()
    expect(row.locator("strong")).to_have_text("200")
    expect(row.locator("pre")).to_have_text("thank you")
    check_accessibility(page)
    page.get_by_role("button", name="Rotate the secret").click()
    page.locator("dialog").get_by_role("button", name="Rotate the secret").click()
    secret = secret_of(page)
    page.reload()
    assert secret not in page.content()
    check_width(page)
    page.get_by_role("button", name="Remove").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(page).to_have_url(re.compile("/ui/webhooks$"))
    assert id not in [webhook["id"] for webhook in webhooks(agent)]


def test_a_disabled_webhook_is_enabled_and_what_it_missed_replayed(page, agent, receiver):
    client = agent.client()
    operation = client.register("printf hi", name="missed")
    id = add(agent, receiver)
    receiver.answers.put(410)
    client.result(client.accepted(operation, "x"))
    receiver.received.get(timeout=20)
    page.goto(f"/ui/webhooks/{id}")
    expect(page.locator("#state")).to_contain_text("the receiver answered 410", timeout=15_000)
    page.get_by_role("button", name="Enable").click()
    expect(page.locator("#state")).not_to_contain_text("Disabled", timeout=15_000)
    assert webhooks(agent)[-1]["state"] == "enabled" or client.send("GET", f"/webhooks/{id}").json["state"] == "enabled"
    page.get_by_label("Jobs that ended from").fill("2020-01-01T00:00")
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.get_by_text("1 events are sent again.")).to_be_visible()
    receiver.received.get(timeout=20)
    page.goto(f"/ui/webhooks/{id}?state=delivered")
    row = page.get_by_role("row", name=re.compile("job.succeeded"))
    expect(row).to_contain_text("delivered", timeout=15_000)
    row.get_by_role("button", name=re.compile("^Replay msg_")).click()
    expect(page.get_by_text("It is sent again.")).to_be_visible()
    receiver.received.get(timeout=20)
    page.get_by_role("link", name="dead").click()
    expect(page.get_by_text("No delivery is in this state.")).to_be_visible()
    client.send("DELETE", f"/webhooks/{id}")


def test_the_default_secret_is_shown_once(page):
    page.goto("/ui/webhooks")
    page.get_by_role("button", name="Make a new secret").click()
    page.locator("dialog").get_by_role("button", name="Make a new secret").click()
    secret = secret_of(page)
    page.reload()
    assert secret not in page.content()


def test_webhooks_are_their_owner_s(open_browser, agent, receiver):
    id = add(agent, receiver)
    account = {"username": "dave", "password": "a long pass phrase", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    page = open_browser("dave", account["password"], expected=("404",))
    page.goto("/ui/webhooks")
    expect(page.get_by_text("You have no webhooks.")).to_be_visible()
    assert page.goto(f"/ui/webhooks/{id}").status == 404
    agent.client().send("DELETE", f"/webhooks/{id}")


def test_webhooks_are_listed_without_scripts(open_browser, agent, receiver):
    id = add(agent, receiver)
    page = open_browser(java_script_enabled=False)
    page.goto("/ui/webhooks")
    page.get_by_role("link", name=receiver.url).click()
    expect(page.get_by_text(id)).to_be_visible()
    page.get_by_role("link", name="pending").click()
    expect(page).to_have_url(re.compile("state=pending"))
    agent.client().send("DELETE", f"/webhooks/{id}")
