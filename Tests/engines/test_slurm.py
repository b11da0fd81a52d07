"""Jobs on a Slurm cluster that shares no folder with the agent: nodes fetch files, and bring back what came of them."""

import pathlib
import time

import pytest

from proving import eventually
from running_agent import Client
from test_engines import attempts, log, program

SCRIPT = """
echo begun; until [ -e "$INVOKE_OUTPUT_DIR/../go" ]; do sleep 0.1; done
printf "%s" "$INVOKE_INPUT_WORD" > "$INVOKE_OUTPUT_DIR/echo"; echo ended
"""


def folder_on_node(job: str) -> pathlib.Path | None:
    return next(pathlib.Path("/tmp").glob(f"invoke-*-{job}-1"), None)


@pytest.fixture
def start(start_agent):
    return lambda *options: start_agent(*options, shares_folder=False)


def begin(client: Client, script: str = SCRIPT) -> str:
    """Starts a job, and returns its id once its program runs."""
    job = client.accepted(client.register(script, **program("slurm", script)), "a word")
    eventually(lambda: "begun" in log(client, job))
    return job


@pytest.mark.parametrize("away_at_the_end", [False, True], ids=["back before the end", "back after the end"])
def test_a_job_goes_on_while_the_agent_is_killed(start, away_at_the_end):
    agent = start()
    job = begin(agent.client())
    folder = folder_on_node(job)
    agent.kill()
    if away_at_the_end:
        (folder / "go").touch()
        eventually(lambda: (folder / "exit").exists())
        # It has tried to bring it back, and goes on trying.
        time.sleep(6)
        client = start().client()
    else:
        client = start().client()
        (folder / "go").touch()
    assert client.result(job)["result"] == {"echo": "a word"}
    assert log(client, job) == "begun\nended\n"
    assert [attempt["cause"] for attempt in attempts(client, job)] == ["succeeded"]
    eventually(lambda: not folder_on_node(job))


def test_cancelling_reaches_the_program_and_cleans_the_node(start, slurm):
    client = start().client()
    job = begin(client, "echo begun; sleep 600 & wait")
    assert client.send("POST", f"/jobs/{job}/cancel").status in (200, 202)
    assert client.result(job)["status"] == "error"
    eventually(lambda: not folder_on_node(job))
    eventually(lambda: not [name for name in slurm.names("RUNNING", "COMPLETING") if job in name])


def test_only_the_attempt_itself_may_say_something(start):
    agent = start()
    client = agent.client()
    job = begin(client)
    folder = folder_on_node(job)
    assert folder.stat().st_mode & 0o777 == 0o700
    header = next(line for line in (folder / "curl.conf").read_text().splitlines() if "Bearer" in line)
    token = header.removeprefix('header = "Authorization: Bearer ').rstrip('"')
    path, mine = f"/attempts/{job}-1/log", Client(agent.url, f"Bearer {token}")
    assert mine.send("PUT", f"{path}/output?from=0", b"begun\n").body == b"6\n"
    assert mine.send("PUT", f"{path}/errors?from=9", b"a gap").body == b"0\n"
    for stranger in (client, Client(agent.url, "Bearer "), Client(agent.url, f"Bearer {token[:-1]}")):
        assert stranger.send("PUT", f"{path}/output?from=6", b"forged").status == 404
    for name in ("exit", "..%2Fexit", "output.log"):
        assert mine.send("PUT", f"{path}/{name}?from=0", b"0").status == 404
    for offset in ("", "?from=-1", "?from=x", "?from=99999999999999999999"):
        answer = mine.send("PUT", f"{path}/output{offset}", b"x")
        assert (answer.status, answer.code) == (400, 8101), offset
    assert mine.send("PUT", f"{path}/output?from=6", b"x" * ((1 << 20) + 1)).status == 413
    (folder / "go").touch()
    assert client.result(job)["result"] == {"echo": "a word"}
    assert log(client, job) == "begun\nended\n"
    # It is forgotten once its end is written down.
    eventually(lambda: mine.send("PUT", f"{path}/output?from=12", b"late").status == 404)
