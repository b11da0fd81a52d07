"""The bubblewrap command line that the agent itself uses, for a loop without the agent."""

import os
import pathlib
import shutil
import time

from machine import Agent, NotMeasured


def spawn_command(agent: Agent, bench: pathlib.Path, folder: pathlib.Path) -> list:
    """`invoke-bench spawn` and options, such that it starts `true` in the sandbox of the job that holds `park`'s slot.

    That job goes on, so all that its sandbox binds stays in place. Only its last words, `sleep` and the time, change.
    What is copied here is what the agent's launcher gives to bubblewrap: its command line, its user, and open files: where
    it reports, the system call filter and the two lists of accounts. The filter here has one instruction, which allows
    everything: the agent's is longer, so the bare loop has the advantage.
    """
    process = sandbox_of(agent)
    words = [shutil.which("bwrap") or "bwrap", *arguments_of(process), "--", "true"]
    # Of our own, where that user can start the program and write the report.
    own = folder / "sandbox"
    own.mkdir(exist_ok=True)
    shutil.copy(bench, own)
    contents = {
        "--json-status-fd": b"", "--seccomp": bytes.fromhex("06000000 0000ff7f"), "--file": b"nobody:x:65534:\n",
    }
    options = []
    for option, number in zip(words, words[1:]):
        if option in contents:
            file = own / f"descriptor-{number}"
            file.write_bytes(contents[option])
            file.chmod(0o666)
            options += ["--writing" if option == "--json-status-fd" else "--reading", f"{number}={file}"]
    command = [own / bench.name, "spawn", *options, "--", *words]
    user = field(process, "Uid")
    if user == str(os.geteuid()):
        return command
    return [
        "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--inh-caps=-all",
        "--ambient-caps=-all", "--bounding-set=-all", "--", *command,
    ]


def arguments_of(process: pathlib.Path) -> list[str]:
    """The arguments of a bubblewrap, which it has read from a file in memory and keeps in its own."""
    heap = next(line for line in (process / "maps").read_text().splitlines() if line.endswith("[heap]"))
    start, end = (int(number, 16) for number in heap.split()[0].split("-"))
    with (process / "mem").open("rb") as memory:
        memory.seek(start)
        content = memory.read(end - start)
    first, last = b"--unshare-user\0", b"\0--chdir\0"
    begin = content.index(first)
    finish = content.index(b"\0", content.index(last, begin) + len(last))
    return content[begin:finish].decode().split("\0")


def sandbox_of(agent: Agent) -> pathlib.Path:
    """The outermost bubblewrap of the job that sleeps, as a folder of /proc."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                if words[0].endswith(b"bwrap") and b"sleep" in words and is_below(process, agent.process.pid):
                    return process
            except OSError:
                continue  # it has ended meanwhile
        time.sleep(0.05)
    raise NotMeasured("the agent runs no job in bubblewrap")


def is_below(process: pathlib.Path, ancestor: int) -> bool:
    """Whether a process was started by another, and not by a bubblewrap in between."""
    while (parent := int(field(process, "PPid"))) > 1:
        if parent == ancestor:
            return True
        process = pathlib.Path(f"/proc/{parent}")
        if (process / "comm").read_text().strip() == "bwrap":
            return False
    return False


def field(process: pathlib.Path, name: str) -> str:
    """The first value of a line of a process's status."""
    lines = (process / "status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(name + ":"))
