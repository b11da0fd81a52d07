"""What `make install` puts on a machine works there."""

import re
import subprocess

import yaml

from cli import commands
from running_agent import PROGRAM, ROOT


def test_everything_is_put_where_it_belongs(tmp_path):
    subprocess.run([ROOT / "scripts" / "install", PROGRAM, "/opt/ia", tmp_path], check=True)
    root = tmp_path / "opt" / "ia"
    files = {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}
    assert files == {
        "bin/invoke-agent", "lib/systemd/system/invoke-agent.service", "share/man/man1/invoke-agent.1",
        "share/doc/invoke-agent/invoke-agent.yaml", "share/bash-completion/completions/invoke-agent",
        "share/zsh/site-functions/_invoke-agent", "share/fish/vendor_completions.d/invoke-agent.fish",
    }
    unit = (root / "lib/systemd/system/invoke-agent.service").read_text()
    assert "ExecStart=/opt/ia/bin/invoke-agent serve --config /etc/invoke-agent.yaml\n" in unit and "@" not in unit
    example = root / "share/doc/invoke-agent/invoke-agent.yaml"
    shown = subprocess.run([root / "bin/invoke-agent", "config", "show", "--config", example], capture_output=True, check=True)
    assert b"data_dir\t/var/lib/invoke-agent\tfile" in shown.stdout
    # What is commented out holds, too.
    text = re.sub(r"^# ([a-z_]+:.*|  [a-z]+: \[.*)$", r"\1", example.read_text(), flags=re.M)
    assert set(yaml.safe_load(text)) > {"public_url", "outbound"}
    (tmp_path / "all.yaml").write_text(text)
    subprocess.run([root / "bin/invoke-agent", "config", "show", "--config", tmp_path / "all.yaml"], capture_output=True, check=True)


def test_the_manual_page_is_whole_and_without_faults(tmp_path):
    page = subprocess.run([ROOT / "scripts" / "manual", PROGRAM], capture_output=True, check=True).stdout
    shown = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-P-c"], input=page, capture_output=True, check=True,
    )
    assert shown.stderr == b""
    # A command per section, whatever line its words are broken at.
    text = re.sub(r"\s+", " ", shown.stdout.decode().replace("\u2010", "-").replace("\u2212", "-"))
    for path, command in commands():
        if not [inner for inner in command.get("subcommands", []) if inner["commandName"] != "help"]:
            assert " ".join(("invoke-agent", *path)) in text
    statuses = set(re.findall(r"case \w+ = (\d+)", (ROOT / "Sources/InvokeCommands/Support/ExitStatus.swift").read_text()))
    assert statuses <= set(re.findall(r"^\\fB(\d+)\\fR$", page.decode(), re.M))
