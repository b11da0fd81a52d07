"""Networks that a test makes for itself: namespaces with cables between them, gone when the test ends."""

import contextlib
import ctypes
import itertools
import json
import os
import pathlib
import shutil
import subprocess

from proving import eventually, mechanism


class Network:
    """A network with nothing in it but its loopback interface."""

    def __init__(self):
        for tool in ("ip", "nsenter", "unshare"):
            mechanism(shutil.which(tool) is not None, tool)
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.path = f"/proc/{self.holder.pid}/ns/net"
        own = os.readlink("/proc/self/ns/net")

        def is_made():
            with contextlib.suppress(OSError):
                return os.readlink(self.path) != own

        eventually(is_made)
        self.run("ip link set lo up")

    def run(self, command: str, text: str | None = None) -> str:
        """Runs a command in the network that has to succeed, with `text` as its input; returns what it says."""
        words = ["nsenter", f"--net={self.path}", *command.split()]
        ran = subprocess.run(words, input=text, capture_output=True, text=True)
        mechanism(ran.returncode == 0, f"{command}, which says: {ran.stderr}")
        return ran.stdout

    @contextlib.contextmanager
    def entered(self):
        """What this thread opens and starts meanwhile is in the network, and stays there."""
        library = ctypes.CDLL(None, use_errno=True)
        with open(self.path) as there, open("/proc/thread-self/ns/net") as here:
            mechanism(library.setns(there.fileno(), 0) == 0, "setns")
            try:
                yield
            finally:
                assert library.setns(here.fileno(), 0) == 0

    def rules(self, text: str):
        """Loads rules of nftables, in place of all before."""
        mechanism(shutil.which("nft") is not None, "nft")
        self.run("nft -f -", "flush ruleset\n" + text)

    def counted(self, counter: str) -> int:
        """The packets that a named counter has seen."""
        told = json.loads(self.run(f"nft -j list counter inet watch {counter}"))
        return next(item["counter"]["packets"] for item in told["nftables"] if "counter" in item)

    def close(self):
        self.holder.kill()
        self.holder.wait()


cables = itertools.count()


def connect(one: Network, addresses: list[str], other: Network, other_addresses: list[str]) -> tuple[str, str]:
    """Lays a cable between two networks; returns the names of its ends."""
    number = next(cables)
    ends = (f"cable{number}a", f"cable{number}b")
    one.run(f"ip link add {ends[0]} type veth peer name {ends[1]} netns {other.holder.pid}")
    for network, end, own in [(one, ends[0], addresses), (other, ends[1], other_addresses)]:
        for address in own:
            # Without this, an IPv6 address can't be used for a second.
            network.run(f"ip address add {address} dev {end}" + (" nodad" if ":" in address else ""))
        network.run(f"ip link set {end} up")
    return ends


def resolving_by(folder: pathlib.Path) -> tuple[str, ...]:
    """A prefix that starts an agent whose name server is on the loopback interface of its network."""
    settings = folder / "resolv.conf"
    settings.write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:2\n")
    return ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(settings))
