"""Services that the console's tests invoke, and what they do with them."""

import json

from running_agent import Client

SLOW = """
for n in 1 2 3 4 5 6; do echo line $n; echo ::progress ${n}0 step $n; sleep 0.5; done; printf done
"""

UPPER = {
    "name": "upper", "version": "1.0.0",
    "operations": {"upper": {
        "description": "Letters made large.",
        "inputs": {"text": {"type": "asset", "required": True}},
        "outputs": {
            "loud": {"type": "asset", "content_type": "text/plain"},
            "table": {"type": "json"},
        },
        "run": {
            "engine": "process",
            "command": ["sh", "-c", 'tr a-z A-Z < "$INVOKE_INPUT_TEXT" > "$INVOKE_OUTPUT_DIR/loud"; printf \'[{"letters": 3}]\' > "$INVOKE_OUTPUT_DIR/table"'],
        },
    }},
}


def upload(client: Client, name: str, content: bytes, content_type: str = "text/plain") -> str:
    """A new asset; returns its id."""
    metadata = json.dumps({"name": name, "type": "dataset", "contentType": content_type}).encode()
    answer = client.send("POST", "/api/v1/meta/data", metadata)
    assert answer.status == 200, answer
    assert client.send("PUT", f"/api/v1/assets/{answer.json}", content).status == 200
    return answer.json


def upper(client: Client, asset: str) -> tuple[str, str]:
    """Runs the operation `upper` on an asset; returns the job's id and that of the asset it made."""
    answer = client.send("GET", "/services/upper")
    if answer.status == 404:
        answer = client.send("POST", "/services", UPPER)
    answer = client.send("POST", f"/invoke/{answer.json['operations']['upper']['id']}", {"text": {"did": f"did:dep:{asset}"}})
    assert answer.status == 200 and answer.json["status"] == "completed", answer
    return answer.json["jobid"], answer.json["result"]["loud"]["did"].rsplit("/", 1)[1]
