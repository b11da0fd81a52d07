"""The bytes on the wire that starfish-java 0.8.2 and starfish-js 0.3.3 depend on, over a bare socket.

What came in one segment is not guessed from what a read returned: the kernel counts the segments (tcp_info(7)).
"""

import base64
import hashlib
import json
import re
import socket
import urllib.parse

import pytest

import service
from raw import Wire, request
from running_agent import Agent, Answer, scratch_folder
from starfish_java import Java, chunked

REPEATS = 20

FORM = "Content-Type: multipart/form-data; boundary=b"


def form(name: str, content: str) -> str:
    return f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{content}\r\n--b--\r\n'


class Place:
    """An agent with one of everything that a path can name, and somebody who owns it."""

    def __init__(self, agent: Agent):
        self.agent = agent
        self.operations = service.register(agent)
        self.name, self.password = service.account(agent, "josephine")
        pair = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
        self.basic = f"Authorization: Basic {pair}"
        self.token = self.ask("POST", "/api/v1/auth/token", credentials=self.basic).json
        self.authorization = f"Authorization: token {self.token}"
        self.metadata = '{"name":"a note","type":"dataset"}'
        self.asset = self.ask("POST", "/api/v1/meta/data", body=self.metadata).json
        self.did = self.ask("GET", f"/operations/{self.operations['reverse']}").json["did"].split("/")[0]
        assert self.ask("PUT", f"/api/v1/assets/{self.asset}", body="a note\n").status == 200
        listing = {"assetid": self.asset, "status": "published"}
        self.listing = self.ask("POST", "/api/v1/market/listings", body=listing).json
        bought = {"listingid": self.listing["id"]}
        self.purchase = self.ask("POST", "/api/v1/market/purchases", body=bought).json
        answer = self.ask("POST", f"/api/v1/invoke/sync/{self.operations['reverse']}", body={"text": "drawer"})
        assert answer.json["status"] == "succeeded", answer
        self.job = answer.json["job-id"]
        self.reverse = f"/api/v1/invoke/sync/{self.operations['reverse']}"
        self.reverse_later = f"/api/v1/invoke/async/{self.operations['reverse']}"

    def request(self, method: str, path: str, *headers: str, body=None, credentials: str | None = None) -> bytes:
        """`body` is JSON unless it is text."""
        text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        return request(method, path, credentials or self.authorization, *headers, body=text.encode())

    def ask(self, method: str, path: str, *headers: str, body=None, credentials: str | None = None) -> Answer:
        with Wire(self.agent.url) as wire:
            return wire.send(self.request(method, path, *headers, body=body, credentials=credentials)).answer()


@pytest.fixture(scope="module")
def place():
    with scratch_folder() as folder:
        agent = Agent(folder)
        yield Place(agent)
        agent.stop()


# One segment


# Method, path and body of every call whose answer the Java client reads as JSON, and the status that it wants.
JAVA_CALLS = {
    "DDO": ("GET", "/api/ddo", None, 200),
    "status": ("GET", "/api/status", None, 200),
    "list tokens": ("GET", "/api/v1/auth/token", None, 200),
    "make a token": ("POST", "/api/v1/auth/token", None, 200),
    "register": ("POST", "/api/v1/meta/data", "{metadata}", 200),
    "read metadata": ("GET", "/api/v1/meta/data/{asset}", None, 200),
    "read unknown metadata": ("GET", f"/api/v1/meta/data/{'0' * 64}", None, 404),
    "download": ("GET", "/api/v1/assets/{asset}", None, 200),
    "make a listing": ("POST", "/api/v1/market/listings", {"assetID": "{asset}"}, 200),
    "read a listing": ("GET", "/api/v1/market/listings/{listing[id]}", None, 200),
    "change a listing": ("PUT", "/api/v1/market/listings/{listing[id]}", {"status": "published"}, 200),
    "make a purchase": ("POST", "/api/v1/market/purchases", {"listingid": "{listing[id]}"}, 200),
    "read a purchase": ("GET", "/api/v1/market/purchases/{purchase[id]}", None, 200),
    "change a purchase": ("PUT", "/api/v1/market/purchases/{purchase[id]}", {"status": "ordered"}, 200),
    "run": ("POST", "{reverse}", {"text": "drawer"}, 200),
    "run what fails": ("POST", "/api/v1/invoke/sync/{operations[fail]}", {"text": "drawer"}, 200),
    "start": ("POST", "{reverse_later}", {"text": "drawer"}, 201),
    "start wrongly": ("POST", "{reverse_later}", {"test": "drawer"}, 400),
    "read a job": ("GET", "/api/v1/invoke/jobs/{job}", None, 200),
    "read an unknown job": ("GET", "/api/v1/invoke/jobs/1", None, 404),
}


def filled(place: Place, call: str) -> tuple[bytes, int]:
    """The request of a call, and the status that it has to get."""
    method, path, body, status = JAVA_CALLS[call]
    fill = lambda text: re.sub(r"\{[a-z_]+(\[\w+\])?\}", lambda found: found[0].format(**vars(place)), text)
    if isinstance(body, dict):
        body = {key: fill(value) for key, value in body.items()}
    return place.request(method, fill(path), body=fill(body) if isinstance(body, str) else body), status


@pytest.mark.parametrize("call", JAVA_CALLS)
def test_a_small_answer_is_one_segment(call, place):
    data, status = filled(place, call)
    with Wire(place.agent.url) as kept:
        for number in range(REPEATS):
            before = kept.segments
            answer = kept.send(data).answer()
            assert (answer.status, kept.segments - before, kept.rest) == (status, 1, b""), number
            with Wire(place.agent.url) as fresh:
                answer = fresh.send(data).answer()
                assert (answer.status, fresh.segments, fresh.rest) == (status, 1, b""), number


def test_a_challenge_and_an_upload_are_one_segment(place):
    upload = place.request("POST", f"/api/v1/assets/{place.asset}", FORM, body=form("f", "a note\n"))
    for data, status in ((request("GET", "/api/v1/auth/token"), 401), (upload, 201)):
        for _ in range(REPEATS):
            with Wire(place.agent.url) as wire:
                answer = wire.send(data).answer()
                assert (answer.status, wire.segments, wire.rest) == (status, 1, b"")


def test_the_count_of_segments_tells_one_write_from_two():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with Wire(f"http://127.0.0.1:{server.getsockname()[1]}") as wire:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                assert (wire.answer().body, wire.segments) == (b"{}", 1)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
                connection.sendall(b"{}")
                assert (wire.answer().body, wire.segments) == (b"{}", 3)


# HTTP


@pytest.mark.parametrize("call", JAVA_CALLS)
def test_an_answer_has_a_length_and_keeps_the_connection(call, place):
    data, status = filled(place, call)
    with Wire(place.agent.url) as wire:
        answer = wire.send(data).answer()
        headers = answer.headers
        assert int(headers["content-length"]) == len(answer.body) > 0
        assert "transfer-encoding" not in headers and "content-encoding" not in headers
        assert headers.get("connection", "keep-alive").lower() == "keep-alive"
        if call != "download" and "metadata" not in call:
            assert headers["content-type"].split(";")[0] in ("application/json", "application/problem+json")
        assert wire.send(request("GET", "/health")).answer().status == 200


def test_answers_of_the_api_are_not_for_caches(place):
    for call in ("list tokens", "read a listing", "run", "start", "read a job"):
        data, _ = filled(place, call)
        with Wire(place.agent.url) as wire:
            directives = wire.send(data).answer().headers["cache-control"]
        assert set(re.split(", *", directives)) == {"private", "no-cache"}, call


def test_a_chunked_body_is_as_good_as_one_with_a_length(place):
    bodies = {
        "/api/v1/meta/data": place.metadata.encode(),
        place.reverse: b'{"text": "drawer"}',
        place.reverse_later: b'{"text": "drawer"}',
        "/api/v1/market/listings": json.dumps({"assetid": place.asset}).encode(),
    }
    for path, body in bodies.items():
        for size in (1, 2048):
            with Wire(place.agent.url) as wire:
                head = request("POST", path, place.authorization, "Transfer-Encoding: chunked")
                head = head.replace(b"Content-Length: 0\r\n", b"")
                answer = wire.send(head + chunked(body, size)).answer()
                assert answer.status in (200, 201), (path, answer)
                assert wire.send(request("GET", "/health")).answer().status == 200


WITH_CHARSET = ["application/json", "application/json; charset=UTF-8", "application/json;charset=utf-8"]


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/octet-stream", "x", *WITH_CHARSET])
def test_the_content_type_of_a_get_and_of_metadata_does_not_matter(content_type, place):
    headers = [f"Content-Type: {content_type}"] if content_type else []
    paths = (
        "/api/ddo", "/api/status", "/api/v1/auth/token", "/api/v1/meta/index", f"/api/v1/meta/data/{place.asset}",
        f"/api/v1/assets/{place.asset}", "/api/v1/market/listings", f"/api/v1/invoke/jobs/{place.job}",
    )
    for path in paths:
        assert place.ask("GET", path, *headers).status == 200, path
    answer = place.ask("POST", "/api/v1/meta/data", *headers, body=place.metadata)
    assert (answer.status, answer.json) == (200, place.asset)


@pytest.mark.parametrize("content_type", WITH_CHARSET)
def test_json_may_name_its_charset(content_type, place):
    header = f"Content-Type: {content_type}"
    assert place.ask("POST", place.reverse, header, body={"text": "drawer"}).status == 200
    assert place.ask("POST", place.reverse_later, header, body={"text": "drawer"}).status == 201
    assert place.ask("POST", "/api/v1/market/listings", header, body={"assetid": place.asset}).status == 200
    assert place.ask("PUT", f"/api/v1/market/listings/{place.listing['id']}", header, body=place.listing).status == 200


# Statuses and bodies


def test_the_token_list_is_never_empty_stays_the_same_and_all_of_it_works(place):
    name, password = service.account(place.agent, "newcomer")
    basic = f"Authorization: Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"
    first = place.ask("GET", "/api/v1/auth/token", credentials=basic).json
    assert len(first) == 1
    made = place.ask("POST", "/api/v1/auth/token", credentials=basic)
    assert made.status == 200 and re.fullmatch(r'"[0-9a-f]{64}"', made.body.decode())
    bodies = {place.ask("GET", "/api/v1/auth/token", credentials=basic).body for _ in range(REPEATS)}
    assert len(bodies) == 1
    listed = json.loads(bodies.pop())
    assert listed == [*first, made.json], "oldest first"
    for token in listed:
        for scheme in ("token", "Token", "TOKEN", "Bearer"):
            assert place.ask("GET", "/api/v1/auth/token", credentials=f"Authorization: {scheme} {token}").json == listed
    for token in listed:
        revoked = place.ask("DELETE", f"/api/v1/auth/revoke/{token}", credentials=basic)
        assert (revoked.status, revoked.json) == (200, True)
    (fresh,) = place.ask("GET", "/api/v1/auth/token", credentials=basic).json
    assert fresh not in listed


def test_a_401_challenges_for_basic_first(place):
    for path in ("/api/v1/auth/token", "/api/v1/market/purchases", f"/api/v1/invoke/jobs/{place.job}"):
        for credentials in ("X-None: 1", "Authorization: token " + "0" * 64, "Authorization: Basic bm86bm8="):
            answer = place.ask("GET", path, credentials=credentials)
            assert answer.status == 401
            assert re.match(r'Basic realm="[^"]*"', answer.headers["www-authenticate"])
            assert isinstance(answer.json["errorcode"], int) and answer.json["description"]


def test_a_form_upload_gets_201_a_location_and_no_body(place):
    for name in ("x.tmp", "", "with space.csv", "größe.txt", 'quo\\"ted', "../../etc/passwd", place.asset):
        answer = place.ask("POST", f"/api/v1/assets/{place.asset}", FORM, body=form(name, "a note\n"))
        assert (answer.status, answer.body) == (201, b""), name
        location = urllib.parse.urlsplit(answer.headers["location"])
        assert location.path == f"/api/v1/assets/{place.asset}"
        assert place.ask("GET", location.path).body == b"a note\n"


def test_start_answers_give_the_job_in_every_spelling_and_where_to_read_it(place):
    answer = place.ask("POST", place.reverse_later, body={"text": "drawer"})
    assert answer.status == 201
    jobs = [answer.json[key] for key in ("job-id", "jobid", "jobId")]
    assert len(set(jobs)) == 1 and re.fullmatch("[0-9]{1,18}", jobs[0])
    assert answer.json["status"] == "scheduled"
    location = urllib.parse.urlsplit(answer.headers["location"]).path
    assert location == f"/api/v1/invoke/jobs/{jobs[0]}"
    assert place.ask("GET", location).json["status"] in ("scheduled", "running", "succeeded")

    seed = place.ask("POST", f"/invokeasync/{place.operations['reverse']}", body={"text": "drawer"})
    assert seed.status == 201 and re.fullmatch("[0-9]{1,18}", seed.json["jobid"])
    assert urllib.parse.urlsplit(seed.headers["location"]).path == f"/jobs/result/{seed.json['jobid']}"


def test_a_call_that_outlasts_the_wait_answers_200_with_the_job_which_goes_on(start_agent):
    """The Python client gives up after 60 s and takes no 202."""
    agent = start_agent("--sync-wait", "1s")
    client, operations = agent.client(), service.register(agent)
    for path, under_way, keys in (
        ("/invoke", {"scheduled", "inprogress"}, {"jobid"}),
        ("/api/v1/invoke/sync", {"scheduled", "running"}, {"job-id", "jobid", "jobId"}),
    ):
        answer = client.send("POST", f"{path}/{operations['rest']}", {"text": "any"})
        assert answer.status == 200
        assert set(answer.json) == {"status", *keys} and answer.json["status"] in under_way
        assert client.job(answer.json["jobid"])["status"] in ("scheduled", "running")
        assert client.send("POST", f"/jobs/{answer.json['jobid']}/cancel").status in (200, 202)


def test_the_oldest_python_clients_find_what_they_read(place):
    """Until 0.14 the job is read at `jobs/<id>`, is done once its word is no other of these, and has `results`."""
    started = place.ask("POST", f"/invokeasync/{place.operations['reverse']}", body={"text": "drawer"})
    job = int(started.json["jobid"])
    place.ask("GET", f"/jobs/result/{job}?wait=30")
    read = place.ask("GET", f"/jobs/{job}")
    assert read.json["status"] not in ("scheduled", "running", "accepted")
    assert read.json["results"] == read.json["outputs"] == read.json["result"] == {"reversed": "reward"}


def test_outputs_are_there_on_success_and_on_nothing_else(place):
    done = place.ask("GET", f"/api/v1/invoke/jobs/{place.job}").json
    assert done["status"] == "succeeded"
    assert done["outputs"] == done["results"] == {"reversed": "reward"}
    failed = place.ask("POST", f"/api/v1/invoke/sync/{place.operations['fail']}", body={"text": "any"})
    assert failed.status == 200 and failed.json["status"] == "failed"
    assert not {"outputs", "results", "result"} & set(failed.json)


def test_registering_again_is_200_and_putting_is_201_once(place):
    metadata = '{"name": "put here",  "type":"dataset"}\n'
    asset = hashlib.sha3_256(metadata.encode()).hexdigest()
    put = [place.ask("PUT", f"/api/v1/meta/data/{asset}", body=metadata).status for _ in range(2)]
    posted = [place.ask("POST", "/api/v1/meta/data", body=metadata) for _ in range(2)]
    assert put == [201, 200]
    assert [(answer.status, answer.json) for answer in posted] == [(200, asset)] * 2


# The flow of the Java client


@pytest.fixture
def java(place) -> Java:
    java = Java(place.agent.url, place.name, place.password)
    java.connect()
    return java


def test_the_java_client_logs_in_after_a_challenge_and_again_after_its_token_was_revoked(place, java):
    java.register(place.metadata)
    first, java.token = java.token, place.ask("POST", "/api/v1/auth/token").json
    assert first == place.ask("GET", "/api/v1/auth/token").json[0]
    revoked = java.token
    assert place.ask("DELETE", f"/api/v1/auth/revoke/{revoked}").status == 200
    java.register(place.metadata)
    assert java.token == first != revoked


def test_the_java_client_uploads_more_than_one_chunk(java):
    content = bytes(range(256)) * 1200
    assert java.upload('{"name":"many chunks","type":"dataset"}', content)


def test_the_java_client_can_make_an_object_of_every_operation(place, java):
    for operation in place.operations.values():
        java.operation(operation)
    inputs = java.operation(place.operations["label"])["operation"]["inputs"]
    wanted = ("type", "required", "position")
    assert {name: tuple(value[key] for key in wanted) for name, value in inputs.items()} == {
        "document": ("asset", True, 0),
        "mark": ("json", True, 1),
        "style": ("json", False, 2),
    }


def test_the_java_client_sends_its_own_token_with_an_asset_and_nobody_sees_it(place, java):
    inputs = {"document": java.asset_value(f"{place.did}/{place.asset}"), "mark": "seen"}
    job = java.wait(java.start(place.operations["label"], inputs))
    assert job["status"] == "succeeded" and java.token not in json.dumps(job)
    labelled = job["outputs"]["labelled"]
    assert set(labelled) == {"did"}, "credentials here would be sent to whoever reads the job"
    assert java.token not in java.metadata(labelled["did"].rsplit("/")[-1])
    assert java.token not in place.ask("GET", f"/jobs/{job['job-id']}").body.decode()


# The paths and habits of the JavaScript client


def test_doubled_and_trailing_slashes_lead_to_the_same_place(place):
    """Its own DDO builder writes `/api/v1//meta`."""
    paths = (
        "/api/ddo", "/api/status", "/api/v1/auth/token", "/api/v1/meta/data", "/api/v1/meta/index",
        f"/api/v1/meta/data/{place.asset}", f"/api/v1/assets/{place.asset}", "/api/v1/market/listings",
        f"/api/v1/market/listings/{place.listing['id']}", "/api/v1/market/purchases",
        f"/api/v1/market/purchases/{place.purchase['id']}", f"/api/v1/invoke/jobs/{place.job}",
        "/api/v1/collection/index", "/api/v1/collection/data", "/api/v1/trust/groups",
        f"/jobs/result/{place.job}", f"/operations/{place.operations['reverse']}",
    )
    for path in paths:
        expected = place.ask("GET", path)
        assert expected.status == 200, path
        for other in (path + "/", path.replace("/api/v1/", "/api/v1//"), path.replace("/", "//") + "//"):
            answer = place.ask("GET", other)
            assert (answer.status, len(answer.body)) == (200, len(expected.body)), other
    for path in (place.reverse, place.reverse_later):
        for other in (path.replace("/api/v1/", "/api/v1//"), path + "/", path.replace("/invoke/", "/invoke//")):
            assert place.ask("POST", other, body={"text": "drawer"}).status in (200, 201), other
    for other in ("/api/v1//meta//data", "/api/v1/meta/data/"):
        assert place.ask("POST", other, body=place.metadata).json == place.asset


def test_listings_are_filtered_without_a_question_mark(place):
    every = place.ask("GET", "/api/v1/market/listings").json
    assert {listing["userid"] for listing in every} > {place.listing["userid"]}
    own = place.ask("GET", f"/api/v1/market/listings?userid={place.listing['userid']}").json
    assert {listing["userid"] for listing in own} == {place.listing["userid"]}
    for path in (f"/listings/userid={place.listing['userid']}", f"/listings/username={place.name}"):
        assert place.ask("GET", f"/api/v1/market{path}").json == own, path
    assert place.ask("GET", f"/api/v1/market/listings/userid={'0' * 64}").json == []


@pytest.mark.parametrize("way", ["/api/v1/invoke/sync", "/invoke", "/api/v1/invoke/async", "/invokeasync"])
def test_an_empty_body_stands_for_no_inputs(way, place):
    answer = place.ask("POST", f"{way}/{place.operations['greet']}", "Content-Type: application/json")
    assert answer.status == (201 if "async" in way else 200), answer
    job = place.ask("GET", f"/jobs/result/{answer.json['jobid']}?wait=30").json if "async" in way else answer.json
    assert job.get("result", job.get("outputs")) == {"greeting": "hello world"}


def test_a_listing_that_is_put_and_read_again_is_the_one_that_was_answered(place):
    path = f"/api/v1/market/listings/{place.listing['id']}"
    listing = place.ask("GET", path).json
    changed = place.ask("PUT", path, body={**listing, "info": {"title": "changed"}})
    assert changed.status == 200 and changed.json["info"] == {"title": "changed"}
    assert place.ask("GET", path).json == changed.json


def test_names_of_queries_and_of_body_members_are_case_sensitive(place):
    every = place.ask("GET", "/api/v1/market/listings").json
    assert place.ask("GET", f"/api/v1/market/listings?UserID={'0' * 64}").json == every
    assert place.ask("POST", place.reverse, body={"Text": "drawer"}).status == 400
    assert place.ask("POST", "/api/v1/market/listings", body={"ASSETID": place.asset}).status == 400


# Browsers


def preflight(agent: Agent, origin: str) -> Answer:
    asked = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type")
    with Wire(agent.url) as wire:
        return wire.send(request("OPTIONS", "/api/v1/meta/data", f"Origin: {origin}", *asked)).answer()


def test_a_page_of_any_site_may_call_a_demo_agent_with_a_token(start_agent):
    agent = start_agent("--demo", "true")
    allowed = preflight(agent, "https://shop.example")
    assert allowed.status in (200, 204)
    assert allowed.headers["access-control-allow-origin"] in ("*", "https://shop.example")
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    assert "POST" in allowed.headers["access-control-allow-methods"]
    with Wire(agent.url) as wire:
        answer = wire.send(request("GET", "/api/ddo", "Origin: https://shop.example")).answer()
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] in ("*", "https://shop.example")


def test_other_agents_may_be_called_by_the_pages_of_listed_sites_only(start_agent):
    agent = start_agent("--cors-origins", "https://shop.example,https://other.example")
    assert preflight(agent, "https://shop.example").headers["access-control-allow-origin"] == "https://shop.example"
    for stranger in ("https://shop.example.evil.example", "https://shop.example:8443", "null"):
        assert "access-control-allow-origin" not in preflight(agent, stranger).headers
    with Wire(start_agent().url) as wire:
        answer = wire.send(request("GET", "/api/ddo", "Origin: https://shop.example")).answer()
    assert "access-control-allow-origin" not in answer.headers
