"""The agent's own object store, with the clients that people have: boto3, MinIO's SDK, and bare HTTP."""

import http.client
import io
import json
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3.s3.transfer
import pytest

from object_store import ACCESS_KEY, boto, digest, minio, presigned, refused, secret_key
from running_agent import Agent, scratch_folder

MIB = 1 << 20


@pytest.fixture(scope="module")
def agent():
    with scratch_folder() as folder:
        started = Agent(folder)
        yield started
        started.stop()


@pytest.fixture
def bucket(agent, request):
    """The name of an empty bucket, each test's own."""
    name = request.node.originalname.replace("_", "-")[-40:].strip("-")
    name = f"{name}-{random.randrange(1 << 32):08x}"
    boto(agent).create_bucket(Bucket=name)
    return name


def status(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_put_listen_get(agent, bucket):
    """What seed 004 does with MinIO's SDK."""
    client, heard = minio(agent), []

    def listen():
        with client.listen_bucket_notification(
                bucket, prefix="out/", suffix=".txt", events=["s3:ObjectCreated:*"]) as events:
            heard.append(next(events))

    # The answer begins with an empty line, so whoever has it has not missed what comes after.
    url = presigned(agent, "GET", f"/{bucket}?events=s3:ObjectRemoved:*")
    with urllib.request.urlopen(url, timeout=30) as removals:
        assert removals.readline() == b"\n"
        thread = threading.Thread(target=listen)
        thread.start()
        end = time.monotonic() + 30
        while not heard and time.monotonic() < end:
            for key in ("in/no.txt", "out/no.png", "out/my ü+file.txt"):
                client.put_object(bucket, key, io.BytesIO(b"hello"), 5, content_type="text/plain", metadata={"a": "b"})
            thread.join(0.2)
        record = heard[0]["Records"][0]
        assert heard[0]["EventName"] == record["eventName"] == "s3:ObjectCreated:Put"
        assert heard[0]["Key"] == f"{bucket}/out/my ü+file.txt"
        assert record["eventSource"] == "minio:s3" and record["s3"]["bucket"]["name"] == bucket
        found = record["s3"]["object"]
        assert urllib.parse.unquote_plus(found["key"]) == "out/my ü+file.txt" and " " not in found["key"]
        assert (found["size"], found["eTag"], found["contentType"]) == (5, digest(b"hello"), "text/plain")
        assert found["userMetadata"]["x-amz-meta-a"] == "b"
        assert client.get_object(bucket, "out/my ü+file.txt").read() == b"hello"
        # An event of another kind has passed him by.
        client.remove_object(bucket, "in/no.txt")
        while (line := removals.readline()) == b"\n":
            pass
        assert json.loads(line)["EventName"] == "s3:ObjectRemoved:Delete"


@pytest.mark.parametrize("key", ["a", "a b+c", "ü/😀", "a//b", "/a", "a/../b", "%41", "a?b=c&d", "x" * 1024, "a\nb", "<&>\"'"])
def test_any_key_is_kept_as_it_is(agent, bucket, key):
    client = boto(agent)
    client.put_object(Bucket=bucket, Key=key, Body=b"content")
    assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == b"content"
    assert [item["Key"] for item in client.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert client.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_key_that_is_too_long_is_refused(agent, bucket):
    with refused("KeyTooLongError"):
        boto(agent).put_object(Bucket=bucket, Key="x" * 1025, Body=b"")


def test_what_is_told_of_an_object_comes_back(agent, bucket):
    client = boto(agent)
    client.put_object(
        Bucket=bucket, Key="k", Body=b"content", ContentType="text/css", CacheControl="max-age=60",
        ContentDisposition="attachment", Metadata={"Colour": "blue"})
    head = client.head_object(Bucket=bucket, Key="k")
    assert (head["ContentType"], head["CacheControl"], head["ContentDisposition"]) == (
        "text/css", "max-age=60", "attachment")
    assert (head["ContentLength"], head["ETag"]) == (7, f'"{digest(b"content")}"')
    assert {name.lower(): value for name, value in head["Metadata"].items()} == {"colour": "blue"}
    client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})
    copy = client.get_object(Bucket=bucket, Key="copy")
    assert (copy["Body"].read(), copy["ContentType"], copy["ETag"]) == (b"content", "text/css", head["ETag"])


def test_parts_of_an_object_are_read(agent, bucket):
    client, content = boto(agent), bytes(range(256)) * 1024
    client.put_object(Bucket=bucket, Key="k", Body=content)
    for wanted, part in [("0-9", content[:10]), ("100000-", content[100_000:]), ("-5", content[-5:])]:
        answer = client.get_object(Bucket=bucket, Key="k", Range=f"bytes={wanted}")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert answer["Body"].read() == part
    with refused("InvalidRange"):
        client.get_object(Bucket=bucket, Key="k", Range="bytes=999999-")
    with refused("PreconditionFailed"):
        client.get_object(Bucket=bucket, Key="k", IfMatch='"0"')


def test_an_object_is_made_once_if_that_is_wanted(agent, bucket):
    client = boto(agent)
    client.put_object(Bucket=bucket, Key="k", Body=b"first", IfNoneMatch="*")
    with refused("PreconditionFailed"):
        client.put_object(Bucket=bucket, Key="k", Body=b"second", IfNoneMatch="*")
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"first"


def test_lists_go_on_where_they_stopped(agent, bucket):
    client = boto(agent)
    keys = sorted(f"{folder}/{number} ü" for folder in "abc" for number in range(7)) + ["z"]
    for key in keys:
        client.put_object(Bucket=bucket, Key=key, Body=b"")
    for version in ("list_objects", "list_objects_v2"):
        pages = list(client.get_paginator(version).paginate(Bucket=bucket, PaginationConfig={"PageSize": 4}))
        assert len(pages) == 6
        assert [item["Key"] for page in pages for item in page["Contents"]] == keys
        pages = list(client.get_paginator(version).paginate(
            Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}))
        assert [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])] == ["a/", "b/", "c/"]
        assert [item["Key"] for page in pages for item in page.get("Contents", [])] == ["z"]
    found = minio(agent).list_objects(bucket, prefix="b/", recursive=True)
    assert [item.object_name for item in found] == keys[7:14]


def test_large_objects_arrive_in_parts_of_any_order(agent, bucket):
    client = boto(agent)
    content = random.Random(1).randbytes(MIB) * 100
    before = agent.memory("VmRSS")
    client.upload_fileobj(
        io.BytesIO(content), bucket, "boto3",
        Config=boto3.s3.transfer.TransferConfig(multipart_chunksize=8 * MIB, max_concurrency=6))
    minio(agent).put_object(bucket, "minio", io.BytesIO(content), len(content), part_size=10 * MIB)
    # Nothing of that has to be in memory at once.
    assert agent.memory("VmHWM") - before < 120_000
    for key, parts in [("boto3", 13), ("minio", 10)]:
        out = io.BytesIO()
        client.download_fileobj(bucket, key, out)
        assert out.getvalue() == content
        assert client.head_object(Bucket=bucket, Key=key)["ETag"].endswith(f'-{parts}"')

    upload = {"Bucket": bucket, "Key": "backwards"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    parts = {number: bytes([number]) * (5 * MIB if number < 7 else 3) for number in (7, 2, 5)}
    tags = {n: client.upload_part(**upload, PartNumber=n, Body=body)["ETag"] for n, body in parts.items()}
    assert [part["PartNumber"] for part in client.list_parts(**upload)["Parts"]] == [2, 5, 7]

    def order(*numbers):
        return {"Parts": [{"PartNumber": number, "ETag": tags.get(number, tags[2])} for number in numbers]}

    for code, numbers in [("InvalidPartOrder", (5, 2)), ("InvalidPart", (2, 3)), ("EntityTooSmall", (7, 8))]:
        if code == "EntityTooSmall":
            tags[8] = client.upload_part(**upload, PartNumber=8, Body=b"x")["ETag"]
        with refused(code):
            client.complete_multipart_upload(**upload, MultipartUpload=order(*numbers))
    done = client.complete_multipart_upload(**upload, MultipartUpload=order(2, 5, 7))
    hashes = b"".join(bytes.fromhex(tags[number].strip('"')) for number in (2, 5, 7))
    assert done["ETag"] == f'"{digest(hashes)}-3"'
    assert client.get_object(Bucket=bucket, Key="backwards")["Body"].read() == parts[2] + parts[5] + parts[7]
    with refused("NoSuchUpload"):
        client.complete_multipart_upload(**upload, MultipartUpload=order(2, 5, 7))


def test_an_upload_that_is_given_up_leaves_nothing(agent, bucket):
    client, upload = boto(agent), {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    client.upload_part(**upload, PartNumber=1, Body=b"x")
    assert [item["Key"] for item in client.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["k"]
    client.abort_multipart_upload(**upload)
    with refused("NoSuchUpload"):
        client.upload_part(**upload, PartNumber=2, Body=b"x")
    with refused("NoSuchKey"):
        client.get_object(Bucket=bucket, Key="k")
    client.delete_bucket(Bucket=bucket)


def test_a_body_of_unknown_length_is_taken(agent, bucket):
    address = urllib.parse.urlsplit(presigned(agent, "PUT", f"/{bucket}/k"))
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    connection.request("PUT", f"{address.path}?{address.query}", iter([b"hello ", b"world"]), encode_chunked=True)
    assert connection.getresponse().status == 200
    assert boto(agent).get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello world"


def test_presigned_urls_need_no_credentials_and_expire(agent, bucket):
    client = boto(agent, signature_version="s3v4")
    up = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b/ü"}, ExpiresIn=60)
    assert status(up, "PUT", b"content")[0] == 200
    down = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü"}, ExpiresIn=60)
    assert status(down) == (200, b"content")
    assert status(down, Range="bytes=1-2") == (206, b"on")
    # For nothing else, and for nobody who changes it.
    assert status(down, "DELETE")[0] == 403
    assert status(down.replace("Expires=60", "Expires=6000"))[0] == 403
    assert status(down.replace("a%20b", "a%20c"))[0] == 403
    assert status(up, "PUT", b"x", x_amz_copy_source=f"/{bucket}/secret")[0] == 403
    brief = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü"}, ExpiresIn=1)
    time.sleep(2.1)
    code, body = status(brief)
    assert code == 403 and b"<Code>AccessDenied</Code>" in body


def test_only_the_holder_of_the_secret_is_let_in(agent, bucket):
    with refused("SignatureDoesNotMatch"):
        boto(agent, "0" * 40).list_buckets()
    stranger = boto3.client(
        "s3", endpoint_url=agent.url, aws_access_key_id="stranger", aws_secret_access_key=secret_key(agent))
    with refused("InvalidAccessKeyId"):
        stranger.list_buckets()
    assert status(f"{agent.url}/{bucket}")[0] == 404
    assert ACCESS_KEY and secret_key(agent) not in agent.log()


def test_a_body_that_is_not_what_was_signed_is_not_kept(agent, bucket):
    # Without a checksum of its own: the signature covers the body's SHA-256.
    client = boto(agent, request_checksum_calculation="when_required")

    def spoil(request, **_):
        request.body = b"another"

    client.meta.events.register("before-send.s3.PutObject", spoil)
    with refused("XAmzContentSHA256Mismatch"):
        client.put_object(Bucket=bucket, Key="k", Body=b"content")
    with refused("NoSuchKey"):
        boto(agent).get_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("named", [{"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, {"ChecksumCRC32": "AAAAAA=="}])
def test_a_body_without_the_digest_that_its_sender_names_is_not_kept(agent, bucket, named):
    with refused("BadDigest"):
        boto(agent).put_object(Bucket=bucket, Key="k", Body=b"content", **named)
    with refused("NoSuchKey"):
        boto(agent).get_object(Bucket=bucket, Key="k")


def test_buckets_come_and_go(agent, bucket):
    client = boto(agent)
    assert bucket in [item["Name"] for item in client.list_buckets()["Buckets"]]
    assert minio(agent).bucket_exists(bucket) and not minio(agent).bucket_exists("not-there")
    with refused("BucketAlreadyOwnedByYou"):
        client.create_bucket(Bucket=bucket)
    for name in ("UPPER", "a", "1.2.3.4"):
        assert b"<Code>InvalidBucketName</Code>" in status(presigned(agent, "PUT", f"/{name}"), "PUT", b"")[1]
    client.put_object(Bucket=bucket, Key="k", Body=b"")
    with refused("BucketNotEmpty"):
        client.delete_bucket(Bucket=bucket)
    client.delete_object(Bucket=bucket, Key="k")
    client.delete_object(Bucket=bucket, Key="k")
    client.delete_bucket(Bucket=bucket)
    with refused("NoSuchBucket"):
        client.list_objects_v2(Bucket=bucket)
    with refused("NotImplemented"):
        client.get_bucket_policy(Bucket=bucket)


def test_oscars_bucket_routes(agent):
    client = agent.client()
    assert client.send("GET", "/system/buckets").body.startswith(b"[")
    made = client.send("POST", "/system/buckets", b'{"BUCKET_NAME":"oscar-one","allowed_users":null}',
                       Content_Type="application/x-www-form-urlencoded")
    assert (made.status, made.body) == (201, b"")
    again = client.send("POST", "/system/buckets", {"bucket_name": "oscar-one"})
    assert again.status == 400 and again.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = b'{"bucket_name":"oscar-one","visibility":"private","allowed_users":[],"owner":"oscar",' \
        b'"metadata":{"owner_name":"oscar","from_service":""}'
    listed = client.send("GET", "/system/buckets")
    assert text + b"}" in listed.body and listed.headers["Content-Type"] == "application/json; charset=utf-8"
    changed = client.send("PUT", "/system/buckets", {"bucket_name": "oscar-one", "visibility": "public"})
    assert (changed.status, changed.body) == (204, b"")
    for number in range(3):
        boto(agent).put_object(Bucket="oscar-one", Key=f"k{number}", Body=b"abc")
    first = client.send("GET", "/system/buckets/oscar-one?limit=2").json
    assert [item["object_name"] for item in first["objects"]] == ["k0", "k1"]
    assert (first["objects"][0]["size_bytes"], first["is_truncated"], first["returned_items"]) == (3, True, 2)
    # Also with a slash at the end.
    last = client.send("GET", f"/system/buckets/oscar-one/?limit=2&page={first['next_page']}").json
    assert [item["object_name"] for item in last["objects"]] == ["k2"] and "next_page" not in last
    gone = client.send("GET", "/system/buckets/nope")
    assert (gone.status, gone.body) == (404, b"")
    assert client.send("DELETE", "/system/buckets/oscar-one").status == 204
    assert client.send("GET", "/system/buckets/oscar-one").status == 404
    client.authorization = "Basic bm9ib2R5Om5vYm9keQ=="
    stranger = client.send("GET", "/system/buckets")
    assert (stranger.status, stranger.body) == (401, b"")
    assert stranger.headers["WWW-Authenticate"] == 'Basic realm="Authorization Required"'


@pytest.mark.parametrize("expiry", ["expires_in", "expires"])
def test_oscars_presigned_urls(agent, bucket, expiry):
    order = {"object_key": "in/a b.txt", "operation": "upload", expiry: 60, "content_type": "text/css"}
    up = agent.client().send("POST", f"/system/buckets/{bucket}/presign", order).json
    assert up["method"] == "PUT" and f"/{bucket}/" in up["url"] and "X-Amz-Expires=60" in up["url"]
    assert up["headers"] == {"Content-Type": "text/css"}
    assert status(up["url"], "PUT", b"content", Content_Type="text/plain")[0] == 403
    assert status(up["url"], "PUT", b"content", Content_Type="text/css")[0] == 200
    order = {"object_key": "in/a b.txt", "operation": "download"}
    down = agent.client().send("POST", f"/system/buckets/{bucket}/presign", order).json
    assert "headers" not in down and "X-Amz-Expires=900" in down["url"]
    assert status(down["url"]) == (200, b"content")


def test_others_see_only_what_is_opened_to_them(agent):
    admin, ada = agent.client(), agent.client()
    ada.authorization = agent.account("ada")
    for name in ("theirs", "shared", "open"):
        assert admin.send("POST", "/system/buckets", {"bucket_name": f"{name}-bucket"}).status == 201
    assert ada.send("POST", "/system/buckets", {"bucket_name": "adas-bucket"}).status == 201
    share = {"bucket_name": "shared-bucket", "visibility": "restricted", "allowed_users": ["ada"]}
    assert admin.send("PUT", "/system/buckets", share).status == 204
    assert admin.send("PUT", "/system/buckets", {"bucket_name": "open-bucket", "visibility": "public"}).status == 204
    names = [item["bucket_name"] for item in ada.send("GET", "/system/buckets").json]
    assert names == ["adas-bucket", "open-bucket", "shared-bucket"]
    assert [item["owner"] for item in ada.send("GET", "/system/buckets").json] == ["ada", "oscar", "oscar"]
    order = {"object_key": "k", "operation": "upload"}
    for name, seen in [("theirs", 404), ("nowhere", 404), ("shared", 403), ("open", 403)]:
        assert ada.send("DELETE", f"/system/buckets/{name}-bucket").status == seen
        assert ada.send("POST", f"/system/buckets/{name}-bucket/presign", order).status == seen
        assert ada.send("PUT", "/system/buckets", {"bucket_name": f"{name}-bucket"}).status == seen
    assert admin.send("GET", "/system/buckets/adas-bucket").json["owner"] == "ada"
