"""oscar-python 2.2.0, as its users use it, with nothing changed but the endpoint and the pair: every basic flow."""

import hashlib
import json
import queue
import re
import subprocess
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import minio
import pytest
import requests
import yaml
from oscar_python.client import Client
from oscar_python.client_anon import AnonymousClient
from requests import HTTPError

from oscar import Cluster, eventually

GREET = 'jq -r .message "$INPUT_FILE_PATH"'
COPY = 'cat "$INPUT_FILE_PATH" > "$TMP_OUTPUT_DIR/o.bin"'
TIMES = ("creation_time", "start_time", "finish_time")


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Client:
    return Client(cluster.options)


def definition(name: str, script: str = GREET, **fields) -> dict:
    """What a user writes for his service."""
    environment = {"Variables": {"INPUT_TYPE": "json"}}
    base = {"name": name, "image": "any", "log_level": "CRITICAL", "environment": environment, "script": script}
    return base | fields


def token(client: Client, name: str) -> str:
    return client.get_service(name).json()["token"]


def refused(call, *arguments, **options) -> requests.Response:
    """The answer to a call that the client takes for an error."""
    with pytest.raises(HTTPError) as error:
        call(*arguments, **options)
    return error.value.response


def jobs_of(client: Client, name: str) -> dict:
    return client.list_jobs(name).json()["jobs"]


def ended(client: Client, name: str, job: str) -> dict:
    """The entry of a job in the list once it has ended."""

    def entry() -> dict | None:
        found = jobs_of(client, name)[job]
        return found if found["status"] in ("Succeeded", "Failed") else None

    return eventually(entry)


# 1


def test_the_cluster_is_healthy_tells_its_version_and_its_store_and_refuses_a_wrong_password(cluster, client):
    assert client.health_check().text == "Ok"
    info = client.get_cluster_info().json()
    assert re.fullmatch(r"v\d+\.\d+\.\d+", info["version"])
    assert {"version", "git_commit", "architecture", "kubernetes_version", "serverless_backend"} <= set(info)
    config = client.get_cluster_config().json()
    assert config["config"]["name"] == "oscar"
    assert {"endpoint", "verify", "access_key", "secret_key", "region"} <= set(config["minio_provider"])
    stranger = Client(cluster.options | {"password": "another"})
    assert refused(stranger.get_cluster_info).status_code == 401


# 2


def test_a_service_is_created_once_from_a_dictionary_or_from_an_fdl_file(client, tmp_path):
    made = client.create_service(definition("created"))
    assert (made.status_code, made.content) == (201, b"")
    with pytest.raises(ValueError, match="already present"):
        client.create_service(definition("created"))
    (tmp_path / "script.sh").write_text(GREET)
    service = definition("from-fdl", cpu=1.0, memory="256Mi") | {"script": "script.sh"}
    fdl = tmp_path / "service.yaml"
    fdl.write_text(yaml.safe_dump({"functions": {"oscar": [{"here": service}]}}))
    assert client.create_service(str(fdl)).status_code == 201
    assert client.run_service("from-fdl", input='{"message":"Hi"}').text.strip() == "Hi"


# 3


def test_a_service_is_listed_and_read_with_its_token_and_without_its_secrets(client):
    environment = {"Variables": {"OPEN": "book"}, "Secrets": {"KEY": "do not tell"}}
    client.create_service(definition("listed", environment=environment, cpu="0.5", memory="128Mi"))
    listed = client.list_services()
    found = next(service for service in listed.json() if service["name"] == "listed")
    read = client.get_service("listed")
    assert found == read.json()
    assert re.fullmatch("[0-9a-f]{64}", found["token"])
    assert (found["cpu"], found["memory"]) == ("0.5", "128Mi")
    assert found["labels"]["oscar_service"] == "listed"
    assert found["environment"]["secrets"] == {"KEY": ""}
    assert found["environment"]["variables"]["OPEN"] == "book"
    assert "do not tell" not in listed.text + read.text


# 4


def test_a_synchronous_call_returns_text_a_file_or_files_and_says_when_the_script_failed(cluster, client, tmp_path):
    client.create_service(definition("sync"))
    answer = client.run_service("sync", input='{"message":"Hi"}')
    assert (answer.status_code, answer.text) == (200, "Hi\n\n")

    data = bytes(range(256)) * 999
    (tmp_path / "in.bin").write_bytes(data)
    client.create_service(definition("copy", COPY))
    client.run_service("copy", input=str(tmp_path / "in.bin"), output=str(tmp_path / "out.bin"))
    assert (tmp_path / "out.bin").read_bytes() == data

    two = 'cd "$TMP_OUTPUT_DIR" && mkdir deep && printf one > 1.txt && printf two > deep/2.txt'
    client.create_service(definition("two", two))
    client.run_service("two", input="x", output=str(tmp_path / "two.zip"))
    with zipfile.ZipFile(tmp_path / "two.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"1.txt": b"one", "deep/2.txt": b"two"}

    client.create_service(definition("fails", "echo no use; exit 3"))
    failure = refused(client.run_service, "fails", input="x")
    assert failure.status_code == 500
    assert failure.text.startswith("exit status 3\n") and "no use" in failure.text

    anonymous = AnonymousClient({"cluster_id": "here", "endpoint": cluster.url, "ssl": False})
    answer = anonymous.run_service("sync", token=token(client, "sync"), input='{"message":"anybody"}')
    assert answer.text.strip() == "anybody"
    assert refused(anonymous.run_service, "sync", token="0" * 64, input="x").status_code == 401


# 5


def test_logs_go_with_text_when_the_level_asks_for_them_and_never_with_a_file(client, tmp_path):
    client.create_service(definition("tells", log_level="INFO"))
    text = client.run_service("tells", input='{"message":"Hi"}').text
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - supervisor - INFO - ", text, re.M)
    assert "\nHi\n" in text
    client.create_service(definition("tells-a-file", COPY, log_level="INFO"))
    client.run_service("tells-a-file", input="plain words", output=str(tmp_path / "o.bin"))
    assert (tmp_path / "o.bin").read_bytes() == b"plain words"


# 6


def test_a_job_is_listed_at_once_ends_is_read_and_is_removed(client):
    client.create_service(definition("jobs"))
    answer = client.run_service("jobs", input='{"message":"later"}', async_call=True)
    assert answer.status_code == 201
    job, = jobs_of(client, "jobs")
    assert job.startswith("jobs-")
    entry = ended(client, "jobs", job)
    assert entry["status"] == "Succeeded"
    created, started, finished = (datetime.fromisoformat(entry[name]) for name in TIMES)
    assert created <= started <= finished
    assert "later" in client.get_job_logs("jobs", job).text
    assert client.remove_job("jobs", job).status_code == 204
    assert refused(client.get_job_logs, "jobs", job).status_code == 404

    for number in range(3):
        client.run_service("jobs", input=json.dumps({"message": str(number)}), async_call=True)
    eventually(lambda: [job["status"] for job in jobs_of(client, "jobs").values()] == ["Succeeded"] * 3)
    assert client.remove_all_jobs("jobs").status_code == 204
    assert client.list_jobs("jobs").text == '{"jobs":{}}'


def test_a_large_payload_with_spaces_and_stars_arrives_unchanged(client):
    client.create_service(definition("digest", 'sha256sum < "$INPUT_FILE_PATH"'))
    payload = "a  *  b\\n " * (1 << 20 >> 3)
    client.run_service("digest", input=payload, async_call=True)
    job, = jobs_of(client, "digest")
    assert ended(client, "digest", job)["status"] == "Succeeded"
    assert hashlib.sha256(payload.encode()).hexdigest() in client.get_job_logs("digest", job).text


# 7


def test_an_update_gives_a_new_token_and_the_old_one_opens_nothing(cluster, client):
    client.create_service(definition("updated"))
    before = token(client, "updated")
    changed = definition("updated", "echo changed")
    assert client.update_service("updated", changed).status_code == 204
    after = token(client, "updated")
    assert after != before
    assert refused(client.run_service, "updated", token=before, input="x").status_code == 401
    assert client.run_service("updated", token=after, input="x").text.strip() == "changed"
    with pytest.raises(ValueError, match="not present"):
        client.update_service("nowhere", definition("nowhere"))


# 8


SHOUT = 'tr a-z A-Z < "$INPUT_FILE_PATH" > "$TMP_OUTPUT_DIR/$(basename "$INPUT_FILE_PATH")"'


def with_storage(name: str) -> dict:
    return definition(
        name, SHOUT,
        input=[{"storage_provider": "minio.default", "path": f"{name}/input"}],
        output=[{"storage_provider": "minio.default", "path": f"{name}/output"}],
    )


def test_a_file_put_into_the_input_bucket_becomes_a_job_and_its_output_a_file(client, tmp_path):
    client.create_service(with_storage("stored"))
    (tmp_path / "my file.txt").write_text("quiet")
    storage = client.create_storage_client("stored")
    storage.upload_file("minio.default", str(tmp_path / "my file.txt"), "stored/input")
    job, = eventually(lambda: jobs_of(client, "stored"))
    assert ended(client, "stored", job)["status"] == "Succeeded"
    (tmp_path / "back").mkdir()
    storage.download_file("minio.default", str(tmp_path / "back"), "stored/output/my file.txt")
    assert (tmp_path / "back/my file.txt").read_text() == "QUIET"
    listed = storage.list_files_from_path("minio.default", "stored/output")
    assert [file["Key"] for file in listed["Contents"]] == ["output/my file.txt"]
    assert list(jobs_of(client, "stored")) == [job], "an output is no input"


def test_who_listens_to_the_output_bucket_hears_of_each_output(client, tmp_path):
    client.create_service(with_storage("heard"))
    provider = client.get_cluster_config().json()["minio_provider"]
    keys: queue.Queue[str] = queue.Queue()

    def listen():
        server = minio.Minio(
            provider["endpoint"].removeprefix("http://"), provider["access_key"], provider["secret_key"], secure=False
        )
        with server.listen_bucket_notification("heard", prefix="output/", events=["s3:ObjectCreated:*"]) as events:
            for event in events:
                keys.put(event["Records"][0]["s3"]["object"]["key"])
                return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    storage = client.create_storage_client("heard")

    # The SDK doesn't tell when it listens: files are put in until one's output was heard of.
    def heard() -> str | None:
        path = tmp_path / f"{time.monotonic_ns()}.txt"
        path.write_text("quiet")
        storage.upload_file("minio.default", str(path), "heard/input")
        try:
            return keys.get(timeout=5)
        except queue.Empty:
            return None

    assert re.fullmatch(r"output(/|%2F)\d+\.txt", eventually(heard))
    listener.join(10)
    assert not listener.is_alive()


# 9


def test_buckets_are_made_listed_published_signed_for_and_removed(client):
    assert client.create_bucket("own-bucket").status_code == 201

    def visibility() -> str:
        return next(b["visibility"] for b in client.list_buckets().json() if b["bucket_name"] == "own-bucket")

    assert visibility() == "private"
    for wanted in ("public", "private"):
        assert client.update_bucket("own-bucket", wanted).status_code == 204
        assert visibility() == wanted
    signed = client.presign_bucket("own-bucket", "a folder/name", operation="upload", expires=60).json()
    assert "own-bucket" in signed["url"]
    assert requests.put(signed["url"], b"content", headers=signed.get("headers")).status_code == 200
    signed = client.presign_bucket("own-bucket", "a folder/name").json()
    assert requests.get(signed["url"]).content == b"content"
    objects = client.get_bucket("own-bucket").json()["objects"]
    assert [(found["object_name"], found["size_bytes"]) for found in objects] == [("a folder/name", 7)]
    assert client.delete_bucket("own-bucket").status_code == 204
    assert "own-bucket" not in client.list_buckets().text


# 10


def test_a_removed_service_is_gone_and_its_token_opens_nothing(client):
    client.create_service(definition("removed"))
    old = token(client, "removed")
    assert client.remove_service("removed").status_code == 204
    assert refused(client.get_service, "removed").status_code == 404
    assert refused(client.run_service, "removed", token=old, input="x").status_code == 401


# 11


def test_calls_in_parallel_are_all_answered_and_never_more_run_than_the_service_scales_to(client):
    script = "date +%s%N; sleep 0.2; date +%s%N"
    client.create_service(definition("scaled", script, synchronous={"min_scale": 0, "max_scale": 4}))
    opened = token(client, "scaled")
    with ThreadPoolExecutor(50) as pool:
        calls = [pool.submit(client.run_service, "scaled", token=opened, input="x", timeout=120) for _ in range(50)]
        answers = [call.result() for call in calls]
    assert [answer.status_code for answer in answers] == [200] * 50
    # One more at each start, one less at each end, in the order of time.
    spans = [[int(line) for line in answer.text.split()] for answer in answers]
    steps = sorted((moment, change) for span in spans for moment, change in zip(span, (1, -1)))
    running = most = 0
    for _, change in steps:
        running += change
        most = max(most, running)
    assert 1 < most <= 4


# 12


def test_what_the_command_line_and_curl_send_is_understood(cluster, client):
    client.create_service(definition("wire"))
    parts = [b"eyJtZXNz", b"YWdlIjoi", b"SGkifQ=="]
    answer = cluster.send("POST", "/run/wire", iter(parts))
    assert (answer.status, answer.body) == (200, b"Hi\n\n")
    command = ["curl", "-s", "-d", '{"message":"Hi"}', "-H", f"Authorization: Bearer {token(client, 'wire')}"]
    said = subprocess.run([*command, f"{cluster.url}/run/wire"], capture_output=True, timeout=60, check=True)
    assert said.stdout == b"Hi\n\n"


# Everything else that the client can ask of one machine


def test_every_other_question_of_the_client_is_answered(client):
    client.create_service(definition("asked"))
    client.run_service("asked", input='{"message":"to be counted"}')
    status = client.get_cluster_status().json()
    assert status["cluster"]["nodes_count"] == 1
    assert status["oscar"]["ready"] is True
    deployment = client.get_deployment_status("asked").json()
    assert (deployment["service_name"], deployment["state"]) == ("asked", "ready")
    assert client.get_deployment_logs("asked").json()["service_name"] == "asked"
    entries = client.get_system_logs(timestamps=True).json()["logs"]
    assert any(entry["path"] == "/run/asked" and entry["method"] == "POST" for entry in entries)
    assert client.get_metrics_summary().json()["totals"]["requests_count_sync"] >= 1
    items = client.get_metrics_breakdown().json()["items"]
    assert next(item["requests_count_sync"] for item in items if item["key"] == "asked") == 1
    metrics = {entry["metric"]: entry["value"] for entry in client.get_service_metrics("asked").json()["metrics"]}
    assert metrics["requests-sync-per-service"] == 1
