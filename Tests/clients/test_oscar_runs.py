"""POST /run and what a script sees: bodies, answers, errors, the environment, outputs, limits of time and number."""

import base64
import io
import json
import re
import select
import socket
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from oscar import Cluster, Service, eventually, for_ever, is_running

ECHO = 'cat "$INPUT_FILE_PATH"'


@pytest.fixture(scope="module")
def echo(cluster: Cluster) -> Service:
    return cluster.create("echo", ECHO)


def raw(service: Service, body: bytes = b"") -> socket.socket:
    """A connection that has asked for a run and hasn't read the answer."""
    host, port = service.cluster.address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    head = f"POST /run/{service.name} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.token}\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


# What goes in


@pytest.mark.parametrize("body", [
    b'{"message":"Hi"}', b' {"a" :  1 ,\n"a":2}', b"[1,  2]", b'"quoted  text"', '{"größer":"中文"}'.encode(),
])
def test_json_is_the_input_as_it_was_sent(echo, body):
    assert echo.run(body).body == body + b"\n"


@pytest.mark.parametrize(("body", "content"), [
    (b"", b""),
    (b"aGVsbG8=", b"hello"),
    (b"aGVsbG8", b"hello"),
    (b"aGVs\r\nbG8=\n", b"hello"),
    (b"  aGV sbG8= ", b"hello"),
    (base64.b64encode(b'{"event":"inside"}'), b'{"event":"inside"}'),
    (base64.b64encode(bytes(range(256))), bytes(range(256))),
])
def test_anything_else_is_base64(echo, body, content):
    assert echo.run(body).body == content + b"\n"


@pytest.mark.parametrize("body", [
    b"{", b'{"a":}', b"[1,", b'"open', b"{} {}", b"$$$$", b"aGVs-G8_", b"a=b&c=d e", b"\xff",
])
def test_what_is_neither_is_refused_in_a_line_and_runs_nothing(echo, body):
    before = echo.jobs()
    for answer in (echo.run(body), echo.job(body)):
        assert answer.status == 400, (body, answer)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert len(answer.body.decode().strip().splitlines()) == 1
    assert echo.jobs() == before


# What comes out


def test_a_text_is_all_that_the_script_said_in_order(cluster):
    service = cluster.create("says", "echo one; echo two >&2; echo three; printf four >&2")
    answer = service.run()
    assert answer.body == b"one\ntwo\nthree\nfour\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert float(answer.headers["X-Duration-Seconds"]) > 0


def test_the_level_decides_what_is_told_beside_the_text(cluster):
    line = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - supervisor - {} - "
    levels = {"DEBUG": ["INFO", "DEBUG"], "INFO": ["INFO"], "ERROR": [], "CRITICAL": [], "odd": ["INFO"]}
    for level, told in levels.items():
        service = cluster.create(f"level-{level.lower()}", "echo the text", log_level=level)
        text = service.run().body.decode()
        for word in ("INFO", "DEBUG"):
            assert bool(re.search(line.replace("{}", word), text)) == (word in told), (level, text)
        assert text.endswith("the text\n\n")
        assert told or text == "the text\n\n"


def test_one_file_is_base64_of_it_and_more_are_a_zip_with_sorted_names(cluster):
    one = cluster.create("one", 'mkdir -p "$TMP_OUTPUT_DIR/a/b" && printf x > "$TMP_OUTPUT_DIR/a/b/c"; echo not this')
    assert one.run().body == b"eA==\n"
    script = """
        cd "$TMP_OUTPUT_DIR"; mkdir empty z; ln -s a link
        for f in z/1 b a "ü x"; do printf "%s" "$f" > "$f"; done
    """
    body = cluster.create("many", script).run().body
    assert body.count(b"\n") == 1
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(body[:-1], validate=True))) as archive:
        assert archive.namelist() == ["a", "b", "z/1", "ü x"]
        assert all(archive.read(name) == name.encode() for name in archive.namelist())


def test_who_accepts_bytes_gets_the_file_itself(cluster):
    service = cluster.create("bytes", f'{ECHO} > "$TMP_OUTPUT_DIR/picture.png"')
    answer = service.run(base64.b64encode(b"\x89PNG\0"), Accept="application/octet-stream")
    assert answer.body == b"\x89PNG\0"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="picture.png"'


@pytest.mark.parametrize("status", [1, 3, 127])
def test_a_failed_script_is_500_with_its_status_and_what_it_said(cluster, status):
    service = cluster.create(f"fails-{status}", f"echo the reason >&2; exit {status}")
    answer = service.run()
    assert answer.status == 500
    assert answer.body.decode().startswith(f"exit status {status}\n") and "the reason" in answer.body.decode()


def test_a_body_that_is_too_long_is_refused_before_it_comes(echo):
    host, port = echo.cluster.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST /run/echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {echo.token}\r\n"
        connection.sendall(f"{head}Content-Length: {1 << 50}\r\n\r\n".encode())
        assert b" 413 " in connection.recv(65536).splitlines()[0]


def test_a_call_is_no_job_of_the_list(cluster):
    service = cluster.create("unlisted", "true")
    assert service.run().status == 200
    assert service.jobs() == {"jobs": {}}


# What a script sees


def test_a_script_has_the_environment_that_oscar_gives(cluster):
    environment = {
        "Variables": {"WORD": "two words", "TMP_OUTPUT_DIR": "/nowhere", "OSCAR_SERVICE_NAME": "another"},
        "Secrets": {"KEY": "a secret"},
    }
    service = cluster.create("environment", "env", environment=environment)
    answer = service.cluster.send(
        "POST", "/run/environment?colour=red", b'{"a":1}', f"Bearer {service.token}", X_Colour="blue",
        Content_Type="text/json",
    )
    found = dict(line.split("=", 1) for line in answer.body.decode().splitlines() if "=" in line)
    assert (found["WORD"], found["KEY"]) == ("two words", "a secret")
    assert found["OSCAR_SERVICE_NAME"] == "environment"
    assert found["OSCAR_SERVICE_TOKEN"] == service.token
    assert found["OSCAR_SERVICE_BASE_PATH"] == ""
    assert found["TMP_OUTPUT_DIR"] not in ("", "/nowhere", found["TMP_INPUT_DIR"])
    folder, name = found["INPUT_FILE_PATH"].rsplit("/", 1)
    assert folder == found["TMP_INPUT_DIR"]
    assert uuid.UUID(name.removeprefix("event-file-")).version == 4
    assert (found["Http_Method"], found["Http_Query"]) == ("POST", "colour=red")
    assert (found["Http_Content_Type"], found["Http_Content_Length"]) == ("text/json", "7")
    assert found["Http_X_Colour"] == "blue"
    assert not [name for name in found if "authorization" in name.lower()]
    assert not {"STORAGE_OBJECT_KEY", "EVENT_TIME", "EVENT"} & set(found)
    assert cluster.definition("environment")["environment"]["secrets"] == {"KEY": ""}


def test_a_run_has_folders_of_its_own_with_its_input_and_nothing_else(cluster):
    script = """
        ls -A "$TMP_INPUT_DIR" | grep -vc ^event-file-
        ls -A "$TMP_OUTPUT_DIR" | wc -l
        wc -c
        touch mine && ls -A | grep -c mine
        [ "$PWD" = "$TMP_INPUT_DIR" ] || echo elsewhere
        rm -f "$TMP_OUTPUT_DIR/left"
    """
    service = cluster.create("folders", script)
    for _ in range(2):
        assert service.answers(b"content").split() == [b"0", b"0", b"0", b"1", b"elsewhere"]


def test_a_script_is_for_the_shell_whatever_its_first_line_and_its_line_ends_are(cluster):
    service = cluster.create("windows", "#!/usr/bin/python3\r\nfor word in a b\r\ndo\r\n  echo $word.\r\ndone\r\n")
    assert service.run().body == b"a.\nb.\n\n"


def test_secrets_stay_when_an_update_gives_none(cluster):
    service = cluster.create("keeps", 'echo "$KEY"', environment={"Secrets": {"KEY": "a secret"}})
    for environment, kept in [({}, "a secret"), ({"Secrets": {"KEY": "another"}}, "another")]:
        definition = {"name": "keeps", "image": "none", "script": 'echo "$KEY"', "log_level": "CRITICAL"}
        body = json.dumps(definition | {"environment": environment})
        assert cluster.send("PUT", "/system/services", body).status == 204
        assert Service(cluster, service.name).run().body.decode() == f"{kept}\n\n"


# Outputs in buckets


def test_an_output_entry_takes_what_its_prefixes_and_suffixes_name(cluster):
    made = ["a1.txt", "a2.bin", "b1.txt", "deep/a3.txt"]
    entries = {
        "all": ({}, made),
        "prefix": ({"prefix": ["a"]}, ["a1.txt", "a2.bin"]),
        "suffix": ({"suffix": [".txt", ".none"]}, ["a1.txt", "b1.txt", "deep/a3.txt"]),
        "both": ({"prefix": ["a", "deep/"], "suffix": [".txt"]}, ["a1.txt", "deep/a3.txt"]),
        "none": ({"prefix": ["c"]}, []),
    }
    output = [
        {"storage_provider": "minio", "path": f"/outputs/{name}/ "} | given for name, (given, _) in entries.items()
    ]
    script = f"""
        cd "$TMP_OUTPUT_DIR"; mkdir deep; ln -s a1.txt a-link.txt
        for f in {" ".join(made)}; do printf x > $f; done
    """
    cluster.create("filters", script, output=output).run()
    found = [entry["object_name"] for entry in cluster.send("GET", "/system/buckets/outputs").json["objects"]]
    files = sorted(key for key in found if not key.endswith("/"))
    assert files == sorted(f"{name}/{file}" for name, (_, files) in entries.items() for file in files)


def test_a_path_of_one_word_is_a_folder_of_the_services_own_bucket(cluster):
    service = cluster.create(
        "own-folder", f'{ECHO} > "$TMP_OUTPUT_DIR/o"', output=[{"storage_provider": "MinIO.default", "path": "results"}]
    )
    assert cluster.definition("own-folder")["output"][0]["path"] == "own-folder/results"
    for content in (b"first", b"a second one"):
        service.answers(content)
        objects = cluster.send("GET", "/system/buckets/own-folder").json["objects"]
        assert [o["size_bytes"] for o in objects if o["object_name"] == "results/o"] == [len(content)]


# Limits


def test_a_run_that_takes_too_long_is_killed(start_cluster):
    mark = for_ever()
    service = start_cluster(WATCHDOG_EXEC_TIMEOUT="1").create("long", f"sleep {mark}")
    answer = service.run()
    assert (answer.status, answer.body) == (408, b"Killed process.\n")
    eventually(lambda: not is_running(mark))


def test_a_run_whose_caller_has_gone_is_killed(cluster):
    mark = for_ever()
    connection = raw(cluster.create("left", f"sleep {mark}"))
    eventually(lambda: is_running(mark))
    connection.close()
    eventually(lambda: not is_running(mark))


def test_runs_whose_callers_were_gone_before_they_were_taken_are_killed(cluster):
    mark = for_ever()
    service = cluster.create("gone", f"sleep {mark}", synchronous={"max_scale": 1})
    for _ in range(60):
        raw(service).close()
    eventually(lambda: cluster.pool("gone") == {"running": 0, "waiting": 0}, within=20)
    assert not is_running(mark)


def test_who_waits_longer_than_allowed_is_told_so(start_cluster):
    cluster = start_cluster(WRITE_TIMEOUT="3")
    mark = for_ever()
    service = cluster.create("waits", f"sleep {mark}", synchronous={"max_scale": 1})
    first = raw(service)
    eventually(lambda: is_running(mark))
    assert service.run().status == 504
    first.close()


def test_more_than_can_wait_are_refused_and_told_when_to_come_again(cluster):
    mark = for_ever()
    service = cluster.create("full", f"sleep {mark}", synchronous={"max_scale": 1})
    connections = [raw(service) for _ in range(115)]
    try:
        # One runs and a hundred wait; the others are answered.
        refused = eventually(lambda: (found := select.select(connections, [], [], 0)[0]) and len(found) >= 10 and found)
        assert len(refused) <= 15
        for connection in refused:
            head = connection.recv(65536).decode()
            assert " 429 " in head.splitlines()[0]
            assert re.search(r"^retry-after: \d+\r?$", head, re.M | re.I)
    finally:
        for connection in connections:
            connection.close()
    eventually(lambda: not is_running(mark))


@pytest.mark.parametrize(("scale", "inflight"), [(1, 1), (2, 1), (1, 2)])
def test_a_service_runs_as_many_at_a_time_as_its_slots_take(start_cluster, scale, inflight):
    cluster = start_cluster(WATCHDOG_MAX_INFLIGHT=str(inflight))
    service = cluster.create("slots", "date +%s%N; sleep 0.3; date +%s%N", synchronous={"max_scale": scale})
    assert service.token
    with ThreadPoolExecutor(6) as pool:
        spans = [[int(word) for word in answer.body.split()] for answer in pool.map(lambda _: service.run(), range(6))]
    steps = sorted((moment, change) for span in spans for moment, change in zip(span, (1, -1)))
    running = [sum(change for _, change in steps[:count + 1]) for count in range(len(steps))]
    assert max(running) <= scale * inflight


def test_jobs_do_not_keep_calls_from_running(cluster):
    mark = for_ever()
    busy = cluster.create("busy", f"sleep {mark}")
    for _ in range(8):
        busy.submitted(b"")
    start = time.monotonic()
    assert cluster.create("quick", "echo here").run().body == b"here\n\n"
    assert time.monotonic() - start < 30
    assert cluster.send("DELETE", "/system/logs/busy?all=true").status == 204
    eventually(lambda: not is_running(mark))
