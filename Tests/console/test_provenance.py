"""The graph of provenance: walked up and down, told as a table, taken away as PROV-JSON and as SVG."""

import json
import xml.etree.ElementTree as xml

import pytest
from playwright.sync_api import expect

from conftest import check_accessibility, check_width
from services import upload, upper


@pytest.fixture
def client(agent):
    return agent.client()


@pytest.fixture(scope="module")
def chain(agent):
    """Five assets, each made of the one before."""
    client = agent.client()
    assets = [upload(client, "the origin", b"abc")]
    for _ in range(4):
        assets.append(upper(client, assets[-1])[1])
    return assets


def node(page, asset: str):
    return page.locator(f'.node[data-node$="{asset}"]')


def test_the_graph_is_walked_up_and_down(page, chain):
    page.goto(f"/ui/assets/{chain[2]}/provenance?depth=1")
    expect(node(page, chain[2])).to_have_class("node asset start")
    expect(node(page, chain[1])).to_be_attached()
    expect(node(page, chain[3])).to_be_attached()
    expect(node(page, chain[0])).to_have_count(0)
    node(page, chain[1]).get_by_role("button", name="was made of").click()
    expect(node(page, chain[0])).to_be_attached()
    expect(node(page, chain[0]).locator(".name")).to_have_text("the origin")
    node(page, chain[3]).get_by_role("button", name="was used for").press("Enter")
    expect(node(page, chain[4])).to_be_attached()
    assert page.locator("#facts tbody tr").count() == 4
    expect(page.locator("#facts").get_by_role("link", name="the origin")).to_be_visible()
    node(page, chain[4]).get_by_role("button", name="was used for").press("Enter")
    expect(page.locator("#announcements")).to_contain_text("Nothing else was made of")
    expect(node(page, chain[4]).get_by_role("button", name="was used for")).to_have_count(0)
    check_accessibility(page)


def test_causes_stand_left_of_what_came_of_them(page, chain):
    page.goto(f"/ui/assets/{chain[2]}/provenance?depth=10")
    left = [node(page, asset).bounding_box()["x"] for asset in chain]
    assert left == sorted(left) and len(set(left)) == len(left)
    boxes = page.locator(".node .box").evaluate_all("""nodes => nodes.map(node => node.getBoundingClientRect().toJSON())""")
    for index, one in enumerate(boxes):
        for other in boxes[index + 1:]:
            apart = one["right"] <= other["left"] or other["right"] <= one["left"] or one["bottom"] <= other["top"] or other["bottom"] <= one["top"]
            assert apart, (one, other)


def test_the_drawing_moves_by_keys_buttons_and_drag(page, chain):
    page.goto(f"/ui/assets/{chain[2]}/provenance")
    content = page.locator(".drawing .content")

    def changed(act):
        before = content.get_attribute("transform")
        act()
        assert content.get_attribute("transform") != before

    page.locator(".drawing").focus()
    changed(lambda: page.keyboard.press("ArrowRight"))
    changed(lambda: page.keyboard.press("+"))
    changed(lambda: page.get_by_role("button", name="Larger").click())
    changed(lambda: page.get_by_role("button", name="Show all").click())
    box = page.locator(".drawing").bounding_box()

    def drag():
        page.mouse.move(box["x"] + 8, box["y"] + 8)
        page.mouse.down()
        page.mouse.move(box["x"] + 60, box["y"] + 40)
        page.mouse.up()

    changed(drag)


def test_what_is_taken_away_is_what_the_api_says(page, client, chain, tmp_path):
    page.goto(f"/ui/assets/{chain[2]}/provenance")
    for direction, label in (("up", "PROV-JSON of its origin"), ("down", "PROV-JSON of its use")):
        with page.expect_download() as download:
            page.get_by_role("link", name=label).click()
        file = tmp_path / direction
        download.value.save_as(file)
        answer = client.send("GET", f"/api/v1/meta/data/{chain[2]}/provenance?direction={direction}&depth=100&limit=1000")
        assert json.loads(file.read_bytes()) == answer.json
        assert download.value.suggested_filename == f"provenance-{direction}-{chain[2][:10]}.json"


def test_the_picture_stands_on_its_own(page, chromium, chain, tmp_path):
    page.goto(f"/ui/assets/{chain[2]}/provenance")
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    file = tmp_path / "graph.svg"
    download.value.save_as(file)
    root = xml.parse(file).getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    drawn = page.locator(".node .name").all_text_contents()
    assert drawn and set(drawn) <= set(texts)
    assert not root.findall(".//*[@role='button']")
    # Elsewhere, without the console's styles, it has the same colours.
    there = chromium.new_page()
    there.goto(file.as_uri())
    colours = [there.locator("rect[rx='10']").first, page.locator(".node.asset .box").first]
    fills = [each.evaluate("element => getComputedStyle(element).fill") for each in colours]
    assert fills[0] == fills[1] != "rgb(0, 0, 0)"
    there.close()


def test_the_table_tells_it_without_scripts(open_browser, chain):
    page = open_browser(java_script_enabled=False)
    page.goto(f"/ui/assets/{chain[2]}/provenance?depth=1")
    assert page.locator("#facts tbody tr").count() == 2
    page.get_by_role("link", name="10 jobs").click()
    assert page.locator("#facts tbody tr").count() == 4
    assert page.get_by_role("link", name="the origin").is_visible()
    assert not page.locator("#graph").is_visible()


def test_a_job_has_a_graph_too(page, client, chain):
    job, made = upper(client, chain[0])
    page.goto(f"/ui/jobs/{job}/provenance")
    expect(page.locator(".node.start")).to_have_attribute("data-node", job)
    expect(node(page, made)).to_be_attached()
    expect(node(page, chain[0]).locator(".name")).to_have_text("the origin")
    check_accessibility(page)


def test_a_graph_of_hundreds_stays_readable(page, client, chain):
    source = upload(client, "used by many", b"abc")
    for _ in range(60):
        upper(client, source)
    page.goto(f"/ui/assets/{source}/provenance")
    count = page.locator(".node.asset").count()
    assert 20 <= count <= 45
    expect(page.get_by_text("Only the nearest 40 assets")).to_be_visible()
    for _ in range(7):
        if page.locator(".node.asset").count() == 61:
            break
        node(page, source).get_by_role("button", name="was used for").press("Enter")
        page.wait_for_timeout(500)
    expect(page.locator(".node.asset")).to_have_count(61)


def test_the_page_is_narrow(page, chain):
    page.goto(f"/ui/assets/{chain[2]}/provenance")
    check_width(page)
