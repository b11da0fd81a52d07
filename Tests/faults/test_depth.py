"""T-DEEP: nesting is counted before anything is built of it, on every route that takes JSON (promise I7)."""

import hashlib

import pytest

from running_agent import Agent, scratch_folder

# The routes that take JSON.
ROUTES = [
    ("POST", "/services"),
    ("PUT", "/services/none"),
    ("POST", "/accounts"),
    ("PUT", "/accounts/admin/password"),
    ("POST", "/invoke/{operation}"),
    ("POST", "/invokeasync/{operation}"),
    ("POST", "/api/v1/meta/data"),
    ("PUT", "/api/v1/meta/data/{hash}"),
    ("POST", "/api/v1/market/listings"),
    ("PUT", "/api/v1/market/listings/none"),
    ("POST", "/api/v1/market/purchases"),
    ("PUT", "/api/v1/market/purchases/none"),
]
SHAPES = {"arrays": ("[", "]"), "objects": ('{"a":', "}"), "both": ('[{"a":', "}]")}


@pytest.fixture(scope="module")
def agent():
    with scratch_folder() as folder:
        agent = Agent(folder, "--rate", "0")
        agent.operation = agent.client().register("true")
        yield agent
        agent.kill()


def nested(shape: str, depth: int) -> bytes:
    opening, closing = SHAPES[shape]
    count = depth // 2 if shape == "both" else depth
    text = opening * count + ("0" if opening.endswith(":") else "") + closing * count
    return ('{"a":' + text + "}").encode() if depth % 2 and shape == "both" else text.encode()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_json_beyond_the_limit_is_refused_as_too_complex(agent, route, shape):
    client = agent.client()

    def send(depth: int):
        body = nested(shape, depth)
        path = route[1].format(operation=agent.operation, hash=hashlib.sha3_256(body).hexdigest())
        return client.send(route[0], path, body, Content_Type="application/json")

    for depth in (31, 32):
        answer = send(depth)
        assert answer.status < 500 and answer.code != 8104, (depth, answer)
    for depth in (33, 500, 100_000):
        answer = send(depth)
        # So many objects are more bytes than a definition may have.
        expected = [(400, 8104)] if depth < 100_000 else [(400, 8104), (413, 8140)]
        assert (answer.status, answer.code) in expected, (depth, answer)


@pytest.mark.parametrize("text", ["[", "- ", "? ", "{a: ", "[{a: "])
def test_yaml_beyond_the_limit_is_refused_too(agent, text):
    client = agent.client()
    for depth in (33, 500, 999, 1001, 50_000):
        answer = client.send("POST", "/services", (text * depth).encode()[:250_000], Content_Type="application/yaml")
        assert answer.status == 400 and answer.code in (8100, 8104), (depth, answer)
    assert client.send("GET", "/health").status == 200


def test_an_unclosed_document_is_refused_for_its_depth(agent):
    answer = agent.client().send("POST", "/api/v1/meta/data", b"[" * 900_000, Content_Type="application/json")
    assert (answer.status, answer.code) == (400, 8104)
