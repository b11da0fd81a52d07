"""Who gets in, how long he stays, and what other sites' pages can't do meanwhile."""

import pytest
import requests

from conftest import check_accessibility, check_width, log_in

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def consumer(agent):
    body = {"username": "carol", "password": PASSWORD, "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", body).status == 201
    return "carol"


@pytest.fixture
def session(agent, consumer):
    """A program that holds a session's cookie, as a browser does."""
    session = requests.Session()
    ours = {"Origin": agent.url}
    answer = session.post(f"{agent.url}/session", json={"username": consumer, "password": PASSWORD}, headers=ours)
    assert answer.status_code == 200, answer.text
    return session


def test_a_login_goes_where_the_visitor_wanted_to(agent, consumer, open_browser):
    page = open_browser(None)
    page.goto("/ui/account")
    assert "/ui/login?next=" in page.url
    check_accessibility(page)
    check_width(page)
    page.get_by_label("Username").fill(consumer)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/ui/account")
    assert page.get_by_role("link", name=consumer).is_visible()


def test_a_login_works_without_scripts(agent, consumer, open_browser):
    page = open_browser(consumer, PASSWORD, java_script_enabled=False)
    assert page.get_by_role("link", name=consumer).is_visible()


def test_a_wrong_password_is_told(agent, consumer, open_browser):
    page = open_browser(None, expected=("401",))
    page.goto("/ui/login")
    page.get_by_label("Username").fill(consumer)
    page.get_by_label("Password").fill("wrong password")
    page.get_by_role("button", name="Log in").click()
    assert "Username or password is wrong" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Username").input_value() == consumer
    assert page.get_by_label("Password").input_value() == ""


@pytest.mark.parametrize("next", ["https://elsewhere.example/", "//elsewhere.example", "/ui/../accounts", "/\\elsewhere.example"])
def test_a_login_leads_to_no_other_site(agent, consumer, next):
    form = {"username": consumer, "password": PASSWORD}
    answer = requests.post(
        f"{agent.url}/ui/login", params={"next": next}, data=form, headers={"Origin": agent.url}, allow_redirects=False
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ui") or next.startswith("/ui/")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_logout_ends_the_session(agent, consumer, open_browser, session, scripts):
    page = open_browser(consumer, PASSWORD, java_script_enabled=scripts)
    [cookie] = page.context.cookies()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("banner").get_by_role("link", name="Log in").wait_for()
    kept = requests.get(f"{agent.url}/session", cookies={cookie["name"]: cookie["value"]})
    assert kept.status_code == 401
    assert session.get(f"{agent.url}/session").status_code == 200, "another browser's session goes on"


def test_no_script_and_no_other_site_gets_the_cookie(agent, consumer, open_browser):
    page = open_browser(consumer, PASSWORD)
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert page.evaluate("document.cookie") == ""


def test_a_cookie_changes_nothing_for_other_sites(agent, session):
    change = {"password": "a password of somebody else"}
    address = f"{agent.url}/accounts/carol/password"
    for headers in ({}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = session.put(address, json=change, headers=headers)
        assert (answer.status_code, answer.json()["errorcode"]) == (403, 8111), headers
    login = {"username": "carol", "password": PASSWORD}
    for path in ("/session", "/ui/login"):
        answer = requests.post(agent.url + path, json=login, data=login if path == "/ui/login" else None, headers={"Origin": "https://elsewhere.example"})
        assert answer.status_code == 403, path
        assert "Set-Cookie" not in answer.headers


def test_only_the_console_s_own_pages_are_not_asked_by_the_browser(agent):
    for referer, is_asked in [(None, True), ("/jobs/1", True), ("/uid", True), ("/ui", False), ("/ui/jobs?state=failed", False)]:
        headers = {"Referer": agent.url + referer} if referer else {}
        challenge = requests.get(f"{agent.url}/jobs", headers=headers).headers["WWW-Authenticate"]
        assert ("Basic" in challenge, "Bearer" in challenge) == (is_asked, True), referer


def test_a_session_is_no_token_that_a_list_shows(agent, session):
    [token] = session.get(f"{agent.url}/api/v1/auth/token").json()
    assert token not in session.cookies.values()


def test_a_new_password_ends_all_sessions(agent):
    client = agent.client()
    client.send("POST", "/accounts", {"username": "dave", "password": PASSWORD, "roles": ["consumer"]})
    session = requests.Session()
    session.post(f"{agent.url}/session", json={"username": "dave", "password": PASSWORD}, headers={"Origin": agent.url})
    assert session.get(f"{agent.url}/session").json()["username"] == "dave"
    assert client.send("PUT", "/accounts/dave/password", {"password": PASSWORD + "!"}).status == 204
    assert session.get(f"{agent.url}/session").status_code == 401


def test_pages_let_nothing_in_from_elsewhere(agent):
    for path in ("/ui/login", "/ui/nothing-here"):
        headers = requests.get(agent.url + path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_that_there_is_not_is_told(agent, page):
    page.goto("/ui")
    answer = requests.get(f"{agent.url}/ui/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_a_browser_at_the_root_is_sent_to_the_console(agent):
    answer = requests.get(agent.url, headers={"Accept": "text/html"}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ui")
    assert requests.get(agent.url, headers={"Accept": "application/json"}).status_code == 404
