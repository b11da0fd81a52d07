"""What operators look at, and that nobody else does."""

import re
import time

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width

PAGES = ["/ui/operate", "/ui/pools", "/ui/engines", "/ui/accounts", "/ui/health", "/ui/configuration"]
STUCK = "sleep 600; printf done"


@pytest.fixture(scope="module")
def stuck(agent):
    """A service with one place and room for two, whose jobs take long: one runs, two wait."""
    client = agent.client()
    operation = client.register(STUCK, name="stuck", concurrency=1, queue=2)
    jobs = [client.accepted(operation, "x")]
    while client.job(jobs[0])["status"] != "running":
        time.sleep(0.1)
    jobs += [client.accepted(operation, "x") for _ in range(2)]
    yield operation
    # The connection has been idle for as long as the tests took, and may have been closed.
    client = agent.client()
    for job in jobs:
        client.send("POST", f"/jobs/{job}/cancel")


@pytest.fixture(scope="module")
def consumer(agent):
    account = {"username": "carol", "password": "a long pass phrase", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    return account


def figure(page, name: str):
    return page.locator("#figures > div", has=page.get_by_text(name, exact=True)).locator("dd")


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_of_operators_are_for_everybody_s_eyes_and_screens(page, path):
    page.goto(path)
    expect(page.get_by_role("navigation", name="Operate").locator("[aria-current=page]")).to_have_attribute("href", path)
    check_accessibility(page)
    check_width(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_consumer_is_shown_no_page_of_operators(open_browser, consumer, path):
    page = open_browser("carol", consumer["password"], expected=("404",))
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Operate")).to_have_count(0)
    answer = page.goto(path)
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_logged_in_is_asked_to(open_browser, path):
    page = open_browser(None)
    page.goto(path)
    expect(page).to_have_url(re.compile("/ui/login"))


def test_the_overview_tells_the_figures_and_the_hour(page, agent):
    client = agent.client()
    operation = client.register("printf hi", name="quick")
    for _ in range(3):
        client.result(client.accepted(operation, "x"))
    page.goto("/ui/operate")
    rates = client.send("GET", "/rates").json
    accepted = sum(minute["accepted"] for minute in rates["minutes"])
    assert accepted >= 3
    plot = page.get_by_role("img", name=re.compile(f"Accepted per minute: {accepted} jobs accepted in the last hour"))
    expect(plot).to_be_visible()
    assert plot.locator("rect").count() >= 1
    for name in ("Ended per minute", "Failed per minute", "Open jobs"):
        expect(page.get_by_role("img", name=re.compile(f"^{name}: "))).to_be_visible()
    page.get_by_text("The numbers by minute").click()
    table = page.get_by_role("region", name="The last hour by minute")
    expect(table.locator("tbody tr")).to_have_count(60)
    expect(figure(page, "Open files")).to_contain_text("of")


def test_the_overview_moves_by_itself(page, agent):
    page.goto("/ui/operate")
    before = page.get_by_role("img", name=re.compile("^Accepted per minute")).get_attribute("aria-label")
    client = agent.client()
    operation = client.register("printf hi", name="quick-too")
    client.result(client.accepted(operation, "x"))
    expect(page.get_by_role("img", name=re.compile("^Accepted per minute"))).not_to_have_attribute("aria-label", before, timeout=10_000)


def test_a_queue_that_is_full_is_told_with_advice(page, stuck):
    page.goto("/ui/operate")
    problem = page.locator("#problems .note", has_text="stuck")
    expect(problem).to_contain_text("The queue is full: new jobs are refused with 8160")
    expect(problem).to_contain_text("pool.concurrency")
    expect(problem.get_by_role("link", name="Pools")).to_have_attribute("href", "/ui/pools")
    expect(figure(page, "Waiting")).to_have_text("2")
    check_accessibility(page)


def test_the_pools_tell_who_waits(page, stuck):
    page.goto("/ui/pools")
    row = page.get_by_role("row", name=re.compile("^stuck"))
    expect(row).to_contain_text("queue full")
    expect(row).to_contain_text("1 of 1")
    expect(row).to_contain_text("2 of 2")
    expect(row.get_by_role("meter", name="Slots of stuck in use")).to_have_attribute("value", "1")
    check_accessibility(page)
    row.get_by_role("link", name="waiting").click()
    expect(page.locator("#jobs tbody .state")).to_have_text(["scheduled", "scheduled"])


def test_the_pool_of_each_engine_is_told(page, agent):
    client = agent.client()
    operation = client.register(STUCK, name="by-engine", concurrency={"process": 1})
    jobs = [client.accepted(operation, "x") for _ in range(2)]
    page.goto("/ui/pools")
    row = page.get_by_role("row", name=re.compile("^by-engine"))
    expect(row).to_contain_text("process: 1 of 1, 1 waiting")
    expect(row).to_contain_text("no slot free")
    check_accessibility(page)
    for job in jobs:
        client.send("POST", f"/jobs/{job}/cancel")


def test_health_says_what_was_looked_at(page, stuck):
    page.goto("/ui/health")
    table = page.get_by_role("region", name="What was looked at")
    for check in ("readiness", "sandbox", "queues", "failures", "webhooks", "disk", "open files", "database", "encryption"):
        expect(table.get_by_role("rowheader", name=check)).to_be_visible()
    # What has failed stands first, with what to do.
    first = table.locator("tbody tr").first
    expect(first).to_contain_text("queues")
    expect(first).to_contain_text("failed")
    expect(first).to_contain_text("Raise pool.concurrency")


def test_an_agent_that_is_gone_is_told(open_browser, agent):
    page = open_browser(expected=("ERR_", "Failed to load"))
    page.goto("/ui/operate")
    page.route("**/ui/operate", lambda route: route.abort())
    lost = page.locator("#lost")
    expect(lost).to_contain_text("The agent does not answer. What you see is of", timeout=10_000)
    page.unroute("**/ui/operate")
    expect(lost).to_be_hidden(timeout=10_000)


def test_the_configuration_is_found_by_words_and_origins(page):
    page.goto("/ui/configuration")
    rows = page.locator("tbody tr")
    assert rows.count() > 30
    expect(page.get_by_role("row", name=re.compile(r"^outbound\.allow"))).to_contain_text("option")
    page.get_by_label("Find a setting").fill("drain")
    page.get_by_role("button", name="Find").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("limits.drain_grace")
    expect(rows.first).to_contain_text("25s")
    page.goto("/ui/configuration")
    page.get_by_role("link", name=re.compile("^option")).click()
    expect(page.get_by_role("row", name=re.compile(r"^data_dir"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(r"^limits\.drain_grace"))).to_have_count(0)


def test_secrets_of_the_configuration_are_hidden(page, agent):
    page.goto("/ui/configuration?q=password")
    expect(page.get_by_role("row", name=re.compile(r"^admin\.password"))).to_contain_text("********")
    assert agent.auth[1] not in page.content()


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_of_operators_need_no_scripts(open_browser, agent, path):
    page = open_browser(java_script_enabled=False)
    page.goto(path)
    words = {
        "/ui/operate": "Accepted per minute", "/ui/pools": "The pools of all services", "/ui/engines": "Time limit", "/ui/accounts": "admin",
        "/ui/health": "The agent takes work.", "/ui/configuration": "limits.drain_grace",
    }
    expect(page.locator("main")).to_contain_text(words[path])
