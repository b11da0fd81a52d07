"""POST /job, storage events, and the lists and logs of jobs."""

import base64
import concurrent.futures
import copy
import io
import json
import re

import minio
import pytest

from oscar import EVENT, Cluster, Service, eventually, for_ever, is_running

ECHO = 'cat "$INPUT_FILE_PATH"'
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z "


def event(key: str, name: str = "ObjectCreated:Put", bucket: str = "", sequencer: str = "1") -> dict:
    """One record of an event about an object."""
    record = copy.deepcopy(EVENT["Records"][0])
    record["eventName"] = f"s3:{name}"
    record["s3"]["bucket"]["name"] = bucket
    record["s3"]["object"] |= {"key": key, "sequencer": sequencer}
    return record


def posted(service: Service, *records: dict):
    """Posts the records as MinIO does."""
    return service.job(json.dumps({"EventName": "s3:ObjectCreated:Put", "Key": "x", "Records": list(records)}))


def with_input(cluster: Cluster, name: str, script: str = ECHO) -> Service:
    return cluster.create(name, script, input=[{"storage_provider": "minio", "path": f"{name}/in"}])


def put(store: minio.Minio, bucket: str, key: str, content: bytes):
    store.put_object(bucket, key, io.BytesIO(content), len(content))


# Submitting


def test_a_job_is_named_after_its_service_and_listed_before_its_caller_knows(cluster):
    service = cluster.create("named", "true")
    answer = service.job(b"")
    job = answer.json["jobid"]
    assert answer.headers["Location"] == f"/system/logs/named/{job}"
    assert job in service.jobs()["jobs"]
    assert re.fullmatch("named-[0-9a-z-]+", job)
    long = cluster.create("a-service-of-a-name-too-long", "true").submitted(b"")
    assert re.fullmatch("a-service-of-a-n-[0-9a-z-]+", long)


def test_a_job_knows_its_name_and_its_body(cluster):
    service = cluster.create("knows", 'env; cat "$INPUT_FILE_PATH"')
    job = service.submitted(b'{"a":  "*"}')
    service.becomes(job, "Succeeded")
    log = service.log(job)
    assert f"JOB_UUID={job}\n" in log
    assert re.search("^RESOURCE_ID=.", log, re.M)
    assert 'EVENT={"a":  "*"}\n' in log
    assert log.rstrip("\n").endswith('{"a":  "*"}')


def test_a_body_that_no_variable_can_hold_is_in_a_file(cluster):
    service = cluster.create("holds", 'echo "${EVENT+set}"; wc -c < "$EVENT_FILE"; wc -c < "$INPUT_FILE_PATH"')
    body = json.dumps({"text": "x" * 200_000})
    job = service.submitted(body)
    service.becomes(job, "Succeeded")
    assert service.log(job).split() == [str(len(body))] * 2


def test_a_failed_job_says_so_and_why(cluster):
    service = cluster.create("reasons", "echo the reason >&2; exit 4")
    job = service.submitted(b"")
    service.becomes(job, "Failed")
    assert "the reason" in service.log(job)


# Lists and logs


def test_the_log_is_there_while_the_job_runs(cluster):
    service = cluster.create("live", f"echo begun; sleep {for_ever()}; echo never")
    job = service.submitted(b"")
    eventually(lambda: service.log(job) == "begun\n")
    entry = service.jobs()["jobs"][job]
    assert entry["status"] == "Running" and "finish_time" not in entry
    assert cluster.send("DELETE", f"/system/logs/live/{job}").status == 204
    assert service.jobs() == {"jobs": {}}
    assert cluster.send("GET", f"/system/logs/live/{job}").status == 404


def test_a_job_that_waits_is_listed_with_the_time_it_came_and_has_an_empty_log(cluster):
    mark = for_ever()
    service = cluster.create("queued", f"sleep {mark}")
    jobs = [service.submitted(b"") for _ in range(40)]
    entry = service.jobs()["jobs"][jobs[-1]]
    assert (entry["status"], set(entry)) == ("Pending", {"status", "creation_time"})
    answer = cluster.send("GET", f"/system/logs/queued/{jobs[-1]}")
    assert (answer.status, answer.body) == (200, b"")
    assert cluster.send("DELETE", f"/system/logs/queued/{jobs[-1]}").status == 204
    assert set(service.jobs()["jobs"]) == set(jobs[:-1])
    assert cluster.send("DELETE", "/system/logs/queued?all=true").status == 204
    eventually(lambda: not is_running(mark))


def test_jobs_outlive_an_update_and_end_with_their_service(cluster):
    mark = for_ever()
    service = cluster.create("outlives", f"sleep {mark}")
    job = service.submitted(b"")
    eventually(lambda: is_running(mark))
    update = {"name": "outlives", "image": "none", "script": "echo changed", "log_level": "CRITICAL"}
    assert cluster.send("PUT", "/system/services", json.dumps(update)).status == 204
    assert service.jobs()["jobs"][job]["status"] == "Running"
    assert is_running(mark)
    assert cluster.send("DELETE", "/system/services/outlives").status == 204
    eventually(lambda: not is_running(mark))
    assert cluster.send("GET", "/system/logs/outlives").status == 404


@pytest.mark.parametrize("value", ["1", "t", "T", "true", "TRUE", "True"])
def test_each_line_has_its_time_when_that_is_asked_for(lines, value):
    service, job = lines
    stamped = service.log(job, f"?timestamps={value}").splitlines()
    assert all(re.match(STAMP, line) for line in stamped)
    assert [re.sub(f"^{STAMP}", "", line) for line in stamped] == ["one", "", "  three"]


@pytest.mark.parametrize("value", ["0", "f", "false", "yes", "", "tRuE"])
def test_lines_have_no_time_when_it_is_not_asked_for(lines, value):
    service, job = lines
    assert service.log(job, f"?timestamps={value}").splitlines() == ["one", "", "  three"]


@pytest.fixture(scope="module")
def lines(cluster) -> tuple[Service, str]:
    service = cluster.create("lines", "echo one; echo; echo '  three'")
    job = service.submitted(b"")
    service.becomes(job, "Succeeded")
    return service, job


def test_a_log_is_text(cluster, lines):
    service, job = lines
    answer = cluster.send("GET", f"/system/logs/lines/{job}")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_long_log_keeps_its_head_and_its_tail(cluster):
    service = cluster.create("talks", "echo the head; yes filler | head -c 14000000; echo the tail")
    job = service.submitted(b"")
    service.becomes(job, "Succeeded")
    log = service.log(job)
    assert log.startswith("the head\n") and log.rstrip().endswith("the tail")
    assert 9 << 20 < len(log) < 11 << 20


def test_removing_takes_those_that_succeeded_and_all_only_when_asked(cluster):
    service = cluster.create("mixed", f"{ECHO} | sh")
    good, bad, running = (
        service.submitted(base64.b64encode(line)) for line in (b"true", b"false", f"sleep {for_ever()}".encode())
    )
    service.becomes(good, "Succeeded")
    service.becomes(bad, "Failed")
    service.becomes(running, "Running")
    assert cluster.send("DELETE", "/system/logs/mixed").status == 204
    assert set(service.jobs()["jobs"]) == {bad, running}
    assert cluster.send("DELETE", "/system/logs/mixed").status == 204, "nothing to remove is no fault"
    assert cluster.send("DELETE", "/system/logs/mixed?all=true").status == 204
    assert service.jobs() == {"jobs": {}}


def test_a_job_of_another_service_is_not_here(cluster, lines):
    _, job = lines
    cluster.create("strange", "true")
    for path in (f"/system/logs/strange/{job}", "/system/logs/unknown", f"/system/logs/unknown/{job}"):
        for method in ("GET", "DELETE"):
            assert cluster.send(method, path).status == 404, (method, path)


# Storage events


def test_a_posted_event_is_a_job_on_its_object_once(cluster, store):
    script = 'echo "$STORAGE_OBJECT_KEY"; basename "$INPUT_FILE_PATH"; echo "$EVENT_TIME"; cat "$INPUT_FILE_PATH"'
    service = with_input(cluster, "events", script)
    put(store, "events", "in/my file.txt", b"content")
    own, = eventually(lambda: list(service.jobs()["jobs"]))
    service.becomes(own, "Succeeded")
    record = event("in%2Fmy+file.txt", bucket="events", sequencer="ABC")
    job = posted(service, record).json["jobid"]
    service.becomes(job, "Succeeded")
    assert service.log(job).splitlines()[:4] == ["in/my file.txt", "my file.txt", record["eventTime"], "content"]
    assert posted(service, record).status == 201
    assert set(service.jobs()["jobs"]) == {own, job}, "the same event again is no second job"


def test_each_record_of_an_event_is_a_job(cluster, store):
    service = with_input(cluster, "records")
    for number in range(2):
        put(store, "records", f"in/{number}", str(number).encode())
    own = set(eventually(lambda: (jobs := service.jobs()["jobs"]) and len(jobs) == 2 and jobs))
    answer = posted(service, *(event(f"in/{number}", bucket="records", sequencer=f"A{number}") for number in range(2)))
    jobs = answer.json["jobids"]
    assert answer.json["jobid"] == jobs[0]
    assert set(service.jobs()["jobs"]) == own | set(jobs)
    assert len(jobs) == 2
    for number, job in enumerate(jobs):
        service.becomes(job, "Succeeded")
        assert service.log(job).startswith(str(number))


@pytest.mark.parametrize("record", [
    event("in/name", "ObjectRemoved:Delete", "ignores"), event("in/folder/", bucket="ignores"),
    event("elsewhere/name", bucket="ignores"), event("in/name", bucket="another"),
], ids=["removed", "a folder", "another folder", "another bucket"])
def test_an_event_that_is_not_of_the_service_is_taken_and_starts_nothing(cluster, record):
    if cluster.send("GET", "/system/services/ignores").status == 404:
        with_input(cluster, "ignores")
    service = Service(cluster, "ignores")
    assert posted(service, record).status == 201
    assert service.jobs() == {"jobs": {}}


def test_an_event_of_an_object_that_is_not_there_fails_and_says_so(cluster):
    service = with_input(cluster, "missing")
    job = posted(service, event("in/nothing", bucket="missing")).json["jobid"]
    service.becomes(job, "Failed")
    result = cluster.send("GET", f"/jobs/result/{job}").json
    assert result["errorcode"] == 8004 and "missing/in/nothing" in result["description"]


def test_more_objects_than_jobs_may_wait_hold_up_nobody(start_cluster):
    """Objects have been taken already: a service's room is for those who can be told to come again."""
    cluster = start_cluster()
    store = cluster.store()
    with_input(cluster, "flooded", f"sleep {for_ever()}")
    with_input(cluster, "quiet")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: put(store, "flooded", f"in/{number}", b"x"), range(1010)))
    put(store, "quiet", "in/name", b"x")
    quiet = Service(cluster, "quiet")
    job, = eventually(lambda: list(quiet.jobs()["jobs"]))
    quiet.becomes(job, "Succeeded")


def test_an_event_is_what_the_agent_says_it_is(cluster, store):
    """Whoever may invoke the operation could name any object of its inputs by an event of his own."""
    service = with_input(cluster, "told")
    put(store, "told", "in/name", b"of the owner")
    job, = eventually(lambda: list(service.jobs()["jobs"]))
    service.becomes(job, "Succeeded")
    operation = cluster.send("GET", "/services/told").json["operations"]["run"]["did"]
    made_up = {"Records": [event("in/name", bucket="told")]}
    refused = cluster.send("POST", f"/invokeasync/{operation}", json.dumps({"event": made_up}))
    assert refused.status == 400 and "event" in refused.json["description"]
    # The job's own event is told again when it is run again.
    again = cluster.send("POST", f"/jobs/{job}/retry")
    assert again.status == 201
    result = eventually(lambda: cluster.send("GET", f"/jobs/result/{again.json['jobid']}?wait=10").json)
    assert result["result"]["output"] == "of the owner"


def test_an_input_that_is_not_to_be_fetched_has_no_path(cluster, store):
    script = 'echo "${INPUT_FILE_PATH-unset}"; echo "$STORAGE_OBJECT_KEY"'
    service = cluster.create(
        "unfetched", script, file_stage_in=True, input=[{"storage_provider": "minio.default", "path": "unfetched/in"}]
    )
    put(store, "unfetched", "in/name", b"x")
    job, = eventually(lambda: list(service.jobs()["jobs"]))
    service.becomes(job, "Succeeded")
    assert service.log(job).splitlines()[:2] == ["unset", "in/name"]


def test_the_output_of_one_service_is_the_input_of_the_next(cluster, store):
    script = f'{ECHO} | tr a-z A-Z > "$TMP_OUTPUT_DIR/$(basename "$INPUT_FILE_PATH")"'
    minio_path = lambda path: [{"storage_provider": "minio", "path": path}]
    cluster.create("chain-1", script, input=minio_path("chain/in"), output=minio_path("chain/middle"))
    last = cluster.create("chain-2", ECHO, input=minio_path("chain/middle"))
    put(store, "chain", "in/word", b"quiet")
    job, = eventually(lambda: list(last.jobs()["jobs"]))
    last.becomes(job, "Succeeded")
    assert last.log(job).startswith("QUIET")
