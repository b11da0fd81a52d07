"""T-IDEM: a request sent again, at once or after a crash, is the same; what was bought once is used once (I1-I4)."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from invariants import ECHO, check_invariants, check_purchases, number
from market import buy, consumer, offer
from proving import size
from running_agent import GONE, Agent, Answer, Client


def at_once(agent: Agent, authorization: str, times: int, operation: str, word: str, **headers) -> list[Answer | None]:
    """Sends one request over as many connections at the same moment; None where there was no whole answer."""
    start = threading.Barrier(times)

    def send(_) -> Answer | None:
        client = Client(agent.url, authorization)
        start.wait()
        try:
            return client.invoke(operation, word, **headers)
        except GONE:
            return None

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(send, range(times)))


def test_100_copies_of_a_request_are_one_job(start_agent):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    operation = client.register(ECHO)
    answers = at_once(agent, agent.token, 100, operation, "x", Idempotency_Key="k")
    assert {(answer.status, answer.body, answer.headers["Location"]) for answer in answers} == {
        (201, answers[0].body, answers[0].headers["Location"])
    }
    assert sum(answer.headers["Idempotency-Replayed"] == "true" for answer in answers) == 99
    other = client.invoke(operation, "y", Idempotency_Key="k")
    assert (other.status, other.code) == (422, 8134)
    client.result(answers[0].json["jobid"])
    assert agent.terminate() == 0
    check_invariants(agent.data, {answers[0].json["jobid"]: "x"})
    assert number(agent.data, "SELECT count(*) FROM jobs") == 1


def test_a_key_means_the_same_job_after_a_kill(start_agent):
    agent = start_agent("--sandbox", "none")
    operation, token = agent.client().register(ECHO), agent.token
    acknowledged: dict[str, str] = {}
    for _ in range(size(5, 100)):
        word = uuid.uuid4().hex
        killer = threading.Timer(0.02, agent.kill)
        time.sleep(0.05)
        killer.start()
        answers = at_once(agent, token, 20, operation, word, Idempotency_Key=word)
        killer.join()
        agent = start_agent("--sandbox", "none")
        client = Client(agent.url, token)
        again = client.accepted(operation, word, Idempotency_Key=word)
        assert {answer.json["jobid"] for answer in answers if answer} <= {again}
        acknowledged[again] = word
    for job in acknowledged:
        client.result(job)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged)
    assert number(agent.data, "SELECT count(*) FROM jobs") == len(acknowledged)


def test_a_single_use_purchase_sent_50_times_pays_for_one_job(start_agent):
    agent = start_agent("--sandbox", "none")
    admin = agent.client()
    operation = admin.register(ECHO)
    carol = consumer(agent)
    listing = offer(admin, operation, uses=1)
    jobs: dict[str, str] = {}
    for _ in range(size(3, 50)):
        purchase = buy(carol, admin, listing)
        answers = at_once(agent, carol.authorization, 50, operation, "x", Purchase_Token=purchase)
        assert sorted(answer.status for answer in answers)[0] == 201
        assert {answer.code for answer in answers if answer.status != 201} == {8003}
        (job,) = [answer.json["jobid"] for answer in answers if answer.status == 201]
        jobs[job] = "x"
    for job in jobs:
        carol.result(job)
    assert agent.terminate() == 0
    check_invariants(agent.data, jobs)
    check_purchases(agent.data)
    assert number(agent.data, "SELECT count(*) FROM purchase_uses") == len(jobs)
    assert number(agent.data, "SELECT sum(uses_left) FROM purchases") == 0
