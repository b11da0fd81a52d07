"""Starts programs on loopback, puts load on them, and looks at their memory."""

import base64
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "benchmark-password"


class NotMeasured(Exception):
    """Why there is no figure."""


class Program:
    """A server that prints a ready line with its URL; a context manager that ends it."""

    def __init__(self, command: list, folder: pathlib.Path, environment: dict[str, str] | None = None):
        self.errors = folder / f"stderr-{time.monotonic_ns()}"
        start = time.monotonic()
        with open(self.errors, "w") as errors:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdout=subprocess.PIPE, stderr=errors, text=True,
                env={"PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", **(environment or {})},
            )
        line = self.process.stdout.readline()
        self.seconds_to_ready = time.monotonic() - start
        if not line:
            self.process.wait()
            raise NotMeasured(f"{command[0]} did not start: {self.errors.read_text()[-500:]}")
        self.url = json.loads(line)["url"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def memory(self, field: str) -> float:
        """A line of the process's status, such as VmRSS or VmHWM, in MiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        raise NotMeasured(f"the kernel does not tell {field}")


class Agent(Program):
    """The agent on a data folder."""

    AUTHORIZATION = "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()

    def __init__(
        self, program: pathlib.Path, folder: pathlib.Path, sandbox: str = "bubblewrap", more: dict[str, object] = {}
    ):
        settings = {
            "port": "0", "data_dir": folder / "data", "work_dir": folder / "work", "log.level": "error",
            "admin.password": PASSWORD, "engines.process.sandbox": sandbox, "limits.job_lifetime": "24h",
            "limits.drain_grace": "1s", "limits.kill_grace": "1s",
            # What would end a load before its time.
            "limits.pending": "1000000", "limits.pending_per_caller": "1000000", "limits.rate": "0",
            "limits.connections": "4096", "limits.connections_per_address": "4096", **more,
        }
        self.folder, self.database = folder, folder / "data" / "agent.sqlite"
        super().__init__(
            [program, "serve"], folder,
            {"INVOKE_AGENT_" + key.replace(".", "_").upper(): str(value) for key, value in settings.items()},
        )

    def call(
        self, path: str, body: dict | str | None = None, authorization: str = AUTHORIZATION
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to a GET, or to a POST of a text or of a JSON body."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        request = urllib.request.Request(
            self.url + path,
            data=None if text is None else text.encode(),
            headers={"Authorization": authorization, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            raise NotMeasured(f"{path}: {error.code} {error.read()[:300]!r}") from error

    def settle(self):
        """Returns once no job runs or waits."""
        end = time.monotonic() + 120
        while any(pool["running"] or pool["waiting"] for pool in json.loads(self.call("/pools")[2])["pools"]):
            if time.monotonic() > end:
                raise NotMeasured("jobs whose callers have gone have not ended")
            time.sleep(0.2)


class Followers:
    """Open event streams, one to each path; a context manager that closes them."""

    def __init__(self, agent: Agent, paths: list[str]):
        self._sockets = []
        host, port = agent.url.removeprefix("http://").split(":")
        for path in paths:
            one = socket.create_connection((host, int(port)), timeout=10)
            head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {Agent.AUTHORIZATION}\r\n\r\n"
            one.sendall(head.encode())
            self._sockets.append(one)
        for one in self._sockets:
            told = b""
            while b"event: state" not in told:
                if not (part := one.recv(4096)):
                    raise NotMeasured(f"a stream ended before it began: {told[:300]!r}")
                told += part

    def check(self):
        """All of them are still open."""
        for one in self._sockets:
            one.setblocking(False)
            try:
                while one.recv(4096):
                    pass
                raise NotMeasured("a stream has ended")
            except BlockingIOError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self._sockets:
            one.close()


class Load:
    """wrk, running."""

    def __init__(
        self, url: str, connections: int, seconds: int, threads: int = 1, timeout: int = 10,
        authorization: str = Agent.AUTHORIZATION, **options,
    ):
        self.url = url
        self.process = subprocess.Popen(
            ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{timeout}s",
             "-s", HERE / "load.lua", "-H", f"Authorization: {authorization}",
             url, "--", *(f"{k}={v}" for k, v in options.items())],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )

    def result(self, may_refuse: bool = False) -> dict:
        """Requests per second, p50 and p99 in milliseconds, refusals; only when every answer was the one wanted."""
        output = self.process.communicate()[0]
        line = next((line for line in output.splitlines() if line.startswith("{")), None)
        if line is None:
            raise NotMeasured(f"wrk on {self.url}: {output[-300:]}")
        result = json.loads(line)
        if result["broken"] or (result["refused"] and not may_refuse) or not result["requests"]:
            raise NotMeasured(f"wrk on {self.url}: {line}")
        return result | {"per_second": result["requests"] / result["seconds"]}


def load(url: str, connections: int, seconds: int, warm: int = 1, **options) -> dict:
    """Runs wrk, after `warm` seconds of the same load that are not counted."""
    Load(url, connections, warm, **options).result()
    return Load(url, connections, seconds, **options).result()


def run(*command) -> dict:
    """The line of JSON that a measuring program prints."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise NotMeasured(f"{command[0]}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def sync_milliseconds(folder: pathlib.Path) -> float:
    """The median time of an fdatasync after 4 KiB were appended to a file."""
    times = []
    descriptor = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(500):
            os.write(descriptor, bytes(4096))
            start = time.perf_counter()
            os.fdatasync(descriptor)
            times.append(time.perf_counter() - start)
    finally:
        os.close(descriptor)
    return sorted(times)[len(times) // 2] * 1000


def sync_files(folder: pathlib.Path, is_dropped: bool = False):
    """Brings a folder's files to the disk; and makes the kernel forget them, and nothing else, when that is wanted."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            if is_dropped:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
