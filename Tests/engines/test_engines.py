"""The same definition by every engine, and jobs that go on while the agent is away."""

import base64
import os
import shutil
import subprocess

import pytest
import yaml

import oscar
from conftest import PROGRAMS
from invariants import check_file
from proving import eventually
from running_agent import ROOT, Client

WORD_COUNT = ROOT / "examples/word-count"
DURABLE = ("container", "slurm", "kubernetes")


def program(engine, script: str) -> dict:
    return {"run": {"engine": engine, "command": ["sh", "work.sh"], "files": {"work.sh": script}}}


def attempts(client: Client, job: str) -> list[dict]:
    answer = client.send("GET", f"/jobs/{job}")
    assert answer.status == 200, answer
    return answer.json["history"]


def log(client: Client, job: str) -> str:
    answer = client.send("GET", f"/jobs/{job}/logs")
    assert answer.status == 200, answer
    return answer.body.decode()


@pytest.mark.parametrize("shares_folder", [True, False], ids=["shared folder", "no shared folder"])
def test_the_same_service_gives_equal_results_by_every_engine(start_agent, shares_folder):
    client = start_agent(shares_folder=shares_folder).client()
    asset = client.send("POST", "/api/v1/meta/data", {"name": "mill.txt", "type": "dataset"}).json
    kept = client.send("PUT", f"/api/v1/assets/{asset}", (WORD_COUNT / "mill.txt").read_bytes())
    assert kept.status in (200, 201), kept
    did = f'{client.send("GET", "/api/ddo").json["id"]}/{asset}'
    definition = yaml.safe_load((WORD_COUNT / "service.yaml").read_text())
    results = {}
    for engine in PROGRAMS:
        definition["name"] = f"word-count-{engine}"
        definition["operations"]["count"]["run"]["engine"] = engine
        registered = client.send("POST", "/services", definition)
        assert registered.status == 201, registered
        operation = registered.json["operations"]["count"]["id"]
        started = client.send("POST", f"/invokeasync/{operation}", {"text": {"did": did}})
        assert started.status == 201, started
        result = client.result(started.json["jobid"])
        assert result["status"] == "completed", result
        results[engine] = result["result"]
        assert attempts(client, started.json["jobid"])[-1].get("engine", "process") == engine
    assert results["process"]["total"] not in ("", "0")
    assert list(results.values()) == [results["process"]] * len(PROGRAMS)


def test_the_same_script_of_oscar_answers_the_same_by_every_engine(start_agent):
    cluster = oscar.Cluster(start_agent(environment=oscar.ENVIRONMENT))
    script = 'tr a-z A-Z < "$INPUT_FILE_PATH" > "$TMP_OUTPUT_DIR/loud"'
    image = "localhost/invoke-test:1"
    services = {
        engine: cluster.create(f"loud-{engine}", script, image=image, annotations={"agent/engine": engine})
        for engine in PROGRAMS
    }
    answers = {engine: service.answers(b"a quiet text") for engine, service in services.items()}
    assert answers == dict.fromkeys(PROGRAMS, base64.b64encode(b"A QUIET TEXT") + b"\n")


def test_an_image_is_a_folder_or_an_archive_of_the_agents_machine(start_agent, folder):
    images = folder / "images"
    shutil.copytree(os.environ["INVOKE_TEST_CONTAINER_ROOT"], images / "system", symlinks=True)
    (images / "system/mark").write_text("of the archive")
    subprocess.run(["tar", "-C", images / "system", "-cf", images / "system.tar", "."], check=True)
    (images / "system/mark").write_text("of the folder")
    agent = start_agent("--container-images", str(images), environment=oscar.ENVIRONMENT)
    client = agent.client()
    script = 'printf "%s" "$(cat /mark)"'
    for image, said in (("./system", "of the folder"), ("./system.tar", "of the archive")):
        definition = program("container", script)
        definition["run"]["image"] = image
        job = client.accepted(client.register(script, name=said.replace(" ", "-"), **definition), "x")
        assert client.result(job)["result"] == {"echo": said}
    service = oscar.Cluster(agent).create("marked", "cat /mark", image="./system", annotations={"agent/engine": "container"})
    assert service.answers() == b"of the folder\n"
    definition["run"]["image"] = "./missing.tar"
    result = client.result(client.accepted(client.register(script, **definition), "x"))
    assert result["errorcode"] == 8212 and "./missing.tar" in result["description"], result


@pytest.mark.parametrize("engine", DURABLE)
@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_job_goes_on_while_the_agent_is_away(start_agent, folder, engine, end):
    agent = start_agent()
    client = agent.client()
    script = 'echo begun; i=0; while [ $i -lt 8 ]; do sleep 1; i=$((i+1)); echo "line $i"; done; printf done'
    operation = client.register(script, **program(engine, script))
    job = client.accepted(operation, "x")
    eventually(lambda: "begun" in log(client, job))
    getattr(agent, end)()
    client = start_agent().client()
    result = client.result(job)
    assert result["status"] == "completed", result
    assert log(client, job) == "begun\n" + "".join(f"line {i}\n" for i in range(1, 9)) + "done"
    assert [(a["attempt"], a["cause"]) for a in attempts(client, job)] == [(1, "succeeded")]


def test_a_thousand_jobs_on_slurm_end_once_each_with_the_agent_killed_in_the_middle(start_agent, folder, slurm):
    options = ("--pending-per-caller", "2000", "--job-lifetime", "3600s")
    agent = start_agent(*options)
    client = agent.client()
    script = 'echo "$INVOKE_INPUT_WORD" >> "$INVOKE_OUTPUT_DIR/../../../ran"; printf "%s" "$INVOKE_INPUT_WORD"'
    ran = slurm.folder / folder.name / "ran"
    ran.touch(mode=0o666)
    operation = client.register(script, concurrency=256, queue=2000, **program("slurm", script))
    jobs = {client.accepted(operation, str(number)): str(number) for number in range(500)}
    eventually(lambda: len(ran.read_text().split()) >= 100, within=120)
    agent.kill()
    agent = start_agent(*options)
    client = agent.client()
    jobs |= {client.accepted(operation, str(number)): str(number) for number in range(500, 1000)}
    for job, word in jobs.items():
        result = client.result(job, within=300)
        assert (result["status"], result["result"]["echo"]) == ("completed", word), result
    assert sorted(ran.read_text().split(), key=int) == [str(number) for number in range(1000)]
    # Most of them came together, and went so.
    names = slurm.names("all")
    assert sum("-array-" in name for name in names) > len(names) / 2
    assert agent.terminate() == 0
    check_file(agent.data, jobs)


@pytest.mark.parametrize("engine", DURABLE)
def test_cancelling_reaches_the_program(start_agent, slurm, engine):
    client = start_agent().client()
    script = "echo begun; sleep 600 & wait"
    job = client.accepted(client.register(script, **program(engine, script)), "x")
    eventually(lambda: "begun" in log(client, job))
    answer = client.send("POST", f"/jobs/{job}/cancel")
    assert answer.status in (200, 202), answer
    assert client.result(job)["status"] == "error"
    if engine == "slurm":
        eventually(lambda: not [name for name in slurm.names("RUNNING") if job in name])


def test_a_job_is_run_by_the_first_of_its_engines_that_can_be_reached(start_agent):
    client = start_agent("--slurm-url", "unix:/nowhere/slurmrestd.sock").client()
    script = 'printf "%s" "$INVOKE_INPUT_WORD"'
    job = client.accepted(client.register(script, **program(["slurm", "container", "process"], script)), "x")
    assert client.result(job)["result"] == {"echo": "x"}
    assert [a.get("engine") for a in attempts(client, job)] == ["container"]


def test_a_job_waits_for_an_engine_that_is_away_and_operators_are_told(start_agent, folder, slurm):
    door = folder / "slurm.sock"
    client = start_agent("--slurm-url", f"unix:{door}").client()
    script = 'printf "%s" "$INVOKE_INPUT_WORD"'
    job = client.accepted(client.register(script, **program("slurm", script)), "x")
    eventually(lambda: any("no engine" in a.get("cause", "") for a in attempts(client, job)))
    by_name = {e["engine"]: e for e in client.send("GET", "/engines").json["engines"]}
    assert list(by_name) == sorted(PROGRAMS)
    assert all(engine["available"] == (name != "slurm") for name, engine in by_name.items())
    assert not by_name["slurm"]["available"] and str(door) in by_name["slurm"]["fault"]
    door.symlink_to(slurm.socket)
    assert client.result(job)["result"] == {"echo": "x"}
    slurm_now = client.send("GET", "/engines").json["engines"][-1]
    assert slurm_now["available"] and slurm_now["cpus"]["total"] >= 3, slurm_now


@pytest.mark.parametrize("engine", ["slurm", "kubernetes"])
def test_operations_ask_for_more_than_there_is(start_agent, engine):
    client = start_agent().client()
    run = program(engine, "true")["run"] | {"resources": {"cpus": 5000}}
    job = client.accepted(client.register("true", run=run), "x")
    result = client.result(job)
    assert result["status"] == "error" and result["errorcode"] == 8212, result
