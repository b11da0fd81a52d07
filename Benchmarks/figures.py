"""The figures: each function measures ours and the ceiling by turns, and returns the rows of the table."""

import json
import statistics
import time

import oscar
import store
from machine import Agent, Followers, Load, NotMeasured, load, run, sync_files, sync_milliseconds
from provenance import FAMILY
from sandboxed import spawn_command
from sitting import BODY, TEXT, Sitting


def row(what: str, ours: float, unit: str, ceiling: float | None = None, least: float | None = None,
        most: float | None = None, is_ratio: bool = True) -> dict:
    """A row of the table: our figure beside its ceiling, their ratio or the figure itself, and the target it has."""
    measured = ours / ceiling if ceiling and is_ratio else ours
    met, target = None, "shown"
    if least is not None:
        met, target = measured >= least, f"≥ {least:g}"
    if most is not None:
        met, target = measured <= most, f"≤ {most:.4g}" + ("" if ceiling and is_ratio else f" {unit}")
    return {
        "what": what, "ours": f"{ours:,.4g} {unit}" if ours < 100 else f"{ours:,.0f} {unit}",
        "ceiling": "" if ceiling is None else f"{ceiling:,.4g} {unit}" if ceiling < 100 else f"{ceiling:,.0f} {unit}",
        "measure": f"{measured:.2f}" if ceiling and is_ratio else "", "target": target, "met": met,
        "values": {"ours": ours, "ceiling": ceiling, "measured": measured, "least": least, "most": most, "unit": unit},
    }


def accept_rate(sitting: Sitting, url: str, connections: int = 64) -> float:
    path = f"/invokeasync/{sitting.operations['park']}"
    return load(url + path, connections, sitting.seconds, body=BODY)["per_second"]


def fresh_accept_rate(sitting: Sitting, connections: int = 64, is_filled: bool = False) -> float:
    """Accepted jobs per second on a store of its own, all of them found in it afterwards."""
    with sitting.fresh_filled() if is_filled else sitting.fresh() as agent:
        before = store.ask(agent.database, "SELECT count(*) FROM jobs")
        rate = accept_rate(sitting, agent.url, connections)
        stored = store.ask(agent.database, "SELECT count(*) FROM jobs") - before
        if stored < rate * sitting.seconds:
            raise NotMeasured(f"{rate * sitting.seconds:.0f} jobs were accepted and {stored} stored")
    return rate


def accept(sitting: Sitting) -> list[dict]:
    copy = sitting.folder / "inserts.sqlite"

    def inserts() -> float:
        command = [sitting.bench_program, "inserts", copy, "--seconds", sitting.seconds, "--batch", 64]
        return run(*command)["per_second"]

    with sitting.fresh() as agent, sitting.bare(agent) as bare:
        store.copy_database(agent.database, copy)
        ours, ceiling, single, raw = sitting.alternate(
            lambda: fresh_accept_rate(sitting),
            lambda: accept_rate(sitting, bare.url),
            lambda: fresh_accept_rate(sitting, connections=1),
            inserts,
        )
    return [
        row("durable accept, 64 connections, beside bare Hummingbird", ours, "/s", ceiling, least=0.7),
        row("the same beside 1 connection", ours, "/s", single, least=8),
        row("the same beside raw SQLite, commits of 64", ours, "/s", raw),
    ]


def read(sitting: Sitting) -> list[dict]:
    path, jobs = "/jobs/result/", {"first": sitting.first_finished, "count": sitting.jobs - sitting.pending}
    with sitting.filled() as agent, sitting.bare(agent) as bare:
        ours, ceiling = sitting.alternate(
            lambda: load(agent.url + path, 64, sitting.seconds, **jobs)["per_second"],
            lambda: load(bare.url + path, 64, sitting.seconds, **jobs)["per_second"],
        )
    return [row(f"read of a job's result, {sitting.jobs:,} stored", ours, "/s", ceiling, least=0.7)]


def growth(sitting: Sitting) -> list[dict]:
    ours, ceiling = sitting.alternate(
        lambda: fresh_accept_rate(sitting, is_filled=True), lambda: fresh_accept_rate(sitting)
    )
    return [row(f"durable accept, {sitting.jobs:,} stored, beside an empty store", ours, "/s", ceiling, least=0.9)]


def job_rate(sitting: Sitting, agent: Agent, jobs: int, operation: str = "noop") -> float:
    """Jobs per second from the first one's acceptance to the last one's end, all succeeded.

    The agent runs them while they come in; about `jobs` are sent at once, fewer when that takes too long.
    """
    newest = store.ask(agent.database, "SELECT max(id) FROM jobs")
    url = f"{agent.url}/invokeasync/{sitting.operations[operation]}"
    Load(url, 64, sitting.seconds, body=BODY, stop=jobs).result()
    store.wait_until_ended(agent.database, operation)
    mine = "FROM jobs WHERE id > ? AND service_id = (SELECT id FROM services WHERE name = ?)"
    failed = store.ask(agent.database, f"SELECT count(*) {mine} AND state != 'succeeded'", newest, operation)
    if failed:
        raise NotMeasured(f"{failed} jobs that do nothing failed")
    span = f"SELECT count(*) * 1000.0 / (max(ended_at) - min(created_at)) {mine}"
    return store.ask(agent.database, span, newest, operation)


def jobs_for(sitting: Sitting, agent: Agent) -> int:
    """How many jobs that do nothing keep an agent busy for two measures."""
    return round(job_rate(sitting, agent, 100) * 2 * sitting.seconds) + 64


def spawn(sitting: Sitting) -> list[dict]:
    command = [sitting.bench_program, "spawn", "--", "/usr/bin/true"]
    return spawns(sitting, "none", lambda agent: command, least=0.8)


def sandbox(sitting: Sitting) -> list[dict]:
    return spawns(
        sitting, "bubblewrap", lambda agent: spawn_command(agent, sitting.bench_program, sitting.folder), least=0.85
    )


def spawns(sitting: Sitting, kind: str, command_for, least: float) -> list[dict]:
    """Jobs that do nothing beside the bare loop of the same programs: how many a second, and how long one takes."""
    with sitting.fresh(kind) as agent:
        words = [str(word) for word in command_for(agent)]

        def bare(threads: int) -> dict:
            options = ["--seconds", sitting.seconds, "--threads", threads]
            return run(*words[:words.index("spawn") + 1], *options, *words[words.index("spawn") + 1:])

        jobs = jobs_for(sitting, agent)
        ours, ceiling = sitting.alternate(
            lambda: job_rate(sitting, agent, jobs), lambda: bare(threads=8)["per_second"]
        )
        call = f"{agent.url}/invoke/{sitting.operations['noop']}"
        waited, alone, sync = sitting.alternate(
            lambda: load(call, 1, sitting.seconds, body=BODY)["p50_ms"],
            lambda: bare(threads=1)["p50_ms"],
            lambda: sync_milliseconds(sitting.folder),
        )
    how = "in bubblewrap" if kind == "bubblewrap" else "unsandboxed"
    return [
        row(f"jobs that do nothing, {how}, 8 at a time, beside their bare spawn", ours, "/s", ceiling, least=least),
        row(f"what a synchronous call adds to the spawn {how} ({alone:.2f} ms), p50", waited - alone, "ms", sync,
            most=2 * sync + 3, is_ratio=False),
    ]


def memory(sitting: Sitting) -> list[dict]:
    with sitting.filled() as agent:
        for _ in range(10):
            agent.call("/health")
        idle = statistics.median(settled_memory(agent) for _ in range(5))
    with sitting.fresh() as agent:
        accept_rate(sitting, agent.url)
        peak = agent.memory("VmHWM")
    return [
        row(f"resident memory, idle, {sitting.jobs:,} stored", idle, "MiB", most=64),
        row("most resident memory under full accept load", peak, "MiB", most=160),
    ]


def settled_memory(agent: Agent) -> float:
    time.sleep(1)
    return agent.memory("VmRSS")


def start(sitting: Sitting) -> list[dict]:
    def seconds(is_cold: bool) -> float:
        with sitting.filled() as agent:
            agent.kill()
        if is_cold:
            sync_files(agent.folder, is_dropped=True)
        with sitting.filled() as agent:
            return agent.seconds_to_ready

    warm, cold = sitting.alternate(lambda: seconds(is_cold=False), lambda: seconds(is_cold=True))
    stored = f"{sitting.jobs:,} stored, {sitting.pending:,} waiting"
    return [
        row(f"start after SIGKILL until ready, {stored}", warm, "s", most=1),
        row("the same, its files not in the cache", cold, "s", most=3),
    ]


def overload(sitting: Sitting) -> list[dict]:
    with sitting.fresh() as agent:
        capacity = job_rate(sitting, agent, jobs_for(sitting, agent))
        before = store.ask(agent.database, "SELECT max(id) FROM jobs")
        answers = Load(
            f"{agent.url}/invokeasync/{sitting.operations['narrow']}", 64, 20 * sitting.seconds, threads=64,
            body=BODY, delay=round(1000 * 64 / (4 * capacity)), timed=503,
        ).result(may_refuse=True)
        peak = agent.memory("VmHWM")
        statuses = answers["statuses"]
        if set(statuses) != {"201", "503"}:
            raise NotMeasured(f"not only 201 and 503 were answered: {statuses}")
        store.wait_until_ended(agent.database, "narrow")
        ended = store.ask(
            agent.database, "SELECT count(*) FROM jobs WHERE id > ? AND state = 'succeeded'", before
        )
        if ended < statuses["201"]:
            raise NotMeasured(f"{statuses['201']} jobs were accepted and {ended} succeeded")
    offered = f"{answers['per_second']:,.0f}/s offered, {capacity:,.0f}/s possible, {statuses['503']:,} refused"
    return [
        row(f"refusals at 4 × capacity, p99 ({offered})", answers["timed_p99_ms"], "ms", most=50),
        row("most resident memory in it", peak, "MiB", most=256),
    ]


def saturation(sitting: Sitting) -> list[dict]:
    def worst(path: str) -> float:
        with sitting.fresh() as agent:
            job = store.ask(agent.database, "SELECT id FROM jobs WHERE state = 'succeeded' LIMIT 1")
            accepting = f"{agent.url}/invokeasync/{sitting.operations['park']}"
            writes = Load(accepting, 64, sitting.seconds + 2, body=BODY)
            time.sleep(1)
            reads = load(agent.url + path.format(job), 8, sitting.seconds - 1 or 1, delay=5)
            writes.result()
            return reads["p99_ms"]

    reads, health = sitting.alternate(lambda: worst("/jobs/result/{}"), lambda: worst("/health"))
    return [
        row("status reads while 64 connections write, p99", reads, "ms", most=100),
        row("/health while 64 connections write, p99", health, "ms", most=100),
    ]


def provenance(sitting: Sitting) -> list[dict]:
    lineage, rows = sitting.lineage(), []
    with lineage.agent() as agent:
        for source, limit, expected, what in [
            (lineage.source(1), 1000, FAMILY + 1, f"what was made of an asset, {FAMILY} over four levels"),
            (lineage.source(0), 200, 200, f"the first 200 of {lineage.popular:,} made of one asset"),
        ]:
            ours, ceiling = sitting.alternate(
                lambda: lineage.ours(agent, source, limit, expected), lambda: lineage.ceiling(source, limit, expected)
            )
            rows += [
                row(f"{what}, {sitting.jobs:,} jobs that made assets stored", ours, "ms", ceiling, most=50,
                    is_ratio=False),
                row("the same beside the bare recursive query", ours, "ms", ceiling),
            ]
    return rows


def streams(sitting: Sitting) -> list[dict]:
    """What followers cost: each follows a job of its own that waits, while others submit jobs."""
    number = 1000

    def accept(followers: int) -> tuple[float, float]:
        """Accepted jobs a second, and the MiB that the followers take."""
        with sitting.fresh() as agent:
            jobs = [
                json.loads(agent.call(f"/invokeasync/{sitting.operations['park']}", TEXT)[2])["jobid"]
                for _ in range(number)
            ]
            before = settled_memory(agent)
            with Followers(agent, [f"/jobs/{job}/events" for job in jobs[:followers]]) as open_streams:
                taken = settled_memory(agent) - before
                rate = accept_rate(sitting, agent.url)
                open_streams.check()
        return rate, taken

    rounds = [(accept(number), accept(0)) for _ in range(sitting.rounds)]
    ours, ceiling = (statistics.median(rate for rate, _ in column) for column in zip(*rounds))
    taken = statistics.median(followed[1] for followed, _ in rounds)
    return [
        row(f"resident memory of {number:,} open event streams", taken, "MiB", most=32),
        row("durable accept with them, beside none", ours, "/s", ceiling, least=0.95),
    ]


def functions(sitting: Sitting) -> list[dict]:
    """Synchronous calls of an OSCAR service that copies its input, beside a server that does that and nothing else."""
    rows = []
    with oscar.watchdog(sitting.folder) as bare:
        for kind, how in [("none", "unsandboxed"), ("bubblewrap", "in bubblewrap")]:
            with sitting.fresh(kind) as agent:
                url, token = oscar.copying_service(agent)
                measures = []
                for connections, figure in [(8, "per_second"), (1, "p50_ms")]:
                    options = {"connections": connections, "seconds": sitting.seconds, "authorization": token}
                    measures += sitting.alternate(
                        lambda: load(url, body=oscar.BODY, **options)[figure],
                        lambda: load(bare.url, body=oscar.TEXT.decode(), **options)[figure],
                    )
            ours, ceiling, alone, bare_alone = measures
            rows += [
                row(f"OSCAR /run of cat, {how}, 8 connections, beside fork per request", ours, "/s", ceiling),
                row("p50 of one at a time", alone, "ms", bare_alone),
            ]
    return rows


def pages(sitting: Sitting) -> list[dict]:
    """Pages of lists of the console beside the calls whose answers they show."""
    rows = []
    with sitting.filled() as agent:
        buy_assets(agent, 50)
        for what, page, call in [
            ("50 jobs", "/ui/jobs", "/jobs?limit=50"), ("operations", "/ui", "/operations?limit=24"),
            ("50 assets", "/ui/assets", "/assets"), ("accounts", "/ui/accounts", "/accounts"),
            ("pools", "/ui/pools", "/pools"), ("webhooks", "/ui/webhooks", "/webhooks"),
            ("50 offers", "/ui/market", "/api/v1/market/listings"),
            ("50 purchases", "/ui/market/purchases", "/api/v1/market/purchases"),
        ]:
            ours, ceiling = sitting.alternate(
                lambda: load(agent.url + page, 1, sitting.seconds)["p50_ms"],
                lambda: load(agent.url + call, 1, sitting.seconds)["p50_ms"],
            )
            rows.append(row(f"p50 of the page of {what} beside its API call", ours, "ms", ceiling, most=1.2))
    return rows


def buy_assets(agent: Agent, count: int):
    """Makes assets, offers each on the market, and buys it there."""
    for number in range(1, count + 1):
        asset = json.loads(agent.call("/api/v1/meta/data", {"name": f"table {number}", "type": "dataset"})[2])
        agreement = {"price": "0.50", "currency": "OCEAN"}
        listing = {"assetid": asset, "agreement": agreement, "status": "published"}
        offer = json.loads(agent.call("/api/v1/market/listings", listing)[2])
        agent.call("/api/v1/market/purchases", {"listingid": offer["id"], "status": "ordered"})


def settled_load(agent: Agent, url: str, connections: int, seconds: int) -> dict:
    """A load that leaves nothing behind: what its callers have hung up on ends before anything else begins."""
    try:
        return load(url, connections, seconds, warm=seconds, timeout=seconds, body=BODY)
    finally:
        agent.settle()


def engines(sitting: Sitting) -> list[dict]:
    """Synchronous calls of operations that do nothing, by each engine beside processes of this machine."""
    rows = []
    with sitting.on_engines() as (agent, operations):
        urls = {engine: f"{agent.url}/invoke/{operation}" for engine, operation in operations.items()}
        for engine, connections in [("container", 8), ("slurm", 64), ("kubernetes", 4)]:
            if engine not in urls:
                continue
            # Clusters start jobs once a second: a shorter look would see none of it.
            seconds = max(30, sitting.seconds)
            alone, process = sitting.alternate(
                lambda: settled_load(agent, urls[engine], 1, seconds)["p50_ms"],
                lambda: load(urls["process"], 1, sitting.seconds, body=BODY)["p50_ms"],
            )
            many, processes = sitting.alternate(
                lambda: settled_load(agent, urls[engine], connections, seconds)["per_second"],
                lambda: load(urls["process"], 8, sitting.seconds, body=BODY)["per_second"],
            )
            rows += [
                row(f"p50 of a job that does nothing by {engine}, beside a process", alone, "ms", process),
                row(f"such jobs by {engine}, {connections} at a time, beside 8 processes", many, "/s", processes),
            ]
    return rows


FIGURES = {
    "accept": accept, "read": read, "growth": growth, "spawn": spawn, "sandbox": sandbox, "memory": memory,
    "start": start, "overload": overload, "saturation": saturation,
    "provenance": provenance, "streams": streams, "functions": functions,
    "pages": pages, "engines": engines,
}
