"""A browser with the console of a running agent in it."""

import contextlib
import json
import pathlib

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright

from running_agent import Agent, scratch_folder

AXE = pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js"


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium, without a window; its camera and microphone are made up."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def agent():
    """One for all tests of a file."""
    with scratch_folder() as folder:
        agent = Agent(folder, "--outbound-allow", "127.0.0.0/8")
        yield agent
        agent.stop()


@pytest.fixture
def open_browser(chromium, agent):
    """Opens browsers that share nothing; what one's console says of errors fails the test, unless `expected` has it."""
    with contextlib.ExitStack() as ends:
        heard = []

        def start(username: str | None = "admin", password: str | None = None, expected: tuple[str, ...] = (), **options):
            context = chromium.new_context(base_url=agent.url, **options)
            ends.callback(context.close)
            page = context.new_page()

            def hear(text: str):
                if not any(part in text for part in expected):
                    heard.append(text)

            page.on("console", lambda said: hear(f"{said.text} {said.location}") if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: hear(str(error)))
            if username is not None:
                log_in(page, username, password or agent.auth[1])
            return page

        yield start
        assert heard == []


@pytest.fixture
def page(open_browser):
    """A browser in which the admin is logged in."""
    return open_browser()


def log_in(page, username: str, password: str, next: str = "/ui"):
    page.goto(f"/ui/login?next={next}")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{next}")


def check_accessibility(page):
    """Labels, contrast, roles and the order of headings, by axe's rules, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # The page's own policy lets no script in; the debugger's door is not the page's.
        page.evaluate(AXE.read_text())
        found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
        told = [{"rule": one["id"], "help": one["help"], "where": [node["html"][:200] for node in one["nodes"]][:5]} for one in found]
        assert told == [], f"{scheme}: {json.dumps(told, indent=1)}"
    page.emulate_media(color_scheme="light")


def check_width(page):
    """On a phone nothing but tables and code is wider than the screen."""
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
