"""How the agent starts, and how it refuses to (promises D3, D8)."""

import pathlib

import pytest

from running_agent import NotStarted


def refusal(start, *options: str, **more) -> NotStarted:
    with pytest.raises(NotStarted) as caught:
        start(*options, **more)
    return caught.value


def mode(path: pathlib.Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_first_start_draws_a_password_that_only_its_user_can_read(start_agent):
    agent = start_agent(environment={"INVOKE_AGENT_ADMIN_PASSWORD": ""})
    password = (agent.data / "admin-password").read_text().strip()
    assert len(password) > 20
    assert password in agent.log()
    for name in ["admin-password", "agent.key", "agent.sqlite", "agent.sqlite-wal"]:
        assert mode(agent.data / name) == 0o600, name
    assert mode(agent.data) == 0o700


def test_a_port_that_is_taken_is_named(start_agent, folder):
    port = start_agent().url.rpartition(":")[2]
    (folder / "two").mkdir()
    refused = refusal(start_agent, "--port", port, at=folder / "two")
    assert refused.status == 75
    assert f"port {port}" in refused.errors


def test_an_unknown_setting_is_refused_with_the_nearest_known_one(start_agent, folder):
    variable = refusal(start_agent, environment={"INVOKE_AGENT_DATADIR": "x"})
    assert variable.status == 78
    assert "INVOKE_AGENT_DATA_DIR" in variable.errors
    file = folder / "agent.yaml"
    file.write_text("log:\n  formt: json\n")
    member = refusal(start_agent, "--config", str(file))
    assert member.status == 78
    assert "log.format" in member.errors
    value = refusal(start_agent, "--workers", "many")
    assert value.status == 78
    assert "workers" in value.errors


@pytest.mark.parametrize("options, named", [
    (["--demo", "true", "--host", "0.0.0.0"], '"demo"'),
    (["--cors-origins", "market.example"], '"cors.origins"'),
    (["--engines-allowed", "process,shell"], '"engines.allowed"'),
    (["--engines-allowed", "container"], '"engines.container.socket"'),
    (["--slurm-folder", "shared"], '"engines.slurm.folder"'),
    (["--slurm-node-folder", "tmp"], '"engines.slurm.node_folder"'),
    (["--slurm-agent-url", "localhost:8191"], '"engines.slurm.agent_url"'),
    (["--slurm-url", "localhost:6820"], '"engines.slurm.url"'),
    (["--oscar-engines", "process,http"], '"oscar.engines"'),
    (["--webhooks-retries", "5s,soon"], '"webhooks.retries"'),
])
def test_what_would_open_the_agent_by_mistake_is_refused(start_agent, options, named):
    refused = refusal(start_agent, *options)
    assert refused.status == 78
    assert named in refused.errors


def test_the_operator_says_what_runs_operations(start_agent):
    client = start_agent("--engines-allowed", "process").client()
    run = {"engine": "http", "url": "https://example.org/"}
    operation = {"inputs": {"in": {"type": "string"}}, "outputs": {"out": {"type": "string"}}, "run": run}
    refused = client.send("POST", "/services", {"name": "far", "version": "1", "operations": {"work": operation}})
    assert refused.code == 8102 and "only by process" in refused.json["description"]


def test_callers_are_told_the_public_address(start_agent):
    agent = start_agent("--public-url", "https://agent.example/", "--agent-name", "tables")
    client = agent.client()
    endpoints = [service["serviceEndpoint"] for service in client.send("GET", "/api/ddo").json["service"]]
    assert endpoints and all(endpoint.startswith("https://agent.example/api/") for endpoint in endpoints)
    assert client.send("GET", "/api/status").json["name"] == "tables"


def test_a_file_configures_the_agent_and_an_option_wins(start_agent, folder):
    def anonymous(agent) -> int:
        client = agent.client()
        del client.authorization
        client.connection.request("GET", "/services")
        return client.connection.getresponse().status

    file = folder / "agent.yaml"
    file.write_text("public_catalogue: false\nworkers: 3\npublic_url: https://agent.example/\n")
    closed = start_agent("--config", str(file))
    assert anonymous(closed) == 401
    closed.kill()
    assert anonymous(start_agent("--config", str(file), "--public-catalogue", "true")) == 200


def test_a_folder_that_cannot_be_made_is_named(start_agent, folder):
    (folder / "data").write_text("")
    refused = refusal(start_agent)
    assert refused.status == 73
    assert str(folder / "data") in refused.errors
