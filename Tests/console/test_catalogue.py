"""Finding operations, and registering, replacing and retiring services."""

import re

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width
from running_agent import ROOT

EXAMPLE = ROOT / "Sources/InvokeConsole/static/example-service.yaml"


def definition(name: str, tags: list[str], **operation) -> dict:
    return {
        "name": name,
        "version": "1.0.0",
        "tags": tags,
        "operations": {
            f"{name}-it": {
                "description": f"Does what {name} says",
                "inputs": {"text": {"type": "string"}},
                "outputs": {"out": {"type": "string"}},
                "run": {"engine": "process", "command": ["sh", "-c", 'read -r word; test "$word" != fail && echo "$word"']},
                **operation,
            }
        },
    }


@pytest.fixture(scope="module")
def services(agent):
    """Three services, of which the first has run; the ids of their operations by name."""
    client, ids = agent.client(), {}
    for one in (
        definition("apples", ["fruit", "round"], modes=["async"]),
        definition("pears", ["fruit"], price={"amount": "1.50", "currency": "OCEAN"}),
        definition("stones", ["hard"]),
    ):
        answer = client.send("POST", "/services", one)
        assert answer.status == 201, answer
        [ids[one["name"]]] = [made["id"] for made in answer.json["operations"].values()]
    for word in ("one", "fail", "three"):
        client.result(client.send("POST", f"/invokeasync/{ids['apples']}", {"text": word + "\n"}).json["jobid"])
    return ids


def names(page) -> list[str]:
    return sorted(page.locator(".offer-name").all_inner_texts())


def test_the_catalogue_tells_price_modes_time_and_last_runs(services, page):
    page.goto("/ui")
    assert {"apples-it", "pears-it", "stones-it"} <= set(names(page))
    pears = page.locator(".offer", has_text="pears-it").inner_text()
    assert "1.50 OCEAN" in pears and "at once or as a job" in pears and "none yet" in pears
    apples = page.locator(".offer", has_text="apples-it")
    assert "free" in apples.inner_text() and "runs as a job" in apples.inner_text()
    marks = [re.sub(" after.*", "", text) for text in apples.locator(".runs li").all_inner_texts()]
    assert marks == ["succeeded", "failed", "succeeded"]
    assert re.search(r"\d (ms|s)", apples.inner_text())
    check_accessibility(page)
    check_width(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_operations_are_found_by_words_tags_and_services(services, open_browser, scripts):
    page = open_browser(java_script_enabled=scripts)
    page.goto("/ui")
    page.get_by_label("Words").fill("pears SAYS")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".offer-name")).to_have_text(["pears-it"])
    page.get_by_role("link", name=re.compile("text: pears SAYS")).click()
    page.locator(".offer", has_text="pears-it").get_by_role("link", name="fruit").click()
    expect(page.locator(".offer-name")).to_have_text(["apples-it", "pears-it"])
    page.get_by_label("Service").fill("apples")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".offer-name")).to_have_text(["apples-it"])
    page.get_by_label("Words").fill("nothing like this")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Show all operations").click()
    expect(page.locator(".offer-name").nth(2)).to_be_visible()


def test_the_catalogue_has_pages(agent, page):
    operations = {f"op{number:02}": definition("x", [])["operations"]["x-it"] for number in range(30)}
    answer = agent.client().send("POST", "/services", {"name": "many", "version": "1.0.0", "operations": operations})
    assert answer.status == 201, answer
    page.goto("/ui?service=many")
    seen = names(page)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator(".offer-name")).to_have_count(6)
    assert sorted(seen + names(page)) == sorted(operations)
    page.get_by_role("link", name="First page").click()
    expect(page.locator(".offer-name")).to_have_count(24)


def test_the_example_registers_as_it_stands(agent, page):
    """The start text of the page for a new service is true."""
    page.goto("/ui/services/new")
    page.get_by_text("Nothing is wrong").wait_for()
    assert page.get_by_label("Definition", exact=True).input_value() == EXAMPLE.read_text()
    check_accessibility(page)
    check_width(page)
    page.get_by_role("button", name="Register").click()
    page.wait_for_url("**/ui/services/shout")
    shown = page.get_by_role("dialog").locator("code").inner_text()
    assert shown == agent.client().send("GET", "/services/shout").json["token"]
    page.get_by_role("button", name="I have kept it").click()
    page.reload()
    assert page.get_by_role("dialog").count() == 0 and shown not in page.content()
    page.locator(".offer-name").get_by_role("link", name="shout").click()
    page.get_by_label("text").fill("hello")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/ui/jobs/*")
    assert agent.client().result(page.url.rsplit("/", 1)[1])["result"] == {"loud": "HELLO"}
    # The others find the page as it is before the example has been registered.
    assert agent.client().send("DELETE", "/services/shout").status == 204


def test_a_fault_is_marked_at_its_line_and_mended(open_browser):
    page = open_browser(expected=("400",))
    page.goto("/ui/services/new")
    page.get_by_text("Nothing is wrong").wait_for()
    area, send = page.get_by_label("Definition", exact=True), page.get_by_role("button", name="Register")
    good = EXAMPLE.read_text().replace("name: shout", "name: mended")
    bad = good.replace("max_length: 10000", "max_length: many").replace("type: string}", "type: strnig}")
    area.fill(bad)
    page.get_by_text("There are 2 faults").wait_for()
    assert send.is_disabled()
    lines = [bad[: bad.index(text)].count("\n") + 1 for text in ("max_length: many", "strnig")]
    marked = page.locator(".gutter li").evaluate_all("all => all.flatMap((li, i) => li.className === 'wrong' ? [i + 1] : [])")
    assert marked == lines
    told = page.locator(".violations").inner_text()
    assert "#/operations/shout/inputs/text/max_length" in told
    check_accessibility(page)
    check_width(page)
    page.get_by_role("button", name=f"Line {lines[1]}", exact=True).click()
    assert "strnig" in page.evaluate("(() => { const t = document.activeElement; return t.value.slice(t.selectionStart, t.selectionEnd); })()")
    area.fill(good)
    page.get_by_text("Nothing is wrong").wait_for()
    assert page.locator(".gutter li.wrong").count() == 0
    send.click()
    page.wait_for_url("**/ui/services/mended")


def test_text_that_is_no_yaml_is_told(open_browser):
    page = open_browser(expected=("400",))
    page.goto("/ui/services/new")
    page.get_by_text("Nothing is wrong").wait_for()
    page.get_by_label("Definition", exact=True).fill("name: [unclosed\nversion: 1")
    page.locator("#verdict[data-kind=bad]").wait_for()


def test_a_definition_is_taken_from_a_file(page, tmp_path):
    page.goto("/ui/services/new")
    page.get_by_text("Nothing is wrong").wait_for()
    page.get_by_label("Take it from a file").set_input_files(ROOT / "examples/hash/service.yaml")
    expect(page.get_by_label("Definition", exact=True)).to_have_value(re.compile("^name: hash"))
    page.get_by_text("Nothing is wrong").wait_for()


def test_a_service_is_replaced_and_retired_by_its_owner(agent, page):
    client = agent.client()
    assert client.send("POST", "/services", definition("shortlived", ["x"])).status == 201
    page.goto("/ui/services/shortlived")
    check_accessibility(page)
    check_width(page)
    page.get_by_role("link", name="Replace").click()
    page.get_by_text("it can take the place").wait_for()
    area = page.get_by_label("Definition", exact=True)
    area.fill(area.input_value().replace('"1.0.0"', '"2.0.0"'))
    page.get_by_text("it can take the place").wait_for()
    check_accessibility(page)
    expect(page.locator("#send")).to_be_enabled()
    page.locator("#send").click()
    page.wait_for_url("**/ui/services/shortlived")
    assert client.send("GET", "/services/shortlived").json["service"]["version"] == "2.0.0"
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="Retire").click()
    page.get_by_role("dialog").get_by_role("button", name="Retire").click()
    page.wait_for_url("**/ui")
    assert client.send("GET", "/services/shortlived").status == 404


def test_a_consumer_is_offered_nothing_that_is_the_owners(agent, services, open_browser):
    account = {"username": "guest", "password": "a long pass phrase", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    page = open_browser("guest", "a long pass phrase", expected=("404",))
    page.goto("/ui")
    assert page.get_by_role("link", name="Register a service").count() == 0
    page.goto("/ui/services/apples")
    for name in ("Replace", "Retire"):
        assert page.get_by_text(name, exact=True).count() == 0
    assert page.locator("#own").count() == 0
    for path in ("/ui/services/new", "/ui/services/apples/edit"):
        assert page.goto(path).status == 404
