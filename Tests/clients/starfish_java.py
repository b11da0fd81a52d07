"""What starfish-java 0.8.2 sends, byte for byte as its HTTP library does, and what it wants of each answer."""

import base64
import hashlib
import itertools
import json
import secrets
import time
import urllib.parse
from typing import Any

from raw import Wire
from running_agent import Answer

# Its job words. Any other one is an exception.
UNDER_WAY = {"scheduled", "running"}
DONE = {"succeeded", "failed", "cancelled"}


class Java:
    """A client with a user name and a password. Each call has a connection of its own, as the Java client's have.

    A step that the Java client could not take is an AssertionError.
    """

    def __init__(self, url: str, name: str, password: str):
        self.url = url
        self.basic = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
        self.token: str | None = None
        self.endpoints = {}

    # HTTP

    def head(self, method: str, path: str, *headers: str) -> bytes:
        host = urllib.parse.urlsplit(self.url).netloc
        common = [
            f"{method} {path} HTTP/1.1",
            *headers,
            f"Host: {host}",
            "Connection: Keep-Alive",
            "User-Agent: Apache-HttpClient/4.5.13 (Java/11.0.20)",
            "Accept-Encoding: gzip,deflate",
        ]
        return "\r\n".join([*common, "", ""]).encode()

    def exchange(self, wire: Wire, request: bytes) -> Answer:
        """One request and its whole answer, which has to come at once and to leave the connection open."""
        before = wire.segments
        answer = wire.send(request).answer()
        assert answer is not None, "the agent closed the connection"
        # It lets go of the connection before it reads, and then has no more than what came with the head.
        assert wire.segments == before + 1, f"in {wire.segments - before} segments: {answer}"
        assert wire.rest == b"" and "transfer-encoding" not in answer.headers and "content-length" in answer.headers
        assert answer.headers.get("connection", "keep-alive").lower() == "keep-alive"
        return answer

    def log_in(self):
        """Bare, then with the password once it is challenged; of the tokens the first one is used."""
        path = self.path("DEP.Auth.v1", "/token")
        with Wire(self.url) as wire:
            challenge = self.exchange(wire, self.head("GET", path))
            assert challenge.status == 401
            assert challenge.headers["www-authenticate"].startswith("Basic realm="), challenge.headers
            answer = self.exchange(wire, self.head("GET", path, f"Authorization: {self.basic}"))
        assert answer.status == 200
        assert isinstance(answer.json, list) and isinstance(answer.json[0], str)
        self.token = answer.json[0]

    def call(self, method: str, path: str, *headers: str, body: bytes | None = None, wanted: tuple[int, ...] = (200,)):
        """A call with the token; after a 401 it drops the token, logs in again and repeats itself once."""
        for _ in range(2):
            if self.token is None:
                self.log_in()
            lines = [*headers, f"Authorization: token {self.token}"]
            if body is not None and "Transfer-Encoding: chunked" not in headers:
                lines.append(f"Content-Length: {len(body)}")
            with Wire(self.url) as wire:
                answer = self.exchange(wire, self.head(method, path, *lines) + (body or b""))
            if answer.status != 401:
                break
            self.token = None
        assert answer.status in wanted, (method, path, answer)
        return answer

    def send(self, method: str, path: str, value: Any, wanted: tuple[int, ...] = (200,)) -> Any:
        """A JSON body, printed prettily, as `StringEntity` sends it."""
        body = json.dumps(value, indent=2).encode()
        return self.call(method, path, "Content-Type: application/json; charset=UTF-8", body=body, wanted=wanted).json

    def path(self, service: str, rest: str = "") -> str:
        return urllib.parse.urlsplit(self.endpoints[service]).path + rest

    # What its users call

    def connect(self) -> str:
        """Reads the DDO, for which it has a password ready and is not asked; returns the agent's DID."""
        with Wire(self.url) as wire:
            document = self.exchange(wire, self.head("GET", "/api/ddo"))
        assert document.status == 200
        self.endpoints = {service["type"]: service["serviceEndpoint"] for service in document.json["service"]}
        assert all(endpoint.startswith(self.url.rstrip("/") + "/") for endpoint in self.endpoints.values())
        return document.json["id"]

    def status(self) -> dict:
        return self.call("GET", self.path("DEP.Status")).json

    def register(self, metadata: str) -> str:
        """Without a content type: `ByteArrayEntity` has none."""
        answer = self.call("POST", self.path("DEP.Meta.v1", "/data"), body=metadata.encode())
        assert answer.json == hashlib.sha3_256(metadata.encode()).hexdigest()
        assert self.metadata(answer.json) == metadata
        return answer.json

    def metadata(self, asset: str) -> str:
        return self.call("GET", self.path("DEP.Meta.v1", f"/data/{asset}")).body.decode()

    def upload(self, metadata: str, content: bytes) -> str:
        """Asks whether it is registered, registers it if not, sends the content in chunks and asks again."""
        asset = hashlib.sha3_256(metadata.encode()).hexdigest()
        known = self.call("GET", self.path("DEP.Meta.v1", f"/data/{asset}"), wanted=(200, 404))
        if known.status == 404:
            self.register(metadata)
        boundary = secrets.token_urlsafe(24)
        part = [
            f"--{boundary}",
            f'Content-Disposition: form-data; name="file"; filename="{secrets.token_hex(8)}.tmp"',
            "Content-Type: application/octet-stream",
            "Content-Transfer-Encoding: binary",
        ]
        form = "\r\n".join([*part, "", ""]).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        answer = self.call(
            "POST",
            self.path("DEP.Storage.v1", f"/{asset}"),
            f"Content-Type: multipart/form-data; boundary={boundary}",
            "Transfer-Encoding: chunked",
            body=chunked(form),
            wanted=(201,),
        )
        assert answer.body == b"" and answer.headers["location"].endswith(f"/api/v1/assets/{asset}")
        assert self.metadata(asset) == metadata
        return asset

    def download(self, asset: str) -> bytes:
        return self.call("GET", self.path("DEP.Storage.v1", f"/{asset}")).body

    def operation(self, asset: str) -> dict:
        """Metadata of an operation, if it is one that the client does not refuse to make an object of."""
        metadata = json.loads(self.metadata(asset))
        assert metadata["type"] == "operation" and metadata["dateCreated"] and metadata["class"]
        assert set(metadata["operation"]["modes"]) <= {"sync", "async"}
        for declared in (metadata["operation"]["inputs"], metadata["operation"]["outputs"]):
            assert {value["type"] for value in declared.values()} <= {"asset", "json"}
        return metadata

    def run(self, operation: str, inputs: dict) -> dict:
        """A synchronous call; one that failed has no outputs and is an exception."""
        return self.send("POST", self.path("DEP.Invoke.v1", f"/sync/{operation}"), inputs)["outputs"]

    def start(self, operation: str, inputs: dict) -> str:
        """An asynchronous call; returns the job's id."""
        path = self.path("DEP.Invoke.v1", f"/async/{operation}")
        answer = self.send("POST", path, inputs, wanted=(200, 201))
        return answer if isinstance(answer, str) else answer["job-id"]

    def wait(self, job: str) -> dict:
        """Reads the job, twice for every look and after pauses that double, until it has ended."""
        for look in itertools.count():
            time.sleep(0.005 * 2**look)
            bodies = [self.call("GET", self.path("DEP.Invoke.v1", f"/jobs/{job}")).json for _ in range(2)]
            assert all(body["status"] in UNDER_WAY | DONE for body in bodies), bodies
            if bodies[0]["status"] in DONE:
                assert bodies[0] == bodies[1]
                assert bodies[0]["status"] != "succeeded" or isinstance(bodies[0]["outputs"], dict)
                return bodies[0]

    def asset_value(self, did: str) -> dict:
        """An asset as an input: the client adds the token that it has itself."""
        if self.token is None:
            self.log_in()
        return {"did": did, "auth": {"token": self.token}}


def chunked(body: bytes, size: int = 2048) -> bytes:
    """A body in chunks of the size of the library's buffer."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def whole_flow(java: Java, operations: dict[str, str]):
    """All that a user of the Java client can do with an agent, in one go."""
    agent = java.connect()
    assert java.status()["api-versions"] == ["v1"]

    note = secrets.token_hex(8)
    plain = java.register(json.dumps({"name": f"plain {note}", "type": "dataset"}))
    content = f"content {note}\n".encode()
    described = {"name": f"data {note}", "type": "dataset", "contentType": "text/plain"}
    asset = java.upload(json.dumps(described, indent=2), content)
    assert java.upload(json.dumps(described, indent=2), content) == asset
    assert java.download(asset) == content

    listings, purchases = java.path("DEP.Market.v1", "/listings"), java.path("DEP.Market.v1", "/purchases")
    listing = java.send("POST", listings, {"assetID": plain, "info": {"title": note}})
    assert java.call("GET", f"{listings}/{listing['id']}").json == listing
    published = java.send("PUT", f"{listings}/{listing['id']}", {**listing, "status": "published"})
    assert {**published, "status": listing["status"], "utime": listing["utime"]} == listing
    assert listing["id"] in [one["id"] for one in java.call("GET", listings).json]
    purchase = java.send("POST", purchases, {"listingid": listing["id"], "status": "wishlist"})
    java.send("PUT", f"{purchases}/{purchase['id']}", {**purchase, "status": "ordered"})
    assert java.call("GET", f"{purchases}/{purchase['id']}").json["status"] == "ordered"

    for operation in operations.values():
        java.operation(operation)
    assert java.run(operations["reverse"], {"text": note}) == {"reversed": note[::-1]}
    job = java.wait(java.start(operations["reverse"], {"text": note}))
    assert (job["status"], job["outputs"]) == ("succeeded", {"reversed": note[::-1]})
    inputs = {"document": java.asset_value(f"{agent}/{asset}"), "mark": note}
    job = java.wait(java.start(operations["label"], inputs))
    labelled = job["outputs"]["labelled"]["did"]
    assert java.download(labelled.rsplit("/")[-1]) == f"{note}\n".encode() + content
    assert java.token not in java.metadata(labelled.rsplit("/")[-1])
    assert java.wait(java.start(operations["fail"], {"text": note}))["status"] == "failed"
