"""starfish-py 0.17.16, as its users use it: every call it can make to an agent, with a password and with a token."""

import hashlib
import json
import os
import re
import subprocess
import sys
from typing import NamedTuple

import pytest
import requests
from starfish.agent import RemoteAgent
from starfish.agent.authentication import AuthenticationBasic, AuthenticationToken
from starfish.asset import BundleAsset, DataAsset, OperationAsset, create_asset_provenance_publish
from starfish.asset.asset_base import AssetBase

import service
from running_agent import ROOT, Agent, scratch_folder

TOKEN = ("GET", "/api/v1/auth/token", 200)


class Recorder:
    """The HTTP client that starfish uses by default, `requests`, and a record of what was asked of it."""

    def __init__(self):
        self.calls: list[tuple[str, str, int]] = []

    def taken(self) -> list[tuple[str, str, int]]:
        """Method, path and status of all calls since the last time."""
        calls, self.calls = self.calls, []
        return calls

    def _call(self, method: str, url: str, **options) -> requests.Response:
        answer = requests.request(method, url, **options)
        self.calls.append((method, "/" + url.split("/", 3)[3], answer.status_code))
        return answer

    def get(self, url: str, **options) -> requests.Response:
        return self._call("GET", url, **options)

    def post(self, url: str, **options) -> requests.Response:
        return self._call("POST", url, **options)

    def put(self, url: str, **options) -> requests.Response:
        return self._call("PUT", url, **options)


class User(NamedTuple):
    """Somebody with an account, his client, and what the client asks before each of its calls."""

    remote: RemoteAgent
    recorder: Recorder
    asks_first: list[tuple[str, str, int]]
    name: str
    password: str

    def made(self, *calls: tuple[str, str, int]) -> bool:
        """Whether the client made these calls since the last time, each in its own right."""
        return self.recorder.taken() == [asked for call in calls for asked in [*self.asks_first, call]]

    def uploaded(self, name: str, data: str | bytes) -> DataAsset:
        asset = self.remote.register_asset(DataAsset.create(name, data))
        assert self.remote.upload_asset(asset)
        self.recorder.taken()
        return asset


@pytest.fixture(scope="module")
def agent():
    with scratch_folder() as folder:
        agent = Agent(folder)
        yield agent
        agent.stop()


@pytest.fixture(scope="module")
def operations(agent) -> dict[str, str]:
    return service.register(agent)


@pytest.fixture(scope="module", params=["password", "token"])
def user(request, agent, operations) -> User:
    name, password = service.account(agent, f"with-{request.param}")
    authentication = AuthenticationBasic(name, password)
    if request.param == "token":
        answer = requests.post(f"{agent.url}/api/v1/auth/token", auth=(name, password))
        authentication = AuthenticationToken(answer.json())
    recorder = Recorder()
    remote = RemoteAgent.load(agent.url, authentication=authentication, http_client=recorder)
    assert remote, "the agent has no DDO"
    asks_first = [TOKEN] if request.param == "password" else []
    assert recorder.taken() == [*asks_first, ("GET", "/api/ddo", 200)]
    return User(remote, recorder, asks_first, name, password)


def sha3(data: bytes) -> str:
    return hashlib.sha3_256(data).hexdigest()


# Finding the agent


def test_the_agent_is_found_by_its_url_without_credentials(agent):
    remote = RemoteAgent.load(agent.url)
    assert remote.ddo.did.startswith("did:dep:")
    assert len(remote.ddo.did) == len("did:dep:") + 64


def test_every_service_that_the_client_knows_has_its_endpoint(agent, user):
    paths = {name: user.remote.get_endpoint(name).removeprefix(agent.url) for name in RemoteAgent.service_types}
    assert paths == {
        "meta": "/api/v1/meta",
        "storage": "/api/v1/assets",
        "invoke": "/api/v1/invoke",
        "market": "/api/v1/market",
        "trust": "/api/v1/trust",
        "auth": "/api/v1/auth",
        "collection": "/api/v1/collection",
    }


def test_a_wrong_password_is_refused(agent, user):
    with pytest.raises(ValueError, match="status 401"):
        RemoteAgent.load(agent.url, authentication=AuthenticationBasic(user.name, "not it"))


def test_a_token_that_nobody_has_opens_nothing(agent):
    remote = RemoteAgent(RemoteAgent.load(agent.url).ddo, AuthenticationToken("0" * 64))
    with pytest.raises(ValueError, match="failed: 401"):
        remote.register_asset(DataAsset.create("never", "there"))


def test_a_client_that_sees_no_tokens_makes_one(agent, user):
    class NoTokens(Recorder):
        def get(self, url: str, **options) -> requests.Response:
            answer = super().get(url, **options)
            answer._content = b"[]"
            return answer

    recorder = NoTokens()
    authentication = AuthenticationBasic(user.name, user.password)
    made = RemoteAgent(user.remote.ddo, authentication, recorder).get_authorization_token()
    assert recorder.taken() == [TOKEN, ("POST", "/api/v1/auth/token", 200)]
    remote = RemoteAgent(user.remote.ddo, AuthenticationToken(made))
    assert remote.register_asset(DataAsset.create("with a new token", "text")).did


# Metadata


@pytest.mark.parametrize(
    "asset",
    [
        DataAsset.create("data", "some text"),
        DataAsset.create("umlauts", "Größe", {"description": 'größer, 中文, "quoted"', "tags": []}),
        DataAsset('{ "type":"dataset",\n\t"name" : "od\\u0064 spacing", "size":"1" }\n'),
        BundleAsset.create("bundle", {"contents": {"part": {"assetID": "0" * 64}}}),
        OperationAsset.create("operation", {"operation": {"modes": ["sync"], "inputs": {}, "outputs": {}}}),
        create_asset_provenance_publish(DataAsset.create("with provenance", "x"), "did:dep:" + "ab" * 32),
    ],
    ids=lambda asset: asset.name,
)
def test_a_registered_asset_is_read_back_as_it_was(user, asset: AssetBase):
    for _ in range(2):
        registered = user.remote.register_asset(asset)
        assert user.made(("POST", "/api/v1/meta/data", 200))
        assert registered.did == f"{user.remote.ddo.did}/{sha3(asset.metadata_text.encode())}"
        assert registered.data == asset.data
    for name in (asset.asset_id, "0x" + asset.asset_id, registered.did):
        read = user.remote.get_asset(name)
        assert user.made(("GET", f"/api/v1/meta/data/{asset.asset_id}", 200))
        assert (read.metadata_text, read.did, type(read)) == (asset.metadata_text, registered.did, type(asset))


def test_an_unknown_asset_is_none(user):
    assert user.remote.get_asset("0" * 64) is None
    assert user.made(("GET", f"/api/v1/meta/data/{'0' * 64}", 404))


def test_assets_are_found_by_what_their_metadata_says(user):
    found = [
        user.remote.register_asset(DataAsset.create(f"{color} for {user.name}", "", {"color": color, "of": user.name}))
        for color in ("red", "blue")
    ]
    user.recorder.taken()
    listed = user.remote.get_metadata_list()
    assert user.made(("GET", "/api/v1/meta/index", 200))
    assert [listed[asset.asset_id] for asset in found] == [asset.metadata for asset in found]
    assert user.remote.find_asset({"color": "red", "of": user.name}) == [found[0].asset_id]
    assert sorted(user.remote.find_asset({"of": user.name})) == sorted(asset.asset_id for asset in found)
    assert user.remote.find_asset({"color": "green", "of": user.name}) == []


# Content


@pytest.mark.parametrize(
    "data",
    ["plain text", "as many characters as it says, but more bytes: äöü", bytes(range(256)), b"\x00\xff" * (3 << 19)],
    ids=["text", "umlauts", "bytes", "3 MiB"],
)
def test_content_comes_back_as_it_was_uploaded(user, data: str | bytes):
    asset = user.remote.register_asset(DataAsset.create(f"content of {user.name}", data))
    user.recorder.taken()
    assert user.remote.upload_asset(asset)
    assert user.made(("POST", f"/api/v1/assets/{asset.asset_id}", 201))
    for name in (asset.asset_id, asset.did):
        downloaded = user.remote.download_asset(name)
        metadata = ("GET", f"/api/v1/meta/data/{asset.asset_id}", 200)
        assert user.made(("GET", f"/api/v1/assets/{asset.asset_id}", 200), metadata)
        assert downloaded.data == (data.encode() if isinstance(data, str) else data)
        assert (downloaded.did, downloaded.metadata_text) == (asset.did, asset.metadata_text)
    assert user.remote.upload_asset(asset), "the same content again is no fault"


def test_content_of_another_hash_is_refused_and_not_stored(user):
    asset = user.remote.register_asset(DataAsset.create(f"honest, of {user.name}", "what was promised"))
    with pytest.raises(ValueError, match="failed: 400"):
        user.remote.upload_asset(DataAsset(asset.metadata_text, asset.did, "something else"))
    with pytest.raises(ValueError, match="failed: 404"):
        user.remote.download_asset(asset.asset_id)


# Market


def test_a_listing_is_made_published_and_found(user):
    asset = user.remote.register_asset(DataAsset.create(f"for sale by {user.name}", "goods"))
    user.recorder.taken()
    info = {"price": 3.457, "description": "my data is for sale"}
    listing = user.remote.create_listing(info, asset.did)
    assert user.made(("POST", "/api/v1/market/listings", 200))
    assert (listing.data["assetid"], listing.data["info"], listing.is_published) == (asset.asset_id, info, False)
    assert listing.listing_id not in [other.listing_id for other in user.remote.get_listings()]

    user.recorder.taken()
    listing.set_published(True)
    assert user.remote.update_listing(listing)
    assert user.made(("PUT", f"/api/v1/market/listings/{listing.listing_id}", 200))
    read = user.remote.get_listing(listing.listing_id)
    assert user.recorder.taken() == [
        *user.asks_first,
        ("GET", f"/api/v1/market/listings/{listing.listing_id}", 200),
        ("GET", f"/api/v1/meta/data/{asset.asset_id}", 200),
    ]
    assert read.is_published
    kept = ("id", "assetid", "userid", "info", "trust_level", "ctime")
    assert [read.data[key] for key in kept] == [listing.data[key] for key in kept]

    listings = user.remote.get_listings()
    calls = user.recorder.taken()
    assert calls == [
        *user.asks_first,
        ("GET", "/api/v1/market/listings", 200),
        *[("GET", f"/api/v1/meta/data/{other.data['assetid']}", 200) for other in listings],
    ]
    assert listing.listing_id in [other.listing_id for other in listings]


def test_a_listing_of_an_unknown_asset_is_refused(user):
    with pytest.raises(ValueError, match="failed: 400"):
        user.remote.create_listing({}, f"{user.remote.ddo.did}/{'0' * 64}")


def test_a_purchase_echoes_what_the_buyer_says(user):
    asset = user.remote.register_asset(DataAsset.create(f"bought by {user.name}", "goods"))
    listing = user.remote.create_listing({}, asset.did)
    listing.set_published(True)
    assert user.remote.update_listing(listing)
    user.recorder.taken()
    purchase = listing.purchase(None)
    assert user.made(("POST", "/api/v1/market/purchases", 200))
    assert (purchase["listingid"], purchase["status"]) == (listing.listing_id, "wishlist")
    said = {"status": "ordered", "info": {"note": "by Friday"}, "agreement": {"price": "0", "terms": "none"}}
    proposed = sha3(f"{user.name}, {user.remote.ddo.did}".encode())
    purchase = user.remote.purchase_asset(listing, None, purchase_id=proposed, **said)
    assert purchase["id"] == proposed
    assert {key: purchase[key] for key in said} == said


# Invoke


def test_an_operation_runs_by_its_asset_its_id_its_did_and_its_name(user, operations):
    operation = user.remote.get_asset(operations["reverse"])
    assert operation.is_mode("sync") and operation.is_mode("async") and not operation.is_orchestration
    user.recorder.taken()
    metadata = ("GET", f"/api/v1/meta/data/{operation.asset_id}", 200)
    index = ("GET", "/api/v1/meta/index", 200)
    by_id, by_did = (operation.asset_id, [metadata]), (operation.did, [metadata])
    for way, before in [(operation, []), by_id, by_did, ("reverse", [index, metadata])]:
        answer = user.remote.invoke(way, {"text": "drawer"})
        assert user.made(*before, ("POST", f"/api/v1/invoke/sync/{operation.asset_id}", 200))
        assert (answer["status"], answer["outputs"]) == ("succeeded", {"reversed": "reward"})

        started = user.remote.invoke(way, {"text": "stressed"}, is_async=True)
        assert user.made(*before, ("POST", f"/api/v1/invoke/async/{operation.asset_id}", 201))
        job = user.remote.job_wait_for_completion(started["jobId"], sleep_seconds=0)
        calls = user.recorder.taken()
        assert set(calls) - {TOKEN} == {("GET", f"/api/v1/invoke/jobs/{started['jobId']}", 200)}
        assert (job.is_done, job.status, job.outputs) == (True, "succeeded", {"reversed": "desserts"})


def test_a_job_is_waited_for_as_the_client_does_by_default(user, operations):
    started = user.remote.invoke("greet", {"name": user.name}, is_async=True)
    job = user.remote.job_wait_for_completion(started["jobId"])
    assert job.outputs == {"greeting": f"hello {user.name}"}


def test_an_operation_without_inputs_runs(user, operations):
    assert user.remote.invoke(operations["greet"])["outputs"] == {"greeting": "hello world"}


def test_a_mode_that_an_operation_has_not_is_seen_by_the_client(user, operations):
    user.recorder.taken()
    with pytest.raises(TypeError, match="does not support sync"):
        user.remote.invoke(operations["later"], {"text": "no"})
    assert user.made(("GET", f"/api/v1/meta/data/{operations['later']}", 200))
    started = user.remote.invoke(operations["later"], {"text": "yes"}, is_async=True)
    assert user.remote.job_wait_for_completion(started["jobId"], sleep_seconds=0).outputs == {"text": "yes"}


def test_a_failed_operation_gives_a_job_body_and_no_exception(user, operations):
    answer = user.remote.invoke(operations["fail"], {"text": "any"})
    assert answer["status"] == "failed" and "outputs" not in answer
    assert answer["errorcode"] == 8005 and "no text will do" in answer["description"]
    started = user.remote.invoke(operations["fail"], {"text": "any"}, is_async=True)
    job = user.remote.job_wait_for_completion(started["jobId"], sleep_seconds=0)
    assert (job.is_done, job.status, job.outputs) == (True, "failed", None)


def test_bad_inputs_an_unknown_operation_and_an_unknown_job_are_exceptions(user, operations):
    with pytest.raises(ValueError, match="failed: 400"):
        user.remote.invoke(operations["reverse"], {"test": "drawer"})
    lost = user.remote.register_asset(OperationAsset.create("nobody's", {"operation": {"modes": ["sync"]}}))
    with pytest.raises(ValueError, match="failed: 404"):
        user.remote.invoke(lost)
    with pytest.raises(ValueError, match="failed: 404"):
        user.remote.get_job("1")


def test_a_produced_asset_can_be_downloaded_and_says_where_it_came_from(user, operations):
    document = user.uploaded(f"document of {user.name}", "two\nlines\n")
    style = {"bold": [1, None]}
    inputs = {"document": {"did": document.did, "auth": {"token": "a secret"}}, "mark": "seen", "style": style}
    answer = user.remote.invoke(operations["label"], inputs)
    assert answer["outputs"]["report"] == {"bytes": 10, "style": style}
    labelled = user.remote.download_asset(answer["outputs"]["labelled"]["did"])
    assert labelled.data == b"seen\ntwo\nlines\n"
    metadata = labelled.metadata
    assert (metadata["type"], metadata["contentType"]) == ("dataset", "text/plain")
    assert metadata["name"] and metadata["contentHash"] == sha3(labelled.data)

    did = user.remote.ddo.did
    operation = f"{did}/{operations['label']}"
    provenance = metadata["provenance"]
    assert provenance["prefix"]["dep"] == "http://datacraft.sg"
    assert {"dep:this", document.did, operation} == set(provenance["entity"])
    assert provenance["entity"][document.did]["prov:type"] == {"$": "dep:asset", "type": "xsd:string"}
    ((job, activity),) = provenance["activity"].items()
    assert job == answer["jobId"]
    assert activity["prov:type"]["$"] == "dep:invoke"
    assert activity["dep:operation"]["$"] == operation
    assert json.loads(activity["dep:inputs"]["$"]) == {**inputs, "document": {"did": document.did}}
    assert json.loads(activity["dep:outputs"]["$"])["labelled"] == {"did": "dep:this"}
    assert provenance["agent"][did]["prov:type"]["$"] == "dep:service-provider"
    assert list(provenance["wasGeneratedBy"].values()) == [{"prov:entity": "dep:this", "prov:activity": job}]
    assert {"prov:agent": did, "prov:activity": job} in provenance["wasAssociatedWith"].values()
    derived = {"prov:usedEntity": document.did, "prov:generatedEntity": "dep:this"}
    assert list(provenance["wasDerivedFrom"].values()) == [derived]
    assert "a secret" not in labelled.metadata_text


def test_what_was_made_can_be_the_input_of_the_next_job(user, operations):
    made = user.uploaded(f"first of {user.name}", "ground\n").did
    for mark in ("one", "two"):
        answer = user.remote.invoke(operations["label"], {"document": {"did": made}, "mark": mark})
        made = answer["outputs"]["labelled"]["did"]
    assert user.remote.download_asset(made).data == b"two\none\nground\n"


def test_a_priced_operation_runs_once_for_a_purchase_that_the_seller_settled(agent, user, operations):
    with pytest.raises(ValueError, match="failed: 403"):
        user.remote.invoke(operations["bill"], {"text": "unpaid"})
    (listing,) = [one for one in user.remote.get_listings() if one.data["assetid"] == operations["bill"]]
    purchase = user.remote.purchase_asset(listing, None, status="ordered")
    with pytest.raises(ValueError, match="failed: 403"):
        user.remote.invoke(operations["bill"], {"text": "still unpaid"})
    settled = agent.client().send("PUT", f"/api/v1/market/purchases/{purchase['id']}", {"payment": "settled"})
    assert settled.status == 200, settled
    assert user.remote.invoke(operations["bill"], {"text": "paid"})["outputs"] == {"text": "paid"}


def test_the_program_in_the_consumers_guide_prints_the_digest(agent):
    definition = (ROOT / "examples/hash/service.yaml").read_bytes()
    answer = agent.client().send("POST", "/services", definition, Content_Type="application/yaml")
    assert answer.status == 201, answer
    programs = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/consumer.md").read_text(), re.M | re.S)
    (program,) = [program for program in programs if "starfish" in program]
    environment = {**os.environ, "AGENT": agent.url, "AUTH": ":".join(agent.auth)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == sha3(b"abc"), ran.stderr


# Collections


def test_a_collection_is_filled_read_and_emptied(user):
    """Ids are kept as the client spells them, also of assets that are not here: its own tests want that."""
    one, two, three = items = [f"0x{sha3(name.encode())}" for name in ("one", "two", "three")]
    assert user.remote.add_collection_items("shelf", [one, two]) == [one, two]
    assert user.recorder.taken()[-1] == ("POST", "/api/v1/collection/data/shelf/add", 200)
    assert user.remote.add_collection_items("shelf", items) == [three]
    assert user.remote.add_collection_items("shelf", items) == []
    user.recorder.taken()
    assert user.remote.get_collection_items()["shelf"] == items
    assert user.made(("GET", "/api/v1/collection/index", 200))
    assert user.remote.get_collection_items("shelf")["shelf"] == items, "the client forgets the name"
    assert user.made(("GET", "/api/v1/collection/data/", 200))
    assert user.remote.remove_collection_items("shelf", [three, one, f"0x{'0' * 64}"]) == [three, one]
    assert user.made(("POST", "/api/v1/collection/data/shelf/remove", 200))
    assert user.remote.get_collection_items()["shelf"] == [two]
    assert user.remote.remove_collection_items("shelf", [two]) == [two]


def test_collections_are_each_users_own(agent, user):
    item = user.remote.register_asset(DataAsset.create("mine", "")).asset_id
    user.remote.add_collection_items("own", [item])
    other = RemoteAgent(user.remote.ddo, AuthenticationBasic(*agent.auth))
    assert user.remote.get_collection_items()["own"] == [item]
    assert "own" not in other.get_collection_items()


# What the client's own tests start with


@pytest.fixture(scope="module")
def demo():
    """An agent in demo mode, and the operations that its import has brought."""
    with scratch_folder() as folder:
        agent = Agent(folder, "--demo", "true")
        answer = agent.client().send("POST", "/api/v1/admin/import-demo?id=operations")
        assert answer.status == 200, answer
        remote = RemoteAgent.load(agent.url, authentication=AuthenticationBasic(*agent.auth))
        yield remote, answer.json["invokables"]
        agent.stop()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_the_demo_operations_increment_and_tokenize(demo, is_async):
    remote, invokables = demo
    assert set(invokables) == {"Increment", "Tokenize Text"}

    def run(name, inputs):
        answer = remote.invoke(invokables[name], inputs, is_async)
        job = remote.job_wait_for_completion(answer["jobId"], sleep_seconds=0)
        assert job.status == "succeeded"
        return job.outputs

    for n in (41, -1, 0.5, 1795287123.1234567):
        assert float(run("Increment", {"n": n})["n"]) - 1 == n
    text = "Lorem ipsum, dolor; sit (amet) I_am 2nd."
    assert run("Tokenize Text", {"text": text}) == {"tokens": ["lorem", "ipsum", "dolor", "sit", "amet", "i_am", "2nd"]}
