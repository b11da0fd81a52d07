"""Every command that the documents show is run, and answers what the documents say.

In a ```console block a line that starts with `$ ` is a command, `> ` continues it, and the lines up to the next
command are its output, where `…` stands for anything. The blocks of a document are run in order against one fresh
agent, in a copy of the repository's examples. The program and the tests' Python are on the path, the agent trusts the
issuer that the operator's guide makes, and all clients sign in as its admin. The README's commands come after `make
demo`, which has registered the examples.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

from running_agent import PROGRAM, ROOT

DOCUMENTS = ["README.md", "examples/README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def blocks(text: str) -> list[list[tuple[str, str]]]:
    """The console blocks: lists of commands with the output that is expected."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        steps: list[list[str]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append([line[2:], ""])
            elif line.startswith("> ") or line == ">":
                assert steps and not steps[-1][1], f"a continuation without a command: {line}"
                steps[-1][0] += "\n" + line[2:]
            else:
                assert steps, f"output before any command: {line}"
                steps[-1][1] += line + "\n"
        found.append([(command, expected) for command, expected in steps])
    return found


def matches(expected: str, found: str) -> bool:
    parts = [re.escape(part) for part in expected.rstrip().split("…")]
    return re.fullmatch(".*".join(parts), found.rstrip(), re.S) is not None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_does_what_the_document_says(document, start_agent, tmp_path):
    text = (ROOT / document).read_text()
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    issuers = tmp_path / "issuers.yaml"
    issuers.write_text("- issuer: https://market.example\n  keys: market/keys.json\n")
    agent = start_agent("--outbound-allow", "127.0.0.0/8", "--tokens-issuers", str(issuers))
    environment = {
        **os.environ, "OSCAR_USERNAME": agent.auth[0], "OSCAR_PASSWORD": agent.auth[1], "AGENT": agent.url, "AUTH": ":".join(agent.auth), "LC_ALL": "C.UTF-8",
        "INVOKE_URL": agent.url, "INVOKE_USERNAME": agent.auth[0], "INVOKE_PASSWORD": agent.auth[1],
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PATH": f"{PROGRAM.parent}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
    }
    if document == "README.md":
        for definition in sorted((ROOT / "examples").glob("*/service.yaml")):
            subprocess.run([PROGRAM, "service", "register", definition], env=environment, check=True, capture_output=True)
    for block in blocks(text):
        # One shell per block, so that a variable set by one command is there for the next.
        mark = "---end-of-output-4f1c---"
        script = "".join(f"{command}\nprintf '%s\\n' '{mark}'\n" for command, _ in block)
        ran = subprocess.run(
            ["bash"], input=script, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        outputs = ran.stdout.replace("\r", "").split(mark + "\n")
        for (command, expected), found in zip(block, outputs):
            assert matches(expected, found), (
                f"{document}: {command}\n--- says:\n{expected}\n--- answers:\n{found}\n--- stderr:\n{ran.stderr}"
            )
        assert len(outputs) == len(block) + 1, ran.stderr


def test_the_documents_show_commands():
    counted = sum(len(block) for document in DOCUMENTS for block in blocks((ROOT / document).read_text()))
    assert counted > 30
