"""How fast posts leave as CSV and how much memory that takes, at any number of posts, on both databases.

Fills a database of its own with invented posts by plain SQL, then runs `buzz export` as a user does, each time in a
process of its own, whose CPU seconds and peak memory the system tells. PostgreSQL's own time is not in them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SUPPORT = ROOT / "tests" / "support"
KILOBYTES = 1024  # in a megabyte; Linux tells peak memory in kilobytes


class Run(NamedTuple):
    """One export: what it is called, and what it took. Bytes of the files that it left."""

    name: str
    rows: int
    cpu: float
    wall: float
    peak_mb: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Rows a CPU second, the start of the program included."""
        return self.rows / self.cpu


EXPORTS = {
    "csv": ("posts", "-o", "posts.csv"),
    "csv --raw": ("posts", "--raw", "-o", "raw.csv"),
    "csv.gz": ("posts", "-o", "posts.csv.gz"),
    "jsonl": ("posts", "--format", "jsonl", "-o", "posts.jsonl"),
    "parquet": ("posts", "-o", "posts.parquet"),
}


def main() -> None:
    """Measure and print; with --floor or --ceiling end with 1 where a CSV of posts is slower or larger than that."""
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="buzz-bench-") as folder:
        results = {}
        for kind in asked.database:
            with _database(kind, Path(folder)) as url:
                _fill(url, asked.rows)
                results[kind] = [_measure(name, url, asked.rows, Path(folder)) for name in asked.only or EXPORTS]
                if not asked.json:
                    _show(kind, asked.rows, results[kind])
    if asked.json:
        told = {kind: [{**run._asdict(), "rate": round(run.rate)} for run in runs] for kind, runs in results.items()}
        print(json.dumps(told))
    for kind, runs in results.items():
        _judge(kind, runs, asked.floor, asked.ceiling)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="how many posts (default: 100,000)")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="one of them only")
    parser.add_argument("--only", action="append", choices=EXPORTS, help="one of the exports only")
    parser.add_argument("--floor", type=float, default=0, help="rows a CPU second that a CSV of posts must reach")
    parser.add_argument("--ceiling", type=float, default=0, help="megabytes that a CSV of posts may take")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    asked.database = asked.database or ["sqlite", "postgresql"]
    return asked


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """Hand out the address of an empty database; PostgreSQL's server runs for as long as it is used."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    # a process of its own: what this one holds counts as memory of each program that it starts
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=SUPPORT
    )
    try:
        url = server.stdout.readline().strip() if server.stdout else ""
        if not url:
            raise SystemExit("PostgreSQL is not installed: give --database sqlite")
        yield url
    finally:
        server.communicate()


_SERVER = """
import sys
from local_postgres import LocalPostgres, programs
folder = programs()
if folder:
    server = LocalPostgres.start(folder)
    try:
        print(server.url(server.create()), flush=True)
        sys.stdin.read()
    finally:
        server.stop()
"""


def _fill(url: str, rows: int) -> None:
    script = [sys.executable, "-P", str(Path(__file__).parent / "support" / "invented_posts.py"), url, str(rows)]
    subprocess.run(script, check=True, cwd=ROOT)


def _measure(name: str, url: str, rows: int, folder: Path) -> Run:
    command = [sys.executable, "-P", "-m", "ui.cli", "export", *EXPORTS[name], "--db", url, "--quiet"]
    with tempfile.TemporaryDirectory(dir=folder) as place:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=place, env={**os.environ, "PYTHONPATH": str(ROOT)})
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
        wall = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(place).iterdir())
    return Run(name, rows, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / KILOBYTES, size / 1e6)


def _show(kind: str, rows: int, runs: list[Run]) -> None:
    print(f"{kind}, {rows:,} posts: rows a CPU second (start of the program included), peak memory, time, size")
    for run in runs:
        print(
            f"  {run.name:10} {run.rate:>10,.0f}/s {run.peak_mb:>7.1f} MB {run.wall:>7.1f} s {run.megabytes:>8.1f} MB"
        )


def _judge(kind: str, runs: list[Run], floor: float, ceiling: float) -> None:
    for run in runs:
        if run.name == "csv" and run.rate < floor:
            raise SystemExit(f"{kind}: a CSV made {run.rate:,.0f} rows a CPU second; {floor:,.0f} are asked for")
        if run.name == "csv" and ceiling and run.peak_mb > ceiling:
            raise SystemExit(f"{kind}: a CSV took {run.peak_mb:.0f} MB; {ceiling:.0f} MB are allowed")


if __name__ == "__main__":
    main()
