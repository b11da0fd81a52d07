"""Accounts, one's own, and tokens in the console."""

import re

from playwright.sync_api import expect

from conftest import check_accessibility, check_width, log_in
from running_agent import Client


def names(agent) -> list[str]:
    return [account["username"] for account in agent.client().send("GET", "/accounts?limit=200").json["accounts"]]


def test_an_admin_adds_and_removes_an_account(open_browser, agent):
    page = open_browser(expected=("400",))
    page.goto("/ui/accounts")
    page.get_by_label("Username").fill("erin")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("provider: registers services").check()
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".fault", has_text="8 to 256")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("a long pass phrase")
    page.get_by_role("button", name="Add").click()
    row = page.get_by_role("row", name=re.compile("^erin"))
    expect(row).to_contain_text("provider")
    assert agent.client().send("GET", "/accounts/erin").json["roles"] == ["provider", "consumer"]
    row.get_by_role("link", name="erin").press("Enter")
    expect(page).to_have_url(re.compile("/ui/accounts/erin$"))
    expect(page.locator("main")).to_contain_text("provider")
    check_accessibility(page)
    check_width(page)
    page.get_by_label("New password of erin").fill("short")
    page.get_by_role("button", name="Set").click()
    expect(page.locator(".fault", has_text="8 to 256")).to_be_visible()
    page.get_by_label("New password of erin").fill("another pass phrase")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_text("The password of erin is set.")).to_be_visible()
    other = open_browser("erin", "another pass phrase")
    other.goto("/ui/account")
    expect(other.locator("main")).to_contain_text("erin")
    page.get_by_role("button", name="Remove erin").click()
    page.locator("dialog").get_by_role("button", name="Remove").click()
    expect(page).to_have_url(re.compile("/ui/accounts$"))
    expect(page.get_by_role("row", name=re.compile("^admin"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^erin"))).to_have_count(0)
    assert "erin" not in names(agent)


def test_nobody_removes_himself(open_browser):
    page = open_browser()
    page.goto("/ui/accounts")
    page.get_by_role("row", name=re.compile("^admin")).get_by_role("link").click()
    expect(page).to_have_url(re.compile("/ui/account$"))
    expect(page.get_by_label("New password")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)


def test_an_account_s_page_is_for_admins_and_there_is_none_of_nobody(open_browser, agent):
    account = {"username": "heidi", "password": "a long pass phrase", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    for visitor, path in [(("heidi", account["password"]), "admin"), ((), "nobody")]:
        page = open_browser(*visitor, expected=("404",))
        assert page.goto(f"/ui/accounts/{path}").status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_an_account_s_page_offers_nothing_without_scripts_that_needs_them(open_browser, agent):
    account = {"username": "ivan", "password": "a long pass phrase", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    page = open_browser(java_script_enabled=False)
    page.goto("/ui/accounts")
    page.get_by_role("link", name="ivan").click()
    expect(page.locator("main")).to_contain_text("consumer")
    expect(page.locator("main").get_by_role("button")).to_have_count(0)


def test_one_changes_one_s_own_password(open_browser, agent):
    account = {"username": "frank", "password": "a long pass phrase", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    page = open_browser("frank", account["password"])
    page.goto("/ui/account")
    check_accessibility(page)
    check_width(page)
    page.get_by_label("New password").fill("quite another phrase")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    fresh = open_browser(None)
    log_in(fresh, "frank", "quite another phrase", next="/ui/account")
    expect(fresh.locator("main")).to_contain_text("frank")


def test_a_token_is_shown_once_listed_masked_and_revoked(open_browser, agent):
    account = {"username": "grace", "password": "a long pass phrase", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    page = open_browser("grace", account["password"], expected=("401",))
    page.goto("/ui/account")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator("dialog [data-shown=token]").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    program = Client(agent.url, f"Bearer {token}")
    assert program.send("GET", "/jobs").status == 200
    assert token not in page.content()
    page.reload()
    assert token not in page.content()
    # Opening the page makes none: the list has this one alone.
    page.get_by_role("button", name="List your tokens").click()
    row = page.get_by_role("row", name=re.compile(re.escape(token[:6])))
    expect(row).to_have_count(1)
    assert token not in page.content()
    assert program.send("GET", "/api/v1/auth/token").json == [token]
    check_accessibility(page)
    row.get_by_role("button", name=re.compile("^Revoke")).click()
    page.locator("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    assert program.send("GET", "/jobs").status == 401


def test_the_own_account_needs_no_scripts(open_browser):
    page = open_browser(java_script_enabled=False)
    page.goto("/ui/account")
    expect(page.locator("main")).to_contain_text("provider")
    expect(page.get_by_role("button", name="Make a token")).to_have_count(0)
