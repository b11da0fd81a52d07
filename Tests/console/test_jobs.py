"""The list of jobs: chosen by its address, live, and acted upon together."""

import re
import time

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width


@pytest.fixture
def client(agent):
    return agent.client()


@pytest.fixture(scope="module")
def quick(agent):
    return agent.client().register('printf "%s" "$INVOKE_INPUT_WORD"', name="quick")


@pytest.fixture(scope="module")
def failing(agent):
    return agent.client().register("echo no luck >&2; exit 3", name="failing")


@pytest.fixture(scope="module")
def endless(agent):
    return agent.client().register("sleep 600", name="endless")


@pytest.fixture(scope="module")
def some(agent, quick, failing):
    """A job that has succeeded and one that has failed."""
    client = agent.client()
    jobs = client.accepted(quick, "one"), client.accepted(failing, "two")
    for job in jobs:
        client.result(job)
    return jobs


def rows(page) -> list[str]:
    return page.locator("#jobs tbody tr").evaluate_all("rows => rows.map(row => row.dataset.job)")


def row(page, job: str):
    return page.locator(f'tr[data-job="{job}"]')


def test_the_address_is_the_choice_without_scripts(open_browser, some):
    good, bad = some
    page = open_browser(java_script_enabled=False)
    page.goto("/ui/jobs")
    assert {good, bad} <= set(rows(page))
    page.get_by_role("link", name="Failed", exact=True).click()
    page.wait_for_url("**/ui/jobs?status=failed")
    assert rows(page) == [bad]
    assert page.get_by_role("link", name="Failed", exact=True).get_attribute("aria-current") == "true"
    page.get_by_role("link", name="Last hour").click()
    page.get_by_label("Service").fill("quick")
    page.get_by_role("button", name="Apply").click()
    assert "status=failed" in page.url and "within=1h" in page.url and "service=quick" in page.url
    assert rows(page) == []
    assert page.get_by_text("No job fits this choice.").is_visible()
    page.get_by_role("link", name="All", exact=True).click()
    assert rows(page) == [good]
    assert not page.get_by_role("checkbox").first.is_visible()


def test_an_operation_is_chosen_by_a_name_that_is_suggested(page, quick, some):
    good, _ = some
    page.goto("/ui/jobs")
    page.get_by_label("Service").focus()
    expect(page.locator("#services option[value=quick]")).to_have_count(1)
    page.get_by_label("Operation").fill("quick/wo")
    expect(page.locator("#operations option")).to_have_count(1)
    assert page.locator("#operations option").get_attribute("value") == "quick/work"
    page.get_by_label("Operation").fill("quick/work")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**operation=quick%2Fwork")
    chosen = rows(page)
    assert good in chosen
    page.goto(f"/ui/jobs?operation={quick}")
    assert rows(page) == chosen
    assert page.get_by_label("Operation").input_value() == "quick/work"
    check_accessibility(page)


def test_pages_are_links_without_scripts(open_browser, client, quick):
    for number in range(55):
        client.accepted(quick, f"page {number}")
    page = open_browser(java_script_enabled=False)
    page.goto("/ui/jobs?service=quick")
    first = rows(page)
    assert len(first) == 50
    page.get_by_role("link", name="Next page").click()
    second = rows(page)
    assert second and not set(first) & set(second)
    page.get_by_role("link", name="First page").click()
    assert rows(page) == first


def test_rows_change_and_come_without_a_reload(page, client, endless):
    job = client.accepted(endless, "watched")
    page.goto("/ui/jobs")
    page.evaluate("window.here = true")
    expect(row(page, job).locator(".state")).to_have_text("running", timeout=20_000)
    expect(page.locator("#live")).to_have_text("Live")
    later = client.accepted(endless, "later")
    expect(row(page, later)).to_be_visible(timeout=20_000)
    assert rows(page)[0] == later
    for each in (job, later):
        assert client.send("POST", f"/jobs/{each}/cancel").status in (200, 202)
        expect(row(page, each).locator(".state")).to_have_text("cancelled", timeout=20_000)
    assert page.evaluate("window.here")


def test_what_does_not_fit_the_choice_leaves_it(page, client, endless, quick):
    page.goto("/ui/jobs?status=running")
    job = client.accepted(endless, "only running")
    expect(row(page, job)).to_be_visible(timeout=20_000)
    client.result(client.accepted(quick, "not running for long"))
    client.send("POST", f"/jobs/{job}/cancel")
    expect(row(page, job)).to_have_count(0, timeout=20_000)


def test_many_events_all_arrive(page, client, quick):
    page.goto("/ui/jobs")
    expect(page.locator("#live")).to_have_text("Live")
    jobs = [client.accepted(quick, f"storm {number}") for number in range(200)]
    client.result(jobs[-1])
    for job in jobs[-10:]:
        expect(row(page, job).locator(".state")).to_have_text("succeeded", timeout=20_000)


def test_what_happened_before_the_stream_opened_is_caught_up(page, client, agent, endless):
    """The stream is held back until the job that the page shows as running has been cancelled."""
    job = client.accepted(endless, "ends unseen")
    while client.job(job)["status"] != "running":
        time.sleep(0.1)
    held = []
    page.route("**/events", lambda route: held.append(route))
    page.goto("/ui/jobs?service=endless")
    expect(row(page, job).locator(".state")).to_have_text("running")
    assert client.send("POST", f"/jobs/{job}/cancel").status in (200, 202, 204)
    while client.job(job)["status"] != "cancelled":
        time.sleep(0.1)
    page.get_by_role("checkbox", name=f"Select job {job}").check()
    held[0].continue_()
    expect(row(page, job).locator(".state")).to_have_text("cancelled", timeout=20_000)


def test_two_running_jobs_are_cancelled_together(page, client, endless):
    jobs = [client.accepted(endless, "one"), client.accepted(endless, "two")]
    page.goto("/ui/jobs?service=endless")
    for job in jobs:
        expect(row(page, job).locator(".state")).to_have_text("running", timeout=20_000)
        page.get_by_role("checkbox", name=f"Select job {job}").check()
    expect(page.locator("#bulk .count")).to_have_text("2 selected")
    check_accessibility(page)
    page.get_by_role("button", name="Cancel 2 jobs").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel 2 jobs").click()
    expect(page.get_by_text("2 jobs cancelled")).to_be_visible()
    for job in jobs:
        expect(row(page, job).locator(".state")).to_have_text("cancelled", timeout=20_000)
        assert client.job(job)["status"] == "cancelled"


def test_all_of_a_page_are_retried_together(page, client, failing, some):
    client.result(client.accepted(failing, "once more"))
    page.goto("/ui/jobs?service=failing")
    before = rows(page)
    assert len(before) > 1
    page.get_by_role("checkbox", name="Select all jobs of this page").check()
    page.get_by_role("button", name=re.compile("^Retry")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Retry")).click()
    expect(page.get_by_text("started again")).to_be_visible()
    expect(page.locator("#jobs tbody tr")).to_have_count(2 * len(before), timeout=20_000)


def test_what_is_refused_is_told_job_by_job(open_browser, client, endless):
    page = open_browser(expected=("409", "404"))
    job = client.accepted(endless, "gone before")
    page.goto("/ui/jobs?service=endless&status=running")
    page.get_by_role("checkbox", name=f"Select job {job}").check(timeout=20_000)
    page.route(f"**/jobs/{job}/cancel", lambda route: route.fulfill(
        status=409, content_type="application/json", body='{"errorcode": 8131, "description": "The job has succeeded."}'))
    page.get_by_role("button", name="Cancel 1 job").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel 1 job").click()
    told = page.locator("#outcome")
    expect(told).to_contain_text("1 job could not be cancelled")
    expect(told.get_by_role("link", name=job)).to_be_visible()
    expect(told).to_contain_text("The job has succeeded.")
    client.send("POST", f"/jobs/{job}/cancel")


def test_nobody_sees_the_jobs_of_others(agent, open_browser, some):
    assert agent.account("stranger")
    page = open_browser("stranger", "a long pass phrase", expected=("404",))
    page.goto("/ui/jobs")
    assert rows(page) == []
    assert page.get_by_text("You have no jobs yet.").is_visible()
    for path in (f"/ui/jobs/{some[0]}", f"/ui/jobs/{some[0]}/provenance"):
        assert page.goto(path).status == 404


def test_the_list_is_accessible_and_narrow(page, some):
    page.goto("/ui/jobs")
    check_accessibility(page)
    check_width(page)
