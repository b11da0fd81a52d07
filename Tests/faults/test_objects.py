"""T-OBJECT: an object is the one before or the one after, whole, wherever the agent is killed while it is replaced."""

import hashlib
import random
import sys
import threading

import botocore.exceptions

from running_agent import ROOT, Agent, scratch_folder

sys.path.insert(0, str(ROOT / "Tests/clients"))
import object_store  # noqa: E402

SIZE = 3 << 20
KILLS = 6


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
