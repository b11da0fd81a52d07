"""Proof of payment that comes from elsewhere: tokens that an issuer signed, and tokens that a checker vouches for."""

import base64
import json
import pathlib
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from standardwebhooks import Webhook

from market import consumer, offer
from running_agent import PROGRAM, Agent, Answer, Client, NotStarted, scratch_folder
from webhook_receiver import Receiver

ISSUER = "https://market.example"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def run(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAM, "token", *map(str, arguments)], capture_output=True, text=True, timeout=60)


class Market:
    """Sells outside of the agent, with the commands that the program has for it."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.issuers = folder / "issuers.yaml"
        self.issuers.write_text(f"- issuer: {ISSUER}\n  keys: keys.json\n")

    def create_key(self, kid: str, algorithm: str = "EdDSA"):
        made = run("create-key", "--directory", self.folder, "--kid", kid, "--algorithm", algorithm)
        assert made.returncode == 0, made.stderr

    def issue(self, did: str, account: str, *options: object, kid: str = "first") -> str:
        issued = run(
            "issue-purchase", "--key", self.folder / f"{kid}.private.jwk", "--issuer", ISSUER, "--asset", did,
            "--consumer", account, *options,
        )
        assert issued.returncode == 0, issued.stderr
        return issued.stdout.strip()


@pytest.fixture
def market(tmp_path):
    market = Market(tmp_path)
    market.create_key("first")
    return market


class Shop:
    """An agent with an operation that costs something, and a consumer who has bought nothing on it."""

    def __init__(self, agent: Agent, script: str = 'printf %s "$INVOKE_INPUT_WORD"'):
        self.agent, self.admin = agent, agent.client()
        self.operation = self.admin.register(script)
        self.did = self.admin.send("GET", f"/operations/{self.operation}").json["did"]
        offer(self.admin, self.operation, uses=1)
        self.carol = consumer(agent)
        self.account = self.admin.send("GET", "/accounts/carol").json["id"]

    def invoke(self, token: str, client: Client | None = None, **headers: str) -> Answer:
        return (client or self.carol).invoke(self.operation, "x", Purchase_Token=token, **headers)


@pytest.fixture
def shop(start_agent, market):
    return Shop(start_agent("--sandbox", "none", "--tokens-issuers", str(market.issuers)))


@pytest.fixture
def checker():
    checker = Receiver(b'{"valid": true, "uses": 1}')
    yield checker
    checker.close()


@pytest.fixture
def checked_shop(start_agent, checker):
    return Shop(
        start_agent(
            "--sandbox", "none", "--tokens-checker", checker.url, "--outbound-allow", "127.0.0.0/8",
            INVOKE_AGENT_TOKENS_CHECKER_SECRET=SECRET,
        )
    )


def refusals(shop: Shop, token: str) -> list[tuple[int, int | None]]:
    """Statuses and codes of the seed dialect and of v1, asynchronous and synchronous."""
    paths = ["/invokeasync", "/invoke", "/api/v1/invoke/async", "/api/v1/invoke/sync"]
    answers = [
        shop.carol.send("POST", f"{path}/{shop.operation}", {"word": "x"}, Purchase_Token=token) for path in paths
    ]
    return [(answer.status, answer.code) for answer in answers]


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_signed_token_pays_for_an_operation(shop, market, algorithm):
    market.create_key("second", algorithm)
    token = market.issue(shop.did, shop.account, kid="second")
    assert refusals(shop, token) == [(201, None), (200, None), (201, None), (200, None)]
    not_paid = [(400, 8003), (400, 8003), (403, 8003), (403, 8003)]
    assert refusals(shop, token[:-8] + "AAAAAAAA") == not_paid
    assert refusals(shop, market.issue(shop.did, "00" * 32)) == not_paid
    assert refusals(shop, market.issue(shop.did.rsplit("/", 1)[0] + "/" + "00" * 32, shop.account)) == not_paid
    assert refusals(shop, market.issue(f"did:dep:{'00' * 32}/{shop.operation}", shop.account)) == not_paid
    assert refusals(shop, "neither signed nor known") == not_paid
    refused = shop.invoke(token[:-8] + "AAAAAAAA").json["description"]
    assert shop.did in refused and "signature" in refused and token[:20] not in refused


def test_a_signed_token_pays_for_an_input_asset(shop, market):
    metadata = shop.admin.send("POST", "/api/v1/meta/data", b'{"name":"numbers","type":"dataset"}').json
    assert shop.admin.send("PUT", f"/api/v1/assets/{metadata}", b"1,2,3").status in (200, 201)
    offer(shop.admin, metadata, uses=1)
    did = f"{shop.did.rsplit('/', 1)[0]}/{metadata}"
    command = ["sh", "-c", 'printf %s "$(wc -c < "$INVOKE_INPUT_TABLE")"']
    free = shop.admin.send(
        "POST",
        "/services",
        {
            "name": "count",
            "version": "1.0.0",
            "operations": {
                "count": {
                    "inputs": {"table": {"type": "asset"}},
                    "outputs": {"bytes": {"type": "string"}},
                    "run": {"engine": "process", "command": command},
                }
            },
        },
    ).json["operations"]["count"]["id"]

    def invoke(path: str, **token: str) -> Answer:
        return shop.carol.send("POST", f"{path}/{free}", {"table": {"did": did, **token}})

    refused = invoke("/invoke", purchasetoken="a.b.c")
    assert (refused.status, refused.code) == (400, 8003)
    assert [error["pointer"] for error in refused.json["errors"]] == ["#/table"]
    assert invoke("/api/v1/invoke/sync").status == 403
    token = market.issue(did, shop.account)
    assert invoke("/invoke", purchasetoken=token).json["result"] == {"bytes": "5"}
    answer = invoke("/api/v1/invoke/sync", purchase_token=token).json
    assert answer["outputs"] == {"bytes": "5"}


def test_a_token_for_one_use_sent_50_times_pays_for_one_job(shop, market):
    token = market.issue(shop.did, shop.account, "--uses", 1)
    start = threading.Barrier(50)

    def send(_) -> Answer:
        client = Client(shop.agent.url, shop.carol.authorization)
        start.wait()
        return shop.invoke(token, client)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert sorted((answer.status, answer.code) for answer in answers) == [(201, None)] + [(400, 8003)] * 49


def test_a_request_sent_again_is_not_refused_for_its_own_spent_token(shop, market):
    token = market.issue(shop.did, shop.account, "--uses", 1)
    first = shop.invoke(token, Idempotency_Key="k")
    again = shop.invoke(token, Idempotency_Key="k")
    assert (first.status, again.status, first.json) == (201, 201, again.json)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_job_that_fails_gives_its_use_back(start_agent, market):
    agent = start_agent("--sandbox", "none", "--tokens-issuers", str(market.issuers))
    shop = Shop(agent, "exit 1")
    token = market.issue(shop.did, shop.account, "--uses", 1)
    for _ in range(2):
        started = shop.invoke(token)
        assert started.status == 201, started
        assert shop.carol.result(started.json["jobid"])["status"] == "error"


def test_a_new_key_counts_at_once_and_a_withdrawn_one_no_more(shop, market):
    market.create_key("second")
    first, second = market.issue(shop.did, shop.account), market.issue(shop.did, shop.account, kid="second")
    assert [shop.invoke(token).status for token in (first, second)] == [201, 201]
    keys = market.folder / "keys.json"
    left = [key for key in json.loads(keys.read_text())["keys"] if key["kid"] != "first"]
    keys.write_text(json.dumps({"keys": left}))
    assert [shop.invoke(token).status for token in (first, second)] == [400, 201]
    keys.unlink()
    away = shop.invoke(second)
    assert (away.status, away.code) == (503, 8162) and int(away.headers["Retry-After"]) >= 1


def test_the_checker_is_asked_with_a_signature_that_verifies(checked_shop, checker):
    shop = checked_shop
    assert shop.invoke("voucher 1").status == 201
    headers, body = checker.received.get(timeout=20)
    question = Webhook(SECRET).verify(body, headers)
    assert question == {
        "token": "voucher 1", "asset": shop.did, "operation": shop.did, "consumer": shop.account, "job": None
    }
    # The checker grants one use, and is not asked again within a minute.
    spent = shop.invoke("voucher 1")
    assert (spent.status, spent.code, checker.received.empty()) == (400, 8003, True)
    assert shop.carol.send("POST", f"/api/v1/invoke/async/{shop.operation}", {"word": "x"}).status == 403


def dry_run(shop: Shop, token: str) -> tuple[list[int], bool]:
    """The codes of what speaks against a call, and whether it is paid for."""
    answer = shop.carol.send("POST", f"/invoke/{shop.operation}?dryrun=1", {"word": "x"}, Purchase_Token=token)
    assert answer.status == 200, answer
    return [refusal["errorcode"] for refusal in answer.json["refusals"]], answer.json["price"]["paid"]


def test_a_dry_run_uses_no_signed_token_up(shop, market):
    token = market.issue(shop.did, shop.account, "--uses", 1)
    assert [dry_run(shop, token) for _ in range(3)] == [([], True)] * 3
    assert shop.carol.result(shop.invoke(token).json["jobid"])["status"] == "completed"
    assert dry_run(shop, token)[0] == [8003]
    assert dry_run(shop, token[:-8] + "AAAAAAAA") == ([8003], False)


def test_a_dry_run_asks_the_checker_and_counts_nothing(checked_shop, checker):
    assert [dry_run(checked_shop, "voucher") for _ in range(3)] == [([], True)] * 3
    assert json.loads(checker.received.get(timeout=20)[1])["token"] == "voucher"
    assert checked_shop.carol.result(checked_shop.invoke("voucher").json["jobid"])["status"] == "completed"
    assert dry_run(checked_shop, "voucher")[0] == [8003]
    checker.answers.put(500)
    assert dry_run(checked_shop, "another") == ([8162], False)


def test_nothing_is_paid_while_the_checker_is_away(checked_shop, checker):
    shop = checked_shop
    checker.answers.put(500)
    for token in ("voucher 1", "voucher 2"):
        away = shop.invoke(token)
        assert (away.status, away.code) == (503, 8162), away
        assert int(away.headers["Retry-After"]) >= 1 and token not in away.json["description"]
        checker.close()
    assert shop.carol.send("GET", "/jobs").json["jobs"] == []


def test_no_token_is_kept_or_logged(start_agent, market, checker):
    agent = start_agent(
        "--sandbox", "none", "--log-level", "debug", "--tokens-issuers", str(market.issuers),
        "--tokens-checker", checker.url, "--outbound-allow", "127.0.0.0/8", INVOKE_AGENT_TOKENS_CHECKER_SECRET=SECRET,
    )
    shop = Shop(agent)
    signed = market.issue(shop.did, shop.account, "--uses", 1)
    bad = market.issue(shop.did, "00" * 32)
    voucher = "voucher-5f0c2d"
    jobs = [shop.invoke(token).json["jobid"] for token in (signed, voucher)]
    assert [shop.carol.result(job)["status"] for job in jobs] == ["completed", "completed"]
    assert [shop.invoke(token).status for token in (signed, voucher, bad)] == [400, 400, 400]
    assert agent.terminate() == 0
    parts = [part for token in (signed, bad) for part in token.split(".")[1:]]
    texts = [text.encode() for text in [*parts, voucher, SECRET]]
    kept = {path: path.read_bytes() for path in [agent.errors, *agent.data.rglob("*")] if path.is_file()}
    assert agent.data / "agent.sqlite" in kept
    assert [(path, text) for path, content in kept.items() for text in texts if text in content] == []


@pytest.mark.parametrize(
    ("issuers", "expected"),
    [
        ("- {issuer: a, keys: k.json, bearrer: true}", 'unknown member "bearrer". Did you mean "bearer"?'),
        ("- {issuer: a}", "item 1 must have"),
        ("- {issuer: a, keys: k.json}\n- {issuer: a, keys: l.json}", "names an issuer twice"),
        ("- {issuer: a, keys: 'http://keys.example/k.json'}", "outbound.allow"),
        ("issuer: a", "must be a list"),
        ("- [", "Not YAML"),
        (None, "can't be read"),
    ],
)
def test_a_wrong_file_of_issuers_stops_the_start(tmp_path, issuers, expected):
    path = tmp_path / "issuers.yaml"
    if issuers is not None:
        path.write_text(issuers)
    with scratch_folder() as folder, pytest.raises(NotStarted) as stop:
        Agent(folder, "--tokens-issuers", str(path))
    assert stop.value.status == 78
    assert str(path) in stop.value.errors and expected in stop.value.errors


@pytest.mark.parametrize("secret", [None, "whsec_c2hvcnQ=", SECRET.removeprefix("whsec_")])
def test_a_checker_needs_a_secret_that_signs(secret):
    environment = {"INVOKE_AGENT_TOKENS_CHECKER_SECRET": secret} if secret else {}
    with scratch_folder() as folder, pytest.raises(NotStarted) as stop:
        Agent(folder, "--tokens-checker", "https://checker.example/", environment=environment)
    assert stop.value.status == 78 and "tokens.checker_secret" in stop.value.errors


def test_keys_are_kept_as_secrets_and_published_side_by_side(tmp_path):
    folder = tmp_path / "market"
    for algorithm in ("EdDSA", "ES256"):
        made = run("create-key", "--directory", folder, "--algorithm", algorithm)
        assert made.returncode == 0, made.stderr
    published = json.loads((folder / "keys.json").read_text())["keys"]
    assert [key["alg"] for key in published] == ["EdDSA", "ES256"]
    for key in published:
        assert "d" not in key
        private = folder / f"{key['kid']}.private.jwk"
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        secret = json.loads(private.read_text())
        assert secret.pop("d") not in (folder / "keys.json").read_text()
        assert secret == key


def test_wrong_use_of_the_commands_is_told_apart(tmp_path, market):
    did = f"did:dep:{'ab' * 32}/{'cd' * 32}"
    key = market.folder / "first.private.jwk"
    purchase = ["issue-purchase", "--key", key, "--issuer", ISSUER]
    for arguments, expected in [
        (["create-key"], "--directory"),
        (["create-key", "--directory", market.folder, "--kid", "first"], "already"),
        (["create-key", "--directory", market.folder, "--kid", "../first"], "--kid"),
        (["create-key", "--directory", market.folder, "--algorithm", "HS256"], "algorithm"),
        ([*purchase, "--asset", "did:dep:" + "ab" * 32], "--asset"),
        ([*purchase, "--asset", did, "--uses", 0], "--uses"),
        ([*purchase, "--asset", did, "--expires", "soon"], "--expires"),
        ([*purchase, "--asset", did, "--consumer", "carol"], "--consumer"),
        (["issue-purchase", "--key", market.issuers, "--issuer", ISSUER, "--asset", did], "not a private key"),
        (["issue-purchase", "--key", tmp_path / "none", "--issuer", ISSUER, "--asset", did], "can't be read"),
    ]:
        wrong = run(*arguments)
        assert wrong.returncode == 64 and expected in wrong.stderr, wrong
    unwritable = run("create-key", "--directory", key)
    assert unwritable.returncode == 73 and str(key) in unwritable.stderr
    issued = json.loads(run(*purchase, "--asset", did, "--uses", 2, "--output", "json").stdout)
    assert issued["claims"]["uses"] == 2 and issued["claims"]["aud"] == ["did:dep:" + "ab" * 32]
    assert json.loads(base64.urlsafe_b64decode(issued["token"].split(".")[1] + "==")) == issued["claims"]
