"""T-KILL: what an acknowledgement is worth when the agent is killed without warning, often (D1, J2, J5, I4, W1)."""

import random
import time
import uuid

from invariants import ECHO, check_invariants, check_webhooks, number, rows
from market import buy, consumer, offer
from posting import Posting
from proving import eventually, marked_processes, size
from running_agent import Client

# Runs for a minute the first time, and says which attempt it is the next.
SLOW_ONCE = '[ $INVOKE_ATTEMPT -gt 1 ] || sleep 60; printf %s "$INVOKE_ATTEMPT"'


def test_every_acknowledged_job_ends_exactly_once_across_kills(start_agent, receiver):
    mark = uuid.uuid4().hex
    agent = start_agent()
    admin = agent.client()
    free, paid = admin.register(ECHO, name="free"), admin.register(ECHO, name="paid")
    carol = consumer(agent)
    purchase = buy(carol, admin, offer(admin, paid, uses=1_000_000))
    ways = [
        (agent.token, free, {}),
        (agent.token, free, {"Webhook-URL": receiver.url}),
        (carol.authorization, paid, {"Purchase-Token": purchase}),
    ]
    acknowledged: dict[str, str] = {}
    for kill in range(size(25, 500)):
        authorization, operation, headers = ways[kill % 3]
        posting = Posting(agent.url, authorization, operation, mark=mark, each=4, headers=headers)
        time.sleep(random.uniform(0.05, 0.8))
        agent.kill()
        posting.join()
        acknowledged |= posting.acknowledged
        # A sandbox takes longer to start than most jobs run, so only some lives of the agent have one.
        agent = start_agent(*([] if kill % 5 == 0 else ["--sandbox", "none"]))
    assert len(acknowledged) > size(100, 2000)

    client = Client(agent.url, ways[0][0])
    results = {job: client.result(job) for job in acknowledged}
    assert {job: client.result(job) for job in acknowledged} == results
    eventually(lambda: not rows(agent.data, "SELECT 1 FROM deliveries WHERE state = 'pending'"), within=60)
    assert agent.terminate() == 0
    check_invariants(agent.data, acknowledged, mark)
    check_webhooks(agent.data, list(receiver.received.queue))
    # Carol's jobs have each used what she bought, and nothing else has (promise I4).
    paying = """
        SELECT count(*), count(job_id) FROM jobs JOIN services ON services.id = service_id
        LEFT JOIN purchase_uses ON job_id = jobs.id WHERE services.name = 'paid'
        """
    (jobs, uses), = rows(agent.data, paying)
    assert jobs == uses == number(agent.data, "SELECT count(*) FROM purchase_uses") > 0


def test_a_killed_agent_leaves_no_program_running(start_agent):
    mark = uuid.uuid4().hex
    agent = start_agent()
    client = agent.client()
    operation = client.register("setsid sh -c 'sleep 100' & sleep 100")
    client.accepted(operation, mark)
    eventually(lambda: len(marked_processes(mark)) >= 3)
    agent.kill()
    eventually(lambda: not marked_processes(mark), within=5)


def test_a_job_that_was_running_is_run_again_and_told_its_attempt(start_agent):
    agent = start_agent()
    client = agent.client()
    job = client.accepted(client.register(SLOW_ONCE), "x")
    eventually(lambda: client.job(job)["status"] == "running")
    agent.kill()
    assert start_agent().client().result(job)["result"] == {"echo": "2"}


def test_the_term_signal_ends_the_agent_in_good_order_and_the_job_goes_on_afterwards(start_agent):
    agent = start_agent("--drain-grace", "1s", "--kill-grace", "1s")
    client = agent.client()
    job = client.accepted(client.register(SLOW_ONCE), "x")
    eventually(lambda: client.job(job)["status"] == "running")
    assert agent.terminate() == 0
    agent = start_agent()
    assert agent.client().result(job)["result"] == {"echo": "2"}
    assert agent.terminate() == 0
