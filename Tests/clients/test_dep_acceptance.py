"""The acceptance list of the DEP surface, row by row, against the running program; the number of a row is in its name.

Row 9, on purchase tokens that others sign or check, has a file of its own.
"""

import base64
import hashlib
import json
import re
import secrets
from typing import NamedTuple

import pytest

import service
from running_agent import Agent, Answer, Client, scratch_folder
from starfish_java import Java, chunked, whole_flow

V1 = "/api/v1"


class Place(NamedTuple):
    """A running agent with the service, its admin, who is the provider too, and a consumer."""

    agent: Agent
    admin: Client
    consumer: Client
    operations: dict[str, str]
    did: str


@pytest.fixture(scope="module")
def place():
    with scratch_folder() as folder:
        agent = Agent(folder)
        admin, operations = agent.client(), service.register(agent)
        did = admin.send("GET", f"/operations/{operations['reverse']}").json["did"].split("/")[0]
        yield Place(agent, admin, signed_in(agent, "carol"), operations, did)
        agent.stop()


def signed_in(agent: Agent, name: str) -> Client:
    """A new consumer, with a token."""
    client = Client(agent.url, basic(*service.account(agent, name)))
    client.authorization = f"token {client.send('POST', f'{V1}/auth/token').json}"
    return client


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def bare(agent: Agent, method: str, path: str, **headers: str) -> Answer:
    """A request without credentials."""
    client = agent.client()
    client.connection.request(method, path, headers=headers)
    response = client.connection.getresponse()
    return Answer(response.status, response.headers, response.read())


def sha3(data: bytes) -> str:
    return hashlib.sha3_256(data).hexdigest()


def registered(client: Client, **metadata) -> str:
    """A new asset; returns its id."""
    text = json.dumps({"name": secrets.token_hex(8), "type": "dataset", **metadata})
    answer = client.send("POST", f"{V1}/meta/data", text.encode())
    assert (answer.status, answer.json) == (200, sha3(text.encode()))
    return answer.json


def stored(client: Client, content: bytes, **metadata) -> str:
    """A new asset with content; returns its id."""
    asset = registered(client, **metadata)
    assert client.send("PUT", f"{V1}/assets/{asset}", content).status == 200
    return asset


def test_row_1_a_fresh_user_has_one_token_and_nobody_else_has_it(place):
    name, password = service.account(place.agent, "fresh")
    fresh = Client(place.agent.url, basic(name, password))
    first = fresh.send("GET", f"{V1}/auth/token")
    assert first.status == 200 and len(first.json) == 1 and re.fullmatch("[0-9a-f]{64}", first.json[0])
    assert fresh.send("GET", f"{V1}/auth/token").body == first.body
    wrong = [basic(name, password + "!"), basic(name, ""), basic("nobody", password), "token " + "0" * 64]
    refusals = [Client(place.agent.url, credentials).send("GET", f"{V1}/auth/token") for credentials in wrong]
    for answer in [bare(place.agent, "GET", f"{V1}/auth/token"), *refusals]:
        assert answer.status == 401
        assert answer.headers.get_all("WWW-Authenticate")[0].startswith('Basic realm="')


def test_row_2_the_ddo_is_public_and_each_of_its_endpoints_answers(place):
    answer = bare(place.agent, "GET", "/api/ddo", Host="elsewhere.example")
    assert answer.status == 200
    assert answer.json["@context"] == "https://www.w3.org/2019/did/v1"
    assert answer.json["id"] == place.did
    services = {entry["type"]: entry["serviceEndpoint"] for entry in answer.json["service"]}
    job = run(place.admin, "sync", "seed", place.operations["reverse"], {"text": "drawer"})["jobid"]
    reached = {
        "DEP.Meta.v1": "/index",
        "DEP.Storage.v1": f"/{stored(place.admin, b'content')}",
        "DEP.Invoke.v1": f"/jobs/{job}",
        "DEP.Auth.v1": "/token",
        "DEP.Market.v1": "/listings",
        "DEP.Trust.v1": "/groups",
        "DEP.Collection.v1": "/index",
        "DEP.Status": "",
        "DEP.DDO": "",
    }
    assert {name for name in services if name.startswith("DEP.")} == set(reached)
    base = place.agent.url.rstrip("/")
    for name, path in reached.items():
        assert services[name].startswith(f"{base}/api/") and not services[name].endswith("/")
        assert place.admin.send("GET", services[name].removeprefix(base) + path).status == 200, name
    status = bare(place.agent, "GET", "/api/status")
    assert status.status == 200 and status.json["api-versions"] == ["v1"]
    assert status.json["name"] and status.json["description"]


def test_row_2_endpoints_are_built_from_the_public_url(start_agent):
    agent = start_agent("--public-url", "https://broker.example/agent/")
    services = {entry["type"]: entry["serviceEndpoint"] for entry in bare(agent, "GET", "/api/ddo").json["service"]}
    assert services["DEP.Storage.v1"] == "https://broker.example/agent/api/v1/assets"
    assert all(endpoint.startswith("https://broker.example/agent/api/") for endpoint in services.values())


ODD_METADATA = [
    '{"type" :  "dataset",\t"name":"spaces" }\n',
    '\n{"name":"\\u00e9scaped \\/ \\ud83d\\ude00","type":"dataset","size":"1"}\r\n\r\n',
    '{"type":"dataset","name":"größe 😀","z":1.50,"a":1e2,"big":12345678901234567890}',
    '{}',
    '{"name":"no type"}',
]


@pytest.mark.parametrize("metadata", ODD_METADATA)
def test_row_3_metadata_comes_back_byte_for_byte_under_its_hash(place, metadata):
    data = metadata.encode()
    for _ in range(2):
        answer = place.consumer.send("POST", f"{V1}/meta/data", data, Content_Type="text/plain")
        assert (answer.status, answer.json) == (200, sha3(data))
    for name in (sha3(data), sha3(data).upper(), f"0x{sha3(data)}", f"{place.did}/{sha3(data)}"):
        answer = place.consumer.send("GET", f"{V1}/meta/data/{name}")
        assert (answer.status, answer.body) == (200, data), name
    assert place.consumer.send("GET", f"{V1}/meta/index").json[sha3(data)] == json.loads(metadata)
    for listing in (f"{V1}/meta/data", f"{V1}/meta/data/"):
        assert place.consumer.send("GET", listing).json.count(sha3(data)) == 1


def uploaded(client: Client, asset: str, content: bytes, way: str) -> Answer:
    """Content by PUT, or by a form that has a length or comes in chunks."""
    path = f"{V1}/assets/{asset}"
    if way == "PUT":
        return client.send("PUT", path, content)
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    form = head + content + b"\r\n--b--\r\n"
    headers = {"Content_Type": "multipart/form-data; boundary=b"}
    if way == "chunked form":
        # A body whose framing is in it already: no length is added beside the chunks.
        client.connection.putrequest("POST", path)
        client.connection.putheader("Authorization", client.authorization)
        client.connection.putheader("Content-Type", headers["Content_Type"])
        client.connection.putheader("Transfer-Encoding", "chunked")
        client.connection.endheaders(chunked(form, 1 << 16))
        response = client.connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    return client.send("POST", path, form, **headers)


WAYS = ["PUT", "form", "chunked form"]


@pytest.mark.parametrize("way", WAYS)
def test_row_4_content_is_uploaded_in_every_way_and_downloaded_with_its_type(place, way):
    content = b"a,b\r\n1,2\n\x00\xff--b\r\n"
    asset = registered(place.consumer, contentType="text/csv", contentHash="0x" + sha3(content).upper())
    answer = uploaded(place.consumer, asset, content, way)
    assert (answer.status, answer.body) == ((200, answer.body) if way == "PUT" else (201, b""))
    download = place.consumer.send("GET", f"{V1}/assets/{asset}")
    assert (download.status, download.body) == (200, content)
    assert download.headers["Content-Type"].split(";")[0] == "text/csv"
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert uploaded(place.consumer, asset, content, way).status == answer.status, "the same again is a success"


@pytest.mark.parametrize("way", WAYS)
def test_row_4_content_of_another_hash_is_refused_and_nothing_is_stored(place, way):
    asset = registered(place.consumer, contentHash=sha3(b"promised"))
    refused = uploaded(place.consumer, asset, b"something else", way)
    assert refused.status == 400 and refused.json["errorcode"] and refused.json["description"]
    assert place.consumer.send("GET", f"{V1}/assets/{asset}").status == 404
    assert uploaded(place.consumer, asset, b"promised", way).status in (200, 201)


@pytest.mark.parametrize("way", WAYS)
def test_row_4_content_of_an_unregistered_asset_is_404(place, way):
    assert uploaded(place.consumer, "0" * 64, b"content", way).status == 404
    assert place.consumer.send("GET", f"{V1}/assets/{'0' * 64}").status == 404


@pytest.mark.parametrize("way", ["PUT", "chunked form"])
def test_row_4_twenty_mebibytes_pass(place, way):
    content = secrets.token_bytes(1 << 20) * 20
    asset = registered(place.consumer, contentHash=sha3(content))
    assert uploaded(place.consumer, asset, content, way).status in (200, 201)
    download = place.consumer.send("GET", f"{V1}/assets/{asset}")
    assert download.headers["Content-Type"] == "application/octet-stream"
    assert sha3(download.body) == sha3(content)


def test_row_5_a_listing_is_published_by_sending_the_whole_record_back_and_only_by_its_owner(place):
    asset = registered(place.consumer)
    listing = place.consumer.send("POST", f"{V1}/market/listings", {"assetid": asset, "info": {"title": "a"}}).json
    path = f"{V1}/market/listings/{listing['id']}"
    assert (listing["assetid"], listing["status"], listing["trust_level"]) == (asset, "unpublished", 0)
    published = {**listing, "status": "published"}
    assert signed_in(place.agent, "stranger").send("PUT", path, published).status == 404, "to him it is not there"
    assert place.consumer.send("GET", path).json == listing
    changed = place.consumer.send("PUT", path, published)
    assert changed.status == 200
    assert {**changed.json, "utime": listing["utime"]} == published
    assert signed_in(place.agent, "another").send("PUT", path, listing).status == 403
    kept = {**published, "id": "0" * 64, "userid": "0" * 64, "assetid": "0" * 64, "ctime": "", "utime": ""}
    changed = place.consumer.send("PUT", path, kept)
    assert changed.status == 200
    assert {**changed.json, "utime": listing["utime"]} == published


def test_row_5_listings_are_read_with_a_slash_and_of_one_user(place):
    seller = signed_in(place.agent, "seller")
    ids = []
    for status in ("unpublished", "published"):
        body = {"assetID": registered(seller), "status": status}
        ids.append(seller.send("POST", f"{V1}/market/listings", body).json["id"])
    user = seller.send("GET", f"{V1}/market/listings/{ids[0]}").json["userid"]

    def found(client: Client, path: str) -> list[str]:
        answer = client.send("GET", f"{V1}/market{path}")
        assert answer.status == 200
        return [listing["id"] for listing in answer.json]

    for path in ("/listings", "/listings/"):
        assert ids[1] in found(place.consumer, path) and ids[0] not in found(place.consumer, path)
    for path in (f"/listings?userid={user}", f"/listings/?userid={user}", f"/listings/userid={user}"):
        assert found(seller, path) == ids[::-1], "newest first"
        assert found(place.consumer, path) == ids[1:]


def test_row_5_a_purchase_is_a_wish_unless_the_buyer_says_more(place):
    listing = {"assetid": registered(place.admin), "status": "published"}
    listing = place.admin.send("POST", f"{V1}/market/listings", listing).json["id"]
    wish = place.consumer.send("POST", f"{V1}/market/purchases", {"listingid": listing})
    assert (wish.status, wish.json["status"], wish.json["listingid"]) == (200, "wishlist", listing)
    order = place.consumer.send("POST", f"{V1}/market/purchases", {"listingid": listing, "status": "ordered"})
    assert (order.status, order.json["status"]) == (200, "ordered")
    for purchase in (wish.json, order.json):
        assert place.consumer.send("GET", f"{V1}/market/purchases/{purchase['id']}").json == {**purchase, "uses": []}


SYNC = {"seed": "/invoke", "v1": f"{V1}/invoke/sync"}
ASYNC = {"seed": "/invokeasync", "v1": f"{V1}/invoke/async"}
READ = {"seed": "/jobs/result", "v1": f"{V1}/invoke/jobs"}
JOB_KEYS = {"seed": ["jobid"], "v1": ["job-id", "jobid", "jobId"]}
ADDRESSES = {
    "id": "{id}",
    "0x id": "0x{id}",
    "upper case id": "{upper}",
    "DID with a raw slash": "{did}/{id}",
    "DID with an encoded slash": "{did}%2F{id}",
    "DID encoded as a whole": "{encoded}%2f{id}",
    "DID with 0x": "{did}/0x{id}",
    "DID of the older method": "{older}/{id}",
}


def ended(client: Client, dialect: str, job: str) -> dict:
    """The job, read in a dialect once it has ended."""
    client.result(job)
    answer = client.send("GET", f"{READ[dialect]}/{job}")
    assert answer.status == 200
    return answer.json


def run(client: Client, way: str, dialect: str, operation: str, inputs: dict) -> dict:
    """Invokes; returns the body of the job that has ended."""
    if way == "sync":
        answer = client.send("POST", f"{SYNC[dialect]}/{operation}", inputs)
        assert answer.status == 200, answer
        return answer.json
    answer = client.send("POST", f"{ASYNC[dialect]}/{operation}", inputs)
    assert answer.status == 201, answer
    return ended(client, dialect, answer.json["jobid"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_row_6_one_operation_four_ways_has_equal_outputs_each_in_its_own_words(place, address):
    did, operation = place.did, place.operations["reverse"]
    names = {"did": did, "id": operation, "upper": operation.upper()}
    names |= {"encoded": did.replace(":", "%3A"), "older": did.replace("did:dep:", "did:op:")}
    name = ADDRESSES[address].format(**names)
    for way in ("sync", "async"):
        seed = run(place.consumer, way, "seed", name, {"text": "drawer"})
        assert seed == {"jobid": seed["jobid"], "status": "completed", "result": {"reversed": "reward"}}
        v1 = run(place.consumer, way, "v1", name, {"text": "drawer"})
        outputs = {"outputs": {"reversed": "reward"}, "results": {"reversed": "reward"}}
        assert v1 == {**dict.fromkeys(JOB_KEYS["v1"], v1["jobid"]), "status": "succeeded", **outputs}


def test_row_6_an_asset_output_is_a_full_did_in_each_dialect(place):
    asset = stored(place.consumer, b"text\n")
    inputs = {"document": {"did": f"{place.did}/{asset}"}, "mark": "seen", "style": [1.5, None, {"a": "ä"}]}
    dids = set()
    for dialect, key in (("seed", "result"), ("v1", "outputs")):
        for way in ("sync", "async"):
            result = run(place.consumer, way, dialect, place.operations["label"], inputs)[key]
            assert result["report"] == {"bytes": 5, "style": inputs["style"]}
            assert set(result["labelled"]) == {"did"}
            assert re.fullmatch(re.escape(place.did) + "/[0-9a-f]{64}", result["labelled"]["did"])
            dids.add(result["labelled"]["did"])
    assert len(dids) == 4, "each job makes an asset of its own"


def test_row_7_the_job_keys_are_equal_digit_strings_and_the_job_can_be_read_at_once(place):
    for dialect, path in ASYNC.items():
        for _ in range(20):
            answer = place.consumer.send("POST", f"{path}/{place.operations['reverse']}", {"text": "drawer"})
            assert answer.status == 201
            jobs = [answer.json[key] for key in JOB_KEYS[dialect]]
            read = {other: place.consumer.send("GET", f"{READ[other]}/{jobs[0]}") for other in READ}
            assert set(jobs) == {jobs[0]} and re.fullmatch("[0-9]{1,18}", jobs[0])
            assert answer.headers["Location"] == f"{READ[dialect]}/{jobs[0]}"
            assert read["seed"].status == read["v1"].status == 200
            assert read["seed"].json["status"] in ("scheduled", "inprogress", "completed")
            assert read["v1"].json["status"] in ("scheduled", "running", "succeeded")


def test_row_7_an_ended_job_reads_the_same_for_ever():
    with scratch_folder() as folder:
        agent = Agent(folder)
        operations, client = service.register(agent), agent.client()
        jobs = [run(client, "sync", "seed", operations[name], {"text": "x"})["jobid"] for name in ("reverse", "fail")]
        paths = [f"{read}/{job}" for job in jobs for read in READ.values()]
        bodies = {path: client.send("GET", path).body for path in paths}
        assert all({client.send("GET", path).body for _ in range(5)} == {body} for path, body in bodies.items())
        agent.stop()
        agent = Agent(folder)
        client = agent.client()
        assert {path: client.send("GET", path).body for path in paths} == bodies
        agent.stop()


def offered(place: Place, asset: str, buyer: Client, payment: str) -> str:
    """Sells an asset of the admin's; returns a purchase of it."""
    offer = {"assetid": asset, "status": "published", "agreement": {"price": "2", "currency": "EUR"}}
    listing = place.admin.send("POST", f"{V1}/market/listings", offer).json["id"]
    purchase = buyer.send("POST", f"{V1}/market/purchases", {"listingid": listing, "status": "ordered"}).json["id"]
    paid = place.admin.send("PUT", f"{V1}/market/purchases/{purchase}", {"payment": payment})
    assert paid.status == 200, paid
    return purchase


@pytest.mark.parametrize("dialect", ["seed", "v1"])
@pytest.mark.parametrize("spelling", ["purchasetoken", "purchase_token", "purchase-token", "purchaseToken"])
def test_row_8_every_spelling_of_the_purchase_token_is_read(place, spelling, dialect):
    asset = stored(place.admin, b"text\n")
    document = {"did": f"{place.did}/{asset}"}
    for payment, status in (("pending", 403 if dialect == "v1" else 400), ("settled", 200)):
        token = offered(place, asset, place.consumer, payment)
        inputs = {"document": {**document, spelling: token}, "mark": "seen"}
        answer = place.consumer.send("POST", f"{SYNC[dialect]}/{place.operations['label']}", inputs)
        assert answer.status == status, answer
        assert answer.code == (8003 if status != 200 else None)


@pytest.mark.parametrize("dialect", ["seed", "v1"])
def test_row_8_two_spellings_have_to_agree(place, dialect):
    path = f"{SYNC[dialect]}/{place.operations['label']}"
    document = {"did": f"{place.did}/{stored(place.consumer, b'text')}", "purchasetoken": "a"}
    for other, status, code in (("a", 200, None), ("b", 400, 8101)):
        inputs = {"document": {**document, "purchase_token": other}, "mark": ""}
        answer = place.consumer.send("POST", path, inputs)
        assert (answer.status, answer.code) == (status, code), answer


@pytest.mark.parametrize("dialect", ["seed", "v1"])
@pytest.mark.parametrize("did", ["did:dep:" + "a" * 65, "did:op:" + "0" * 64, "did:dep:" + "0" * 64 + "/" + "0" * 64])
def test_row_8_a_did_that_leads_nowhere_is_not_accessible_and_no_wrong_shape(place, did, dialect):
    inputs = {"document": {"did": did}, "mark": "seen"}
    for path in (SYNC[dialect], ASYNC[dialect]):
        answer = place.consumer.send("POST", f"{path}/{place.operations['label']}", inputs)
        assert (answer.status, answer.code) == (400, 8004)
        assert did in answer.json["description"]


@pytest.mark.parametrize("way", ["sync", "async"])
def test_row_10_a_failed_operation_is_told_in_each_dialects_words(place, way):
    seed = run(place.consumer, way, "seed", place.operations["fail"], {"text": "any"})
    assert set(seed) == {"jobid", "status", "errorcode", "description"}
    assert (seed["status"], seed["errorcode"]) == ("error", 8005) and "no text will do" in seed["description"]
    v1 = run(place.consumer, way, "v1", place.operations["fail"], {"text": "any"})
    assert set(v1) == {*JOB_KEYS["v1"], "status", "errorcode", "description", "error"}
    assert (v1["status"], v1["errorcode"], v1["description"]) == ("failed", 8005, seed["description"])
    assert v1["error"] == {"errorcode": 8005, "description": seed["description"]}


@pytest.mark.parametrize("dialect", ["seed", "v1"])
def test_row_10_what_cannot_be_admitted_has_its_status_and_code(place, dialect):
    bad = [{"test": "drawer"}, {}, {"text": 1}, {"text": None}, {"text": "drawer", "more": 1}]
    for path in (SYNC[dialect], ASYNC[dialect]):
        refusals = [place.consumer.send("POST", f"{path}/{place.operations['reverse']}", inputs) for inputs in bad]
        assert [(answer.status, answer.code) for answer in refusals] == [(400, 8101)] * len(bad)
        for operation in ("0" * 64, registered(place.consumer, type="operation", operation={"modes": ["sync"]})):
            answer = place.consumer.send("POST", f"{path}/{operation}", {})
            assert (answer.status, answer.code) == (404, 8105)
    unknown = place.consumer.send("GET", f"{READ[dialect]}/1")
    assert (unknown.status, unknown.code) == (400 if dialect == "seed" else 404, 8001)
    for answer in (*refusals, unknown):
        pair = {"errorcode": answer.json["errorcode"], "description": answer.json["description"]}
        assert isinstance(pair["errorcode"], int) and pair["description"]
        assert answer.json.get("error") == (pair if dialect == "v1" else None)


def test_row_11_a_produced_asset_says_what_it_is_and_carries_no_token(place):
    source = stored(place.admin, b"two\nlines\n")
    token = offered(place, source, place.consumer, "settled")
    secret = secrets.token_hex(32)
    document = {"did": f"{place.did}/{source}", "purchasetoken": token, "auth": {"token": secret}}
    answer = run(place.consumer, "async", "v1", place.operations["label"], {"document": document, "mark": "seen"})
    made = answer["outputs"]["labelled"]["did"].split("/")[1]
    text = place.consumer.send("GET", f"{V1}/meta/data/{made}").body.decode()
    metadata, content = json.loads(text), b"seen\ntwo\nlines\n"
    assert metadata["name"] and metadata["type"] == "dataset" and metadata["dateCreated"]
    assert metadata["contentHash"] == sha3(content)
    provenance = metadata["provenance"]
    assert list(provenance["activity"]) == [answer["jobid"]]
    inputs = json.loads(provenance["activity"][answer["jobid"]]["dep:inputs"]["$"])
    assert inputs == {"document": {"did": document["did"]}, "mark": "seen"}
    assert [derived["prov:usedEntity"] for derived in provenance["wasDerivedFrom"].values()] == [document["did"]]
    used = {(use["prov:activity"], use["prov:entity"]) for use in provenance["used"].values()}
    operation = f"{place.did}/{place.operations['label']}"
    assert used == {(answer["jobid"], document["did"]), (answer["jobid"], operation)}
    assert token not in text and secret not in text and "carol" not in text
    assert place.consumer.send("GET", f"{V1}/assets/{made}").body == content


def test_row_12_the_java_flow_passes_ten_times_in_a_row(place):
    """Each JSON answer of it is one segment: the client takes no other (test_wire_contract.py has every route)."""
    name, password = service.account(place.agent, "java")
    for _ in range(10):
        whole_flow(Java(place.agent.url, name, password), place.operations)
