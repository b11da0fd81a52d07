"""An agent as the clients of OSCAR see it: a cluster with one admin pair, services with tokens, jobs in lists."""

import base64
import functools
import http.client
import json
import pathlib
import time
import uuid
from collections.abc import Iterable
from typing import Any

import minio

from running_agent import Agent, Answer

USER, PASSWORD = "oscar", "the pass phrase of a cluster"

# What a started agent needs to know, under OSCAR's own names.
# All that is tried with a wrong password comes from one address, within a minute.
ENVIRONMENT = {"OSCAR_USERNAME": USER, "OSCAR_PASSWORD": PASSWORD, "INVOKE_AGENT_LIMITS_WRONG_PASSWORDS": "0"}

ADMIN = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

# The event that MinIO posts for a created object.
EVENT = {
    "EventName": "s3:ObjectCreated:Put",
    "Key": "bucket/folder/name",
    "Records": [
        {
            "eventVersion": "2.0",
            "eventSource": "minio:s3",
            "awsRegion": "",
            "eventTime": "2026-01-31T10:00:00.000Z",
            "eventName": "s3:ObjectCreated:Put",
            "userIdentity": {"principalId": "minio"},
            "requestParameters": {"principalId": "minio", "region": "", "sourceIPAddress": "10.0.0.7"},
            "responseElements": {"x-amz-request-id": "1", "x-minio-origin-endpoint": "http://127.0.0.1:9000"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "Config",
                "bucket": {"name": "bucket", "ownerIdentity": {"principalId": "minio"}, "arn": "arn:aws:s3:::bucket"},
                "object": {"key": "folder%2Fname", "size": 5, "contentType": "text/plain", "sequencer": "16F"},
            },
            "source": {"host": "", "port": "", "userAgent": ""},
        }
    ],
}


class Cluster:
    """One agent, spoken to without a client: what is sent is what the caller says, and no header besides."""

    def __init__(self, agent: Agent):
        self.agent = agent
        self.url = agent.url
        self.address = agent.url.removeprefix("http://").rstrip("/")

    @property
    def options(self) -> dict[str, Any]:
        """What oscar-python is made with."""
        return {"cluster_id": "here", "endpoint": self.url, "user": USER, "password": PASSWORD, "ssl": False}

    def store(self) -> minio.Minio:
        """A client of its object store."""
        provider = self.send("GET", "/system/config").json["minio_provider"]
        address = provider["endpoint"].removeprefix("http://")
        return minio.Minio(address, provider["access_key"], provider["secret_key"], secure=False)

    def pool(self, service: str) -> dict:
        """How many jobs of a service run and wait."""
        pools = {pool["service"]: pool for pool in self.send("GET", "/pools").json["pools"]}
        return {key: pools[service][key] for key in ("running", "waiting")}

    def send(
        self, method: str, path: str, body: str | bytes | Iterable[bytes] | None = None, authorization: str = ADMIN,
        timeout: float = 60, **headers: str,
    ) -> Answer:
        """Sends one request over a connection of its own; parts of a body go in chunks, and no type is told unasked."""
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if authorization:
            sent["Authorization"] = authorization
        is_chunked = body is not None and not isinstance(body, str | bytes)
        if is_chunked:
            sent["Transfer-Encoding"] = "chunked"
        try:
            body = body.encode() if isinstance(body, str) else body
            connection.request(method, path, body, sent, encode_chunked=is_chunked)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def create(self, name: str, script: str, **fields: Any) -> "Service":
        """Makes a service that runs the script; its level is CRITICAL unless the caller says another."""
        definition = {"name": name, "image": "none", "script": script, "log_level": "CRITICAL", **fields}
        answer = self.send("POST", "/system/services", json.dumps(definition))
        assert (answer.status, answer.body) == (201, b""), answer
        return Service(self, name)

    def definition(self, name: str) -> dict[str, Any]:
        """A service as it is read."""
        answer = self.send("GET", f"/system/services/{name}")
        assert answer.status == 200, answer
        return answer.json


class Service:
    """A service of a cluster, called with its token."""

    def __init__(self, cluster: Cluster, name: str):
        self.cluster = cluster
        self.name = name

    @functools.cached_property
    def token(self) -> str:
        return self.cluster.definition(self.name)["token"]

    def run(self, body: Any = b"", **headers: str) -> Answer:
        """Runs it and waits."""
        return self.cluster.send("POST", f"/run/{self.name}", body, f"Bearer {self.token}", **headers)

    def answers(self, content: bytes = b"", **headers: str) -> bytes:
        """What it answers to a content, which goes as the clients send it: in base64."""
        answer = self.run(base64.b64encode(content), **headers)
        assert answer.status == 200, answer
        return answer.body

    def job(self, body: Any = b"", **headers: str) -> Answer:
        """Submits a job."""
        return self.cluster.send("POST", f"/job/{self.name}", body, f"Bearer {self.token}", **headers)

    def submitted(self, body: Any = b"", **headers: str) -> str:
        """Submits a job that has to be taken; returns its name."""
        answer = self.job(body, **headers)
        assert answer.status == 201, answer
        return answer.json["jobid"]

    def jobs(self, query: str = "") -> dict[str, Any]:
        """The listing of its jobs."""
        answer = self.cluster.send("GET", f"/system/logs/{self.name}{query}")
        assert answer.status == 200, answer
        return answer.json

    def log(self, job: str, query: str = "") -> str:
        answer = self.cluster.send("GET", f"/system/logs/{self.name}/{job}{query}")
        assert answer.status == 200, answer
        return answer.body.decode()

    def becomes(self, job: str, *statuses: str, within: float = 60) -> dict[str, str]:
        """The job's entry in the listing once it has one of these statuses."""
        found = eventually(lambda: self._entry(job, statuses), within, lambda: f"{job}: {self.jobs()}")
        return found

    def _entry(self, job: str, statuses: tuple[str, ...]) -> dict[str, str] | None:
        entry = self.jobs()["jobs"].get(job, {})
        return entry if entry.get("status") in statuses else None


def for_ever() -> str:
    """An argument for `sleep` that no other process of this machine has: more than a day."""
    return f"86400.{uuid.uuid4().int % 10**12:012}"


def is_running(mark: str) -> bool:
    """Whether a process of this machine has a word among its arguments."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes().split(b"\0"):
                return True
        except OSError:
            continue  # it has ended meanwhile
    return False


def eventually(found, within: float = 60, told=lambda: "it has not come"):
    """What a function returns as soon as that is true; raises an AssertionError when it takes longer."""
    end = time.monotonic() + within
    while not (result := found()):
        assert time.monotonic() < end, told()
        time.sleep(0.05)
    return result
