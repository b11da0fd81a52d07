"""The page of a job: live to its end, and honest about how it went."""

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width
from services import SLOW, upload, upper
from webhook_receiver import Receiver


@pytest.fixture
def client(agent):
    return agent.client()


def test_a_job_is_watched_to_its_end(page, client):
    job = client.accepted(client.register(SLOW, name="slow"), "watched")
    page.goto(f"/ui/jobs/{job}")
    page.evaluate("window.here = true")
    expect(page.locator("#tail")).to_contain_text("line 2", timeout=20_000)
    expect(page.locator('[data-part="badge"] .state')).to_have_text("running")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel job")).to_be_visible()
    expect(page.locator('[data-part="badge"] .state')).to_have_text("succeeded", timeout=30_000)
    expect(page.locator('[data-part="outputs"] [data-view]')).to_contain_text("done")
    expect(page.locator("#announcements")).to_contain_text("The job has succeeded")
    assert page.locator("#tail").inner_text().splitlines()[:6] == [f"line {n}" for n in range(1, 7)]
    expect(page.get_by_role("button", name="Cancel job")).to_have_count(0)
    assert page.evaluate("window.here")
    check_accessibility(page)
    check_width(page)


def test_the_log_can_be_held(page, client):
    job = client.accepted(client.register(SLOW, name="held"), "held")
    page.goto(f"/ui/jobs/{job}")
    tail = page.locator("#tail")
    expect(tail).to_contain_text("line 1", timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    held = tail.inner_text()
    page.wait_for_timeout(1200)
    assert tail.inner_text() == held
    page.get_by_role("button", name="Go on").click()
    expect(tail).not_to_have_text(held)
    expect(tail).to_contain_text("line 6", timeout=20_000)
    with page.expect_download() as download:
        page.get_by_role("region", name="Log", exact=True).get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"job-{job}.log"


def test_an_ended_job_is_whole_without_scripts(open_browser, client):
    job, made = upper(client, upload(client, "letters.txt", b"abc"))
    page = open_browser(java_script_enabled=False)
    page.goto(f"/ui/jobs/{job}")
    assert page.get_by_role("heading", name="upper").is_visible()
    assert page.locator('[data-part="badge"]').inner_text() == "succeeded"
    inputs = page.locator("section", has=page.locator("#inputs"))
    assert inputs.get_by_role("link", name="letters.txt").is_visible()
    outputs = page.locator('[data-part="outputs"]')
    assert outputs.locator(f'a[href="/ui/assets/{made}"]').is_visible()
    assert '"letters":3' in outputs.inner_text().replace(" ", "")
    assert page.get_by_role("img").get_attribute("aria-label").startswith("Waited for")
    assert page.get_by_role("table", name="Attempts").get_by_role("row").count() == 2


def test_outputs_are_shown_in_viewers(page, client):
    job, _ = upper(client, upload(client, "shown.txt", b"shown"))
    page.goto(f"/ui/jobs/{job}")
    expect(page.locator('[data-part="outputs"]')).to_contain_text("SHOWN")
    check_accessibility(page)


def test_a_failed_job_says_what_to_do(page, client):
    job = client.accepted(client.register("echo no luck >&2; exit 3", name="unlucky"), "x")
    client.result(job)
    page.goto(f"/ui/jobs/{job}")
    note = page.locator('[data-part="news"] .note')
    expect(note).to_contain_text("8005")
    expect(note).to_contain_text("no luck")
    expect(note).to_contain_text("Read the end of its log below")
    expect(page.locator("#tail")).to_contain_text("no luck")
    again = page.get_by_role("link", name="Run again with changes")
    assert again.get_attribute("href").endswith(f"?job={job}")
    check_accessibility(page)
    page.get_by_role("button", name="Retry").click()
    page.wait_for_url(lambda url: f"/ui/jobs/{job}" not in url and "/ui/jobs/" in url)


def test_a_job_that_waits_says_why(page, client):
    operation = client.register("sleep 600", name="narrow", concurrency=1)
    first, second = client.accepted(operation, "one"), client.accepted(operation, "two")
    page.goto(f"/ui/jobs/{second}")
    news = page.locator('[data-part="news"]')
    expect(news).to_contain_text("Why it waits", timeout=20_000)
    check_accessibility(page)
    page.get_by_role("button", name="Cancel job").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel job").click()
    expect(page.locator('[data-part="badge"] .state')).to_have_text("cancelled", timeout=20_000)
    client.send("POST", f"/jobs/{first}/cancel")


def test_attempts_stand_on_an_axis(page, client):
    script = 'if [ "$INVOKE_ATTEMPT" = 1 ]; then kill -9 $PPID $$; fi; printf "%s" "$INVOKE_ATTEMPT"'
    job = client.accepted(client.register(script, name="twice"), "x")
    client.result(job)
    page.goto(f"/ui/jobs/{job}")
    history = client.job(job)["history"]
    assert page.locator(".timeline rect:not(.waiting)").count() == len(history)
    assert page.get_by_role("table", name="Attempts").locator("tbody tr").count() == len(history)


def test_the_webhooks_of_its_end_are_told(page, client):
    receiver = Receiver()
    try:
        operation = client.register("printf told", name="told")
        job = client.accepted(operation, "x", Webhook_URL=receiver.url)
        client.result(job)
        page.goto(f"/ui/jobs/{job}")
        sent = page.locator('[data-part="deliveries"]')

        def is_told() -> bool:
            page.reload()
            return "answered 2" in sent.inner_text()

        for _ in range(40):
            if is_told():
                break
            page.wait_for_timeout(250)
        expect(sent).to_contain_text("job.succeeded")
        expect(sent).to_contain_text(receiver.url)
        expect(sent.locator(".state")).to_have_text("delivered")
    finally:
        receiver.close()


def test_an_ended_job_is_removed(page, client):
    job, _ = upper(client, upload(client, "removed.txt", b"x"))
    page.goto(f"/ui/jobs/{job}")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.wait_for_url("**/ui/jobs")
    assert client.send("GET", f"/jobs/{job}").status == 404


def test_markup_in_a_log_stays_text(page, client):
    job = client.accepted(client.register("echo '<img src=x onerror=alert(1)><script>alert(2)</script>'", name="markup"), "x")
    client.result(job)
    page.goto(f"/ui/jobs/{job}")
    expect(page.locator("#tail")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#tail *").count() == 0
