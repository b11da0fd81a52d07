"""The command line, as providers and consumers type it: every command against the built program and a real agent."""

import contextlib
import http.server
import json
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import threading
import urllib.request

import pexpect
import pytest

from cli import CommandLine, commands, ended
from running_agent import PROGRAM, ROOT, Agent, free_port, scratch_folder

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@pytest.fixture(scope="module")
def agent():
    """One for all tests of this file, each with a home of its own."""
    with scratch_folder() as folder:
        agent = Agent(folder, "--outbound-allow", "127.0.0.0/8")
        yield agent
        agent.stop()


@pytest.fixture(scope="module")
def examples(agent):
    """The example services are there."""
    with scratch_folder() as home:
        line = CommandLine(home, agent)
        for example in ["word-count", "hash", "iris", "primes"]:
            line.register(example)


@pytest.fixture
def line(agent, examples, tmp_path):
    return CommandLine(tmp_path, agent)


def service(line: CommandLine, name: str, script: str, **operation):
    """Registers a service with the one operation `run`, a shell script from `word` to `echo`."""
    definition = {
        "name": name, "version": "1.0.0",
        "operations": {
            "run": {
                "inputs": {"word": {"type": "string"}}, "outputs": {"echo": {"type": "string"}},
                "run": {"engine": "process", "command": ["sh", "-c", script]}, **operation,
            }
        },
    }
    line.text("service", "register", "-", stdin=json.dumps(definition))


def plain(shown: str) -> str:
    return ESCAPES.sub("", shown).replace("\r\n", "\n")


# The first ten minutes.


def test_a_script_becomes_a_service_that_runs_at_once(line):
    (line.home / "upper.sh").write_text("tr a-z A-Z\n")
    made = line.run("service", "init", "upper.sh")
    assert made.returncode == 0 and b"invoke-agent service register upper.yaml" in made.stderr
    # What it says to do next works, to the letter.
    for command in re.findall(r"^  invoke-agent (.*)$", made.stderr.decode(), re.M):
        printed = line.text(*shlex.split(command))
    assert printed == "output\tHELLO\n"
    assert "upper.yaml is there already" in line.refused(20, "service", "init", "upper.sh")
    line.text("service", "init", "upper.sh", "--force")


@pytest.mark.parametrize(
    "name,content,given,expected",
    [
        ("twice.py", "import sys\nprint(sys.stdin.read() * 2)\n", "ab", "abab"),
        ("first", "#!/usr/bin/env -S awk -f\n{ print $1 }\n", "one two", "one"),
        ("shout.sh", "#!/bin/sh -e\necho \"$(cat)!\"\n", "hey", "hey!"),
        ("quoted.pl", "# 'quotes': \"and\" #more: yes\nprint reverse(<STDIN>), \"\\n\";\n", "x", "x"),
    ],
)
def test_init_finds_what_runs_a_script(line, name, content, given, expected):
    (line.home / name).write_text(content)
    line.text("service", "init", name, "--name", f"init-{name.split('.')[0]}", "--file", "made.yaml")
    line.text("service", "register", "made.yaml")
    assert line.text("run", f"init-{name.split('.')[0]}", f"input={given}") == f"output\t{expected}\n"


def test_init_takes_a_program_of_the_machine_and_refuses_what_jobs_cannot_see(line):
    line.text("service", "init", "rev", "--name", "init-rev", "--asset")
    line.text("service", "register", "init-rev.yaml")
    (line.home / "text").write_text("drawer")
    assert line.text("run", "init-rev", "input=@text") == "output\treward\n"
    shutil.copy("/usr/bin/rev", line.home / "own")
    assert "outside of /usr" in line.refused(20, "service", "init", "own")
    (line.home / "script").write_text("echo hello\n")
    assert "begin it with a line such as" in line.refused(20, "service", "init", "script")
    assert "no program of this machine" in line.refused(20, "service", "init", "no-such-program")


# Running.


def test_a_run_uploads_its_files_and_prints_its_outputs(line):
    text = ROOT / "examples" / "word-count" / "mill.txt"
    printed = line.text("run", "word-count", f"text=@{text}")
    assert re.search(r"^total\t\d+$", printed, re.M) and '{"word":"the"' in printed
    job = line.json("run", "word-count", "text=-", stdin=text.read_bytes())
    assert job["status"] == "succeeded" and f"total\t{job['outputs']['total']}\n" in printed
    asset = line.text("asset", "put", text).strip()
    assert line.json("run", "word-count/count", f"text={asset}")["outputs"] == job["outputs"]


def test_a_run_saves_what_it_made(line):
    line.text("run", "primes/list", "limit=30", "--save", "made")
    assert (line.home / "made" / "primes").read_text().split() == "2 3 5 7 11 13 17 19 23 29".split()


def test_a_run_can_be_started_now_and_read_later(line):
    job = line.text("run", "primes", "limit=10", "--async").strip()
    assert job.isdigit()
    assert line.json("job", "wait", job)["status"] == "succeeded"
    did = line.text("job", "result", job, "primes").strip()
    assert line.text("asset", "get", did) == "2\n3\n5\n7\n"
    rows = line.text("asset", "provenance", did).splitlines()
    assert [row.split("\t")[:2] for row in rows] == [[job, "made"], [job, "ran"]]
    assert job in line.text("job", "list", "--output", "id").split()


def test_an_idempotency_key_gives_the_same_job(line):
    run = ["run", "primes", "limit=10", "--async", "--idempotency-key", "once"]
    assert line.text(*run) == line.text(*run)


def test_json_and_texts_are_given_as_they_are_meant(line):
    definition = {
        "name": "given", "version": "1.0.0",
        "operations": {
            "run": {
                "inputs": {"text": {"type": "string"}, "data": {"type": "json"}},
                "outputs": {"all": {"type": "string"}},
                "run": {"engine": "process", "command": ["sh", "-c", "cat $INVOKE_INPUTS"]},
            }
        },
    }
    line.text("service", "register", "-", stdin=json.dumps(definition))
    (line.home / "data.json").write_text('{"a":[1,2]}')
    job = line.json("run", "given", "text=@@home=1", "data=@data.json")
    assert json.loads(job["outputs"]["all"]) == {"text": "@home=1", "data": {"a": [1, 2]}}
    assert "has to be JSON" in line.refused(20, "run", "given", "text=a", "data={")


@pytest.mark.parametrize(
    "arguments,status,told",
    [
        (["run", "primes", "limit=1x"], 20, ["#/limit", 'not "1x"', "invoke-agent operation show primes/list"]),
        (["run", "primes", "limt=10"], 20, ['Did you mean "limit"?', "operation show primes/list"]),
        (["run", "primes"], 20, ["also needs limit", "limit=…"]),
        (["run", "word-count", "text=hello"], 20, ["has to be an asset", 'text=@file']),
        (["run", "word-count", "text=@nowhere"], 20, ["nowhere", "can't be read"]),
        (["run", "iris"], 22, ["train, predict", "write iris/"]),
        (["run", "iris/trian"], 22, ["train, predict", "iris/train"]),
        (["run", "primes", "limit=10", "--wait", "soon"], 20, ["--wait", "30s"]),
        (["job", "show", "17"], 22, ["17", "invoke-agent job list"]),
        (["service", "show", "nobody"], 22, ["nobody"]),
        (["job", "list", "--status", "odd"], 20, ["status"]),
        (["api", "GET", "/nowhere"], 22, ["/nowhere"]),
    ],
)
def test_an_error_names_the_fault_and_what_to_do(line, arguments, status, told):
    errors = line.refused(status, *arguments)
    for text in told:
        assert text in errors
    assert errors.startswith("invoke-agent: ")


def test_statuses_tell_apart_how_it_ended(line):
    service(line, "breaks", "echo no luck >&2; exit 3")
    failed = line.refused(10, "run", "breaks", "word=x")
    assert "no luck" in failed and "invoke-agent job logs" in failed
    service(line, "sleeps", "sleep 300; cat")
    still = line.refused(12, "run", "sleeps", "word=x", "--wait", "1s")
    job = re.search(r"invoke-agent job watch (\d+)", still)[1]
    assert "running" in line.refused(12, "job", "result", job)
    assert line.refused(12, "job", "wait", job, "--timeout", "1s") == ""
    line.text("job", "cancel", job)
    assert "cancelled" in line.refused(11, "job", "watch", job)
    again = line.text("job", "retry", job).strip()
    assert again != job
    line.text("job", "cancel", again)
    line.refused(11, "job", "wait", again)
    line.text("job", "remove", again)
    line.refused(22, "job", "show", again)
    wrong = {"INVOKE_PASSWORD": "wrong"}
    assert "invoke-agent login" in line.refused(23, "job", "list", **wrong)
    unreachable = line.refused(69, "job", "list", "--url", "http://127.0.0.1:1")
    assert "http://127.0.0.1:1" in unreachable and "invoke-agent serve" in unreachable
    assert line.run("run").returncode == 64


def test_what_is_not_an_agent_is_told(line):
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = line.refused(70, "job", "list", "--url", f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    assert "not an agent" in told


def test_the_log_and_the_reasons_are_told(line):
    service(line, "talks", "echo one; echo two >&2; cat > /dev/null; echo done > $INVOKE_OUTPUT_DIR/echo")
    ran = line.run("run", "talks", "word=x")
    assert ran.stdout == b"echo\tdone\n" and ran.stderr == b"one\ntwo\n"
    job = line.text("job", "list", "--service", "talks", "--output", "id").strip()
    assert line.text("job", "logs", job) == "one\ntwo\n" == line.text("job", "logs", "--follow", job)
    explained = line.text("job", "explain", job)
    assert "is succeeded" in explained and f"invoke-agent job result {job}" in explained


# Forms of output.


@contextlib.contextmanager
def in_between(line, path=lambda path: path, answer=lambda told: told):
    """The URL of the agent, but for what is changed in paths on the way there and in answers on the way back."""

    class InBetween(http.server.BaseHTTPRequestHandler):
        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
            url = line.environment["INVOKE_URL"] + path(self.path)
            call = urllib.request.Request(url, body or None, headers, method=self.command)
            with urllib.request.urlopen(call, timeout=60) as real:
                told = answer(real.read())
                self.send_response(real.status)
                for name in ("Content-Type", "Location", "ETag"):
                    if name in real.headers:
                        self.send_header(name, real.headers[name])
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

        do_GET = do_POST = do_PUT = pass_on

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), InBetween)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_list_has_all_forms(line):
    rows = line.text("operation", "list")
    assert "hash\tdigest\tsync, async\t" in rows
    listed = line.json("operation", "list", "--limit", "3")
    assert len(listed) == 3
    lines = line.text("operation", "list", "--limit", "3", "--output", "jsonl").splitlines()
    assert [json.loads(text) for text in lines] == listed
    assert line.text("operation", "list", "--limit", "3", "-o", "id").split() == [entry["did"] for entry in listed]
    picked = line.json("operation", "list", "--limit", "3", "--fields", "name,statistics.succeeded")
    assert [entry["name"] for entry in picked] == [entry["name"] for entry in listed]
    assert all(set(entry) == {"name", "statistics.succeeded"} for entry in picked)
    assert line.text("operation", "list", "--limit", "1", "--fields", "service") == "word-count\n"


def test_yaml_reads_back_as_the_same_document(line):
    odd = {"yes": "no", "number": "12", "empty": "", "lines": "a\nb\n\n", "ends": "a\n", "tab": "a\tb", "colon": "a: b # c",
           "dash": "- a", "null": None, "list": [], "object": {}, "deep": [{"a": [1, 2.5, True]}], " space ": " x ", "é": "ß\u2028"}
    (line.home / "odd.json").write_text(json.dumps({**odd, "name": "odd", "type": "dataset"}))
    asset = json.loads(line.text("api", "POST", "/api/v1/meta/data", "--data", "@odd.json"))
    whole = line.json("asset", "show", asset)
    import yaml

    assert yaml.safe_load(line.text("asset", "show", asset, "--output", "yaml")) == whole


def test_a_long_list_is_read_page_by_page(line):
    jobs = {line.text("run", "primes", "limit=3", "--async").strip() for _ in range(5)}
    with in_between(line, path=lambda path: path.replace("limit=200", "limit=2")) as url:
        seen = line.text("job", "list", "--limit", "1000", "--output", "id", "--url", url).split()
    assert jobs <= set(seen) and len(seen) == len(set(seen))
    assert line.text("job", "list", "--limit", "2", "--output", "id").split() == seen[:2]


# At a terminal.


def test_a_terminal_gets_a_table_and_a_pipe_rows(line):
    shown = ended(line.typed("operation", "list"))
    assert "\x1b[1m" in shown
    head, *rows = plain(shown).splitlines()
    assert head.split() == ["Service", "Operation", "Modes", "Price", "Currency", "Description"]
    assert any(row.startswith("hash ") for row in rows)
    assert "\x1b[1m" not in ended(line.typed("operation", "list", NO_COLOR="1"))
    narrow = plain(ended(line.typed("operation", "list", width=60))).splitlines()
    assert all(len(row) <= 60 for row in narrow) and any(row.endswith("…") for row in narrow)


def test_progress_is_drawn_at_a_terminal_only(line):
    shown = ended(line.typed("run", "primes", "limit=3000000"))
    assert re.search(r"\[#+\.*\] \d+ %  sieved by", plain(shown)) and "did:dep:" in shown
    ran = line.run("run", "primes", "limit=3000000")
    assert ran.stderr == b"" and ran.stdout.startswith(b"primes\tdid:dep:")


def test_control_c_leaves_the_job_alone(line):
    service(line, "waits", "echo begun; while [ ! -e go ]; do sleep 0.1; [ $((i=i+1)) -gt 30 ] && break; done; cat")
    terminal = line.typed("run", "waits", "word=back")
    terminal.expect("begun")
    terminal.sendintr()
    terminal.expect(r"invoke-agent job watch (\d+)")
    job = terminal.match[1]
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 12
    assert "back" in line.text("job", "watch", job)


def test_a_watch_goes_on_when_the_agent_is_killed_and_comes_back(tmp_path):
    with scratch_folder() as folder:
        port = str(free_port())
        agent = Agent(folder, "--port", port)
        line = CommandLine(tmp_path, agent)
        service(line, "long", "echo begun; cat > /dev/null; sleep 3; echo done > $INVOKE_OUTPUT_DIR/echo")
        job = line.text("run", "long", "word=x", "--async").strip()
        watch = subprocess.Popen(
            [PROGRAM, "job", "watch", job], env=line.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert watch.stderr.readline() == b"begun\n"
        agent.kill()
        agent = Agent(folder, "--port", port)
        printed, told = watch.communicate(timeout=90)
        assert watch.returncode == 0, told
        assert printed == b"echo\tdone\n" and told.count(b"begun") == line.json("job", "show", job)["attempts"] - 1
        agent.stop()


def test_what_others_write_does_not_act_on_the_terminal(line):
    service(line, "escapes", r"printf 'a\033]0;owned\007b\n'; cat > /dev/null; printf 'x\033[31my' > $INVOKE_OUTPUT_DIR/echo")
    shown = ended(line.typed("run", "escapes", "word=x"))
    assert "\x1b]0;" not in shown and "\x1b[31m" not in shown and "\x07" not in shown


# Who and where.


def test_a_login_keeps_a_token_that_only_its_owner_can_read(agent, examples, tmp_path):
    line = CommandLine(tmp_path)
    terminal = line.typed("login", "--url", agent.url)
    terminal.expect("Account: ")
    terminal.sendline(agent.auth[0])
    terminal.expect("Password of admin: ")
    terminal.sendline(agent.auth[1])
    assert agent.auth[1] not in ended(terminal)
    profiles = tmp_path / ".config" / "invoke-agent" / "profiles.json"
    assert stat.S_IMODE(profiles.stat().st_mode) == 0o600 and stat.S_IMODE(profiles.parent.stat().st_mode) == 0o700
    assert agent.auth[1] not in profiles.read_text()
    assert line.json("account", "show")["username"] == "admin"
    token = json.loads(profiles.read_text())["profiles"]["default"]["token"]
    assert token not in line.text("profile", "list")
    line.text("logout")
    line.refused(23, "job", "list")
    line.refused(23, "job", "list", INVOKE_TOKEN=token)


def test_a_profile_s_token_goes_to_its_own_agent_only(agent, examples, tmp_path):
    line = CommandLine(tmp_path)
    line.text("login", "--url", agent.url, "--user", "admin", INVOKE_PASSWORD=agent.auth[1])
    seen = []

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers.get("authorization"))
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    other = f"http://127.0.0.1:{server.server_port}"
    line.refused(22, "job", "list", "--url", other)
    line.text("profile", "add", "default", "--url", other)
    line.refused(22, "job", "list")
    server.shutdown()
    assert seen == [None, None]


def test_profiles_are_kept_by_name(agent, tmp_path):
    line = CommandLine(tmp_path)
    line.text("profile", "add", "market", "--url", "https://agent.example", "--user", "ada")
    line.text("profile", "add", "here", "--url", agent.url)
    assert [(row["name"], row["used"]) for row in line.json("profile", "list")] == [("market", False), ("here", True)]
    line.text("profile", "use", "market")
    assert 'did you mean "market"?' in line.refused(22, "profile", "use", "markte")
    assert line.text("operation", "list", "--profile", "here") != ""
    line.text("profile", "remove", "here")
    line.refused(22, "operation", "list", "--profile", "here")


# A market.


def test_an_operation_is_listed_bought_settled_used_and_refunded(line, agent, tmp_path):
    service(line, "costs", "tr a-z A-Z", price={"amount": "0.50", "currency": "OCEAN"})
    line.text("account", "create", "bob", "--role", "consumer", INVOKE_NEW_PASSWORD="plenty of coins")
    home = tmp_path / "bob"
    home.mkdir()
    bob = CommandLine(home, agent)
    bob.environment |= {"INVOKE_USERNAME": "bob", "INVOKE_PASSWORD": "plenty of coins"}
    told = bob.refused(21, "run", "costs", "word=x")
    assert "costs 0.50 OCEAN" in told
    listing = re.search(r"purchase create ([0-9a-f]+)", told)[1]
    assert bob.json("listing", "show", listing)["agreement"]["price"] == "0.50"

    terminal = bob.typed("run", "costs", "word=x")
    terminal.expect(r"run costs 0.50 OCEAN. Order it\? \[y/N\] ")
    terminal.sendline("n")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 21 and bob.json("purchase", "list") == []

    told = bob.refused(21, "run", "costs", "word=x", "--buy")
    purchase = re.search(r"purchase show ([0-9a-f]+)", told)[1]
    line.text("purchase", "settle", purchase)
    assert bob.text("run", "costs", "word=x") == "echo\tX\n"
    assert len(bob.json("purchase", "show", purchase)["uses"]) == 1
    line.text("purchase", "refund", purchase)
    bob.refused(21, "run", "costs", "word=x")


# Dry runs.


def test_a_dry_run_tells_what_would_happen_and_does_nothing(line):
    before = line.text("job", "list", "--limit", "1000")
    plan = line.json("run", "primes", "limit=10", "--dry-run")
    assert plan["accepted"] and plan["refusals"] == [] and plan["queue"]["position"] >= 1
    (line.home / "big").write_bytes(b"never seen before, " + str(line.home).encode())
    plan = line.json("run", "hash", "content=@big", "--dry-run")
    assert plan["accepted"], plan
    assert "big" not in line.text("asset", "list")
    ran = line.run("run", "primes", "limit=ten", "--dry-run", "--output", "json")
    assert ran.returncode == 20 and not json.loads(ran.stdout)["accepted"]
    assert line.text("job", "list", "--limit", "1000") == before


# Contents.


def test_contents_come_back_byte_by_byte_and_damage_is_found(line, tmp_path):
    content = bytes(range(256)) * 8192 + b"end"
    (line.home / "content").write_bytes(content)
    asset = line.text("asset", "put", "content", "--name", "all bytes", "--content-type", "application/x-all").strip()
    assert line.json("asset", "show", asset)["name"] == "all bytes"
    assert line.text("asset", "put", "content", "--name", "all bytes", "--content-type", "application/x-all").strip() == asset
    line.text("asset", "get", asset, "--file", "back")
    assert (line.home / "back").read_bytes() == content
    assert line.run("asset", "get", asset).stdout == content

    class Damaging(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("ETag", f'"{"0" * 64}"')
            self.send_header("Content-Length", "3")
            self.end_headers()
            self.wfile.write(b"abc")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Damaging)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = line.refused(1, "asset", "get", asset, "--file", "damaged", "--url", f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    assert "damaged on the way" in told and [file.name for file in line.home.glob("damaged*")] == []


def test_an_agent_does_not_choose_where_files_are_written(line):
    arguments = ("run", "iris/train", "table=@iris.csv", "--save", "deep/made")
    (line.home / "iris.csv").write_bytes((ROOT / "examples/iris/iris.csv").read_bytes())
    with in_between(line, answer=lambda told: told.replace(b'"model":{"did"', b'"../model":{"did"')) as url:
        assert '"../model"' in line.refused(1, *arguments, "--url", url)
    assert list((line.home / "deep").rglob("*model*")) == []
    line.text(*arguments)
    assert (line.home / "deep/made/model").is_file()


def test_a_content_is_removed_and_what_was_made_from_it_is_still_explained(line):
    (line.home / "table.csv").write_text((ROOT / "examples/iris/iris.csv").read_text() + "\n")
    asset = line.text("asset", "put", "table.csv").strip()
    model = line.json("run", "iris/train", f"table={asset}")["outputs"]["model"]["did"]
    terminal = line.typed("asset", "remove", asset)
    terminal.expect(r"\[y/N\] ")
    terminal.sendline("")
    ended(terminal)
    line.text("asset", "get", asset)
    line.text("asset", "remove", asset)
    line.text("asset", "remove", asset, "--yes")
    line.refused(22, "asset", "get", asset)
    assert asset in line.text("asset", "provenance", model)
    assert line.json("asset", "show", asset)["name"] == "table.csv"
    listing = line.json("listing", "create", model, "--price", "1", "--currency", "OCEAN")["id"]
    assert "Unpublish its listing" in line.refused(20, "asset", "remove", model)
    line.text("listing", "unpublish", listing)
    line.text("asset", "remove", model)


# Webhooks and the rest.


def test_a_webhook_is_made_tested_and_removed(line, receiver):
    made = line.json("webhook", "create", receiver.url, "--event", "job.succeeded")
    assert made["secret"].startswith("whsec_")
    line.text("webhook", "test", made["id"])
    line.text("webhook", "rotate", made["id"])
    assert line.json("webhook", "show", made["id"])["state"] == "enabled"
    line.text("webhook", "replay", made["id"], "--since", "2026-01-01T00:00:00Z", "--state", "dead")
    assert [entry["type"] for entry in line.json("webhook", "deliveries", made["id"])] == ["webhook.test"]
    assert made["id"] in line.text("webhook", "list", "-o", "id").split()
    line.text("webhook", "remove", made["id"])
    line.refused(22, "webhook", "show", made["id"])


def test_accounts_and_tokens_are_looked_after(line):
    line.text("account", "create", "eve", "--role", "provider", "--role", "consumer", INVOKE_NEW_PASSWORD="a first sentence")
    line.text("account", "password", "eve", INVOKE_NEW_PASSWORD="a second sentence")
    eve = {"INVOKE_USERNAME": "eve", "INVOKE_PASSWORD": "a second sentence"}
    assert line.json("account", "show", **eve)["roles"] == ["provider", "consumer"]
    token = line.text("token", "create", **eve).strip()
    assert token in line.text("token", "list", **eve).split()
    line.text("token", "revoke", token, **eve)
    assert token not in line.text("token", "list", **eve).split()
    assert "eve" in line.text("account", "list", "-o", "id").split()
    line.text("account", "remove", "eve")
    line.refused(23, "account", "show", **eve)
    assert "INVOKE_NEW_PASSWORD" in line.refused(20, "account", "create", "mallory")


def test_any_call_can_be_made(line):
    assert json.loads(line.text("api", "GET", "/api/status"))
    (line.home / "body").write_text('{"username":"fay","password":"some long sentence","roles":["consumer"]}')
    assert json.loads(line.text("api", "post", "/accounts", "--data", "@body"))["username"] == "fay"
    assert line.text("api", "GET", "/jobs", "-H", "Accept: application/json").startswith('{"jobs":')


def test_a_definition_is_checked_without_an_agent(tmp_path):
    line = CommandLine(tmp_path)
    good = ROOT / "examples" / "hash" / "service.yaml"
    assert "defines the service hash" in line.text("service", "validate", good)
    (tmp_path / "bad.yaml").write_text("name: BAD\nversion: 1.0.0\noperations:\n  x: {run: {engine: process, comand: [a]}}\n")
    told = line.refused(20, "service", "validate", "bad.yaml")
    assert "#/name" in told and "#/operations/x" in told
    assert "can't be read" in line.refused(20, "service", "validate", "nowhere.yaml")


def test_a_service_is_updated_shown_and_retired(line):
    service(line, "lives", "cat")
    assert re.fullmatch(r"[0-9a-f]{64}\n", line.text("service", "token", "lives"))
    before = line.json("service", "show", "lives")
    assert "token" not in before
    definition = {
        "name": "lives", "version": "2.0.0",
        "operations": {
            "run": {
                "inputs": {"word": {"type": "string"}}, "outputs": {"echo": {"type": "string"}},
                "run": {"engine": "process", "command": ["sh", "-c", "cat"]},
            }
        },
    }
    after = line.json("service", "update", "-", stdin=json.dumps(definition))
    assert after["service"]["version"] == "2.0.0" and after["operations"] == before["operations"]
    assert "lives" in line.text("service", "list", "-o", "id").split()
    line.text("service", "remove", "lives")
    line.refused(22, "run", "lives", "word=x")


# The library.


def test_the_example_in_swift_is_the_document_s_and_works(line):
    source = (ROOT / "examples" / "swift-client" / "Client.swift").read_text()
    assert f"```swift\n{source}```" in (ROOT / "docs" / "cli.md").read_text()
    service(line, "swift", "tr a-z A-Z")
    ran = subprocess.run(
        [PROGRAM.parent / "swift-client", "swift", "hello"], env=line.environment, capture_output=True, timeout=60
    )
    assert ran.stdout.decode() == "state scheduled\nstate running\nlog \nstate succeeded\nHELLO\n", ran


# Help.


def test_every_command_explains_itself_with_an_example():
    for path, command in commands():
        assert command.get("abstract"), path
        if not command.get("subcommands") and path != ("help",):
            assert "Example" in command.get("discussion", ""), path


def in_a_pipe(text: str, home: pathlib.Path, environment: dict[str, str]) -> tuple[int, str]:
    ran = subprocess.run(["bash", "-c", text], cwd=home, env=environment, capture_output=True, timeout=120)
    return ran.returncode, ran.stderr.decode()


def at_a_terminal(text: str, home: pathlib.Path, environment: dict[str, str]) -> tuple[int, str]:
    terminal = pexpect.spawn("bash", ["-c", text], cwd=str(home), env=environment, timeout=120, encoding="utf-8", codec_errors="replace")
    shown = terminal.read()
    terminal.close()
    return terminal.exitstatus, shown


@pytest.mark.parametrize("typed", [in_a_pipe, at_a_terminal])
def test_every_example_of_the_help_works(typed, receiver, tmp_path):
    """On an agent of its own; the words in capitals, and the job, are those of that agent."""
    with scratch_folder() as folder:
        agent = Agent(folder, "--outbound-allow", "127.0.0.0/8")
        try:
            line = CommandLine(tmp_path, agent)
            for example in ["word-count", "hash", "iris", "primes"]:
                line.register(example)
            assert wrong_examples(line, receiver, typed) == []
        finally:
            agent.stop()


def wrong_examples(line: CommandLine, receiver, typed) -> list[tuple[str, int, str]]:
    """The examples that end with another status than they should, and what they tell."""
    shutil.copytree(ROOT / "examples", line.home / "examples")
    (line.home / "upper.sh").write_text("tr a-z A-Z\n")
    job = line.text("run", "word-count", "text=@examples/word-count/mill.txt", "-o", "id").strip()
    model = line.json("run", "iris/train", "table=@examples/iris/iris.csv")["outputs"]["model"]["did"]
    asset = line.text("asset", "put", "upper.sh").strip()
    listing = line.json("listing", "create", asset, "--price", "1", "--currency", "OCEAN")["id"]
    purchase = line.json("purchase", "create", listing)["id"]
    webhook = line.json("webhook", "create", receiver.url)["id"]
    words = {
        "23811430911737856": job, "did:dep:AGENT/ASSET": model, "LISTING": listing, "PURCHASE": purchase,
        "WEBHOOK": webhook, "ASSET": asset, "DRAFT": line.text("asset", "put", "examples/iris/iris.csv").strip(), "TOKEN": line.text("token", "create").strip(),
        "https://receiver.example/jobs": receiver.url, "http://127.0.0.1:8191": line.environment["INVOKE_URL"],
        "DID": line.json("operation", "show", "word-count")["did"],
        "market/KID.private.jwk": "market/kid.private.jwk", "${fpath[1]}": str(line.home), "ACCOUNT": line.json("account", "show")["id"],
    }
    line.text("token", "create-key", "--directory", "market", "--kid", "kid")
    (line.home / ".config/fish/completions").mkdir(parents=True)
    found: list[str] = []
    for path, command in commands():
        if path[:1] not in [("serve",), ("admin",), ("config",)]:
            text = command.get("discussion", "").replace("\\\n", " ")
            found += re.findall(r"^ *((?:source <\()?invoke-agent .*)$", text, re.M)
    assert len(found) > 40
    wrong = []
    # What takes away what others need comes last.
    last = ("account remove", "asset remove", "webhook remove", "service remove", "job remove", "logout", "profile remove")
    for text in sorted(set(found), key=lambda text: (text.removeprefix("invoke-agent ").startswith(last), found.index(text))):
        for word, value in words.items():
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", value, text)
        if text.startswith("invoke-agent service register"):
            # The examples of the README may be there already.
            line.run("service", "remove", "upper" if "upper" in text else "hash")
        # An ended job can't be cancelled, and the body of the call by hand fits no operation.
        refused = text.startswith(("invoke-agent job cancel", "invoke-agent api POST"))
        environment = line.environment | {"INVOKE_NEW_PASSWORD": "a long new sentence"}
        status, told = typed(text, line.home, environment)
        if status != (20 if refused else 0):
            wrong.append((text, status, told))
    return wrong


def test_the_operators_commands_print_tables_at_a_terminal(line, agent, tmp_path):
    folder = ("--data-dir", agent.data)
    restored = ("--data-dir", tmp_path / "restored")
    for title, arguments in [
        ("Setting", ("config", "show", *folder)),
        ("Status", ("admin", "doctor", *folder, "--port", agent.url.rpartition(":")[2])),
        ("Backup", ("admin", "backup", tmp_path / "backup", *folder)),
        ("Data folder", ("admin", "restore", tmp_path / "backup", *restored)),
        ("Jobs", ("admin", "prune", "--dry-run", *restored)),
    ]:
        shown = ended(line.typed(*arguments))
        assert f"\x1b[1m{title}" in shown, (arguments, shown)


def test_the_example_of_serve_works(tmp_path):
    serve = next(command for path, command in commands() if path == ("serve",))
    example = re.search(r"^ *invoke-agent (.*)$", serve["discussion"].partition("Example")[2], re.M)[1]
    arguments = example.replace("/var/lib/invoke-agent", str(tmp_path / "data")).replace("8191", "0")
    environment = {"PATH": "/usr/bin:/bin", "INVOKE_AGENT_WORK_DIR": str(tmp_path / "work")}
    agent = subprocess.Popen([PROGRAM, *shlex.split(arguments)], env=environment, stdout=subprocess.PIPE)
    assert json.loads(agent.stdout.readline())["event"] == "ready"
    agent.terminate()
    assert agent.wait(60) == 0


def test_shells_complete_the_commands(line):
    ran = subprocess.run(
        ["bash", "-c", "source <(invoke-agent completion bash) && complete -p invoke-agent"],
        env=line.environment, capture_output=True, timeout=60,
    )
    assert ran.returncode == 0 and ran.stdout.startswith(b"complete "), ran
    for shell in ["zsh", "fish"]:
        assert "invoke-agent" in line.text("completion", shell)
