"""Holds a running agent to its published contract, the document at /openapi.json.

AGENT_URL and AGENT_AUTH (user:password, an admin) name an agent that is there for nothing else; without them one is
started. OPENAPI_EXAMPLES is how many requests the random phases make for each operation.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from running_agent import ROOT, Agent, scratch_folder

EXAMPLES = os.environ.get("OPENAPI_EXAMPLES", "40")

METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"]

# Operations whose `id` is taken from what the agent really has, half of the time.
SUBJECTS = {
    "operation": [
        "getOperation", "getOperationByDID", "invoke", "invokeByDID", "invokeAsync", "invokeAsyncByDID", "invokeV1",
        "invokeV1ByDID", "invokeAsyncV1", "invokeAsyncV1ByDID",
    ],
    "asset": [
        "getMetadata", "getMetadataByDID", "putMetadata", "putMetadataByDID", "downloadAsset", "downloadAssetByDID",
        "putAsset", "putAssetByDID", "uploadAsset", "uploadAssetByDID", "removeContent", "removeContentByDID",
        "getProvenance", "getProvenanceByDID",
    ],
    "job": [
        "getJob", "getJobResult", "getJobResultV1", "getJobLog", "followJob", "getJobProvenance", "cancelJob", "retryJob",
        "getJobInput", "completeJob", "listJobDeliveries",
    ],
    "listing": ["getListing", "changeListing"],
    "purchase": ["getPurchase", "changePurchase"],
    "user": ["getUser"],
    "webhook": ["getWebhook", "testWebhook", "rotateSecret", "enableWebhook", "replayDeliveries", "listDeliveries"],
}

# What is answered with 200 to a dry run (`?dryrun=1`), whatever is wrong with it. A call that is made gets 201 here, ...
TOLD_WITH_200 = ["invokeAsync", "invokeAsyncByDID", "invokeAsyncV1", "invokeAsyncV1ByDID"]
# ... and here 200 too, so that these are called and not asked.
MADE = ["invoke", "invokeByDID", "invokeV1", "invokeV1ByDID"]

# Operations whose answer never ends.
ENDLESS = ["followJobs"]

# Why a request that is right by the document may still be refused with 400.
NOT_SAID_BY_A_SCHEMA = {
    "a definition has rules that no schema can say, such as positions that differ": [
        "registerService", "replaceService",
    ],
    "the operation declares the inputs, not this document": [
        "invoke", "invokeByDID", "invokeAsync", "invokeAsyncByDID", "invokeV1", "invokeV1ByDID", "invokeAsyncV1",
        "invokeAsyncV1ByDID",
    ],
    "what a body is, its bytes say": ["runScript", "startScript"],
    "a page is what a listing has told": ["listScriptJobs"],
    "quantities and paths have rules of their own": ["createScript", "replaceScript"],
    "DEP-6 answers 400 for an unknown job": ["getJobResult"],
    "metadata is text, but the text of a JSON object": ["registerMetadata"],
    "the SHA3-256 of the body must be the id in the path": ["putMetadata", "putMetadataByDID"],
    "content must have the hash that the metadata names": [
        "putAsset", "putAssetByDID", "uploadAsset", "uploadAssetByDID",
    ],
    "a DID must be that of an asset of this agent": ["addToCollection", "removeFromCollection"],
    "a range may begin after the end of the content": ["downloadAsset", "downloadAssetByDID"],
    "the market's clients expect 400 for an asset or listing that is not here": ["createListing", "createPurchase"],
    "a price may not have an exponent, and a schema sees only the number": ["changeListing"],
    "an event goes without a range of times, and one of the two must be there": ["replayDeliveries"],
    "a URL must lead to public addresses": ["createWebhook"],
    "a bucket's name is taken once, and has rules that no schema says": ["createBucket"],
    "a header field's name and value have rules, and a key a length in bytes": ["presignObject"],
    "a member's name may have 256 bytes, and a schema counts characters": ["changeBucket"],
    "a period ends after it begins": ["getOSCARMetrics", "getOSCARMetricsBreakdown", "getOSCARServiceMetrics"],
    "the id of an event is opaque, and must be one that the agent gave": ["followJob", "getJobLog"],
    "a cursor is opaque, and must be one that the agent gave": [
        "indexAssets", "listAccounts", "listAssets", "listDeliveries", "listJobDeliveries", "listJobs", "listOperations",
        "listOwnAssets", "listPools", "listServices", "listWebhooks", "getProvenance", "getProvenanceByDID", "getBucket",
    ],
}


@pytest.fixture(scope="module")
def agent():
    if "AGENT_URL" in os.environ:
        yield RunningAgent()
        return
    with scratch_folder() as folder:
        # The random phases show wrong passwords on purpose.
        started = Agent(folder, "--demo", "true", "--wrong-passwords", "0")
        yield started
        started.stop()


class RunningAgent:
    def __init__(self):
        self.url = os.environ["AGENT_URL"].rstrip("/")
        self.auth = tuple(os.environ["AGENT_AUTH"].split(":", 1))


@pytest.fixture(scope="module")
def document(agent):
    answer = requests.get(f"{agent.url}/openapi.json", timeout=10)
    assert answer.status_code == 200
    return answer.json()


def test_the_document_is_openapi(document):
    validate(document, cls=OpenAPIV31SpecValidator)


def test_what_is_excluded_is_in_the_document(document):
    templates = document["paths"].values()
    documented = {operation["operationId"] for template in templates for operation in methods(template).values()}
    lists = [*SUBJECTS.values(), *NOT_SAID_BY_A_SCHEMA.values(), TOLD_WITH_200, MADE, ENDLESS]
    named = [name for names in lists for name in names]
    assert set(named) <= documented


def test_routes_have_the_methods_of_the_document(agent, document):
    for path, template in document["paths"].items():
        documented = set(methods(template))
        # Without credentials nothing happens behind a route, and that it is one can be seen all the same.
        url = agent.url + re.sub(r"\{\w+\}", "0", path)
        for method in METHODS:
            answer = requests.request(method, url, timeout=60)
            label = f"{method} {path}: {answer.status_code} {answer.text[:300]}"
            if method in documented:
                is_route = answer.ok or answer.status_code == 401 or answer.json()["errorcode"] not in (8106, 8107)
                assert is_route, label
                continue
            assert answer.status_code == 405, label
            allowed = set(answer.headers["Allow"].split(", "))
            assert allowed - {"HEAD"} == documented and ("HEAD" in allowed) == ("GET" in documented), label


def test_every_answer_is_documented(agent, tmp_path):
    (tmp_path / "schemathesis.toml").write_text(configuration(subjects(agent)))
    run = subprocess.run(
        [
            Path(sys.executable).with_name("st"), "run", f"{agent.url}/openapi.json", "--auth", ":".join(agent.auth),
            "--mode", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", EXAMPLES,
            "--seed", "1", "--request-timeout", "70", "--continue-on-failure", "--no-shrink", "--no-color",
            # How fast examples are made is the machine's affair.
            "--warnings", "off", "--suppress-health-check", "too_slow",
        ],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(run.stdout)
    assert run.returncode == 0


def methods(template):
    return {method: template[method.lower()] for method in METHODS if method.lower() in template}


def subjects(agent):
    """Makes one of everything that a path can name, checking each answer on the way: lists of ids."""
    schema = schemathesis.openapi.from_url(f"{agent.url}/openapi.json")
    session = requests.Session()
    session.auth = agent.auth

    def call(operation, path=(), **request):
        operation = schema.find_operation_by_id(operation)
        url = agent.url + operation.path.format(**dict(path))
        answer = session.request(operation.method, url, timeout=60, **request)
        assert answer.ok, answer.text
        operation.validate_response(answer)
        return answer.json() if answer.content else None

    def operation(example):
        definition = (ROOT / "examples" / example / "service.yaml").read_bytes()
        session.post(f"{agent.url}/services", data=definition, headers={"Content-Type": "application/yaml"})
        return next(iter(call("getService", {"name": example})["operations"].values()))["id"]

    def job(start, operation, **inputs):
        return call(start, {"id": operation}, json=inputs)["jobid"]

    primes, rows = operation("primes"), operation("filter-rows")
    asset, empty = [call("registerMetadata", data=json.dumps({"name": name})) for name in ["full", "empty"]]
    call("uploadAsset", {"id": asset}, files={"file": b"content"})
    call("putAsset", {"id": empty}, data=b"")
    webhook = call("createWebhook", json={"url": "https://hooks.example.org/jobs", "operation": primes})["id"]
    call("testWebhook", {"id": webhook})
    completed = job("invoke", primes, limit="100")
    failed = job("invoke", rows, table={"did": f"did:dep:{empty}"})
    cancelled = job("invokeAsync", primes, limit="9999999")
    call("cancelJob", {"id": cancelled})
    for ended, status in [(completed, "completed"), (failed, "error"), (cancelled, "error")]:
        assert call("getJobResult", {"id": ended}, params={"wait": 30})["status"] == status
    listing = call("createListing", json={"assetid": asset, "status": "published"})["id"]
    purchase = call("createPurchase", json={"listingid": listing})["id"]
    return {
        "agent": [call("getOperation", {"id": primes})["did"].split("/")[0]],
        "operation": [primes, rows],
        "asset": [asset, empty, primes],
        "job": [completed, failed, cancelled],
        "listing": [listing],
        "purchase": [purchase],
        "user": [call("listUsers")[0]["id"]],
        "webhook": [webhook],
    }


def configuration(values):
    """The run's configuration. All checks are on; what is not wanted is said here, and why."""
    text = """
        parameters = {"path.agent" = {dictionary = "agent", probability = 0.5}}

        # A NUL in a text is refused (8100), and no schema says so.
        [generation]
        allow-x00 = false

        # Garbage that happens to be too large is refused for that.
        [checks.negative_data_rejection]
        expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415]

        # The run's own account has to keep its password; the one that is asked for instead may not be there.
        [[operations]]
        include-operation-id = "setPassword"
        parameters = {"path.name" = "ada"}
        checks.ensure_resource_availability.enabled = false
        """
    for name, ids in values.items():
        text += f"""
        [dictionaries.{name}]
        values = {ids}
        """
    reasons = {name: reason for reason, names in NOT_SAID_BY_A_SCHEMA.items() for name in names}
    subject = {name: kind for kind, names in SUBJECTS.items() for name in names}
    # A script that fails is OSCAR's 500.
    text += """
        [[operations]]
        include-operation-id = "runScript"
        checks.not_a_server_error.enabled = false
        """
    for name in ENDLESS:
        text += f"""
        [[operations]]
        include-operation-id = "{name}"
        enabled = false
        """
    for name in sorted(reasons.keys() | subject.keys()):
        text += f"""
        [[operations]]
        include-operation-id = "{name}"
        """
        parameters = []
        if name in subject:
            parameters.append(f'"path.id" = {{dictionary = "{subject[name]}", probability = 0.5}}')
        if name in MADE:
            parameters.append('"query.dryrun" = "0"')
        if parameters:
            text += f"""
        parameters = {{{", ".join(parameters)}}}
        """
        if name in TOLD_WITH_200:
            text += """
        checks.negative_data_rejection.expected-statuses = [200, 400, 401, 403, 404, 405, 406, 409, 413, 415]
        """
        if name in reasons:
            text += f"""
        # {reasons[name]}
        checks.positive_data_acceptance.enabled = false
        """
    return text
