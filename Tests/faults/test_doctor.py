"""The doctor finds what is wrong with an agent, says how to mend it, and touches nothing."""

import hashlib
import http.server
import json
import pathlib
import sqlite3
import threading
import time

import pytest

import commands
from invariants import ECHO
from proving import mechanism, run
from running_agent import free_port


def examine(data: pathlib.Path, *options: object, **more) -> tuple[int, dict[str, dict]]:
    """The exit status, and what was found by the name of the place."""
    ran = commands.run("admin", "doctor", "--output", "json", "--data-dir", data, *options, **more)
    assert ran.stdout, ran.stderr
    checks = json.loads(ran.stdout)
    assert any(check["status"] == "failed" for check in checks) == (ran.returncode != 0)
    assert all((check["advice"] is None) == (check["status"] == "ok") for check in checks)
    return ran.returncode, {check["name"]: check for check in checks}


def tree(folder: pathlib.Path) -> dict[str, tuple[int, bytes]]:
    """Mode and digest of every file, but for the index of the log, which every reader writes to."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".sqlite-shm"]
    return {str(path): (path.stat().st_mode, hashlib.sha256(path.read_bytes()).digest()) for path in files}


@pytest.fixture
def stored(start_agent):
    """The folder of a stopped agent with a job and some contents."""
    agent = start_agent()
    client = agent.client()
    for place in range(30):
        asset = client.send("POST", "/api/v1/meta/data", {"name": f"{place}", "type": "dataset"}).json
        client.send("PUT", f"/api/v1/assets/{asset}", f"content {place}".encode())
    client.result(client.accepted(client.register(ECHO), "x"))
    assert agent.terminate() == 0
    return agent.data


def test_a_healthy_agent_is_found_healthy_running_or_not(start_agent, stored):
    before = tree(stored)
    status, found = examine(stored, "--port", free_port())
    assert status == 0, found
    assert {check["status"] for check in found.values()} == {"ok"}, found
    assert "no agent has it" in found["data folder"]["seen"]
    assert "30 are there, 16 of them measured" in found["contents"]["seen"]
    assert tree(stored) == before

    agent = start_agent()
    port = agent.url.rpartition(":")[2]
    status, found = examine(stored, "--port", port, "--deep")
    assert status == 0, found
    assert f"an agent has it (process {agent.pid})" in found["data folder"]["seen"]
    assert "is ready" in found["address"]["seen"]
    assert "30 of them measured" in found["contents"]["seen"]
    status, found = examine(stored, "--port", free_port())
    assert (status, found["address"]["status"]) == (1, "failed")
    # Nor is an agent that starts kept away.
    assert agent.terminate() == 0
    assert start_agent().client().send("GET", "/health").status == 200


def test_a_machine_without_an_agent_is_examined_too(folder):
    status, found = examine(folder / "data", "--port", "0")
    assert status == 0, found
    assert found["data folder"]["status"] == found["database"]["status"] == "warning"
    assert not (folder / "data").exists()


def damage_database(data: pathlib.Path):
    path = data / "agent.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096] ^= 0x5A
    path.write_bytes(content)


def lose_content(data: pathlib.Path):
    next(path for path in (data / "contents").rglob("*") if path.is_file()).unlink()


def damage_contents(data: pathlib.Path):
    for path in (data / "contents").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(path.read_bytes()[:-1] + b"?")


@pytest.mark.parametrize("name, breaks, advice", [
    ("database", damage_database, "restore"),
    ("contents", lose_content, "backup"),
    ("contents", damage_contents, "backup"),
    ("data folder", lambda data: (data / "agent.key").chmod(0o644), "chmod 600"),
    ("data folder", lambda data: (data / "agent.key").write_bytes(b"short"), "backup"),
    ("data folder", lambda data: (data / "agent.key").unlink(), "backup"),
    ("database", lambda data: (data / "agent.sqlite").write_bytes(b"a letter to nobody in particular" * 200), "restore"),
])
def test_what_is_broken_in_the_folder_is_named_with_what_mends_it(stored, name, breaks, advice):
    breaks(stored)
    before = tree(stored)
    status, found = examine(stored, "--port", "0")
    assert status == 1
    assert found[name]["status"] == "failed" and advice in found[name]["advice"], found[name]
    assert [check for check in found.values() if check["status"] == "failed"] == [found[name]]
    assert tree(stored) == before


def test_one_damaged_content_among_many_is_found_by_a_deep_look(stored):
    path = next(path for path in (stored / "contents").rglob("*") if path.is_file())
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    status, found = examine(stored, "--port", "0", "--deep")
    assert (status, found["contents"]["status"]) == (1, "failed")
    assert path.parent.name + path.name in found["contents"]["seen"]


def test_a_folder_that_others_can_open_is_a_warning(stored):
    stored.chmod(0o755)
    status, found = examine(stored, "--port", "0")
    assert (status, found["data folder"]["status"]) == (0, "warning")
    assert f"chmod 700 {stored}" in found["data folder"]["advice"]


def test_a_clock_that_is_behind_what_is_stored_is_a_warning(stored):
    database = sqlite3.connect(stored / "agent.sqlite")
    database.execute("UPDATE accounts SET created_at = ?", (int((time.time() + 3600) * 1000),))
    database.commit()
    database.close()
    status, found = examine(stored, "--port", "0")
    assert (status, found["clock"]["status"]) == (0, "warning")


@pytest.mark.parametrize("name, status, options, seen", [
    ("disk", "failed", ["--disk-low-water", str(1 << 50)], "MiB"),
    ("encryption", "warning", ["--host", "0.0.0.0"], "without TLS"),
    ("sandbox", "warning", ["--sandbox", "none"], "none"),
    ("open files", "warning", ["--connections", "1000000"], "too few"),
    ("configuration", "failed", ["--workers", "none"], '"workers"'),
    ("work folder", "failed", ["--work-dir", "{closed}/work"], "{closed}"),
])
def test_what_the_settings_ask_of_the_machine_is_compared_with_it(stored, folder, name, status, options, seen):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    ended, found = examine(stored, "--port", "0", *(option.format(closed=closed) for option in options))
    assert found[name]["status"] == status and seen.format(closed=closed) in found[name]["seen"], found[name]
    assert ended == (1 if status == "failed" else 0)


def test_too_few_open_files_are_named(stored):
    mechanism(pathlib.Path("/usr/bin/prlimit").exists(), "prlimit")
    status, found = examine(stored, "--port", "0", prefix=("prlimit", "--nofile=100"))
    assert (status, found["open files"]["status"]) == (1, "failed")
    assert "ulimit -n" in found["open files"]["advice"]


def test_a_missing_sandbox_is_named_with_its_package(stored):
    run("unshare", "-m", "true")
    hide = "mount --bind /dev/null /usr/bin/bwrap && exec \"$0\" \"$@\""
    status, found = examine(stored, "--port", "0", prefix=("unshare", "-m", "sh", "-c", hide))
    assert (status, found["sandbox"]["status"]) == (1, "failed")
    assert "package 'bubblewrap'" in found["sandbox"]["seen"]


def test_somebody_else_at_the_port_is_named(stored):
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        status, found = examine(stored, "--port", server.server_port)
    finally:
        server.shutdown()
        server.server_close()
    assert (status, found["address"]["status"]) == (1, "failed")
    assert "something else" in found["address"]["seen"]


def test_another_agent_at_the_port_is_named(start_agent, stored, folder):
    (folder / "other").mkdir(mode=0o711)
    other = start_agent(at=folder / "other")
    status, found = examine(stored, "--port", other.url.rpartition(":")[2])
    assert (status, found["address"]["status"]) == (1, "failed")
    assert "another data folder" in found["address"]["seen"]


def test_the_example_of_the_help_page_runs(stored):
    words = [str(stored) if word.startswith("/var/lib") else word for word in commands.example("admin", "doctor")]
    ran = commands.run(*words, "--port", "0")
    assert ran.returncode == 0, ran.stdout
    assert "sandbox" in ran.stdout and "failed" not in ran.stdout
