"""T-CONN: the number of connections has a limit, and reaching it harms nobody who is inside (promise B5)."""

import contextlib
import os
import resource
import select
import socket
import struct

import pytest

from networks import Network
from proving import eventually
from raw import Wire, request
from running_agent import NotStarted

HEALTH = request("GET", "/health")


def is_served(wire: Wire) -> bool:
    answer = wire.send(HEALTH).answer()
    return answer is not None and answer.status == 200


def test_who_comes_at_the_cap_waits_until_somebody_leaves(start_agent):
    agent = start_agent("--connections", "8")
    with contextlib.ExitStack() as stack:
        inside = [stack.enter_context(Wire(agent.url)) for _ in range(8)]
        assert all(is_served(wire) for wire in inside)
        waiting = [stack.enter_context(Wire(agent.url, timeout=20)) for _ in range(4)]
        for wire in waiting:
            wire.send(HEALTH)
        for _ in range(20):
            assert all(is_served(wire) for wire in inside)
        assert not any(wire.is_cut(0.1) or wire.rest for wire in waiting)
        for wire in inside[:4]:
            wire.socket.close()
        for wire in waiting:
            wire.socket.settimeout(20)
            assert wire.answer().status == 200
        assert all(is_served(wire) for wire in inside[4:])


def crowd_of(agent, count: int, stack: contextlib.ExitStack) -> list[Wire]:
    """Connects so many, each with a question; returns those that are answered before nothing comes for a second."""
    crowd = [stack.enter_context(Wire(agent.url, timeout=20)) for _ in range(count)]
    for wire in crowd:
        wire.send(HEALTH)
    silent, served = {wire.socket: wire for wire in crowd}, []
    while ready := select.select(list(silent), [], [], 1)[0]:
        served += [silent.pop(socket) for socket in ready]
    assert all(wire.answer().status == 200 for wire in served)
    return served


def test_running_out_of_files_does_not_stop_the_listener(start_agent):
    agent = start_agent()
    operation = agent.client().register('printf "%s" "$INVOKE_INPUT_WORD"')
    limits = resource.prlimit(agent.pid, resource.RLIMIT_NOFILE)
    files = len(os.listdir(f"/proc/{agent.pid}/fd"))
    resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, (files + 10, limits[1]))
    with contextlib.ExitStack() as stack:
        served = crowd_of(agent, 60, stack)
        assert len(served) == 1
        for _ in range(20):
            assert is_served(served[0])
    with Wire(agent.url, timeout=20) as wire:
        assert is_served(wire)
    resource.prlimit(agent.pid, resource.RLIMIT_NOFILE, limits)
    client = agent.client()
    assert client.result(client.accepted(operation, "after"))["result"] == {"echo": "after"}


def test_connections_leave_half_of_the_files_to_the_rest(start_agent):
    agent = start_agent(prefix=("prlimit", "--nofile=256:256"))
    assert "fewer connections than configured" in agent.log()
    client = agent.client()
    operation = client.register('printf "%s" "$INVOKE_INPUT_WORD"')
    with contextlib.ExitStack() as stack:
        served = crowd_of(agent, 200, stack)
        assert 64 < len(served) <= 128
        assert len(os.listdir(f"/proc/{agent.pid}/fd")) <= 130
        assert all(is_served(wire) for wire in served)
        assert client.result(client.accepted(operation, "within"))["result"] == {"echo": "within"}


def test_with_hardly_any_files_it_does_not_start(start_agent):
    with pytest.raises(NotStarted) as stopped:
        start_agent(prefix=("prlimit", "--nofile=64:64"))
    assert stopped.value.status == 78
    assert "only 64 files may be open at once" in stopped.value.errors


def test_connections_that_break_at_once_do_no_harm(start_agent):
    agent = start_agent()
    reset = struct.pack("ii", 1, 0)
    for _ in range(300):
        wire = Wire(agent.url)
        # To linger for no time makes the close a reset.
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        wire.socket.close()
    with Wire(agent.url) as wire:
        assert is_served(wire)


def test_one_address_can_not_take_all_connections(start_agent):
    network, address = Network(), "192.0.2.1"
    network.run(f"ip address add {address}/32 dev lo")
    with contextlib.closing(network), network.entered(), contextlib.ExitStack() as stack:
        agent = start_agent("--host", "0.0.0.0", "--connections-per-address", "5")
        port = agent.url.rsplit(":", 1)[1]
        mine, other = f"http://{address}:{port}", f"http://127.0.0.1:{port}"
        inside = [stack.enter_context(Wire(mine)) for _ in range(5)]
        assert all(is_served(wire) for wire in inside)
        sixth = stack.enter_context(Wire(mine)).send(HEALTH)
        answer = sixth.answer()
        assert (answer.status, answer.code, answer.headers["connection"]) == (429, 8150, "close")
        assert int(answer.headers["retry-after"]) >= 1
        assert sixth.answer() is None
        # A proxy on this machine may bring everybody.
        assert all(is_served(stack.enter_context(Wire(other))) for _ in range(20))
        assert all(is_served(wire) for wire in inside)
        inside[0].socket.close()
        assert eventually(lambda: is_served(stack.enter_context(Wire(mine))))
