"""T-CORRUPT: a damaged database is refused in one line and left as it is; nothing is made up in its place (promise D8).

SQLite keeps no checksum of its pages: a changed letter inside a value that its constraints allow can't be told from the
right one. So the refusal is proved of damage to a page's structure, to the schema, to a file's length and to the log;
of damage at any place it is proved that it is refused or costs single jobs only: the agent lives, and says of a job
what it has or that it can't.
"""

import contextlib
import pathlib
import random
import shutil
import sqlite3
import time

import pytest

from invariants import ECHO, check_file
from running_agent import Agent, NotStarted, scratch_folder

PAGE, FRAME, WAL_HEADER = 4096, 4096 + 24, 32


@pytest.fixture(scope="module")
def stored():
    """Folders of a stopped agent and of a killed one, with the words of their jobs, which fill many pages."""
    with scratch_folder() as folder:
        yield make(folder / "stopped", stop=True), make(folder / "killed", stop=False)


def make(folder: pathlib.Path, stop: bool) -> tuple[pathlib.Path, dict[str, str]]:
    folder.mkdir(mode=0o711)
    agent = Agent(folder, "--sandbox", "none")
    operation = agent.client().register(ECHO)
    words = run_jobs(agent, operation, 16)
    assert agent.terminate() == 0
    if not stop:
        # The log begins anew with these jobs, and they don't fill it: no checkpoint empties it before the kill.
        agent = Agent(folder, "--sandbox", "none")
        words |= run_jobs(agent, operation, 8)
        agent.kill()
    return folder / "data", words


def run_jobs(agent: Agent, operation: str, jobs: int) -> dict[str, str]:
    client = agent.client()
    long = [f"{number} " + "word " * 600 for number in range(jobs)]
    words = {client.accepted(operation, word): word for word in long}
    for job in words:
        client.result(job)
    return words


@pytest.fixture
def damaged(folder, stored, request):
    """A copy of a stored folder, and what it holds."""
    source, words = stored[0 if request.param == "stopped" else 1]
    shutil.copytree(source, folder / "data", ignore=shutil.ignore_patterns("*-shm"))
    return folder / "data", words


def files(data: pathlib.Path) -> dict[str, bytes]:
    """The database and its log; an empty log is none."""
    found = {name: data / name for name in ["agent.sqlite", "agent.sqlite-wal"]}
    return {name: path.read_bytes() for name, path in found.items() if path.exists() and path.stat().st_size > 0}


def flip(path: pathlib.Path, places: list[int], chance: random.Random):
    data = bytearray(path.read_bytes())
    for place in places:
        data[place] ^= chance.randrange(1, 256)
    path.write_bytes(data)


def check_refused(start, data: pathlib.Path, advice: str):
    """The agent refuses within 10 s, says in one line which file and what to do, and has changed nothing."""
    before, began = files(data), time.monotonic()
    with pytest.raises(NotStarted) as refused:
        start("--sandbox", "none", ready_within=10)
    assert refused.value.status == 65, refused.value
    assert time.monotonic() - began < 10
    lines = refused.value.errors.strip().splitlines()
    assert len(lines) == 1, lines
    assert str(data / "agent.sqlite") in lines[0] and advice in lines[0], lines
    assert files(data) == before


def check_started(agent: Agent, words: dict[str, str]):
    """Every job reads as it did."""
    client = agent.client()
    for job, word in words.items():
        assert client.result(job) == {"jobid": job, "status": "completed", "result": {"echo": f"{word} 1"}}
    assert agent.terminate() == 0
    check_file(agent.data, words)


def pages_in_use(path: pathlib.Path) -> list[int]:
    """The numbers of the pages of tables and indexes, from 0."""
    data = path.read_bytes()
    kinds = {0x02, 0x05, 0x0A, 0x0D}
    return [page for page in range(1, len(data) // PAGE) if data[page * PAGE] in kinds]


@pytest.mark.parametrize("damaged", ["stopped"], indirect=True)
@pytest.mark.parametrize("seed", range(15))
def test_pages_whose_structure_is_damaged_are_refused(damaged, start_agent, seed):
    data, _ = damaged
    chance = random.Random(seed)
    path = data / "agent.sqlite"
    # The 8 bytes of a page's header: its kind, its free blocks, its cells and where they begin.
    page = chance.choice(pages_in_use(path))
    flip(path, [page * PAGE + place for place in chance.sample([0, 3, 5], chance.randint(1, 3))], chance)
    check_refused(start_agent, data, "Restore it from a backup")


@pytest.mark.parametrize("damaged", ["stopped"], indirect=True)
@pytest.mark.parametrize("seed", range(5))
def test_a_letter_changed_in_a_definition_of_the_schema_is_refused(damaged, start_agent, seed):
    data, _ = damaged
    chance = random.Random(seed)
    path = data / "agent.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        definitions = [sql for (sql,) in database.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
    # Its end, for SQLite reads a definition's beginning by itself.
    end = chance.choice(definitions).encode()[-20:]
    flip(path, [path.read_bytes().index(end) + chance.randrange(len(end))], chance)
    check_refused(start_agent, data, "Restore it from a backup")


@pytest.mark.parametrize("damaged", ["stopped"], indirect=True)
@pytest.mark.parametrize("seed", range(10))
def test_bytes_flipped_anywhere_are_refused_or_cost_single_jobs(damaged, start_agent, seed):
    data, words = damaged
    chance = random.Random(seed)
    path = data / "agent.sqlite"
    flip(path, chance.sample(range(path.stat().st_size), chance.randint(1, 64)), chance)
    before = files(data)
    try:
        agent = start_agent("--sandbox", "none", ready_within=10)
    except NotStarted as refused:
        assert refused.status == 65, refused
        assert files(data) == before
        return
    client = agent.client()
    for job in words:
        answer = client.send("GET", f"/jobs/result/{job}")
        assert answer.status == 200 or answer.code in (8001, 8190), answer
    assert client.send("GET", "/health").status == 200
    assert agent.terminate() == 0


@pytest.mark.parametrize("damaged", ["stopped"], indirect=True)
@pytest.mark.parametrize("seed", range(8))
def test_a_truncated_file_is_refused(damaged, start_agent, seed):
    data, _ = damaged
    path = data / "agent.sqlite"
    with path.open("r+b") as file:
        file.truncate(random.Random(seed).randrange(1, path.stat().st_size))
    check_refused(start_agent, data, "Restore it from a backup")


@pytest.mark.parametrize("damaged", ["killed"], indirect=True)
@pytest.mark.parametrize("seed", range(8))
def test_a_log_that_is_damaged_before_its_end_is_refused(damaged, start_agent, seed):
    data, _ = damaged
    wal = data / "agent.sqlite-wal"
    chance, frames = random.Random(seed), (wal.stat().st_size - WAL_HEADER) // FRAME
    assert frames > 20, "the log is too short for this proof"
    # Every frame bears the salts of the log's header: all of them count.
    salts = wal.read_bytes()[16:24]
    assert all(wal.read_bytes()[at + 8 : at + 16] == salts for at in range(WAL_HEADER, frames * FRAME, FRAME))
    # In the first half: many commits follow, so it is no write that was cut off.
    first = WAL_HEADER + chance.randrange(frames // 2) * FRAME
    flip(wal, [first + place for place in chance.sample(range(FRAME), chance.randint(1, 64))], chance)
    check_refused(start_agent, data, "Restore it from a backup")


@pytest.mark.parametrize("damaged", ["killed"], indirect=True)
def test_a_log_that_was_cut_off_in_its_last_frame_is_an_ordinary_crash(damaged, start_agent):
    data, words = damaged
    wal = data / "agent.sqlite-wal"
    # A whole frame that belongs to no commit, then half of one: what a crash leaves behind.
    with wal.open("ab") as file:
        file.write(bytes(FRAME // 2))
    check_started(start_agent("--sandbox", "none"), words)


@pytest.mark.parametrize("damaged", ["stopped"], indirect=True)
def test_the_log_of_another_database_is_refused_or_has_no_effect(damaged, start_agent, stored):
    data, words = damaged
    shutil.copy(stored[1][0] / "agent.sqlite-wal", data / "agent.sqlite-wal")
    before = files(data)
    try:
        agent = start_agent("--sandbox", "none", ready_within=10)
    except NotStarted as refused:
        assert refused.status == 65, refused
        assert files(data) == before
    else:
        check_started(agent, words)


@pytest.mark.parametrize("damaged", ["stopped"], indirect=True)
@pytest.mark.parametrize(
    "content",
    [b"", b"this is not a database, and somebody may want it back\n", bytes(8192)],
    ids=["empty", "text", "zeros"],
)
def test_a_file_that_is_no_database_is_left_alone(damaged, start_agent, content):
    data, _ = damaged
    path = data / "agent.sqlite"
    path.write_bytes(content)
    with pytest.raises(NotStarted) as refused:
        start_agent(ready_within=10)
    assert refused.value.status == 65
    assert str(path) in refused.value.errors
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_left_alone(folder, start_agent):
    data = folder / "data"
    data.mkdir(mode=0o700)
    other = sqlite3.connect(data / "agent.sqlite")
    other.executescript("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine');")
    other.close()
    check_refused(start_agent, data, "not a database of invoke-agent")


@pytest.mark.parametrize("damaged", ["stopped", "killed"], indirect=True)
def test_a_newer_schema_is_refused(damaged, start_agent):
    data, _ = damaged
    database = sqlite3.connect(data / "agent.sqlite")
    database.execute("INSERT INTO grdb_migrations (identifier) VALUES ('v999_of_a_later_version')")
    database.commit()
    database.close()
    check_refused(start_agent, data, "later version")
