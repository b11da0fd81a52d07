"""What the OSCAR figure needs: a service that copies its input, and a bare server that starts its script per call."""

import base64
import json
import pathlib
import subprocess

from machine import Agent, NotMeasured, Program

TEXT = b"the quick brown fox"
BODY = base64.b64encode(TEXT).decode()


def copying_service(agent: Agent) -> tuple[str, str]:
    """Makes the service; returns the URL to run it at and the `Authorization` for that."""
    definition = {"name": "copy", "image": "none", "script": 'cat "$INPUT_FILE_PATH"', "log_level": "CRITICAL"}
    agent.call("/system/services", definition)
    token = json.loads(agent.call("/system/services/copy")[2])["token"]
    answer = agent.call("/run/copy", BODY, authorization=f"Bearer {token}")[2]
    if answer != TEXT + b"\n":
        raise NotMeasured(f"the service that copies its input answers {answer[:300]!r}")
    return f"{agent.url}/run/copy", f"Bearer {token}"


def watchdog(folder: pathlib.Path) -> Program:
    """The bare server of watchdog.c, compiled, with a script that copies its input."""
    program, script = folder / "watchdog", folder / "copy.sh"
    source = pathlib.Path(__file__).with_name("watchdog.c")
    compiled = subprocess.run(["cc", "-O2", "-pthread", "-o", program, source], capture_output=True, text=True)
    if compiled.returncode != 0:
        raise NotMeasured(f"watchdog.c: {compiled.stderr[-500:]}")
    script.write_text("cat\n")
    return Program([program, script], folder)
