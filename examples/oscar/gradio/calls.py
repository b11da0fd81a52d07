"""What a page does with a cluster: list its services, run one and wait, or put a file in and fetch what comes out."""

import base64
import binascii
import pathlib
import queue
import threading
import time
import uuid

import minio
import requests


class Cluster:
    """A cluster and its admin pair."""

    def __init__(self, endpoint: str, user: str, password: str):
        self.endpoint = endpoint.rstrip("/")
        self.pair = (user, password)

    def services(self) -> dict[str, dict]:
        """Every service by its name. Raises requests.HTTPError, with status 401 when the pair is wrong."""
        answer = requests.get(f"{self.endpoint}/system/services", auth=self.pair, timeout=20)
        answer.raise_for_status()
        return {service["name"]: service for service in answer.json()}

    def run(self, name: str, content: bytes, timeout: float = 300) -> bytes:
        """Runs a service on a content and waits; returns its file, a zip of its files, or else its text.

        A text that could be base64 is taken for a file: OSCAR's answers don't tell the two apart.
        Raises requests.HTTPError when it fails.
        """
        token = self.services()[name]["token"]  # an update of the service changes it
        answer = requests.post(
            f"{self.endpoint}/run/{name}", base64.b64encode(content), timeout=timeout,
            headers={"Authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()
        try:
            return base64.b64decode(answer.content.rstrip(b"\n"), validate=True)
        except binascii.Error:
            return answer.content.rstrip(b"\n")

    def process(self, name: str, path: pathlib.Path, timeout: float = 300) -> bytes:
        """Puts a file where the service takes its input from and returns what the service makes of it.

        The service has to name its output after its input: the file goes in under a name of its own, and the first
        output with that in its name is the result. Raises TimeoutError when there is none in time.
        """
        service = self.services()[name]
        source, (bucket, prefix) = folder(service["input"][0]["path"]), folder(service["output"][0]["path"])
        store, mark = self.store(), uuid.uuid4().hex
        made: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=listen, args=(store, bucket, prefix, mark, made), daemon=True).start()
        store.fput_object(source[0], f"{source[1]}{mark}{path.suffix}", str(path))
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                key = made.get(timeout=2)
            except queue.Empty:
                # It may have been made before anybody listened.
                found = [entry.object_name for entry in store.list_objects(bucket, f"{prefix}{mark}")]
                if not found:
                    continue
                key = found[0]
            return store.get_object(bucket, key).data
        raise TimeoutError(f"{name} has made nothing of {path.name} within {timeout:.0f} s")

    def store(self) -> minio.Minio:
        """The cluster's object store, as its configuration tells."""
        answer = requests.get(f"{self.endpoint}/system/config", auth=self.pair, timeout=20)
        answer.raise_for_status()
        provider = answer.json()["minio_provider"]
        scheme, _, address = provider["endpoint"].partition("://")
        return minio.Minio(
            address, provider["access_key"], provider["secret_key"], secure=scheme == "https",
            region=provider["region"] or None,
        )


def folder(path: str) -> tuple[str, str]:
    """The bucket of a path, and the prefix of the keys that are in it."""
    bucket, _, rest = path.partition("/")
    return bucket, f"{rest}/" if rest else ""


def listen(store: minio.Minio, bucket: str, prefix: str, mark: str, made: queue.SimpleQueue):
    """Waits for the first object with a mark in its name and passes its key on."""
    with store.listen_bucket_notification(bucket, prefix, "", ["s3:ObjectCreated:*"]) as events:
        for event in events:
            for record in event["Records"]:
                key = requests.utils.unquote(record["s3"]["object"]["key"].replace("+", " "))
                if mark in key:
                    made.put(key)
                    return
