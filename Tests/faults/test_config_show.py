"""The operator sees what the agent goes by, where each value comes from, and no secret."""

import json
import pathlib
import re

import pytest

import commands
from running_agent import ROOT

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def show(*options: object, **environment: str) -> dict[str, tuple[str | None, str]]:
    """Value and origin of every setting."""
    ran = commands.run("config", "show", "--output", "json", *options, **environment)
    assert ran.returncode == 0, ran.stderr
    return {line["key"]: (line["value"], line["origin"]) for line in json.loads(ran.stdout)}


def test_an_option_wins_over_the_environment_that_over_the_file_and_that_over_the_default(tmp_path):
    file = tmp_path / "agent.yaml"
    file.write_text(
        "port: 1\nworkers: 2\nlog: {level: debug, format: json}\noutbound: {allow: [127.0.0.0/8, hooks.lan]}\n"
        "demo: true\noscar: {username: file}\n"
    )
    shown = show(
        "--config", file, "--port", "3",
        INVOKE_AGENT_PORT="4", INVOKE_AGENT_WORKERS="5", OSCAR_USERNAME="cluster", WATCHDOG_EXEC_TIMEOUT="90",
    )
    assert shown["port"] == ("3", "option")
    assert shown["public_url"] == ("http://127.0.0.1:3", "default")
    assert shown["workers"] == ("5", "environment INVOKE_AGENT_WORKERS")
    assert shown["oscar.username"] == ("cluster", "environment OSCAR_USERNAME")
    assert shown["oscar.exec_timeout"] == ("90s", "environment WATCHDOG_EXEC_TIMEOUT")
    assert shown["log.level"] == ("debug", f"file {file}")
    assert shown["outbound.allow"] == ("127.0.0.0/8,hooks.lan", f"file {file}")
    assert shown["demo"] == ("true", f"file {file}")
    assert shown["cors.origins"] == ("*", "default")
    assert shown["limits.sync_wait"] == ("50s", "default")
    assert shown["tokens.checker"] == (None, "default")


def test_secrets_are_not_shown(tmp_path):
    file = tmp_path / "agent.yaml"
    file.write_text("admin: {password: opensesame-1}\n")
    environment = {
        "OSCAR_PASSWORD": "opensesame-2", "INVOKE_AGENT_TOKENS_CHECKER": "https://market.example/check",
        "INVOKE_AGENT_TOKENS_CHECKER_SECRET": SECRET,
    }
    for form in ["table", "json", "yaml"]:
        ran = commands.run("config", "show", "--config", file, "--output", form, **environment)
        assert ran.returncode == 0, ran.stderr
        assert "https://market.example/check" in ran.stdout
        assert ran.stdout.count("********") == 3
        assert "opensesame" not in ran.stdout and SECRET not in ran.stdout
    assert show()["admin.password"] == (None, "default")


@pytest.mark.parametrize("options, environment, named", [
    (["--workers", "many"], {}, '"workers"'),
    ([], {"INVOKE_AGENT_PROT": "1"}, "INVOKE_AGENT_PORT"),
    (["--config", "/nowhere/agent.yaml"], {}, "/nowhere/agent.yaml"),
])
def test_what_the_agent_would_refuse_is_refused(options, environment, named):
    ran = commands.run("config", "show", *options, **environment)
    assert ran.returncode == 78
    assert named in ran.stderr and ran.stdout == ""


def test_every_setting_is_in_the_guide(tmp_path):
    guide = (ROOT / "docs/operator.md").read_text()
    table = re.findall(r"^\| (`[a-z_.`, ]+`) \|", guide, re.M)
    named = {name for cell in table for name in re.findall(r"`([^`]+)`", cell)}
    assert set(show()) <= named


def test_the_example_of_the_help_page_runs(tmp_path):
    file = tmp_path / "agent.yaml"
    file.write_text("port: 9999\n")
    words = [str(file) if word.endswith(".yaml") else word for word in commands.example("config", "show")]
    ran = commands.run(*words)
    assert ran.returncode == 0, ran.stderr
    assert re.search(rf"^port\t9999\tfile {re.escape(str(file))}$", ran.stdout, re.M)
    assert pathlib.Path(file).read_text() == "port: 9999\n"
