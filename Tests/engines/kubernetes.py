"""The stand-in of the tests for a Kubernetes cluster, spoken to as its administrator, and as the one who breaks it."""

import base64
import contextlib
import json
import os
import pathlib
import ssl
import urllib.request

import yaml


class Cluster:
    def __init__(self):
        self.folder = pathlib.Path(os.environ["INVOKE_TEST_KUBERNETES"])
        config = yaml.safe_load((self.folder / "kubeconfig").read_text())
        self.server = config["clusters"][0]["cluster"]["server"]
        self.token = config["users"][0]["user"]["token"]
        self.trust = ssl.create_default_context(cadata=self._authority(config))

    @staticmethod
    def _authority(config: dict) -> str:
        return base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode()

    def send(self, method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(self.server + path, json.dumps(body).encode() if body else None, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, context=self.trust, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    def named(self, kind: str, job: str) -> list[dict]:
        """What there is in the cluster of a job of the agent's."""
        group = "apis/batch/v1" if kind == "jobs" else "api/v1"
        items = self.send("GET", f"/{group}/namespaces/default/{kind}")["items"]
        return [item for item in items if f"-{job}-" in item["metadata"]["name"]]

    @contextlib.contextmanager
    def faults(self, *rules: dict):
        self.send("POST", "/double/faults", {"rules": list(rules)})
        yield
        self.send("POST", "/double/faults", {"rules": []})
