"""T-OBJECT: an object is the one before or the one after, whole, wherever the agent is killed while it is replaced; and each
that arrives starts one job."""

import hashlib
import random
import sys
import threading

import botocore.exceptions

from invariants import rows
from proving import eventually
from running_agent import ROOT, Agent, scratch_folder

sys.path.insert(0, str(ROOT / "Tests/clients"))
import object_store  # noqa: E402
import oscar  # noqa: E402

SIZE = 3 << 20
KILLS = 6
# Of the object that started a job.
KEY = "inputs ->> '$.event.Records[0].s3.object.key'"


def version(number: int) -> bytes:
    """Contents that tell which one they are, and whether they are whole."""
    return hashlib.shake_128(str(number).encode()).digest(SIZE)


def test_a_killed_upload_leaves_the_old_object_or_the_new_one():
    with scratch_folder() as folder:
        agent = Agent(folder)
        object_store.boto(agent).create_bucket(Bucket="objects")
        acknowledged = begun = -1
        for kill in range(KILLS):
            client = object_store.boto(agent)
            stop = threading.Timer(0.3 + random.random(), agent.kill)
            stop.start()
            try:
                while True:
                    begun += 1
                    put(client, begun)
                    acknowledged = begun
            except botocore.exceptions.BotoCoreError:
                # The connection broke; a refusal would be another error.
                stop.join()
            assert agent.process.returncode == -9
            agent = Agent(folder)
            if acknowledged < 0:
                continue
            found = object_store.boto(agent).get_object(Bucket="objects", Key="k")
            content = found["Body"].read()
            assert content in (version(acknowledged), version(begun)), f"kill {kill}"
            assert found["Metadata"]["version"] in (str(acknowledged), str(begun))
            assert content == version(int(found["Metadata"]["version"]))
        assert acknowledged > KILLS, "the agent was killed before it could do anything"
        agent.stop()


def put(client, number: int):
    """As a whole, or in parts."""
    place, about = {"Bucket": "objects", "Key": "k"}, {"Metadata": {"version": str(number)}}
    if number % 3:
        client.put_object(**place, **about, Body=version(number))
        return
    upload = client.create_multipart_upload(**place, **about)["UploadId"]
    tag = client.upload_part(**place, UploadId=upload, PartNumber=1, Body=version(number))["ETag"]
    client.complete_multipart_upload(
        **place, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})


def test_each_object_that_arrives_is_one_job_and_one_output_over_kills():
    with scratch_folder() as folder:
        agent = Agent(folder, environment=oscar.ENVIRONMENT)
        storage = {"storage_provider": "minio.default"}
        oscar.Cluster(agent).create(
            "copy", 'cp "$INPUT_FILE_PATH" "$TMP_OUTPUT_DIR"', input=[storage | {"path": "files/in"}],
            output=[storage | {"path": "files/out"}])
        acknowledged, number = set(), 0
        for _ in range(KILLS):
            client = object_store.boto(agent)
            stop = threading.Timer(0.2 + random.random() / 2, agent.kill)
            stop.start()
            try:
                while True:
                    number += 1
                    client.put_object(Bucket="files", Key=f"in/{number}", Body=str(number).encode())
                    acknowledged.add(number)
            except botocore.exceptions.BotoCoreError:
                stop.join()
            agent = Agent(folder, environment=oscar.ENVIRONMENT)
        assert len(acknowledged) > KILLS, "the agent was killed before it could do anything"
        client = object_store.boto(agent)
        # The one that nobody had heard of when the agent was killed may be there, too.
        arrived = {int(entry["Key"].removeprefix("in/")) for entry in listed(client, "in/")}
        assert arrived >= acknowledged

        def jobs() -> list[tuple[str, str]]:
            return rows(agent.data, f"SELECT {KEY}, state FROM jobs WHERE ended_at IS NOT NULL")

        eventually(lambda: len(jobs()) >= len(arrived), within=120, tell=jobs)
        assert sorted(key for key, _ in jobs()) == sorted(f"in%2F{number}" for number in arrived)
        # A job that was running at three of the kills has failed.
        made = {int(key.removeprefix("in%2F")) for key, state in jobs() if state == "succeeded"}
        assert {int(entry["Key"].removeprefix("out/")) for entry in listed(client, "out/")} == made
        assert len(made) > len(arrived) / 2
        assert rows(agent.data, "SELECT count(*) FROM jobs") == [(len(arrived),)]
        agent.stop()


def listed(client, prefix: str) -> list[dict]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="files", Prefix=prefix)
    return [entry for page in pages for entry in page.get("Contents", [])]
