"""T-LONG: a program that does nothing for a minute is still there afterwards (promise X5).

Parent-death signals fire when the thread that started a program ends; here the agent has nothing else to do meanwhile,
so every thread that it does not need goes away.
"""

import pytest


@pytest.mark.parametrize("sandbox", ["bubblewrap", "none"])
def test_an_idle_program_is_not_ended(start_agent, sandbox):
    client = start_agent("--sandbox", sandbox).client()
    job = client.accepted(client.register("sleep 60; printf rested"), "x")
    result = client.result(job)
    assert (result["status"], result.get("result")) == ("completed", {"echo": "rested"})
    assert client.job(job)["attempts"] == 1
