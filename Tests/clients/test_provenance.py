"""PROV-JSON as another program reads it: the package `prov` takes every document, and finds DIDs where we mean them."""

import json

import requests
from prov.model import (
    ProvActivity, ProvAgent, ProvAssociation, ProvDerivation, ProvDocument, ProvEntity, ProvGeneration, ProvUsage,
)

HASH = {
    "name": "hash", "version": "1.0.0",
    "operations": {"hash": {
        "inputs": {"content": {"type": "asset"}},
        "outputs": {"digest": {"type": "asset", "content_type": "text/plain"}},
        "run": {
            "engine": "process",
            "command": ["sh", "-c", 'sha256sum < "$INVOKE_INPUT_CONTENT" > "$INVOKE_OUTPUT_DIR/digest"'],
        },
    }},
}

# What `dep:this` is to a program that knows the prefix: a namespace without a final slash, as DEP-12 has it.
THIS = "http://datacraft.sgthis"


def names(document: ProvDocument, kind) -> set[str]:
    return {record.identifier.uri for record in document.get_records(kind)}


def pairs(document: ProvDocument, kind) -> set[tuple[str, str]]:
    """The two things that each relation of a kind is between."""
    return {tuple(value.uri for value in record.args[:2]) for record in document.get_records(kind)}


def read(content: dict) -> ProvDocument:
    document = ProvDocument.deserialize(content=json.dumps(content), format="json")
    # Nothing is lost on the way through.
    assert ProvDocument.deserialize(content=document.serialize(format="json"), format="json") == document
    return document


def test_prov_reads_every_document(agent):
    session = requests.Session()
    session.auth = agent.auth

    def get(path: str) -> dict:
        answer = session.get(agent.url + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    operation = session.post(f"{agent.url}/services", json=HASH).json()["operations"]["hash"]["did"]
    asset = session.post(f"{agent.url}/api/v1/meta/data", data=json.dumps({"name": "letters"})).json()
    assert session.put(f"{agent.url}/api/v1/assets/{asset}", data=b"abc").ok
    provider = operation.split("/")[0]
    assets, jobs = [f"{provider}/{asset}"], []
    for _ in range(2):
        ended = session.post(f"{agent.url}/invoke/{operation}", json={"content": {"did": assets[-1]}}).json()
        assets.append(ended["result"]["digest"]["did"])
        jobs.append(f"{provider}#{ended['jobid']}")

    def id(did: str) -> str:
        return did.split("/")[1]

    own = read(get(f"/api/v1/meta/data/{id(assets[1])}")["provenance"])
    assert names(own, ProvEntity) == {THIS, assets[0], operation}
    assert names(own, ProvActivity) == {jobs[0]}
    assert pairs(own, ProvDerivation) == {(THIS, assets[0])}
    assert pairs(own, ProvGeneration) == {(THIS, jobs[0])}

    up = read(get(f"/api/v1/meta/data/{id(assets[2])}/provenance"))
    down = read(get(f"/api/v1/meta/data/{id(assets[0])}/provenance?direction=down"))
    assert names(up, ProvEntity) == {*assets, operation}
    assert names(down, ProvEntity) == set(assets)
    for walked in [up, down]:
        assert names(walked, ProvActivity) == set(jobs)
        assert provider in names(walked, ProvAgent) and len(names(walked, ProvAgent)) == 2
        assert pairs(walked, ProvDerivation) == {(assets[1], assets[0]), (assets[2], assets[1])}
        assert pairs(walked, ProvGeneration) == {(assets[1], jobs[0]), (assets[2], jobs[1])}
        used = {(jobs[0], assets[0]), (jobs[1], assets[1]), (jobs[0], operation), (jobs[1], operation)}
        assert pairs(walked, ProvUsage) == used
        assert len(pairs(walked, ProvAssociation)) == 4

    job = read(get(f"/jobs/{jobs[1].split('#')[1]}/provenance"))
    assert names(job, ProvEntity) == {assets[2], assets[1], operation}
    assert pairs(job, ProvDerivation) == {(assets[2], assets[1])}
