"""Large contents and endless outputs go through the agent, not into it (promise X8)."""

MIB = 1 << 20


def test_a_large_content_is_taken_in_constant_memory(start_agent):
    agent = start_agent()
    client = agent.client()
    asset = client.send("POST", "/api/v1/meta/data", {"name": "large", "type": "dataset"}).json
    # Warm, so that what is measured is the content alone.
    client.send("GET", "/health")
    before = agent.memory("VmHWM")
    size = 256 * MIB
    headers = {"Authorization": agent.authorization, "Content-Length": str(size)}
    connection = client.connection
    connection.request("PUT", f"/api/v1/assets/{asset}", (b"a" * MIB for _ in range(size // MIB)), headers)
    answer = connection.getresponse()
    assert (answer.status, answer.read() is None) == (200, False)
    assert agent.memory("VmHWM") - before < 48 << 10, "KiB"

    connection.request("GET", f"/api/v1/assets/{asset}", headers={"Authorization": agent.authorization})
    answer, received = connection.getresponse(), 0
    while chunk := answer.read(MIB):
        received += len(chunk)
    assert received == size
    assert agent.memory("VmHWM") - before < 64 << 10, "KiB"


def test_endless_output_is_read_and_dropped_in_constant_memory(start_agent):
    agent = start_agent()
    client = agent.client()
    operation = client.register('head -c 500000000 /dev/zero >&2; printf done > "$INVOKE_OUTPUT_DIR/echo"')
    before = agent.memory("VmHWM")
    job = client.accepted(operation, "x")
    assert client.result(job)["result"] == {"echo": "done"}
    assert agent.memory("VmHWM") - before < 48 << 10, "KiB"
    assert len(client.send("GET", f"/jobs/{job}/logs").body) < 300 << 10
