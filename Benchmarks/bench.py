"""Measures the agent beside the ceilings of this machine, in one sitting, and prints what came out.

    bench.py PROGRAMS [REPORT]

PROGRAMS is the folder of the built invoke-agent and invoke-bench, REPORT the JSON file to write. ONLY=accept,read picks
figures; BENCH_JOBS, BENCH_SECONDS and BENCH_ROUNDS make a run larger or smaller.
"""

import json
import os
import pathlib
import sys
import tempfile
import time

from figures import FIGURES
from machine import NotMeasured
from sitting import Sitting


def main() -> int:
    programs, report = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "bench.json")
    chosen = os.environ.get("ONLY", "").replace(",", " ").split() or list(FIGURES)
    if unknown := [name for name in chosen if name not in FIGURES]:
        print(f"There is no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}.", file=sys.stderr)
        return 64
    rows, missing = [], {}
    # Beside the working folders of jobs: on a disk, and every user can pass through.
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="invoke-bench-") as folder:
        os.chmod(folder, 0o755)
        sitting = Sitting(programs, pathlib.Path(folder))
        for name in chosen:
            start = time.monotonic()
            try:
                found = FIGURES[name](sitting)
            except Exception as error:  # whatever it is, the other figures are worth having
                missing[name] = str(error) if isinstance(error, NotMeasured) else repr(error)
                print(f"{name}: not measured: {missing[name]}", file=sys.stderr)
                continue
            rows += [{"figure": name, **row} for row in found]
            print(f"{name}: measured in {time.monotonic() - start:.0f} s", file=sys.stderr)
    print(table(rows))
    document = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cores": os.cpu_count(), "load": os.getloadavg(),
        "jobs": sitting.jobs, "seconds": sitting.seconds, "rounds": sitting.rounds,
        "rows": rows, "not_measured": missing,
    }
    report.write_text(json.dumps(document, indent=2) + "\n")
    print(f"\n{report}")
    return 1 if missing else 0


def table(rows: list[dict]) -> str:
    """The rows as a table of Markdown, in columns."""
    head = ["figure", "ours", "ceiling", "measure", "target", "met"]
    lines = [head, ["-"] * len(head)]
    for row in rows:
        met = {True: "yes", False: "no", None: ""}[row["met"]]
        lines.append([row["what"], row["ours"], row["ceiling"], row["measure"], row["target"], met])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines[1] = ["-" * width for width in widths]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
