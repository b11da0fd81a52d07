"""What a page costs to load for the first time."""

import pytest

LIMIT = 150 * 1024


@pytest.mark.parametrize(
    "path",
    ["/ui", "/ui/services/new", "/ui/jobs", "/ui/assets", "/ui/assets/new", "/ui/market", "/ui/webhooks", "/ui/operate",
     "/ui/pools", "/ui/accounts", "/ui/account", "/ui/health", "/ui/configuration"],
)
def test_a_page_loads_less_than_150_kib(page, path):
    assert transferred(page, path) < LIMIT


def test_the_pages_of_an_operation_a_job_and_an_asset_do_too(agent, page):
    client = agent.client()
    operation = client.register("seq 1000")
    job = client.accepted(operation, "x")
    client.result(job)
    asset = client.send("POST", "/api/v1/meta/data", {"name": "a", "type": "dataset"}).json
    for path in (f"/ui/operations/{operation}", f"/ui/jobs/{job}", f"/ui/assets/{asset}", f"/ui/assets/{asset}/provenance"):
        assert transferred(page, path) < LIMIT, path


def transferred(page, path: str) -> int:
    """Bytes over the wire with nothing kept from before: bodies and heads of all that the page loads."""
    sizes = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    assert page.goto(path).status == 200
    # What its scripts fetch once they run.
    page.wait_for_timeout(1500)
    session.detach()
    return sum(sizes)
