"""Assets: found, uploaded, looked at, followed to where they came from and what became of them."""

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width
from services import upload, upper


@pytest.fixture
def client(agent):
    return agent.client()


@pytest.fixture(scope="module")
def chain(agent):
    """An asset, the job that used it, and what that made."""
    client = agent.client()
    letters = upload(client, "letters.txt", b"abc")
    return letters, *upper(client, letters)


def test_assets_are_found_without_scripts(open_browser, chain):
    page = open_browser(java_script_enabled=False)
    page.goto("/ui/assets")
    assert page.get_by_role("link", name="letters.txt").is_visible()
    page.get_by_label("Search your assets").fill("letters")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/ui/assets?q=letters")
    assert page.locator("tbody tr").count() >= 1
    page.get_by_label("Search your assets").fill("nothing is called so")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_text("None of your assets is called so.").is_visible()


def test_a_file_is_uploaded(page, client, tmp_path):
    file = tmp_path / "weather.csv"
    file.write_text("station,rain\nKew,3\n")
    page.goto("/ui/assets")
    page.get_by_role("link", name="Upload").click()
    page.get_by_label("Drop a file here").set_input_files(file)
    expect(page.get_by_label("Name")).to_have_value("weather.csv")
    check_accessibility(page)
    check_width(page)
    page.get_by_label("Name").fill("the weather")
    page.get_by_label("Content type").fill("text/csv")
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(lambda url: len(url.rsplit("/", 1)[1]) == 64)
    id = page.url.rsplit("/", 1)[1]
    assert client.send("GET", f"/api/v1/assets/{id}").body == file.read_bytes()
    expect(page.get_by_role("heading", name="the weather")).to_be_visible()
    expect(page.locator("[data-view]")).to_contain_text("Kew")
    expect(page.locator(".facts").first).to_contain_text("text/csv")
    check_accessibility(page)


def test_an_asset_says_where_it_came_from_and_what_became_of_it(page, client, chain):
    letters, job, loud = chain
    page.goto(f"/ui/assets/{loud}")
    origin = page.locator("section", has=page.locator("#origin"))
    assert origin.get_by_role("link", name=job, exact=True).is_visible()
    assert origin.get_by_role("link", name="letters.txt").is_visible()
    facts = page.locator(".facts").first
    etag = client.send("GET", f"/api/v1/assets/{loud}").headers["ETag"].strip('"')
    expect(facts).to_contain_text(etag)
    expect(facts).to_contain_text("3 B")
    expect(page.locator("[data-view]")).to_contain_text("ABC")
    check_accessibility(page)
    check_width(page)
    origin.get_by_role("link", name="letters.txt").click()
    used = page.locator("section", has=page.locator("#used"))
    assert used.get_by_role("link", name=job, exact=True).is_visible()
    assert used.locator(f'a[href="/ui/assets/{loud}"]').is_visible()


def test_its_content_is_removed(page, client):
    asset = upload(client, "short-lived", b"for now")
    page.goto(f"/ui/assets/{asset}")
    page.get_by_role("button", name="Remove content").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove content").click()
    expect(page.get_by_text("was not uploaded yet, or has been removed")).to_be_visible()
    assert client.send("GET", f"/api/v1/assets/{asset}").status == 404


def test_a_stranger_sees_none_of_it(agent, open_browser, chain):
    assert agent.account("stranger")
    page = open_browser("stranger", "a long pass phrase", expected=("404",))
    page.goto("/ui/assets")
    assert page.get_by_text("You own no assets yet.").is_visible()
    for path in (f"/ui/assets/{chain[2]}", f"/ui/assets/{chain[2]}/provenance"):
        assert page.goto(path).status == 404


def test_the_list_is_accessible_and_narrow(page, chain):
    page.goto("/ui/assets")
    check_accessibility(page)
    check_width(page)
