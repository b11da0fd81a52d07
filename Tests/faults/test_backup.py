"""A backup that is made while the agent works is the agent at one moment, and another machine can go on from there."""

import contextlib
import hashlib
import json
import os
import pathlib
import random
import sqlite3
import subprocess

import pytest

import commands
from gate import gate_in
from invariants import ECHO, check_file, number, rows
from proving import Watch, eventually, size
from running_agent import NotStarted


def backup(data: pathlib.Path, target: pathlib.Path, *options: str) -> dict:
    """Makes a backup that has to succeed."""
    made = commands.run("admin", "backup", "--output", "json", "--data-dir", data, target, *options)
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def restore(source: pathlib.Path, data: pathlib.Path, *options: str) -> subprocess.CompletedProcess:
    return commands.run("admin", "restore", "--output", "json", "--data-dir", data, source, *options)


def restored(source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """A folder for an agent, with what a backup has to have in it."""
    folder.mkdir(mode=0o711)
    ran = restore(source, folder / "data")
    assert ran.returncode == 0, ran.stderr
    return folder


def upload(client, content: bytes) -> str:
    """Makes an asset; returns its id."""
    asset = client.send("POST", "/api/v1/meta/data", {"name": content.hex()[:20], "type": "dataset"}).json
    answer = client.send("PUT", f"/api/v1/assets/{asset}", content, Content_Type="application/octet-stream")
    assert answer.status == 200, answer
    return asset


def content_file(folder: pathlib.Path, content: bytes) -> pathlib.Path:
    name = hashlib.sha3_256(content).hexdigest()
    return folder / "contents" / name[:2] / name[2:]


def name_of(content: bytes) -> str:
    return hashlib.sha3_256(content).hexdigest()


def tree(folder: pathlib.Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Faucet:
    """A content that is being read until the test lets it end: a pipe in the place of its file."""

    def __init__(self, path: pathlib.Path):
        self.path, self.content = path, path.read_bytes()
        path.unlink()
        os.mkfifo(path)
        self._pipe = None

    def _open(self) -> bool:
        with contextlib.suppress(OSError):
            self._pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        return self._pipe is not None

    def wait_for_reader(self):
        eventually(self._open, within=60)

    def let(self):
        """The reader gets what it is waiting for."""
        assert os.write(self._pipe, self.content) == len(self.content)
        self.close()

    def close(self):
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def mend(self):
        """A file again."""
        self.close()
        self.path.unlink()
        self.path.write_bytes(self.content)


@pytest.fixture
def stored(start_agent):
    """The folder of a stopped agent with some contents, in the order in which they are copied."""
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    contents = sorted((f"content {place} ".encode() * 100 for place in range(12)), key=name_of)
    for content in contents:
        upload(client, content)
    client.result(client.accepted(client.register(ECHO), "x"))
    assert agent.terminate() == 0
    return agent.data, contents


def test_what_was_there_at_the_backup_of_a_busy_agent_is_there_after_the_restore(start_agent, folder):
    agent = start_agent("--sandbox", "none", "--pending-per-caller", "10000")
    client = agent.client()
    made = client.register(
        'printf "made of %s" "$INVOKE_INPUT_WORD" > "$INVOKE_OUTPUT_DIR/file"', name="maker",
        outputs={"file": {"type": "asset", "content_type": "text/plain"}},
    )
    echo = client.register(ECHO, name="echo")
    token = agent.token
    with gate_in(folder) as gate:
        held = client.accepted(client.register(gate.script, name="held"), "held")
        before: dict[str, dict] = {}
        contents = {upload(client, content): content for content in (os.urandom(200_000) for _ in range(20))}
        for place in range(20):
            for operation in [made, echo]:
                job = client.accepted(operation, f"word {place}")
                before[job] = client.result(job)
        eventually(lambda: client.job(held)["status"] == "running")
        waiting = client.accepted(client.register(ECHO, name="late", concurrency=1), "late")
        before[waiting] = client.result(waiting)

        busy, busier = agent.client(), agent.client()

        def work():
            busy.accepted(made, "more")
            busy.accepted(echo, "more")

        watches = [Watch(work), Watch(lambda: upload(busier, os.urandom(50_000)), pause=0.01)]
        target = folder / "backup"
        reports = [backup(agent.data, target) for _ in range(size(3, 20))]
        for watch in watches:
            watch.stop()
        assert all(report["missing"] == [] for report in reports)
        assert reports[0]["rows"]["jobs"] < reports[-1]["rows"]["jobs"], "there was no work meanwhile"
        agent.kill()

        elsewhere = restored(target, folder / "elsewhere")
        check_file(elsewhere / "data", before)
        named = number(
            elsewhere / "data", "SELECT count(DISTINCT content_hash) FROM assets WHERE content_hash IS NOT NULL"
        )
        assert named == reports[-1]["contents"]
        again = start_agent("--sandbox", "none", at=elsewhere)
        client = again.client()
        for job, result in before.items():
            assert client.result(job) == result
        for asset, content in contents.items():
            assert client.send("GET", f"/api/v1/assets/{asset}").body == content
        for result in before.values():
            if "file" in result["result"]:
                asset = result["result"]["file"]["did"].split("/")[-1]
                assert client.send("GET", f"/api/v1/assets/{asset}").body.startswith(b"made of word")
        # The key is the same, and so are the tokens made with it.
        client.authorization = token
        assert client.send("GET", "/jobs").status == 200
        # What ran then was interrupted by the end of the agent that ran it, and runs again.
        gate.let(1)
        assert client.result(held)["result"] == {"echo": "held 2"}
        eventually(lambda: number(again.data, "SELECT count(*) FROM jobs WHERE ended_at IS NULL") == 0, within=120)
    assert again.terminate() == 0
    check_file(again.data, before)


def test_a_further_backup_copies_what_is_new_and_leaves_nothing_of_the_one_before(stored, folder, start_agent):
    data, contents = stored
    target = folder / "backup"
    first = backup(data, target)
    assert first["copied"]["contents"] == first["contents"] == len(contents)
    assert oct(target.stat().st_mode & 0o777) == "0o700"
    for file in [first["database"]["file"], first["key"]["file"], "manifest.json"]:
        assert oct((target / file).stat().st_mode & 0o777) == "0o600"
    database = (target / first["database"]["file"]).read_bytes()
    assert hashlib.sha256(database).hexdigest() == first["database"]["sha256"]

    agent = start_agent("--sandbox", "none")
    upload(agent.client(), b"new")
    stray = content_file(target, b"stray")
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    second = backup(data, target)
    assert (second["copied"]["contents"], second["contents"]) == (1, len(contents) + 1)
    assert content_file(target, b"new").read_bytes() == b"new"
    files = {name for name in tree(target) if not name.startswith("contents/")}
    assert files == {"backup.lock", "manifest.json", second["database"]["file"], second["key"]["file"]}
    assert not stray.exists()


def test_a_backup_that_is_killed_leaves_the_one_before(stored, folder, start_agent):
    data, contents = stored
    target = folder / "backup"
    first = backup(data, target)
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    for content in [b"late 1", b"late 2"]:
        upload(client, content)
    faucet = Faucet(min((content_file(data, content) for content in [b"late 1", b"late 2"]), key=str))
    running = commands.start("admin", "backup", "--data-dir", data, target)
    faucet.wait_for_reader()
    running.kill()
    commands.ended(running)
    assert json.loads((target / "manifest.json").read_text())["time"] == first["time"]
    one = restored(target, folder / "one") / "data"
    assert number(one, "SELECT count(*) FROM assets WHERE content_hash IS NOT NULL") == len(contents)

    faucet.mend()
    second = backup(data, target)
    assert second["contents"] == len(contents) + 2
    assert len([name for name in tree(target) if name.startswith("agent-")]) == 2
    restored(target, folder / "two")


def test_a_first_backup_that_is_killed_is_none(stored, folder):
    data, contents = stored
    target = folder / "backup"
    faucet = Faucet(content_file(data, contents[5]))
    running = commands.start("admin", "backup", "--data-dir", data, target)
    faucet.wait_for_reader()
    running.kill()
    commands.ended(running)
    ran = restore(target, folder / "elsewhere")
    assert ran.returncode == 65 and "no whole backup" in ran.stderr
    assert not (folder / "elsewhere/agent.sqlite").exists()
    faucet.mend()
    # What is there already is not copied again.
    assert backup(data, target)["copied"]["contents"] == len(contents) - 5
    restored(target, folder / "two")


def test_wherever_a_backup_is_killed_there_is_a_whole_one(start_agent, folder):
    agent = start_agent("--sandbox", "none")
    client = agent.client()
    target = folder / "backup"
    contents = []

    def add():
        contents.append(os.urandom(1000))
        upload(client, contents[-1])

    for _ in range(20):
        add()
    backup(agent.data, target)
    chance = random.Random(7)
    for attempt in range(size(6, 60)):
        for _ in range(10):
            add()
        running = commands.start("admin", "backup", "--data-dir", agent.data, target)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(chance.uniform(0.02, 0.5))
        running.kill()
        commands.ended(running)
        data = restored(target, folder / f"attempt-{attempt}") / "data"
        check_file(data)
        for (asset,) in rows(data, "SELECT content_hash FROM assets WHERE content_hash IS NOT NULL"):
            path = data / "contents" / asset.hex()[:2] / asset.hex()[2:]
            assert hashlib.sha3_256(path.read_bytes()).digest() == asset


def test_a_content_that_goes_during_the_backup_makes_it_begin_anew(stored, folder):
    data, contents = stored
    target = folder / "backup"
    faucet = Faucet(content_file(data, contents[0]))
    running = commands.start("admin", "backup", "--output", "json", "--data-dir", data, target)
    faucet.wait_for_reader()
    # As the agent does it: first the row, and later the file.
    going = contents[-1]
    database = sqlite3.connect(data / "agent.sqlite")
    changed = database.execute(
        "UPDATE assets SET content_hash = NULL, content_size = NULL WHERE content_hash = ?",
        (hashlib.sha3_256(going).digest(),),
    )
    assert changed.rowcount == 1
    database.commit()
    database.close()
    content_file(data, going).unlink()
    faucet.let()
    made = commands.ended(running)
    assert made.returncode == 0, made.stderr
    report = json.loads(made.stdout)
    assert report["missing"] == [] and report["contents"] == report["copied"]["contents"] == len(contents) - 1
    copy = restored(target, folder / "elsewhere") / "data"
    assert number(copy, "SELECT count(*) FROM assets WHERE content_hash IS NOT NULL") == len(contents) - 1


def test_contents_that_are_lost_or_damaged_are_named_and_all_others_are_saved(stored, folder):
    data, contents = stored
    lost, damaged = contents[2], contents[7]
    content_file(data, lost).unlink()
    content_file(data, damaged).chmod(0o600)
    content_file(data, damaged).write_bytes(damaged[:-1] + b"?")
    made = commands.run("admin", "backup", "--output", "json", "--data-dir", data, folder / "backup")
    assert made.returncode == 65
    assert name_of(lost) in made.stderr and name_of(damaged) in made.stderr
    report = json.loads(made.stdout)
    assert report["missing"] == sorted([name_of(lost), name_of(damaged)])
    assert report["contents"] == len(contents) - 2
    ran = restore(folder / "backup", folder / "elsewhere")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["missing"] == report["missing"]
    for content in contents:
        assert content_file(folder / "elsewhere", content).exists() == (content not in (lost, damaged))

    # Mended, they come with the next one.
    for content in [lost, damaged]:
        content_file(data, content).unlink(missing_ok=True)
        content_file(data, content).write_bytes(content)
    assert backup(data, folder / "backup")["copied"]["contents"] == 2


def test_a_damaged_database_is_not_backed_up(stored, folder):
    data, _ = stored
    target = folder / "backup"
    first = backup(data, target)
    path = data / "agent.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096] ^= 0x5A
    path.write_bytes(content)
    made = commands.run("admin", "backup", "--data-dir", data, target)
    assert made.returncode == 65 and "damaged" in made.stderr
    assert json.loads((target / "manifest.json").read_text())["time"] == first["time"]
    restored(target, folder / "elsewhere")


@pytest.mark.parametrize("part", ["database", "key", "manifest", "content", "content-gone"])
def test_a_damaged_backup_is_refused_and_nothing_is_restored(stored, folder, part):
    data, contents = stored
    target = folder / "backup"
    report = backup(data, target)
    path = {
        "database": target / report["database"]["file"],
        "key": target / report["key"]["file"],
        "manifest": target / "manifest.json",
    }.get(part, content_file(target, contents[3]))
    if part == "content-gone":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        if part == "manifest":
            content = content[: len(content) // 2]
        path.chmod(0o600)
        path.write_bytes(content)
    ran = restore(target, folder / "elsewhere")
    assert ran.returncode == 65
    assert (name_of(contents[3]) if part.startswith("content") else str(path)) in ran.stderr
    assert set(tree(folder / "elsewhere")) <= {"agent.lock"}
    if part.startswith("content"):
        ran = restore(target, folder / "elsewhere", "--without-damaged")
        assert ran.returncode == 0
        assert json.loads(ran.stdout)["missing"] == [name_of(contents[3])]


def test_a_restore_overwrites_nothing(start_agent, folder):
    agent = start_agent("--sandbox", "none")
    target = folder / "backup"
    backup(agent.data, target)
    ran = restore(target, agent.data)
    assert ran.returncode == 75 and str(agent.data) in ran.stderr
    assert agent.terminate() == 0
    before = tree(agent.data)
    ran = restore(target, agent.data)
    assert ran.returncode == 73 and "agent.sqlite is there already" in ran.stderr
    assert tree(agent.data) == before
    # Not even the key of an agent that has lost its database.
    (agent.data / "agent.sqlite").unlink()
    before = tree(agent.data)
    assert restore(target, agent.data).returncode == 73
    assert tree(agent.data) == before


def test_a_restore_that_is_killed_is_not_taken_for_an_agent_and_can_be_run_again(stored, folder, start_agent):
    data, contents = stored
    target = folder / "backup"
    backup(data, target)
    (folder / "two").mkdir(mode=0o711)
    elsewhere = folder / "two/data"
    faucet = Faucet(content_file(target, contents[4]))
    running = commands.start("admin", "restore", "--data-dir", elsewhere, target)
    faucet.wait_for_reader()
    with pytest.raises(NotStarted) as refused:
        start_agent("--sandbox", "none", at=folder / "two")
    assert refused.value.status == 75
    running.kill()
    commands.ended(running)
    with pytest.raises(NotStarted) as refused:
        start_agent("--sandbox", "none", at=folder / "two")
    assert refused.value.status == 65 and "admin restore" in refused.value.errors
    faucet.mend()
    assert restore(target, elsewhere).returncode == 0
    assert not (elsewhere / "restoring").exists()
    agent = start_agent("--sandbox", "none", at=folder / "two")
    assert agent.terminate() == 0
    check_file(elsewhere)


def test_a_folder_that_is_no_backup_of_this_agent_is_left_alone(stored, folder, start_agent):
    data, _ = stored

    def refusal(target: pathlib.Path) -> tuple[int, str]:
        ran = commands.run("admin", "backup", "--data-dir", data, target)
        return ran.returncode, ran.stderr

    papers = folder / "papers"
    papers.mkdir()
    (papers / "agent-notes.txt").write_text("mine")
    status, errors = refusal(papers)
    assert status == 73 and str(papers) in errors
    assert tree(papers) == {"agent-notes.txt": b"mine"}
    assert refusal(papers / "agent-notes.txt")[0] == 73
    assert refusal(data / "backup")[0] == refusal(folder)[0] == 64

    (folder / "other").mkdir(mode=0o711)
    other = start_agent("--sandbox", "none", at=folder / "other")
    backup(other.data, folder / "backup")
    before = tree(folder / "backup")
    status, errors = refusal(folder / "backup")
    assert status == 64 and "another agent" in errors
    assert tree(folder / "backup") == before
    nothing = commands.run("admin", "backup", "--data-dir", folder / "nothing", folder / "backup")
    assert nothing.returncode == 64 and not (folder / "nothing").exists()


def test_two_backups_into_one_folder_do_not_mix(stored, folder):
    data, contents = stored
    faucet = Faucet(content_file(data, contents[0]))
    running = commands.start("admin", "backup", "--data-dir", data, folder / "backup")
    faucet.wait_for_reader()
    second = commands.run("admin", "backup", "--data-dir", data, folder / "backup")
    assert second.returncode == 75 and "another backup" in second.stderr
    faucet.let()
    assert commands.ended(running).returncode == 0
    faucet.mend()
    restored(folder / "backup", folder / "elsewhere")


def test_the_examples_of_the_help_pages_run(stored, folder):
    data, contents = stored

    def run(*command: str, data: pathlib.Path) -> subprocess.CompletedProcess:
        places = {"/var/lib/invoke-agent": str(data), "/var/backups/invoke-agent": str(folder / "backup")}
        return commands.run(*(places.get(word, word) for word in commands.example(*command)))

    made = run("admin", "backup", data=data)
    assert made.returncode == 0, made.stderr
    assert f"backup\t{folder}/backup\n" in made.stdout and f"contents\t{len(contents)}\n" in made.stdout
    ran = run("admin", "restore", data=folder / "elsewhere")
    assert ran.returncode == 0, ran.stderr
    assert f"data folder\t{folder}/elsewhere\n" in ran.stdout
    pruned = run("admin", "prune", data=data)
    assert (pruned.returncode, pruned.stdout) == (0, "jobs\t0\ndry run\ttrue\n")
    assert commands.run("admin", "backup").returncode == 64
