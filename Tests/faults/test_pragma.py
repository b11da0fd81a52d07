"""T-PRAGMA: what durability rests on is what the running agent really has (promise D2)."""

import re


def test_the_file_is_in_wal_mode(start_agent):
    agent = start_agent()
    assert agent.terminate() == 0
    # Bytes 18 and 19 of a SQLite file: the version needed to write it and to read it; 2 is WAL.
    assert (agent.data / "agent.sqlite").read_bytes()[18:20] == b"\x02\x02"


def test_the_log_tells_what_the_writer_reads_back(start_agent):
    log = start_agent("--log-format", "json").log()
    for pragma, value in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")]:
        assert re.search(rf'"{pragma}":"{value}"', log), f"{pragma} is not in the log:\n{log}"
