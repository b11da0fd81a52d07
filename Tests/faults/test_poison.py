"""T-POISON: a job that ends the agent whenever it starts is not started for ever, and holds nobody up (promise J5)."""

import uuid

from invariants import ECHO, check_file, rows
from proving import eventually, marked_processes


def test_a_job_that_kills_its_agent_three_times_has_failed(start_agent):
    mark = uuid.uuid4().hex
    agent = start_agent()
    client = agent.client()
    poison = client.register("sleep 1000", name="poison")
    job = client.accepted(poison, mark)
    for _ in range(3):
        eventually(lambda: marked_processes(mark), every=0.005)
        agent.kill()
        agent = start_agent()
    client = agent.client()
    result = client.result(job)
    assert (result["status"], result["errorcode"]) == ("error", 8207)
    other = client.accepted(client.register(ECHO, name="other"), "x")
    assert client.result(other)["status"] == "completed"
    assert agent.terminate() == 0
    check_file(agent.data, [job, other])
    assert rows(agent.data, "SELECT ending FROM attempts WHERE job_id = ?", int(job)) == [("interrupted",)] * 3
    assert not marked_processes(mark)
