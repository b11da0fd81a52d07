"""A provider's service with every kind of input and output, and what a client needs to use it."""

from typing import Any

from running_agent import Agent

LABEL = """
import json, os

with open(os.environ["INVOKE_INPUTS"]) as file:
    inputs = json.load(file)
with open(inputs["document"]["path"], "rb") as file:
    content = file.read()
outputs = os.environ["INVOKE_OUTPUT_DIR"]
with open(outputs + "/labelled", "wb") as file:
    file.write(inputs["mark"].encode() + b"\\n" + content)
with open(outputs + "/report", "w") as file:
    json.dump({"bytes": len(content), "style": inputs.get("style")}, file)
"""

DEFINITION: dict[str, Any] = {
    "name": "desk",
    "version": "1.0.0",
    "operations": {
        "reverse": {
            "inputs": {"text": {"type": "string"}},
            "outputs": {"reversed": {"type": "string"}},
            "run": {"engine": "process", "command": ["rev"]},
        },
        "greet": {
            "inputs": {"name": {"type": "string", "required": False, "default": "world"}},
            "outputs": {"greeting": {"type": "string"}},
            "run": {"engine": "process", "command": ["sh", "-c", 'printf "hello %s" "$INVOKE_INPUT_NAME"']},
        },
        "label": {
            "inputs": {
                "document": {"type": "asset", "position": 0},
                "mark": {"type": "string", "position": 1},
                "style": {"type": "json", "required": False, "position": 2},
            },
            "outputs": {"labelled": {"type": "asset", "content_type": "text/plain"}, "report": {"type": "json"}},
            "run": {"engine": "process", "command": ["python3", "label.py"], "files": {"label.py": LABEL}},
        },
        "fail": {
            "inputs": {"text": {"type": "string"}},
            "outputs": {"never": {"type": "string"}},
            "run": {"engine": "process", "command": ["sh", "-c", "echo no text will do >&2; exit 3"]},
        },
        "rest": {
            "inputs": {"text": {"type": "string"}},
            "outputs": {"text": {"type": "string"}},
            "run": {"engine": "process", "command": ["sleep", "60"]},
        },
        "later": {
            "modes": ["async"],
            "inputs": {"text": {"type": "string"}},
            "outputs": {"text": {"type": "string"}},
            "run": {"engine": "process", "command": ["cat"]},
        },
        "bill": {
            "inputs": {"text": {"type": "string"}},
            "outputs": {"text": {"type": "string"}},
            "run": {"engine": "process", "command": ["cat"]},
            "price": {"amount": "0.50", "currency": "OCEAN"},
        },
    },
}


def register(agent: Agent) -> dict[str, str]:
    """Registers the service; returns the asset id of each operation."""
    answer = agent.client().send("POST", "/services", DEFINITION)
    assert answer.status == 201, answer
    return {name: operation["id"] for name, operation in answer.json["operations"].items()}


def account(agent: Agent, name: str) -> tuple[str, str]:
    """Makes a consumer's account; returns what it signs in with, name and password."""
    body = {"username": name, "password": f"a long pass phrase of {name}", "roles": ["consumer"]}
    answer = agent.client().send("POST", "/accounts", body)
    assert answer.status == 201, answer
    return name, body["password"]
