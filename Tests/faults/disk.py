"""What a power cut leaves: a disk rebuilt from the system calls of a program, without what had not been synced."""

import dataclasses
import pathlib
import random
import re
from collections.abc import Iterator

from proving import traced

# What to record: all that changes a file or makes a change last, and the writes that may carry an acknowledgement.
CALLS = (
    "openat,pwrite64,ftruncate,unlink,unlinkat,rename,renameat,renameat2,fdatasync,fsync,"
    "write,writev,sendto,sendmsg"
)

_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)(.*)$")
_BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"^(?:\d+|AT_FDCWD)<([^>]*)>")
_ACKNOWLEDGED = re.compile(rb"(?i)location: /jobs/result/(\d+)")


def recorder(log: pathlib.Path) -> tuple[str, ...]:
    """A prefix that starts a program and records what it does to its files."""
    return traced(log, CALLS, "-y", "-xx", "-s", "1000000")


def acknowledgement(job: str) -> bytes:
    """What a program writes that tells a client of a job."""
    return f"Location: /jobs/result/{job}\n".encode()


@dataclasses.dataclass
class Event:
    """One change; `kind` is write, truncate, create, unlink, rename, sync or acknowledged."""

    kind: str
    path: str = ""
    at: int = 0
    data: bytes = b""
    to: str = ""


def events(log: pathlib.Path) -> Iterator[Event]:
    """The changes in the order in which they happened.

    A write counts from its beginning, a sync from its end only.
    """
    begun: dict[str, str] = {}
    positions: dict[str, int] = {}
    with log.open(errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if match := _BEGUN.match(line):
                thread, call, arguments = match.groups()
                begun[thread] = f"{thread} {call}({arguments}"
                if "sync" not in call and call != "openat":
                    yield from _event(call, arguments, 0, "", positions)
            elif match := _RESUMED.match(line):
                thread, rest = match.groups()
                whole = _LINE.match(begun.pop(thread, "") + rest)
                if whole and ("sync" in whole[2] or whole[2] == "openat"):
                    yield from _event(whole[2], whole[3], int(whole[4]), whole[5], positions)
            elif match := _LINE.match(line):
                yield from _event(match[2], match[3], int(match[4]), match[5], positions)


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _path(text: str) -> str:
    """The path of a descriptor, which may itself be written in hexadecimal."""
    return _plain(text).decode(errors="replace") if text.startswith("\\x") else text


def _event(call: str, arguments: str, result: int, rest: str, positions: dict[str, int]) -> Iterator[Event]:
    if result < 0:
        return
    descriptor = _DESCRIPTOR.match(arguments)
    path = _path(descriptor[1]) if descriptor else ""
    texts = [_plain(text) for text in _TEXT.findall(arguments)]
    match call:
        case "pwrite64":
            yield Event("write", path, int(arguments.rsplit(", ", 1)[1]), texts[0])
        case "write" | "writev" | "sendto" | "sendmsg":
            data = b"".join(texts)
            for job in _ACKNOWLEDGED.findall(data):
                yield Event("acknowledged", data=job)
            yield Event("write", path, positions.get(path, 0), data)
            positions[path] = positions.get(path, 0) + len(data)
        case "openat":
            named = re.match(r"<([^>]*)>", rest)
            if not named and not re.search("O_CREAT|O_TRUNC", arguments):
                # Closed before strace could look: it was only read.
                return
            opened = _path(named[1])
            positions[opened] = 0
            if "O_CREAT" in arguments:
                yield Event("create", opened)
            if "O_TRUNC" in arguments:
                yield Event("truncate", opened, 0)
        case "ftruncate":
            yield Event("truncate", path, int(arguments.rsplit(", ", 1)[1]))
        case "unlink" | "unlinkat":
            yield Event("unlink", texts[-1].decode())
        case "rename" | "renameat" | "renameat2":
            yield Event("rename", texts[0].decode(), to=texts[1].decode())
        case "fdatasync" | "fsync":
            yield Event("sync", path)


class Disk:
    """A folder as a disk holds it: what would survive now, and the changes that might not.

    A file's bytes last once the file is synced, its name once its folder is; files beside the folder do not count,
    nor does SQLite's index of its log (-shm), which is made anew.
    """

    def __init__(self, folder: pathlib.Path, base: pathlib.Path | None = None):
        self._folder = str(folder)
        self._bytes: list[bytearray] = []
        self._changes: list[list[Event]] = []
        self._names: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._moves: list[Event] = []
        for path in sorted(base.rglob("*")) if base else []:
            if path.is_file():
                self._names[str(folder / path.relative_to(base))] = self._make(path.read_bytes())
        self._kept.update(self._names)

    def _make(self, data: bytes = b"") -> int:
        self._bytes.append(bytearray(data))
        self._changes.append([])
        return len(self._bytes) - 1

    def apply(self, event: Event):
        path = event.path
        if not path.startswith(self._folder) or path.endswith("-shm"):
            return
        match event.kind:
            case "create" if path not in self._names:
                self._names[path] = self._make()
                self._moves.append(Event("create", path, at=self._names[path]))
            case "write" | "truncate" if path in self._names:
                self._changes[self._names[path]].append(event)
            case "unlink" if path in self._names:
                del self._names[path]
                self._moves.append(event)
            case "rename" if path in self._names:
                self._names[event.to] = self._names.pop(path)
                self._moves.append(event)
            case "sync" if path in self._names:
                file = self._names[path]
                for change in self._changes[file]:
                    _change(self._bytes[file], change)
                self._changes[file].clear()
            case "sync":
                lasting = [move for move in self._moves if str(pathlib.Path(move.path).parent) == path.rstrip("/")]
                for move in lasting:
                    _move(self._kept, move)
                self._moves = [move for move in self._moves if move not in lasting]

    def write(self, to: pathlib.Path, chance: random.Random | None = None):
        """Writes the folder as a power cut now could leave it: without anything unsynced, or with a random half."""
        names = dict(self._kept)
        for move in self._moves:
            if chance and chance.random() < 0.5:
                _move(names, move)
        for path, file in names.items():
            data = bytearray(self._bytes[file])
            for change in self._changes[file]:
                if chance and chance.random() < 0.5:
                    _change(data, change)
            target = to / pathlib.Path(path).relative_to(self._folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(0o600)


def _change(data: bytearray, change: Event):
    if change.kind == "truncate":
        data[change.at :] = bytes(max(0, change.at - len(data)))
    else:
        data.extend(bytes(max(0, change.at - len(data))))
        data[change.at : change.at + len(change.data)] = change.data


def _move(names: dict[str, int], move: Event):
    if move.kind == "create":
        names[move.path] = move.at
    elif move.path in names:
        file = names.pop(move.path)
        if move.kind == "rename":
            names[move.to] = file
