"""A page for people: choose a service, give it a text or a file, see what it makes of it.

    pip install gradio minio requests
    OSCAR_ENDPOINT=http://127.0.0.1:8191 OSCAR_USERNAME=oscar OSCAR_PASSWORD=... python page.py
"""

import os
import pathlib
import tempfile

import gradio

from calls import Cluster

CLUSTER = Cluster(os.environ["OSCAR_ENDPOINT"], os.environ["OSCAR_USERNAME"], os.environ["OSCAR_PASSWORD"])
SUFFIXES = {b"RIFF": ".wav", b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"PK": ".zip"}


def shown(content: bytes) -> tuple[str, str | None]:
    """A result as a text and, when it is none, as a file."""
    suffix = next((suffix for start, suffix in SUFFIXES.items() if content.startswith(start)), None)
    if suffix is None:
        try:
            return content.decode(), None
        except UnicodeDecodeError:
            suffix = ".bin"
    with tempfile.NamedTemporaryFile(delete=False, suffix=suffix) as file:
        file.write(content)
    return f"{len(content)} bytes", file.name


def run(name: str, text: str, path: str | None) -> tuple[str, str | None]:
    return shown(CLUSTER.run(name, pathlib.Path(path).read_bytes() if path else text.encode()))


def process(name: str, path: str | None) -> tuple[str, str | None]:
    if not path:
        return "Choose a file first.", None
    return shown(CLUSTER.process(name, pathlib.Path(path)))


def names() -> gradio.Dropdown:
    return gradio.Dropdown(sorted(CLUSTER.services()), label="Service")


with gradio.Blocks(title="Services") as page:
    service = names()
    text = gradio.Textbox(label="Text, or JSON", lines=4)
    file = gradio.File(label="or a file", type="filepath")
    with gradio.Row():
        now = gradio.Button("Run it and wait")
        later = gradio.Button("Put the file into its bucket")
    said = gradio.Textbox(label="Result", lines=10)
    made = gradio.File(label="Result as a file")
    page.load(names, outputs=service)
    now.click(run, [service, text, file], [said, made])
    later.click(process, [service, file], [said, made])

if __name__ == "__main__":
    page.launch()
