"""What has to hold after every fault (reliability, section 11)."""

import json
import pathlib
import sqlite3
from collections.abc import Iterable

from proving import eventually, marked_processes

# What the jobs of most proofs do: their result tells which attempt has made it.
ECHO = 'printf "%s %s" "$INVOKE_INPUT_WORD" "$INVOKE_ATTEMPT"'


def rows(data: pathlib.Path, sql: str, *values) -> list[tuple]:
    """Reads the database of a stopped agent, as somebody who can't change it."""
    database = sqlite3.connect(f"file:{data}/agent.sqlite?mode=ro", uri=True)
    try:
        return database.execute(sql, values).fetchall()
    finally:
        database.close()


def number(data: pathlib.Path, sql: str, *values) -> int:
    return rows(data, sql, *values)[0][0]


def check_file(data: pathlib.Path, acknowledged: Iterable[str] = ()):
    """The file of a stopped agent is whole, has every acknowledged job, and contradicts itself nowhere.

    Holds at every moment, also while jobs wait.
    """
    assert rows(data, "PRAGMA integrity_check") == [("ok",)]
    assert rows(data, "PRAGMA foreign_key_check") == []
    stored = {str(job) for (job,) in rows(data, "SELECT id FROM jobs")}
    lost = set(acknowledged) - stored
    assert not lost, f"{len(lost)} acknowledged jobs are lost, {min(lost)} is the first"

    twice = "SELECT job_id FROM attempts WHERE ending = 'succeeded' GROUP BY job_id HAVING count(*) > 1"
    assert rows(data, twice) == []
    # The winning attempt is the last one. A job that has ended has none that is open, but for one that was cancelled
    # with its parent, whose program may still be there.
    broken = """
        SELECT jobs.id, state, attempts, number, ending FROM jobs
        LEFT JOIN attempts ON attempts.job_id = jobs.id AND attempts.number = jobs.attempts
        WHERE (state = 'succeeded') != (ending IS 'succeeded') OR (jobs.ended_at IS NOT NULL
            AND NOT (state = 'cancelled' AND cancel_asked) AND EXISTS (SELECT 1 FROM attempts WHERE job_id = jobs.id AND attempts.ended_at IS NULL))
        """
    assert rows(data, broken) == []
    check_purchases(data)
    # One event for the end of each job that has a webhook, and none before the end (promise W1).
    events = """
        SELECT id, state, (SELECT count(*) FROM deliveries WHERE job_id = jobs.id AND webhook_id IS NULL) AS events FROM jobs
        WHERE webhook_url IS NOT NULL AND webhook_events IS NULL AND events != (jobs.ended_at IS NOT NULL)
        """
    assert rows(data, events) == []


def check_purchases(data: pathlib.Path):
    """What a purchase has left and what its jobs use make up what was bought; a token has paid for as many jobs as are
    counted (promise I4)."""
    balances = rows(
        data,
        """
        SELECT hex(purchases.public_id), json_extract(listings.agreement, '$.uses') AS bought, uses_left,
            (SELECT count(*) FROM purchase_uses JOIN jobs ON jobs.id = job_id
                WHERE purchase_id = purchases.id AND state NOT IN ('failed', 'cancelled')) AS used
        FROM purchases JOIN listings ON listings.id = listing_id WHERE uses_left IS NOT NULL
        """,
    )
    assert [balance for balance in balances if balance[1] != balance[2] + balance[3]] == []
    counts = rows(
        data,
        """
        SELECT hex(identity), uses, (SELECT count(*) FROM purchase_token_uses JOIN jobs ON jobs.id = job_id
            WHERE identity = purchase_tokens.identity AND state NOT IN ('failed', 'cancelled')) FROM purchase_tokens
        """,
    )
    assert [count for count in counts if count[1] != count[2]] == []


def check_invariants(data: pathlib.Path, acknowledged: dict[str, str], mark: str | None = None):
    """`acknowledged` are the jobs that clients were told of, with the words they were given; all have had their time.

    Every one is there and has ended; what succeeded has the result of its winning attempt (of ECHO); what failed ran
    out of attempts because the agent died. No process of a job, found by the mark in its word, is left.
    """
    check_file(data, acknowledged)
    assert number(data, "SELECT count(*) FROM jobs WHERE ended_at IS NULL") == 0
    for job, state, result, code, attempts in rows(data, "SELECT id, state, result, error_code, attempts FROM jobs"):
        word = acknowledged.get(str(job))
        if state == "failed":
            assert code == 8207, f"job {job} failed with {code}"
        elif word is not None:
            assert (state, json.loads(result)) == ("succeeded", {"echo": f"{word} {attempts}"})
    if mark:
        eventually(lambda: not marked_processes(mark), within=5)


def check_webhooks(data: pathlib.Path, received: Iterable[tuple[dict, bytes]]):
    """Every event has reached its receiver at least once, always under the one id that its job has (promise W1, W2)."""
    ids: dict[str, set[str]] = {}
    for headers, body in received:
        names = {name.lower(): value for name, value in headers.items()}
        ids.setdefault(json.loads(body)["data"]["jobid"], set()).add(names["webhook-id"])
    expected = {str(job): {event} for job, event in rows(data, "SELECT job_id, event_id FROM deliveries")}
    assert ids == expected
