"""What OSCAR's command line, curl and OSCAR's own tests send and how they read the answers: byte by byte."""

import ast
import base64
import json
import re
import socket

import pytest

from oscar import ADMIN, Cluster, eventually

ECHO = 'cat "$INPUT_FILE_PATH"'

# What the command line of version 1.9 makes of a definition that gives a name, an image and a script.
APPLIED = {
    "name": "applied",
    "cluster_id": "here",
    "memory": "256Mi",
    "cpu": "0.2",
    "total_memory": "",
    "total_cpu": "",
    "enable_gpu": False,
    "enable_sgx": False,
    "image_prefetch": False,
    "synchronous": {"min_scale": 0, "max_scale": 0},
    "replicas": None,
    "delegation": "",
    "rescheduler_threshold": 0,
    "log_level": "CRITICAL",
    "image": "ghcr.io/grycap/cowsay",
    "alpine": False,
    "token": "",
    "file_stage_in": False,
    "input": None,
    "output": None,
    "script": ECHO,
    "image_pull_secrets": None,
    "expose": {
        "min_scale": 0, "max_scale": 0, "cpu_threshold": 0, "rewrite_target": False, "nodePort": 0,
        "default_command": False, "set_auth": False,
    },
    "environment": {"Variables": {"INPUT_TYPE": "json"}, "Secrets": None},
    "annotations": None,
    "vo": "",
    "labels": None,
    "storage_providers": None,
    "clusters": None,
    "allowed_users": None,
    "mount": {"storage_provider": "", "path": "", "suffix": None, "prefix": None},
    "interlink_node_name": "",
    "a key of a later version": {"with": [None]},
}

IN_BUCKET = {"storage_provider": "minio", "path": "a/b"}

BAD = {
    "no name": ({"name": None}, "name"),
    "an empty name": ({"name": ""}, "name"),
    "capitals in the name": ({"name": "Upper"}, "name"),
    "a long name": ({"name": "n" * 40}, "name"),
    "a digit first": ({"name": "1st"}, "name"),
    "a dash last": ({"name": "last-"}, "name"),
    "a name of another kind": ({"name": 5}, "name"),
    "no image": ({"image": ""}, "image"),
    "an empty path": ({"input": [{"storage_provider": "minio", "path": " / "}]}, "path"),
    "an output that is an input": ({"input": [IN_BUCKET], "output": [IN_BUCKET]}, "output"),
    "an output below an input": ({"input": [IN_BUCKET], "output": [IN_BUCKET | {"path": "a/b/c"}]}, "output"),
    "memory that is no quantity": ({"memory": "much"}, "memory"),
}


@pytest.fixture(scope="module")
def echo(cluster: Cluster):
    return cluster.create("echo", ECHO)


def exchange(cluster: Cluster, request: bytes, until: bytes = b"") -> bytes:
    """What comes back to bytes sent as they are, up to a mark or to the end."""
    host, port = cluster.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while not (until and until in answer):
            if not (part := connection.recv(65536)):
                break
            answer += part
        return answer


def outside_strings(text: str) -> str:
    """A JSON document without its strings."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)


# The command line


def test_the_command_line_applies_a_definition_and_applies_it_again(cluster):
    body = json.dumps(APPLIED)
    for expected, method, status in [(404, "POST", 201), (200, "PUT", 204), (200, "PUT", 204)]:
        assert cluster.send("GET", "/system/config", timeout=20).json["config"]
        assert cluster.send("GET", "/system/services/applied", timeout=20).status == expected
        answer = cluster.send(method, "/system/services", iter([body.encode()]), timeout=20)
        assert (answer.status, answer.body) == (status, b"")


def test_the_command_line_can_decode_a_service(cluster):
    cluster.send("POST", "/system/services", json.dumps(APPLIED | {"name": "decoded"}))
    service = cluster.definition("decoded")
    texts = ("name", "image", "cpu", "memory", "script", "log_level", "token", "vo")
    assert {type(service[key]) for key in texts} == {str}
    expose = service.get("expose", {})
    assert all(isinstance(expose.get(key, 0), int) for key in ("api_port", "nodePort", "min_scale", "max_scale"))
    assert "nodePort" not in expose and "api_port" not in expose
    for maps in (service["environment"].get("variables"), service["environment"].get("secrets"), service["labels"]):
        assert all(isinstance(value, str) for value in maps.values())
    assert isinstance(service.get("mount", {}), dict)
    for scale in ("min_scale", "max_scale"):
        assert service["synchronous"][scale] == 0
    assert service["environment"]["variables"] == {"INPUT_TYPE": "json"}
    listed = cluster.send("GET", "/system/services").json
    assert service in listed


def test_the_command_line_prints_five_fields_of_the_cluster(cluster):
    info = cluster.send("GET", "/system/info").json
    assert {"version", "git_commit", "architecture", "kubernetes_version", "serverless_backend"} <= set(info)
    assert info["architecture"] in ("amd64", "arm64")
    assert set(info["serverless_backend"]) == {"name", "version"}


@pytest.mark.parametrize("authorization", ["basic", "token"])
def test_the_command_line_runs_with_base64_in_chunks_without_a_type(cluster, echo, authorization):
    credential = ADMIN if authorization == "basic" else f"Bearer {echo.token}"
    text = base64.b64encode(b"a line\n" * 5000)
    parts = [text[start:start + 1000] for start in range(0, len(text), 1000)]
    answer = cluster.send("POST", "/run/echo", iter(parts), credential)
    assert (answer.status, answer.body) == (200, b"a line\n" * 5000 + b"\n")
    answer = cluster.send("POST", "/job/echo", iter(parts), credential)
    assert answer.status == 201


def test_the_command_line_decodes_the_answer_strictly(cluster):
    data = bytes(range(256)) * 40
    for level in ("CRITICAL", "DEBUG"):
        service = cluster.create(f"strict-{level.lower()}", f'echo said; {ECHO} > "$TMP_OUTPUT_DIR/o"', log_level=level)
        body = service.answers(data)
        assert body.endswith(b"\n") and body.count(b"\n") == 1
        assert base64.b64decode(body[:-1], validate=True) == data


# Bodies: by their bytes, not by their type


@pytest.mark.parametrize("named", [
    "", "application/json", "application/x-www-form-urlencoded", "text/json", "text/plain", "application/octet-stream",
])
@pytest.mark.parametrize("path", ["run", "job"])
def test_a_body_is_what_its_bytes_are_whatever_its_type_says(echo, named, path):
    headers = {"Content_Type": named} if named else {}
    for body in (b'{"a":  1}', base64.b64encode(b'{"a":  1}')):
        if path == "run":
            assert echo.run(body, **headers).body == b'{"a":  1}\n'
        else:
            job = echo.submitted(body, **headers)
            echo.becomes(job, "Succeeded")
            assert '{"a":  1}' in echo.log(job)


def test_a_definition_may_come_in_chunks_and_under_any_type(cluster):
    for number, named in enumerate(["", "text/json", "application/x-www-form-urlencoded"]):
        body = json.dumps({"name": f"typed-{number}", "image": "none", "script": ECHO}).encode()
        headers = {"Content_Type": named} if named else {}
        answer = cluster.send("POST", "/system/services", iter([body[:9], body[9:]]), **headers)
        assert answer.status == 201, answer


def test_who_asks_whether_to_go_on_is_told_so(cluster, echo):
    head = f"POST /run/echo HTTP/1.1\r\nHost: x\r\nAuthorization: {ADMIN}\r\nConnection: close\r\nContent-Length: 8\r\n"
    host, port = cluster.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(base64.b64encode(b"hello"))
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert b" 200 " in answer.splitlines()[0] and answer.endswith(b"hello\n")


def test_keys_are_read_in_any_case_and_null_is_nothing(cluster):
    definition = {
        "NAME": "any-case", "Image": "none", "SCRIPT": "echo $WORD", "Log_Level": "critical",
        "Environment": {"VARIABLES": {"WORD": "kept"}, "secrets": None},
        "input": None, "output": None, "labels": None, "annotations": None, "allowed_users": None, "synchronous": None,
        "storage_providers": None, "unknown": {"key": 1},
    }
    answer = cluster.send("POST", "/system/services", json.dumps(definition))
    assert answer.status == 201, answer
    service = cluster.definition("any-case")
    assert service["log_level"] == "CRITICAL"
    assert cluster.send("POST", "/run/any-case", b"").body == b"kept\n\n"


@pytest.mark.parametrize("fault", BAD)
def test_a_wrong_definition_is_refused_in_one_line_that_names_the_field(cluster, fault):
    change, named = BAD[fault]
    definition = {"name": "wrong", "image": "none", "script": ECHO} | change
    for method in ("POST", "PUT"):
        answer = cluster.send(method, "/system/services", json.dumps(definition))
        assert answer.status == 400, answer
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        text = answer.body.decode()
        assert named in text and len(text.strip().splitlines()) == 1
    assert cluster.send("GET", "/system/services/wrong").status == 404


def test_what_is_no_json_is_no_definition(cluster):
    for body in (b"", b"{", b"[]", b'"text"', b"name: yaml"):
        assert cluster.send("POST", "/system/services", body).status == 400


# Answers


@pytest.mark.parametrize("path", [
    "/system/info", "/system/config", "/system/services", "/system/services/echo", "/system/logs/echo", "/system/logs",
    "/system/status", "/system/buckets", "/system/metrics", "/system/metrics/echo", "/system/metrics/breakdown",
    "/system/services/echo/deployment", "/system/services/echo/deployment/logs",
])
def test_json_is_compact_and_says_its_type(cluster, echo, path):
    echo.submitted(b"")
    answer = cluster.send("GET", path)
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert not re.search(r"\s", outside_strings(answer.body.decode()))


def test_buckets_begin_with_their_name_and_their_visibility(cluster):
    body = '{"bucket_name":"shown","visibility":"restricted","allowed_users":["somebody"]}'
    assert cluster.send("POST", "/system/buckets", body).status == 201
    begin = b'{"bucket_name":"shown","visibility":"restricted"'
    assert begin in cluster.send("GET", "/system/buckets").body
    assert cluster.send("GET", "/system/buckets/shown").body.startswith(begin)


def test_a_listing_of_jobs_is_also_python_and_an_empty_one_has_no_other_key(cluster):
    service = cluster.create("python", "sleep 30")
    assert cluster.send("GET", "/system/logs/python").body == b'{"jobs":{}}'
    assert cluster.send("GET", "/system/logs/python?page=").body == b'{"jobs":{}}'
    job = service.submitted(b"")
    service.becomes(job, "Running")
    body = cluster.send("GET", "/system/logs/python").body.decode()
    listed = ast.literal_eval(body)
    assert set(listed["jobs"][job]) == {"status", "creation_time", "start_time"}
    assert re.search(r'"creation_time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"', body)
    assert not re.search("null|true|false", body)
    assert cluster.send("DELETE", "/system/logs/python?all=true").status == 204
    assert cluster.send("GET", "/system/logs/python").body == b'{"jobs":{}}'


def test_what_is_empty_is_there_and_is_no_null(cluster, echo):
    service = cluster.definition("echo")
    for key in ("input", "output", "allowed_users", "bucket_list"):
        assert service[key] == [], key
    for key in ("annotations", "clusters"):
        assert service[key] == {}, key
    assert service["environment"] == {"variables": {}, "secrets": {}}
    assert service["labels"] == {"oscar_service": "echo"}
    assert "null" not in outside_strings(json.dumps(service))
    config = cluster.send("GET", "/system/config").json
    assert config["config"]["oidc_groups"] == [""]
    assert config["allowed_image_repositories"] == []


def test_a_service_has_the_defaults_of_oscar(cluster):
    cluster.send("POST", "/system/services", '{"name":"defaults","image":"none","script":"true"}')
    service = cluster.definition("defaults")
    assert (service["memory"], service["cpu"], service["log_level"]) == ("256Mi", "0.2", "INFO")
    assert (service["owner"], service["visibility"], service["namespace"]) == ("cluster_admin", "private", "oscar-svc")
    provider = service["storage_providers"]["minio"]["default"]
    assert (provider["access_key"], provider["secret_key"]) == ("hidden", "hidden")


def test_a_slash_at_the_end_is_no_other_page(cluster):
    for method in ("GET", "HEAD"):
        answer = cluster.send(method, "/system/config/")
        assert answer.status == 200 or (answer.status, answer.headers["Location"]) == (301, "/system/config")


def test_wrong_credentials_are_told_so_and_nothing_else(cluster, echo):
    wrong = "Basic " + base64.b64encode(b"oscar:another").decode()
    for authorization in ("", wrong, "Basic !", "Bearer " + "0" * 64, f"Bearer {echo.token}"):
        for method, path in [
            ("GET", "/system/config"), ("GET", "/system/info"), ("GET", "/system/services"),
            ("POST", "/system/services"), ("GET", "/system/services/echo"), ("DELETE", "/system/services/echo"),
            ("GET", "/system/logs/echo"), ("GET", "/system/logs"), ("GET", "/system/buckets"),
            ("GET", "/system/status"),
        ]:
            answer = cluster.send(method, path, authorization=authorization)
            assert (answer.status, answer.body) == (401, b""), (method, path, authorization)
            assert answer.headers["WWW-Authenticate"] == 'Basic realm="Authorization Required"'


def test_the_token_of_a_service_opens_nothing_else_in_any_spelling(cluster, echo):
    assert echo.run(b"").status == 200
    token = echo.token
    for header in (f"Bearer {token}", f"echo Bearer {token}", f"token {token}", f"Basic {token}"):
        for path in ("/system/services", "/system/config", "/jobs", "/accounts"):
            assert cluster.send("GET", path, authorization=header).status == 401, (header, path)


def test_a_page_that_is_not_there_is_404_in_text(cluster):
    answer = cluster.send("GET", "/system/nothing")
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_health_is_two_letters_for_everybody(cluster):
    answer = cluster.send("GET", "/health", authorization="")
    assert (answer.status, answer.body) == (200, b"Ok")


def test_the_same_update_three_times_is_one(cluster):
    cluster.create("repeated", "true")
    update = {"name": "repeated", "image": "none", "script": ECHO, "labels": {"of": "mine"}}
    states = []
    for _ in range(3):
        assert cluster.send("PUT", "/system/services", json.dumps(update)).status == 204
        states.append({key: value for key, value in cluster.definition("repeated").items() if key != "token"})
    assert states[0] == states[1] == states[2]
    assert states[0]["script"] == ECHO
    assert cluster.send("PUT", "/system/services", json.dumps(update | {"name": "unknown"})).status == 404


# Who may run


def test_who_may_not_run_a_service_learns_nothing_of_it(cluster, echo):
    other = cluster.create("other", "true")
    refused = ["", "Bearer", f"Token {echo.token}", "Bearer " + "0" * 64, f"Bearer {other.token}",
               f"Bearer {echo.token[:-1]}", f"Bearer {echo.token} {echo.token}"]
    for kind in ("run", "job"):
        for authorization in refused:
            for name in ("echo", "unknown"):
                answer = cluster.send("POST", f"/{kind}/{name}", b"", authorization)
                assert (answer.status, answer.body) == (401, b""), (kind, authorization, name)
        assert cluster.send("POST", f"/{kind}/unknown", b"").status == 404
        for authorization in (f"bearer {echo.token}", f"BEARER   {echo.token}  "):
            assert cluster.send("POST", f"/{kind}/echo", b"", authorization).status in (200, 201)


def test_poking_a_job_address_starts_nothing(cluster):
    service = cluster.create("poked", "true")
    for method in ("GET", "HEAD"):
        assert cluster.send(method, "/job/poked", authorization="").status in (200, 405)
    assert service.jobs() == {"jobs": {}}


def test_pages_of_jobs_are_followed_as_the_command_line_does(start_cluster):
    cluster = start_cluster(JOB_LISTING_LIMIT="2")
    service = cluster.create("paged", "true")
    submitted = [service.submitted(b"") for _ in range(5)]
    seen, pages, query = [], [], ""
    while True:
        page = service.jobs(query)
        seen += page["jobs"]
        pages.append((len(page["jobs"]), page.get("remaining_jobs")))
        if "next_page" not in page:
            break
        query = f"?page={page['next_page']}"
    assert pages == [(2, 3), (2, 1), (1, None)]
    assert seen == submitted[::-1]
    assert cluster.send("GET", "/system/logs/paged?page=nowhere").status == 400
    eventually(lambda: {job["status"] for job in service.jobs()["jobs"].values()} == {"Succeeded"})
