"""What a real browser does with the agent's event streams."""

import contextlib

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from running_agent import Agent, scratch_folder

FOLLOW = """
window.told = [];
const events = new EventSource(arguments[0]);
for (const name of ["state", "progress", "log"])
    events.addEventListener(name, event => window.told.push([name, event.lastEventId, JSON.parse(event.data)]));
window.events = events;
"""


@pytest.fixture
def browser(tmp_path):
    """Chromium as Debian has it, without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for switch in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path}"]:
        options.add_argument(switch)
    driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


SCRIPT = """
for n in 1 2 3 4 5 6 7 8; do echo $INVOKE_ATTEMPT.$n; echo ::progress ${n}0; sleep 0.4; done; printf done
"""


@pytest.fixture
def agents():
    """Starts one agent after another, on one folder."""
    with contextlib.ExitStack() as ends:
        folder = ends.enter_context(scratch_folder())

        def start(*options: str) -> Agent:
            agent = Agent(folder, *options)
            ends.callback(agent.kill)
            return agent

        yield start


def test_an_event_source_follows_a_job_across_a_kill_of_the_agent(agents, browser):
    agent = agents()
    client = agent.client()
    job = client.accepted(client.register(SCRIPT), "x")
    # The page asks for credentials; what it does afterwards has them.
    user, password = agent.auth
    browser.get(f"{agent.url}/jobs/{job}".replace("://", f"://{user}:{password}@"))
    browser.execute_script(FOLLOW, f"/jobs/{job}/events")
    wait = WebDriverWait(browser, 60)

    def told() -> list:
        return browser.execute_script("return window.told")

    wait.until(lambda _: any(name == "log" and "1.2" in data["text"] for name, _, data in told()))
    agent.kill()
    agent = agents("--port", agent.url.rpartition(":")[2])
    wait.until(lambda _: told()[-1][2].get("status") == "succeeded")
    # The agent says that nothing more will come: the browser closes the stream, and does not come back.
    wait.until(lambda _: browser.execute_script("return window.events.readyState === EventSource.CLOSED"))
    ids = [int(id) for _, id, _ in told()]
    assert ids == sorted(set(ids))
    states = [(data["status"], data.get("attempt")) for name, _, data in told() if name == "state"]
    assert states == [("scheduled", None), ("running", 1), ("running", None), ("running", 2), ("succeeded", None)]
    lines = "".join(data["text"] for name, _, data in told() if name == "log").splitlines()
    assert lines == agent.client().send("GET", f"/jobs/{job}/logs").body.decode().splitlines()
    assert lines[:2] == ["1.1", "1.2"]
    assert lines[-9:] == [f"2.{n}" for n in range(1, 9)] + ["done"]
    assert [data["percent"] for name, _, data in told() if name == "progress"][-1] == 80
