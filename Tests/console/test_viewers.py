"""What a content looks like in the browser, and what it can't do there."""

import json
import struct
import zipfile

import pytest
from conftest import check_accessibility, check_width
from playwright.sync_api import expect

import viewer_samples as samples
from viewer_stage import STATIC, Stage

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def stage():
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def open_page(chromium, stage):
    """Opens contents in a browser; what its console says of errors fails the test, unless `expected` has it."""
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    heard = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}") or dialog.dismiss())
    page.expected = ()

    def start(*elements: str, expected: tuple[str, ...] = ()):
        page.expected = expected
        stage.show(page, *elements)
        ready(page)
        return page

    yield start
    assert page.evaluate("window.hacked") is None
    assert [text for text in heard if not any(part in text for part in page.expected)] == []
    context.close()


def ready(page):
    """Waits until nothing is loading any more."""
    page.locator("[data-view]:not(.view), [data-view][aria-busy], [role=status]:text-is('Loading…')").first.wait_for(state="detached")


def tabs(page) -> list[str]:
    return page.get_by_role("tab").all_inner_texts()


def tab(page, name: str):
    page.get_by_role("tab", name=name).click()
    ready(page)


def rows(page) -> list[list[str]]:
    """The cells that the table in sight has."""
    expect(page.locator("tbody tr").first).to_be_attached()
    return [line.locator("td").all_inner_texts() for line in page.locator("tbody tr").all()]


def test_a_picture_is_fitted_and_named(open_page, stage):
    page = open_page(stage.put("leaf.png", samples.png(2000, 40)))
    picture = page.get_by_role("img", name="leaf.png")
    assert picture.evaluate("image => image.naturalWidth") == 2000
    assert picture.bounding_box()["width"] < 1300
    page.get_by_role("button", name="Actual size").click()
    assert picture.bounding_box()["width"] == 2000
    assert page.get_by_role("button", name="Actual size").get_attribute("aria-pressed") == "true"
    assert tabs(page) == ["Image", "Bytes"]
    check_accessibility(page)
    check_width(page)


@pytest.mark.parametrize(("said", "given"), [("", None), ("application/octet-stream", None), ("", "image/png")])
def test_a_type_that_nobody_told_is_found_in_the_bytes(open_page, stage, said, given):
    page = open_page(stage.put("thing", samples.png(), given, said=said))
    assert page.get_by_role("img", name="thing").is_visible()


@pytest.mark.parametrize(("body", "first"), [
    (b"%PDF-1.4", "Document"), (b"PK\5\6" + bytes(18), "Files"), (b'{"a": [1]}', "JSON"), (b'{"a":1}\n{"a":2}\n', "Table"),
    (b"a;b\n1;2\n3;4\n", "Table"), (b"Just words.\nMore of them.", "Text"), (b"\0\1\2", "Bytes"),
    (b"<?xml version='1.0'?><!-- a --><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "Image"),
])
def test_first_bytes_tell_the_viewer(open_page, stage, body, first):
    assert tabs(open_page(stage.put("thing", body)))[0] == first


def test_a_sound_is_played(open_page, stage):
    page = open_page(stage.put("tone.wav", samples.wav()))
    player = page.locator("audio[controls]")
    assert 0.4 < player.evaluate("player => player.duration") < 0.6
    player.evaluate("async (player) => { player.muted = true; await player.play() }")
    check_accessibility(page)


def test_a_film_is_played(open_page, stage):
    page = open_page(stage.inline("nothing", "1"))
    film = page.evaluate("""async () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
        const context = canvas.getContext('2d');
        const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
        const parts = [];
        recorder.ondataavailable = ({ data }) => parts.push(data);
        recorder.start();
        for (let i = 0; i < 12; i++) {
            context.fillStyle = i % 2 ? 'teal' : 'white';
            context.fillRect(0, 0, 64, 48);
            await new Promise((done) => setTimeout(done, 40));
        }
        recorder.stop();
        await new Promise((done) => { recorder.onstop = done; });
        return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
    }""")
    page = open_page(stage.put("film", bytes(film)))
    assert page.locator("video[controls]").evaluate("player => [player.videoWidth, player.videoHeight]") == [64, 48]


def test_a_document_is_shown_under_our_type(open_page, stage):
    page = open_page(stage.put("paper.pdf", samples.pdf()))
    frame = page.get_by_title("paper.pdf")
    assert frame.get_attribute("src").startswith("blob:")
    assert frame.element_handle().content_frame().evaluate("document.contentType") == "application/pdf"
    assert page.get_by_role("link", name="Download paper.pdf").get_attribute("href") == "/content/paper.pdf"


def test_a_table_is_read_sorted_and_filtered(open_page, stage):
    text = '\ufeffname;size;note\r\n"b ""x""";10;"two\r\nlines"\r\na;9;\r\nc;-1.5e1;=1+1\r\nd;;last\r\ne;-20;low\r\n'
    page = open_page(stage.put("data.csv", text, "text/csv"))
    assert rows(page)[0] == ['b "x"', "10", "two lines"]
    assert "5 rows" in page.get_by_role("status").all_inner_texts()[0]
    size = page.get_by_role("columnheader", name="size")
    size.get_by_role("button").click()
    expect(size).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("tbody tr").first).to_contain_text("-20")
    assert [row[1] for row in rows(page)] == ["-20", "-1.5e1", "9", "10", ""]
    size.get_by_role("button").press("Enter")
    expect(size).to_have_attribute("aria-sort", "descending")
    expect(page.locator("tbody tr").first).to_contain_text("10")
    assert [row[1] for row in rows(page)] == ["10", "9", "-1.5e1", "-20", ""], "rows without a value are last in both directions"
    page.get_by_label("Rows with").fill("LAST")
    expect(page.get_by_text("1 of 5 rows")).to_be_visible()
    assert rows(page) == [["d", "", "last"]]
    check_accessibility(page)
    check_width(page)


def test_equal_rows_keep_their_order(open_page, stage):
    page = open_page(stage.put("data.csv", "group,id\n" + "".join(f"{'ab'[i % 2]},{i}\n" for i in range(12))))
    for expected in ([0, 2, 4, 6, 8, 10, 1, 3], [1, 3, 5, 7, 9, 11, 0, 2]):
        page.get_by_role("columnheader", name="group").get_by_role("button").click()
        expect(page.locator("tbody tr").first).to_contain_text(str(expected[0]))
        assert [int(row[1]) for row in rows(page)][:8] == expected


def test_json_rows_are_a_table_too(open_page, stage):
    objects = stage.inline("objects", json.dumps([{"name": "Ada", "age": 36}, {"name": "Grace", "tags": ["x"]}]))
    page = open_page(objects)
    assert tabs(page) == ["Table", "Plot", "JSON", "Text"]
    assert rows(page) == [["Ada", "36", ""], ["Grace", "", '["x"]']]
    page = open_page(stage.inline("arrays", '[["x", "y"], [1, 2], [3, 4]]'))
    assert rows(page) == [["1", "2"], ["3", "4"]]
    page = open_page(stage.put("log.jsonl", '{"a": 1}\n\n{"a": null, "b": true}\n'))
    assert rows(page) == [["1", ""], ["", "true"]]
    page = open_page(stage.put("broken.jsonl", '{"a": 1}\n{"a": \n'))
    assert "Line 2 is not valid JSON" in page.get_by_role("alert").inner_text()


def test_a_large_table_leaves_the_page_alive(open_page, stage):
    page = open_page(stage.put("big.csv", samples.table(100_000)))
    expect(page.get_by_text("100\u202f000 rows")).to_be_visible()
    assert len(rows(page)) < 40, "only the rows in sight are built"
    # The page is alive when it draws and answers between the question and its answer.
    frames = page.evaluate("""async () => {
        const header = [...document.querySelectorAll('th button')].find((button) => button.textContent.includes('station'));
        let frames = 0;
        header.click();
        while (document.querySelector('[aria-busy]')) {
            await new Promise(requestAnimationFrame);
            frames++;
        }
        return frames;
    }""")
    assert frames > 1
    assert rows(page)[0][2] == "station 0"
    page.get_by_role("region", name="Table big.csv").evaluate("region => { region.scrollTop = region.scrollHeight }")
    expect(page.locator("tbody tr").last).to_contain_text("station 999")
    expect(page.locator("tbody tr").last).to_have_attribute("aria-rowindex", "100001")
    assert len(rows(page)) < 40


def test_columns_are_plotted(open_page, stage):
    page = open_page(stage.put("data.csv", samples.table(200)))
    tab(page, "Plot")
    assert "height by id, 200 points. id goes from 0 to 199." in page.get_by_role("img").get_attribute("aria-label")
    assert page.locator(".plot-line").count() == 1
    page.get_by_label("As").select_option("scatter")
    expect(page.locator(".plot-dot")).to_have_count(200)
    page.get_by_label("Across").select_option("station")
    page.get_by_label("As").select_option("bar")
    expect(page.locator(".plot-bar")).to_have_count(100)
    assert "Each bar is the mean of 2 rows" in page.locator("figcaption").inner_text()
    page.get_by_label("Across").select_option("day")
    page.get_by_label("As").select_option("line")
    expect(page.locator(".plot text", has_text="2026-01-0").first).to_be_visible()
    check_accessibility(page)
    check_width(page)


def test_a_plot_of_much_is_thinned_and_keeps_its_extremes(open_page, stage):
    lines = [f"{i},{1000 if i == 77_777 else i % 7}" for i in range(100_000)]
    page = open_page(stage.put("data.csv", "x,y\n" + "\n".join(lines)))
    tab(page, "Plot")
    assert "y goes from 0 to 1,000" in page.locator("figcaption").inner_text()
    path = page.locator(".plot-line").get_attribute("d")
    assert path.count("L") < 2000
    assert min(float(point.split(" ")[1]) for point in path[1:].split("L")) < 20, "the one high value is drawn"


def test_a_plot_needs_numbers(open_page, stage):
    page = open_page(stage.put("data.csv", "a,b\nx,y\n"))
    tab(page, "Plot")
    assert "nothing to plot" in page.get_by_role("tabpanel").inner_text()


@pytest.mark.parametrize("value", [
    {"dog": 0.2, "cat": 0.75, "bird": 0.05},
    [{"label": "dog", "score": 0.2}, {"label": "cat", "score": 0.75}, {"label": "bird", "score": 0.05}],
    [{"class": "dog", "confidence": 0.2}, {"class": "cat", "confidence": 0.75}, {"class": "bird", "confidence": 0.05}],
    {"animal": "cat", "probabilities": {"dog": 0.2, "cat": 0.75, "bird": 0.05}},
])
def test_labels_are_bars_with_percent(open_page, stage, value):
    page = open_page(stage.inline("guess", json.dumps(value)))
    assert [" ".join(text.split()) for text in page.get_by_role("listitem").all_inner_texts()] == ["cat 75 %", "dog 20 %", "bird 5 %"]
    check_accessibility(page)
    check_width(page)


def test_a_json_value_is_a_tree(open_page, stage):
    value = {"id": "a1", "list": list(range(1000)), "part": {"none": None, "odd key": [True]}, "large": 12345678901234567890}
    page = open_page(stage.inline("result", json.dumps(value)))
    tree = page.get_by_role("tree")
    assert "12345678901234567890" in tree.inner_text()
    items = page.get_by_role("treeitem")
    first = tree.get_by_role("treeitem").first
    first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.get_by_role("treeitem", name="list")).to_have_attribute("aria-expanded", "true")
    assert page.get_by_role("treeitem", name="900 … 999").count() == 1, "a long list comes in parts"
    assert items.count() < 60
    page.get_by_role("searchbox", name="Find").fill("957")
    expect(page.locator(".json-hit")).to_have_text("957: 957")
    expect(page.locator(".json-path")).to_have_text("$.list[957]")
    page.get_by_role("button", name="Copy path").click()
    expect(page.get_by_text("Path copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "$.list[957]"
    check_accessibility(page)
    check_width(page)


def test_a_single_value_is_just_told(open_page, stage):
    page = open_page(stage.inline("count", "42"), stage.inline("word", '"a \\"word\\""'))
    assert page.locator(".json-alone").all_inner_texts() == ["42", '"a \\"word\\""']
    assert tabs(page) == []


def test_json_that_is_none_is_shown_as_text(open_page, stage):
    page = open_page(stage.put("broken.json", '{"a": 1,'))
    assert tabs(page)[0] == "Text"
    assert '{"a": 1,' in page.get_by_role("region").inner_text()
    tab(page, "JSON")
    assert "JSON" in page.get_by_role("alert").inner_text()


def test_a_large_json_value_stays_quick(open_page, stage):
    value = [{"id": i, "name": f"thing {i}", "tags": ["a", {"b": i}]} for i in range(50_000)]
    page = open_page(stage.put("big.json", json.dumps({"things": value, "end": "here"})))
    assert page.get_by_role("treeitem").count() < 60
    page.get_by_role("searchbox", name="Find").fill("thing 49999")
    expect(page.locator(".json-hit")).to_have_text('name: "thing 49999"')
    assert page.get_by_role("treeitem").count() < 1000


def test_a_text_is_searched(open_page, stage):
    page = open_page(stage.put("log.txt", "".join(f"line {i} of it\n" for i in range(1, 3001))))
    assert "Lines 1 to 500 of 3\u202f000" in page.get_by_role("tabpanel").inner_text()
    field = page.get_by_role("searchbox", name="Find")
    field.fill("LINE 29")
    expect(page.get_by_text("1 of 111")).to_be_visible()
    field.press("Enter")
    field.press("Enter")
    expect(page.get_by_text("3 of 111")).to_be_visible()
    expect(page.locator(".text-lines > div").first).to_have_attribute("data-line", "1")
    page.get_by_role("button", name="Previous place").click()
    page.get_by_role("button", name="Previous place").click()
    page.get_by_role("button", name="Previous place").click()
    expect(page.get_by_text("111 of 111")).to_be_visible()
    expect(page.locator(".text-lines > div").first).to_have_attribute("data-line", "2501")
    assert page.evaluate("[CSS.highlights.get('found').size, [...CSS.highlights.get('chosen')].map(String)]") == [100, ["line 29"]]
    field.fill("nowhere")
    expect(page.get_by_text("Not found")).to_be_visible()
    page.get_by_role("button", name="Earlier lines").click()
    expect(page.locator(".text-lines > div").first).to_have_attribute("data-line", "2001")
    check_accessibility(page)
    check_width(page)


def test_a_very_long_line_is_cut_into_pieces(open_page, stage):
    page = open_page(stage.put("one.txt", "x" * 3_000_000 + "needle"))
    assert page.locator(".text-lines > div").count() == 500
    page.get_by_role("searchbox", name="Find").fill("needle")
    expect(page.get_by_text("1 of 1")).to_be_visible()
    expect(page.locator(".text-lines > div").last).to_contain_text("needle")


@pytest.mark.parametrize(("body", "text"), [("Größe".encode(), "Größe"), ("Größe".encode("latin-1"), "Größe"), ("Größe".encode("utf-16"), "Größe")])
def test_a_text_is_read_in_its_encoding(open_page, stage, body, text):
    page = open_page(stage.put("word.txt", body))
    assert page.locator(".text-lines").inner_text() == text


MARKDOWN = """# Title
Some *slanted* and **strong** text, `code <b>`, [a link](https://example.org/a).

- one
  - inner
- two

1. first

> quoted

```
plain <code>
```

| Name | Size |
|------|-----:|
| a    | 1    |
"""


def test_markdown_is_formatted(open_page, stage):
    page = open_page(stage.put("read.md", MARKDOWN))
    article = page.get_by_role("article")
    expect(article.get_by_role("heading", name="Title")).to_be_visible()
    assert article.locator("em, strong, p > code").all_inner_texts() == ["slanted", "strong", "code <b>"]
    link = article.get_by_role("link", name="a link")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == ("https://example.org/a", "noopener noreferrer")
    assert article.locator("ul ul > li").all_inner_texts() == ["inner"]
    assert article.locator("ol > li").all_inner_texts() == ["first"]
    assert article.locator("blockquote").inner_text().strip() == "quoted"
    assert article.locator("pre").inner_text() == "plain <code>"
    assert article.get_by_role("cell").all_inner_texts() == ["a", "1"]
    check_accessibility(page)
    check_width(page)


def test_files_in_a_zip_are_listed_and_opened(open_page, stage):
    packed = samples.zipped({"notes/read.md": MARKDOWN, "data.csv": samples.table(5), "leaf.png": samples.png()})
    page = open_page(stage.put("all.zip", packed))
    assert rows(page)[1] == ["data.csv", f"{len(samples.table(5))} B", "2026-11-22 18:30"]
    page.get_by_role("button", name="data.csv").click()
    expect(page.get_by_role("heading", name="data.csv")).to_be_focused()
    expect(page.get_by_role("columnheader", name="station")).to_be_visible()
    page.get_by_role("button", name="leaf.png").click()
    expect(page.get_by_role("img", name="leaf.png")).to_be_visible()
    check_accessibility(page)
    check_width(page)


def test_a_zip_with_wide_sizes_is_read(open_page, stage):
    page = open_page(stage.put("wide.zip", samples.wide_zip("word.txt", b"wide words")))
    page.get_by_role("button", name="word.txt").click()
    expect(page.get_by_text("wide words")).to_be_visible()


def test_of_a_large_zip_only_its_directory_is_loaded(open_page, stage):
    packed = samples.zipped({"big.bin": bytes(40 * MEBIBYTE), "word.txt": "small words"}, zipfile.ZIP_STORED)
    page = open_page(stage.put("large.zip", packed))
    page.get_by_role("button", name="word.txt").click()
    expect(page.get_by_text("small words")).to_be_visible()
    assert all(asked for name, asked in stage.asked if name == "large.zip"), "ranges only"


def test_bytes_are_shown_in_hex(open_page, stage):
    page = open_page(stage.put("blob.bin", bytes(range(256)) * 8192))
    first = page.locator(".hex-lines > div").first
    expect(first).to_have_text("00000000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  ................")
    assert page.locator(".hex-lines > div").count() < 60
    assert {asked for name, asked in stage.asked if name == "blob.bin"} == {"bytes=0-65535"}
    page.get_by_role("region", name="Bytes of blob.bin").evaluate("region => { region.scrollTop = region.scrollHeight }")
    expect(page.locator(".hex-lines > div").last).to_contain_text("000ffff0  f0 f1")
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_text("2\u202f097\u202f152 bytes")).to_be_visible()
    check_accessibility(page)
    check_width(page)


def test_what_is_large_waits_to_be_asked_for(open_page, stage):
    element = stage.put("large.json", "[" + "1," * (17 * MEBIBYTE) + "1]", said="application/json")
    page = open_page(element)
    assert [asked for asked in stage.asked if asked[0] == "large.json"] == []
    assert "large.json has 34 MiB" in page.get_by_text("nothing is loaded by itself").inner_text()
    assert page.get_by_role("link", name="Download large.json").is_visible()
    check_accessibility(page)
    page.get_by_role("button", name="Look at its bytes").click()
    expect(page.locator(".hex-lines > div").first).to_contain_text("[1,1,1")
    page = open_page(element)
    page.get_by_role("button", name="Load anyway").click()
    expect(page.get_by_role("treeitem").first).to_contain_text("17\u202f825\u202f793 items", timeout=30_000)


@pytest.mark.parametrize(("status", "words"), [(404, "gone"), (403, "may not read"), (401, "Log in"), (503, "status 503")])
def test_a_content_that_is_refused_is_told(open_page, stage, status, words):
    page = open_page(stage.put("gone.txt", "", status=status), expected=("Failed to load resource",))
    assert words in page.get_by_role("alert").inner_text()
    check_accessibility(page)


@pytest.mark.parametrize(("name", "body", "words"), [
    ("broken.png", b"\x89PNG....", "picture is broken"), ("broken.wav", b"RIFF....WAVE", "sound is broken"),
    ("broken.zip", b"PK\3\4" + bytes(90), "zip file is broken"), ("broken.pdf", b"<script>", "not a PDF"),
])
def test_a_broken_file_is_told_and_its_bytes_are_there(open_page, stage, name, body, words):
    page = open_page(stage.put(name, body))
    assert words in page.get_by_role("alert").inner_text()
    tab(page, "Bytes")
    expect(page.locator(".hex-lines > div").first).to_contain_text("00000000")


def test_tabs_follow_the_arrow_keys(open_page, stage):
    page = open_page(stage.put("data.csv", samples.table(5)))
    page.get_by_role("tab", name="Table").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Plot")).to_be_focused()
    expect(page.get_by_role("tab", name="Plot")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Bytes")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".hex-lines > div").first).to_be_visible()


def test_a_value_loads_little(open_page, stage):
    page = open_page(stage.inline("result", '{"a": [1, 2], "b": null}'))
    expect(page.get_by_role("tree")).to_be_visible()
    asked = [STATIC / path.removeprefix("/static/") for path, _ in stage.asked if "viewers" in path and path.endswith(".js")]
    assert sum(file.stat().st_size for file in asked) < 25 * 1024, sorted(file.name for file in asked)
    every = [STATIC / "viewers.js", *(STATIC / "viewers").glob("*.js")]
    assert sum(file.stat().st_size for file in every) < 100 * 1024


HOSTILE_MARKDOWN = """<script>window.hacked = 1</script>
<img src=x onerror="window.hacked = 1">

[a](javascript:window.hacked=1) [b](JaVaScRiPt:window.hacked=1) [c](data:text/html,x) [d](&#106;avascript:1) <javascript:window.hacked=1>
[e](https://example.org/"onclick="window.hacked=1) ![f](https://example.org/x.png) ![g](javascript:window.hacked=1) [h](/jobs) [i](//evil.example/)

[j]: javascript:window.hacked=1
"""


def test_markdown_is_harmless(open_page, stage):
    page = open_page(stage.put("evil.md", HOSTILE_MARKDOWN))
    article = page.get_by_role("article")
    assert "<script>window.hacked = 1</script>" in article.inner_text()
    assert [link.get_attribute("href") for link in article.locator("a").all()] == ["https://example.org/%22onclick=%22window.hacked=1"]
    assert article.locator("img, script, iframe, [onclick], [onerror]").count() == 0


@pytest.mark.parametrize("said", ["image/svg+xml", ""])
def test_a_drawing_runs_nothing(open_page, stage, said):
    svg = """<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50" onload="window.hacked=1"><script>window.hacked=1;
        parent.hacked=1</script><image href="https://example.org/x.png"/><rect width="50" height="50" fill="teal"/></svg>"""
    page = open_page(stage.put("evil.svg", svg, said=said))
    assert page.get_by_role("img", name="evil.svg").evaluate("image => image.naturalWidth") == 50
    assert page.locator(".view svg").count() == 0


@pytest.mark.parametrize("said", ["text/html", "application/xhtml+xml", ""])
def test_a_page_is_shown_as_text(open_page, stage, said):
    page = open_page(stage.put("evil.html", "<html><script>window.hacked = 1</script><b>bold</b></html>", "text/html", said=said))
    assert "<script>window.hacked = 1</script>" in page.locator(".text-lines").inner_text()
    assert page.locator(".view b, .view script, .view iframe").count() == 0


def test_a_page_that_says_it_is_a_document_is_none(open_page, stage):
    page = open_page(stage.put("evil.pdf", "<html><script>parent.hacked = 1</script>%PDF-1.4</html>", "text/html", said="application/pdf"))
    frame = page.get_by_title("evil.pdf").element_handle().content_frame()
    assert frame.evaluate("document.contentType") == "application/pdf"


def test_names_and_cells_are_text(open_page, stage):
    evil = '<img src=x onerror="window.hacked=1">'
    page = open_page(stage.put("evil.csv", f'{evil},b\n"=cmd|calc!A1",{evil}\n'), stage.inline(evil, json.dumps({evil: evil, "x": [evil]})))
    assert rows(page)[0] == ["=cmd|calc!A1", evil]
    assert evil in page.get_by_role("tree").inner_text()
    assert page.locator(".view img").count() == 0


def test_a_zip_bomb_is_not_unpacked(open_page, stage):
    packed = bytearray(samples.zipped({"told.bin": bytes(200 * MEBIBYTE), "lied.bin": bytes(50 * MEBIBYTE), "fine.txt": "fine"}))
    place = packed.rindex(b"lied.bin") - 46
    packed[place + 24:place + 28] = struct.pack("<I", 1000)
    page = open_page(stage.put("bomb.zip", bytes(packed)))
    page.get_by_role("button", name="told.bin").click()
    assert "larger than 32 MiB" in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="lied.bin").click()
    expect(page.get_by_role("alert")).to_contain_text("more than it says")
    page.get_by_role("button", name="fine.txt").click()
    expect(page.locator(".text-lines")).to_have_text("fine")


def test_a_zip_entry_that_was_changed_is_told(open_page, stage):
    packed = samples.zipped({"word.txt": "true words"}, zipfile.ZIP_STORED).replace(b"true", b"fake")
    page = open_page(stage.put("changed.zip", packed))
    page.get_by_role("button", name="word.txt").click()
    expect(page.get_by_role("alert")).to_contain_text("not what was packed")


def test_a_very_deep_value_is_opened_step_by_step(open_page, stage):
    depth = 1_000_000
    page = open_page(stage.put("deep.json", "[" * depth + '"bottom"' + "]" * depth))
    expect(page.get_by_role("treeitem").first).to_contain_text("[ 1 item ]")
    page.get_by_role("searchbox", name="Find").fill("bottom")
    expect(page.get_by_text("of 1", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Copy value").click()
    expect(page.get_by_text("Not copied")).to_be_visible()


@pytest.mark.parametrize(("name", "body"), [
    ("spaces.csv", "a,b\n" + " " * 200_000 + "x," + "1" * 200_000 + "x\n"), ("comments.svg2", "<!---->" * 9000 + "x"),
    ("open.md", "[" * 100_000), ("stars.md", "*a " * 60_000), ("hashes.md", "# a" + " " * 100_000 + "b"), ("quotes.md", "> " * 50_000),
    ("ticks.md", "`a``b" * 30_000), ("quote.csv", 'a,b\n"' + "x,\n" * 50_000), ("commas.csv", "," * 2_000_000),
    ("lines.txt", "\n" * 5_000_000),
])
def test_no_content_keeps_the_page_busy(open_page, stage, name, body):
    page = open_page(stage.put(name, body))
    assert page.get_by_role("alert").count() == 0
