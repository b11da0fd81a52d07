"""Where the agent differs from OSCAR on purpose, the D of docs/oscar.md."""

import base64
import hashlib
import io
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from oscar import Cluster, Service

ECHO = 'cat "$INPUT_FILE_PATH"'


def put(cluster: Cluster, service: dict):
    assert cluster.send("PUT", "/system/services", json.dumps(service)).status == 204


def defined(name: str, **fields) -> dict:
    return {"name": name, "image": "none", "script": ECHO, "log_level": "CRITICAL", **fields}


def test_d1_the_admin_pair_runs_every_service(cluster):
    cluster.create("d1", ECHO)
    assert cluster.send("POST", "/run/d1", b"aGk=").body == b"hi\n"
    assert cluster.send("POST", "/job/d1", b"aGk=").status == 201


def test_d2_a_name_that_is_taken_is_a_conflict(cluster):
    cluster.create("d2", ECHO)
    answer = cluster.send("POST", "/system/services", json.dumps(defined("d2", script="echo another")))
    assert answer.status == 409
    assert cluster.definition("d2")["script"] == ECHO


@pytest.mark.parametrize("key", ["expires_in", "expires"])
def test_d3_both_spellings_of_an_expiry_count(cluster, key):
    cluster.send("POST", "/system/buckets", f'{{"bucket_name":"d3-{key.replace("_", "-")}"}}')
    path = f"/system/buckets/d3-{key.replace('_', '-')}/presign"
    body = {"object_key": "a key", "operation": "download", key: 77}
    url = cluster.send("POST", path, json.dumps(body)).json["url"]
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["77"]


def test_d4_passwords_of_other_clusters_are_not_shown(cluster):
    peer = {"endpoint": "https://other.example", "auth_user": "peer", "auth_password": "of the peer"}
    service = defined("d4", clusters={"other": peer | {"ssl_verify": True}})
    assert cluster.send("POST", "/system/services", json.dumps(service)).status == 201
    for path in ("/system/services/d4", "/system/services"):
        assert b"of the peer" not in cluster.send("GET", path).body
    assert "of the peer" not in cluster.agent.log()


@pytest.mark.parametrize(("name", "given", "shown"), [
    ("number", 8080, 8080), ("list", [8080], [8080]), ("two", [8080, 9090], [8080, 9090]),
    ("zero", 0, None), ("none", [], None), ("null", None, None),
])
def test_d5_a_port_is_a_number_or_a_list_and_is_shown_as_it_came(cluster, name, given, shown):
    name = f"d5-{name}"
    service = defined(name, expose={"api_port": given, "nodePort": 0})
    answer = cluster.send("POST", "/system/services", json.dumps(service))
    assert answer.status == 201, answer
    expose = cluster.definition(name).get("expose", {})
    assert expose.get("api_port") == shown
    assert "nodePort" not in expose


def test_d6_an_update_changes_the_token_unless_the_service_keeps_it(cluster):
    rotated = cluster.create("d6-rotated", ECHO).token
    put(cluster, defined("d6-rotated"))
    assert cluster.definition("d6-rotated")["token"] != rotated
    keeps = {"agent/token-policy": "preserve"}
    kept = cluster.create("d6-kept", ECHO, annotations=keeps).token
    put(cluster, defined("d6-kept", annotations=keeps))
    assert cluster.definition("d6-kept")["token"] == kept


def test_d7_and_d8_a_removed_service_leaves_its_data_to_the_next_of_its_name(cluster, store):
    output = [{"storage_provider": "minio", "path": "d7-data/out"}]
    cluster.create("d7", ECHO, output=output)
    store.put_object("d7-data", "out/kept", io.BytesIO(b"data"), 4)
    assert cluster.send("DELETE", "/system/services/d7").status == 204
    cluster.create("d7", ECHO, output=output)
    assert store.get_object("d7-data", "out/kept").data == b"data"


def test_d8_an_empty_bucket_goes_with_its_service(cluster, store):
    cluster.create("d8", ECHO, output=[{"storage_provider": "minio", "path": "d8-data/out"}])
    assert store.bucket_exists("d8-data")
    assert cluster.send("DELETE", "/system/services/d8").status == 204
    assert not store.bucket_exists("d8-data")


@pytest.mark.parametrize("body", [
    b'{"event":"aGk=","storage_provider":"minio"}', b'{"httpMethod":"POST","body":"aGk=","isBase64Encoded":true}',
    b'{"Records":[{"eventSource":"minio:s3","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}',
])
def test_d9_keys_of_a_callers_json_have_no_meaning_in_a_call(cluster, body):
    if cluster.send("GET", "/system/services/d9").status == 404:
        cluster.create("d9", ECHO)
    assert Service(cluster, "d9").run(body).body == body + b"\n"


def test_d10_a_file_is_clean_base64_at_every_level(cluster):
    for level in ("NOTSET", "DEBUG", "INFO", "CRITICAL"):
        service = cluster.create(f"d10-{level.lower()}", f'echo noise; {ECHO} > "$TMP_OUTPUT_DIR/o"', log_level=level)
        assert base64.b64decode(service.answers(b"data").rstrip(b"\n"), validate=True) == b"data"


def test_d11_a_failed_script_is_a_failure_unless_the_service_says_otherwise(cluster):
    strict = cluster.create("d11-strict", "echo said; exit 3")
    assert strict.run().status == 500
    strict.becomes(strict.submitted(b""), "Failed")
    annotations = {"agent/ignore-exit-code": "true"}
    lax = cluster.create("d11-lax", "echo said; exit 3", annotations=annotations)
    answer = lax.run()
    assert (answer.status, answer.body) == (200, b"said\n\n")
    lax.becomes(lax.submitted(b""), "Succeeded")


def test_d12_a_jobs_body_arrives_byte_for_byte(cluster):
    service = cluster.create("d12", 'sha256sum < "$INPUT_FILE_PATH"')
    body = json.dumps({"text": "two  spaces, a *, a \\ and $HOME `id`", "more": "x " * 150_000}).encode()
    job = service.submitted(body)
    service.becomes(job, "Succeeded")
    assert hashlib.sha256(body).hexdigest() in service.log(job)


def test_d13_what_is_unknown_is_404_for_the_admin(cluster):
    cluster.create("d13", ECHO)
    for method, path in [
        ("GET", "/system/logs/d13/d13-nothing"), ("DELETE", "/system/logs/d13/d13-nothing"),
        ("GET", "/system/logs/none"), ("POST", "/run/none"), ("POST", "/job/none"),
        ("GET", "/system/services/none"), ("DELETE", "/system/services/none"),
    ]:
        assert cluster.send(method, path).status == 404, (method, path)


def test_d14_a_submitted_job_can_be_followed(cluster):
    service = cluster.create("d14", "echo done")
    answer = service.job(b"")
    assert (answer.status, list(answer.json)) == (201, ["jobid"])
    service.becomes(answer.json["jobid"], "Succeeded")
    assert cluster.send("GET", answer.headers["Location"]).body.startswith(b"done")
