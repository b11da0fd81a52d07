"""The page of an operation: what its form sends, what it says of a call, and the same call for programs."""

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width
from running_agent import PROGRAM

ECHO = """
import json, os
with open(os.environ["INVOKE_INPUTS"]) as inputs:
    inputs = json.load(inputs)
for value in inputs.values():
    if isinstance(value, dict) and "path" in value:
        with open(value.pop("path"), "rb") as content:
            value["bytes"] = content.read().hex()
with open(os.environ["INVOKE_OUTPUT_DIR"] + "/seen", "w") as seen:
    json.dump(inputs, seen)
"""
FLOWER = {
    "type": "object",
    "properties": {
        "petals": {"type": "integer", "minimum": 3, "maximum": 99},
        "colour": {"enum": ["red", "white"]},
        "wild": {"type": "boolean"},
        "heights": {"type": "array", "items": {"type": "number"}, "minItems": 1},
        "names": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["petals", "heights"],
    "additionalProperties": False,
}
AWKWARD = "it's \"quoted\" \\ $HOME `id` %s\nsecond line\tß 🌷 \u2028 end"


def operation(inputs: dict, **more) -> dict:
    run = {"engine": "process", "command": ["python3", "echo.py"], "files": {"echo.py": ECHO}}
    return {"inputs": inputs, "outputs": {"seen": {"type": "json"}}, "run": run, **more}


@pytest.fixture(scope="module")
def ids(agent):
    """The ids of the operations that these tests run, by name."""
    text = {"type": "string"}
    definition = {
        "name": "forms",
        "version": "1.0.0",
        "description": "Shows what it got",
        "tags": ["test"],
        "operations": {
            "texts": operation({
                "line": {"type": "string", "position": 0, "max_length": 80, "min_length": 2, "description": "One line"},
                "number": {"type": "string", "position": 1, "pattern": "^[0-9]+$", "required": False, "default": "3"},
                "code": {"type": "string", "position": 2, "pattern": "^[A-Z]{2}$", "required": False},
                "few": {"type": "string", "position": 3, "enum": ["a", "b"]},
                "many": {"type": "string", "position": 4, "enum": list("qwerty"), "required": False},
                "long": {"type": "string", "position": 5, "required": False},
            }),
            "values": operation({
                "flower": {"type": "json", "schema": FLOWER},
                "loose": {"type": "json", "required": False},
            }),
            "files": operation({
                "file": {"type": "asset", "position": 0},
                "picture": {"type": "asset", "position": 1, "required": False, "content_type": "image/jpeg"},
                "sound": {"type": "asset", "position": 2, "required": False, "content_type": "audio/wav"},
            }),
            "at-once": operation({"text": text}, modes=["sync"]),
            "strange": operation({"text": text, "value": {"type": "json"}}),
            "paid": operation({"text": text}, price={"amount": "0.50", "currency": "OCEAN"}),
        },
    }
    answer = agent.client().send("POST", "/services", definition)
    assert answer.status == 201, answer
    return {name: made["id"] for name, made in answer.json["operations"].items()}


def ran(page, agent) -> dict:
    """What the job whose page is shown has seen."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/ui/jobs/*")
    result = agent.client().result(page.url.rsplit("/", 1)[1])
    assert result["status"] == "completed", result
    return result["result"]["seen"]


@pytest.fixture
def show(page, ids):
    """Opens an operation's page, ready to be filled in."""

    def show(name: str, query: str = ""):
        page.goto(f"/ui/operations/{ids[name]}{query}")
        page.locator("#call").wait_for()
        return page

    return show


def test_texts_numbers_and_choices_arrive(show, agent):
    page = show("texts")
    assert page.get_by_label("number").get_attribute("type") == "number"
    page.get_by_label("line").fill("  two words ")
    page.get_by_label("number").fill("42")
    page.get_by_label("code").fill("DE")
    page.get_by_role("radio", name="b").check()
    page.get_by_label("many").select_option(label="e")
    page.get_by_label("long").fill(AWKWARD)
    check_accessibility(page)
    check_width(page)
    seen = ran(page, agent)
    assert seen == {"line": "  two words ", "number": "42", "code": "DE", "few": "b", "many": "e", "long": AWKWARD}


def test_what_is_left_out_is_not_sent(show, agent):
    page = show("texts")
    page.get_by_label("line").fill("xx")
    page.get_by_role("radio", name="a").check()
    assert ran(page, agent) == {"line": "xx", "number": "3", "few": "a"}


def test_faults_are_told_at_their_fields(show):
    page = show("texts")
    page.get_by_label("line").fill("x")
    page.get_by_label("code").fill("de")
    page.get_by_role("button", name="Run", exact=True).click()

    def fault(name: str) -> str:
        return page.locator(f"[data-input={name}] .fault").first.inner_text()

    assert "1 characters; 2 are needed" in fault("line")
    assert "does not match" in fault("code")
    assert fault("few") == "This is needed."
    assert fault("long") == ""
    assert page.evaluate("document.activeElement.id") == "input-line"
    check_accessibility(page)
    page.get_by_label("line").fill("xy")
    assert fault("line") == ""
    assert "/ui/operations/" in page.url


def test_the_agent_has_the_last_word(show, ids):
    """What the page lets pass, and the agent does not, stands at the field too."""
    page = show("values")
    page.evaluate("document.querySelector('#input-flower\\\\.petals').removeAttribute('max')")
    page.get_by_role("button", name="JSON text").click()
    page.get_by_label("flower as JSON").fill('{"petals": 3.5, "heights": [1]}')
    page.get_by_role("button", name="Dry run").click()
    page.get_by_text("This call would be refused").wait_for()
    assert "integer" in page.locator("[data-input=flower] .fault").all_inner_texts()[-1]


def test_a_json_value_is_put_together_in_fields(show, agent):
    page = show("values")
    flower = page.locator("[data-input=flower]")
    flower.get_by_label("petals").fill("5")
    flower.get_by_label("colour").select_option(label="white")
    flower.get_by_label("wild").select_option(label="false")
    heights = flower.get_by_role("group", name="heights")
    heights.get_by_label("Item 1", exact=True).fill("1.50")
    heights.get_by_role("button", name="Add").click()
    heights.get_by_label("Item 2", exact=True).fill("-2e3")
    names = flower.get_by_role("group", name="names")
    names.get_by_role("button", name="Add").click()
    names.get_by_label("Name", exact=True).fill("la tin")
    names.get_by_label("Value").fill("Tulipa")
    page.get_by_label("loose as JSON").fill("[1, 12345678901234567890]")
    check_accessibility(page)
    check_width(page)
    # The digits of large numbers stay, also where JavaScript has no such number.
    assert "12345678901234567890" in page.locator("#snippet pre").inner_text()
    seen = ran(page, agent)
    assert seen["flower"] == {
        "petals": 5, "colour": "white", "wild": False, "heights": [1.5, -2000], "names": {"la tin": "Tulipa"},
    }
    assert seen["loose"] == [1, 12345678901234567890]


def test_json_text_and_fields_are_the_same_value(show):
    page = show("values")
    page.get_by_role("button", name="JSON text").click()
    text = page.get_by_label("flower as JSON")
    text.fill('{"petals": 7, "heights": [2]}')
    page.get_by_role("button", name="Fields").click()
    assert page.get_by_label("petals").input_value() == "7"
    page.get_by_label("petals").fill("8")
    page.get_by_role("button", name="JSON text").click()
    assert json.loads(text.input_value()) == {"petals": 8, "heights": [2]}
    text.fill('{"petals": 1, "unknown": 1}')
    page.get_by_role("button", name="Fields").click()
    expect(page.locator("[data-input=flower] > .fault")).to_contain_text("can't show")
    assert "unknown" in text.input_value()


def test_faults_in_json_stand_at_their_members(show):
    page = show("values")
    page.get_by_label("petals").fill("1")
    page.get_by_role("button", name="Run", exact=True).click()
    assert page.locator("[id='input-flower.petals-fault']").inner_text() == "has to be at least 3"


DROP = """([selector, name, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name));
  document.querySelector(selector).dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def test_a_dropped_file_arrives_byte_for_byte(show, agent):
    page = show("files")
    content = bytes(range(256)) * 5
    page.evaluate(DROP, ["[data-input=file] .drop", "all bytes.bin", list(content)])
    page.get_by_text("Uploaded all bytes.bin, 1.3 KiB").wait_for()
    check_accessibility(page)
    check_width(page)
    seen = ran(page, agent)
    assert bytes.fromhex(seen["file"]["bytes"]) == content


def test_files_of_one_name_and_size_are_two_assets(show, agent):
    page = show("files")
    for content in (b"one", b"two"):
        page.locator("#input-file-file").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": content})
        page.get_by_text("Uploaded a.txt, 3 B").wait_for()
    assert bytes.fromhex(ran(page, agent)["file"]["bytes"]) == b"two"


def test_a_photo_is_taken(show, agent):
    page = show("files")
    page.locator("#input-file-file").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    page.get_by_role("button", name="Take a photo").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Take the photo").click()
    page.get_by_text("Uploaded photo.jpg").wait_for()
    seen = ran(page, agent)
    assert seen["picture"]["bytes"].startswith("ffd8ff")
    assert seen["picture"]["content_type"] == "image/jpeg"


def test_sound_is_recorded_as_wav(show, agent):
    page = show("files")
    page.locator("#input-file-file").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    page.get_by_role("button", name="Record sound").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("1.", exact=False).wait_for()
    dialog.get_by_role("button", name="Stop and use it").click()
    page.get_by_text("Uploaded sound.wav").wait_for()
    sound = bytes.fromhex(ran(page, agent)["sound"]["bytes"])
    assert (sound[:4], sound[8:16]) == (b"RIFF", b"WAVEfmt ")
    assert int.from_bytes(sound[4:8], "little") == len(sound) - 8 > 10_000


def test_an_asset_is_chosen_among_ones_own(show, agent):
    client = agent.client()
    asset = client.send("POST", "/api/v1/meta/data", {"name": "findable tulip", "type": "dataset"}).json
    assert client.send("PUT", f"/api/v1/assets/{asset}", b"tulip").status == 200
    page = show("files")
    page.locator("[data-input=file]").get_by_role("button", name="Choose one of mine").click()
    page.get_by_label("Name").fill("tulip")
    page.get_by_role("button", name=re.compile("^findable tulip")).click()
    assert bytes.fromhex(ran(page, agent)["file"]["bytes"]) == b"tulip"


def test_what_is_no_did_is_told(show):
    page = show("files")
    page.get_by_label("or an asset that is here").first.fill("tulip.jpg")
    page.get_by_role("button", name="Run", exact=True).click()
    assert "no DID" in page.locator("[data-input=file] .fault").inner_text()


def test_a_dry_run_tells_what_would_happen(show, agent):
    page = show("texts")
    jobs = agent.client().send("GET", "/jobs?limit=1").json["jobs"]
    page.get_by_label("line").fill("ready")
    page.get_by_role("radio", name="a").check()
    page.get_by_role("button", name="Dry run").click()
    page.get_by_text("This call would be accepted").wait_for()
    told = page.locator("#call-plan").inner_text()
    assert "number\n3" in told and "ready" in told and "1 of" in told
    check_accessibility(page)
    assert agent.client().send("GET", "/jobs?limit=1").json["jobs"] == jobs
    page.get_by_label("line").fill("changed")
    assert page.locator("#call-plan").inner_text() == "", "what was told is about another call"


def test_an_operation_that_answers_at_once_shows_its_result(show):
    page = show("at-once")
    page.get_by_label("text").fill("<b>not bold</b>")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("heading", name="Result").wait_for()
    page.locator("#call-outputs").get_by_text("<b>not bold</b>").wait_for()
    check_accessibility(page)


def test_a_job_is_run_again_with_changes(show, agent, ids):
    job = agent.client().send("POST", f"/invokeasync/{ids['texts']}", {"line": "first", "few": "b", "long": AWKWARD}).json["jobid"]
    agent.client().result(job)
    page = show("texts", f"?job={job}")
    assert page.get_by_label("line").input_value() == "first"
    page.get_by_label("line").fill("second")
    assert ran(page, agent) == {"line": "second", "number": "3", "few": "b", "long": AWKWARD}


def test_a_priced_operation_is_bought_and_then_run(agent, ids, open_browser):
    account = {"username": "buyer", "password": "plenty of coins", "roles": ["consumer"]}
    assert agent.client().send("POST", "/accounts", account).status == 201
    page = open_browser("buyer", "plenty of coins", expected=("400",))
    page.goto(f"/ui/operations/{ids['paid']}")
    page.get_by_role("button", name="Buy for 0.50 OCEAN").wait_for()
    check_accessibility(page)
    page.get_by_label("text").fill("bought")
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#call-fault").wait_for()
    page.get_by_role("button", name="Buy for 0.50 OCEAN").click()
    page.get_by_text("You have ordered it").wait_for()
    [purchase] = agent.client().send("GET", "/api/v1/market/purchases").json
    settled = agent.client().send("PUT", f"/api/v1/market/purchases/{purchase['id']}", {"payment": "settled"})
    assert settled.status == 200
    page.get_by_role("button", name="Look again").click()
    page.get_by_text("It is paid for").wait_for()
    assert "PURCHASE_TOKEN" not in page.locator("#snippet pre").inner_text()
    page.get_by_text("I have a purchase token").click()
    page.get_by_label("Purchase token").fill(purchase["id"])
    shown = page.locator("#snippet pre").inner_text()
    assert "$PURCHASE_TOKEN" in shown and purchase["id"] not in shown
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/ui/jobs/*")


def executed(agent, language: str, code: str, folder) -> str:
    """Runs a snippet as a user would paste it; returns what it prints."""
    interpreter, file = {
        "curl": (["bash", "-euo", "pipefail"], "call.sh"),
        "Python": ([sys.executable], "call.py"),
        "JavaScript": (["node"], "call.mjs"),
        "invoke-agent": (["bash", "-euo", "pipefail"], "call.sh"),
    }[language]
    (folder / file).write_text(code)
    environment = {
        "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "INVOKE_TOKEN": agent.token.removeprefix("token "),
        "LC_ALL": "C.UTF-8", "HOME": str(folder),
    }
    ended = subprocess.run([*interpreter, file], cwd=folder, env=environment, capture_output=True, timeout=90)
    assert ended.returncode == 0, ended.stderr.decode() + code
    return ended.stdout.decode()


TEXTS = [AWKWARD, "-", "@file", "@@", "--flag", "'", "\\'\\n", "%d %%", "🌷" * 40_000]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript", "invoke-agent"])
def test_the_same_call_gives_the_same_result(show, agent, tmp_path, language, text):
    """Copied, pasted and run, whatever was typed."""
    page = show("strange")
    value = [None, True, "true 'null'", 1.5e3, {"__proto__": 1, "ß\n": False}, 12345678901234567890]
    page.get_by_label("text", exact=True).fill(text)
    page.get_by_label("value as JSON").fill(json.dumps(value))
    # A browser's text area has no carriage returns.
    page.get_by_role("button", name=language, exact=True).click()
    combinations = [("", "")] if language == "invoke-agent" else [
        (dialect, mode) for dialect in ("seed", "v1") for mode in ("sync", "async")
    ]
    for dialect, mode in combinations:
        if dialect:
            page.get_by_label("Dialect").select_option(dialect)
            page.get_by_label("Answer").select_option(mode)
        printed = json.loads(executed(agent, language, page.locator("#snippet pre").text_content(), tmp_path))
        outputs = printed["outputs"] if "outputs" in printed else printed["result"]
        assert outputs["seen"] == {"text": text, "value": value}, (dialect, mode)


def test_the_call_follows_what_is_typed_and_is_copied(show, open_browser):
    page = show("texts")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("line").fill("typed")
    page.get_by_role("button", name="curl", exact=True).click()
    shown = page.locator("#snippet pre").text_content()
    assert '"line":"typed"' in shown and "a-password-for-tests" not in shown
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == shown


SCRIPT = {
    "name": "cowlike", "image": "none", "log_level": "CRITICAL",
    "script": 'printf "%s|" "$(cat "$INPUT_FILE_PATH")"',
}


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_the_same_call_of_a_script_in_its_own_dialect(agent, page, tmp_path, language):
    client = agent.client()
    if client.send("GET", "/system/services/cowlike").status == 404:
        assert client.send("POST", "/system/services", SCRIPT).status == 201
    id = client.send("GET", "/services/cowlike").json["operations"]["run"]["id"]
    page.goto(f"/ui/operations/{id}")
    body = json.dumps({"message": AWKWARD}, ensure_ascii=False)
    page.locator("#input-input").fill(body)
    page.get_by_role("button", name=language, exact=True).click()
    page.get_by_label("Dialect").select_option("oscar")
    assert executed(agent, language, page.locator("#snippet pre").text_content(), tmp_path).rstrip("\n") == body + "|"


def test_without_scripts_inputs_and_outputs_stand_in_tables(open_browser, ids):
    page = open_browser("admin", java_script_enabled=False)
    page.goto(f"/ui/operations/{ids['texts']}")
    told = page.get_by_role("region", name="Inputs").inner_text()
    assert "at most 80 characters" in told and "one of a, b" in told
    assert "seen" in page.get_by_role("region", name="Outputs").inner_text()
    check_width(page)


def test_the_page_is_light(agent, ids, open_browser):
    """Everything that the first paint needs, as it is before any compression."""
    page = open_browser()
    page.goto(f"/ui/operations/{ids['texts']}")
    page.locator("#call").wait_for()
    sizes = dict(page.evaluate("""performance.getEntries().filter(entry => "encodedBodySize" in entry)
        .map(entry => [entry.name, entry.encodedBodySize])"""))
    assert len(sizes) > 8 and 20_000 < sum(sizes.values()) < 100 * 1024, sizes
    loaded = {name.rsplit("/", 1)[1] for name in sizes}
    assert loaded.isdisjoint({"json.js", "asset.js", "camera.js", "microphone.js", "plan.js"})


def test_a_visitor_sees_the_form_and_is_asked_to_log_in(agent, ids, open_browser):
    page = open_browser(None)
    page.goto(f"/ui/operations/{ids['texts']}")
    page.locator("#call").get_by_role("link", name="Log in to run it").click()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(agent.auth[1])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**/ui/operations/{ids['texts']}")
