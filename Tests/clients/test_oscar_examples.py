"""The OSCAR examples, registered from their FDL files by OSCAR's own client, and what they make of real inputs."""

import io
import json
import pathlib
import subprocess
import sys
import wave

import pytest
from oscar_python.client import Client

from oscar import Cluster, eventually
from running_agent import ROOT

EXAMPLES = ROOT / "examples/oscar"
sys.path.insert(0, str(EXAMPLES / "gradio"))

import calls  # noqa: E402


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Client:
    client = Client(cluster.options)
    for name in ("cowsay", "classify", "speech"):
        assert client.create_service(str(EXAMPLES / name / "fdl.yaml")).status_code == 201
    return client


@pytest.fixture(scope="module")
def page(cluster: Cluster, client) -> calls.Cluster:
    return calls.Cluster(cluster.url, cluster.options["user"], cluster.options["password"])


# Pictures that are drawn here, in other sizes and colours than the program's own examples, and what they show.
PICTURES = {
    "horizontal stripes": ("red", "stripes((160, 0, 0), (255, 90, 90), 23, 0)"),
    "vertical stripes": ("blue", "stripes((0, 0, 160), (60, 60, 255), 31, 1)"),
    "checks": ("yellow", "checks()"),
    "dots": ("green", "dots()"),
    "plain": ("yellow", "Image.new('RGB', (90, 70), (240, 230, 10))"),
    "gradient": ("grey", "Image.linear_gradient('L')"),
}
DRAWING = """
import sys
from PIL import Image, ImageDraw, ImageFilter

def stripes(paper, ink, width, is_upright):
    picture = Image.new("RGB", (300, 200), paper)
    draw = ImageDraw.Draw(picture)
    for at in range(0, 300, 2 * width):
        draw.rectangle((at, 0, at + width - 1, 200) if is_upright else (0, at, 300, at + width - 1), ink)
    return picture

def checks():
    picture = Image.new("RGB", (210, 210), "white")
    draw = ImageDraw.Draw(picture)
    for y in range(7):
        for x in range(y % 2, 7, 2):
            draw.rectangle((x * 30, y * 30, x * 30 + 29, y * 30 + 29), "gold")
    return picture.filter(ImageFilter.GaussianBlur(1))

def dots():
    picture = Image.new("RGB", (250, 250), (10, 150, 30))
    draw = ImageDraw.Draw(picture)
    for y in range(25, 250, 50):
        for x in range(25, 250, 50):
            draw.ellipse((x - 12, y - 12, x + 12, y + 12), "white")
    return picture

"""


def picture(folder: pathlib.Path, kind: str) -> pathlib.Path:
    """Draws a picture with the Pillow of the machine, as a JPEG with all its small faults."""
    path = folder / "a picture.jpg"
    program = f"{DRAWING}({PICTURES[kind][1]}).save(sys.argv[1], quality=80)"
    subprocess.run(["/usr/bin/python3", "-c", program, path], check=True)
    return path


def spoken(content: bytes) -> float:
    """The seconds that a WAV file lasts."""
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22050)
        samples = sound.readframes(sound.getnframes())
        assert len(set(samples)) > 100, "it is silent"
        return len(samples) / 2 / sound.getframerate()


def test_the_cow_says_it_at_once_and_later(client):
    said = client.run_service("cowsay", input='{"message":"Good morning"}').text
    assert "< Good morning >" in said and "(oo)" in said
    job = client.run_service("cowsay", input='{"message":"Good night"}', async_call=True).json()["jobid"]
    eventually(lambda: client.list_jobs("cowsay").json()["jobs"][job]["status"] == "Succeeded")
    assert "< Good night >" in client.get_job_logs("cowsay", job).text


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_gets_the_label_of_what_is_on_it(client, tmp_path, kind):
    client.run_service("classify", input=str(picture(tmp_path, kind)), output=str(tmp_path / "labels.json"))
    labels = json.loads((tmp_path / "labels.json").read_text())
    assert labels["pattern"][0]["label"] == kind, labels
    assert labels["colour"][0]["label"] == PICTURES[kind][0], labels
    for kinds in (labels["pattern"], labels["colour"]):
        values = [entry["probability"] for entry in kinds]
        assert values == sorted(values, reverse=True)
        assert sum(values) == pytest.approx(1, abs=0.01)


def test_a_text_is_spoken_and_a_longer_one_longer(client, tmp_path):
    seconds = []
    for text in ("One word.", "One word, and then a good many more of them, until the sentence ends."):
        client.run_service("speech", input=text, output=str(tmp_path / "o.wav"))
        seconds.append(spoken((tmp_path / "o.wav").read_bytes()))
    assert 0.3 < seconds[0] < seconds[1] < 20


def test_a_text_in_the_bucket_becomes_a_sound_in_the_bucket(client, tmp_path):
    (tmp_path / "greeting.txt").write_text("Good morning.")
    storage = client.create_storage_client("speech")
    storage.upload_file("minio.default", str(tmp_path / "greeting.txt"), "speech/texts")
    eventually(lambda: "Succeeded" in [job["status"] for job in client.list_jobs("speech").json()["jobs"].values()])
    (tmp_path / "out").mkdir()
    storage.download_file("minio.default", str(tmp_path / "out"), "speech/sounds/greeting.wav")
    assert spoken((tmp_path / "out/greeting.wav").read_bytes()) > 0.3


def test_the_page_lists_the_services_and_refuses_a_wrong_password(cluster, page):
    assert {"cowsay", "classify", "speech"} <= set(page.services())
    with pytest.raises(calls.requests.HTTPError, match="401"):
        calls.Cluster(cluster.url, "oscar", "another").services()


def test_the_page_runs_a_service_and_shows_its_text_or_its_file(page):
    assert "< Hi >" in page.run("cowsay", b'{"message":"Hi"}').decode()
    assert spoken(page.run("speech", b"Good morning.")) > 0.3


def test_the_page_puts_a_file_in_listens_and_fetches_what_was_made(page, tmp_path):
    labels = json.loads(page.process("classify", picture(tmp_path, "checks"), timeout=60))
    assert labels["pattern"][0]["label"] == "checks"


def test_the_page_says_when_nothing_was_made(page, tmp_path):
    (tmp_path / "no picture.jpg").write_bytes(b"no picture")
    with pytest.raises(TimeoutError, match="no picture.jpg"):
        page.process("classify", tmp_path / "no picture.jpg", timeout=6)
