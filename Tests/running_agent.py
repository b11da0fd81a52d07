"""The built program, started as an operator starts it, and spoken to as its users do."""

import base64
import contextlib
import functools
import hashlib
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = pathlib.Path(os.environ.get("INVOKE_AGENT_PROGRAM", ROOT / ".build/debug/invoke-agent"))
PASSWORD = "a-password-for-tests"

# What a request ends with when the agent goes away meanwhile: there is no whole answer.
GONE = (OSError, http.client.HTTPException)


@contextlib.contextmanager
def scratch_folder() -> Iterator[pathlib.Path]:
    """A folder for an agent, removed afterwards; jobs, which run as users of their own, can pass through it."""
    with tempfile.TemporaryDirectory(prefix="invoke-agent-test-") as name:
        path = pathlib.Path(name)
        path.chmod(0o711)
        yield path
        # Where the jobs of a killed agent ran in memory: its name is that of the data folder.
        digest = hashlib.sha3_256(str(path / "data").encode()).hexdigest()
        shutil.rmtree(f"/dev/shm/invoke-agent-{os.getuid()}-{digest[:8]}", ignore_errors=True)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until_it_listens(running: subprocess.Popen, port: int):
    """Waits for a program that a test has started."""
    end = time.monotonic() + 20
    while True:
        assert running.poll() is None, f"{running.args[0]} has ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end, f"{running.args[0]} does not listen"
            time.sleep(0.05)


class Answer(NamedTuple):
    """What the agent has answered, whole."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> int | None:
        """The error code, if it is an error."""
        return self.json.get("errorcode") if self.status >= 400 else None


class Client:
    """One connection, kept open between requests and opened anew after it has broken; for one thread at a time."""

    def __init__(self, url: str, authorization: str, timeout: float = 60):
        address = url.removeprefix("http://").rstrip("/")
        self.connection = http.client.HTTPConnection(address, timeout=timeout)
        self.authorization = authorization

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Sends one request, never twice; `body` is JSON unless it is bytes. `Idempotency_Key="k"` is a header.

        Raises one of GONE when no whole answer comes.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = self.authorization
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            self.connection.request(method, path, body, sent)
            response = self.connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except GONE:
            self.connection.close()
            raise

    def register(self, script: str, name: str = "work", concurrency: int | dict[str, int] = 4, queue: int = 1000, **operation) -> str:
        """Registers a service with one operation, a shell script from `word` to `echo`; returns the operation's id."""
        definition = {
            "name": name,
            "version": "1.0.0",
            "operations": {
                "work": {
                    "inputs": {"word": {"type": "string"}},
                    "outputs": {"echo": {"type": "string"}},
                    "run": {"engine": "process", "command": ["sh", "work.sh"], "files": {"work.sh": script}},
                    **operation,
                }
            },
            "pool": {"concurrency": concurrency, "queue": queue},
        }
        answer = self.send("POST", "/services", definition)
        assert answer.status == 201, answer
        return answer.json["operations"]["work"]["id"]

    def invoke(self, operation: str, word: str, **headers: str) -> Answer:
        """Starts a job; a 201 has its id in `jobid`."""
        return self.send("POST", f"/invokeasync/{operation}", {"word": word}, **headers)

    def accepted(self, operation: str, word: str, **headers: str) -> str:
        """Starts a job that has to be accepted; returns its id."""
        answer = self.invoke(operation, word, **headers)
        assert answer.status == 201, answer
        return answer.json["jobid"]

    def job(self, job: str) -> dict:
        answer = self.send("GET", f"/jobs/{job}")
        assert answer.status == 200, answer
        return answer.json

    def result(self, job: str, within: float = 120) -> dict:
        """The result of a job, once it has ended."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            answer = self.send("GET", f"/jobs/result/{job}?wait=20")
            assert answer.status == 200, answer
            if answer.json["status"] in ("completed", "error"):
                return answer.json
        raise AssertionError(f"job {job} has not ended within {within} s: {answer.json}")


class NotStarted(Exception):
    """The agent ended before it was ready: its exit status (negative for a signal) and its standard error."""

    def __init__(self, status: int, errors: str):
        super().__init__(f"exit status {status}\n{errors}")
        self.status = status
        self.errors = errors


class Agent:
    """A running agent. `folder` holds `data`, `work` and its output; it outlives the agent, for the next one.

    `prefix` is a command that starts the agent in its own stead, keeping the process id (strace -D, env, setpriv).
    Raises NotStarted when it ends before it is ready.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        *options: str,
        environment: dict[str, str] | None = None,
        prefix: tuple[str, ...] = (),
        ready_within: float = 60,
    ):
        self.folder = folder
        self.data = folder / "data"
        self.auth = ("admin", PASSWORD)
        self.authorization = "Basic " + base64.b64encode(":".join(self.auth).encode()).decode()
        self.errors = folder / "stderr"
        serve = [PROGRAM, "serve", "--port", "0", "--data-dir", self.data, "--work-dir", folder / "work", *options]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*prefix, *serve],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={
                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "INVOKE_AGENT_ADMIN_PASSWORD": PASSWORD,
                    "SWIFT_BACKTRACE": "enable=no",
                    **(environment or {}),
                },
            )
        self.pid = self.process.pid
        line = self._first_line(ready_within)
        if not line.endswith(b"\n"):
            self.kill()
            raise NotStarted(self.process.returncode, self.log())
        self.url = json.loads(line)["url"]

    def _first_line(self, within: float) -> bytes:
        """The ready line; less when the agent ends before, or takes longer."""
        line, end = b"", time.monotonic() + within
        while not line.endswith(b"\n") and (left := end - time.monotonic()) > 0:
            if select.select([self.process.stdout], [], [], left)[0]:
                if not (byte := os.read(self.process.stdout.fileno(), 1)):
                    self.process.wait(max(1, left))
                    break
                line += byte
        return line

    def client(self, timeout: float = 60) -> Client:
        return Client(self.url, self.authorization, timeout)

    @functools.cached_property
    def token(self) -> str:
        """An `Authorization` that costs the agent less than a password does; it stays valid across restarts."""
        answer = self.client().send("POST", "/api/v1/auth/token")
        assert answer.status == 200, answer
        return f"token {answer.json}"

    def account(self, name: str) -> str:
        """Makes a consumer's account; returns its `Authorization`, a token."""
        account = {"username": name, "password": "a long pass phrase", "roles": ["consumer"]}
        answer = self.client().send("POST", "/accounts", account)
        assert answer.status == 201, answer
        pair = f"{name}:{account['password']}".encode()
        answer = Client(self.url, f"Basic {base64.b64encode(pair).decode()}").send("POST", "/api/v1/auth/token")
        assert answer.status == 200, answer
        return f"token {answer.json}"

    def log(self) -> str:
        """Everything that it has said on standard error."""
        return self.errors.read_text(errors="replace")

    def memory(self, field: str) -> int:
        """A line of /proc/<pid>/status, in KiB."""
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))

    def signal(self, number: signal.Signals):
        self.process.send_signal(number)

    def kill(self):
        """SIGKILL, as the kernel would do it; returns when the process is gone."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def terminate(self, within: float = 40) -> int:
        """SIGTERM; returns the exit status."""
        self.process.terminate()
        return self.wait(within)

    def stop(self):
        """In good order, or else by force."""
        try:
            self.terminate()
        finally:
            self.kill()

    def wait(self, within: float) -> int:
        """Waits for its end; returns the exit status."""
        status = self.process.wait(within)
        self.process.stdout.close()
        return status
