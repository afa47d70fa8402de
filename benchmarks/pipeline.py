"""The whole way of a post, ours beside the naive one in the same run: X-like dicts in, labelled and totalled rows out.

Naive (naive.py): each title by its names, stock VADER, a pattern a topic, Session.merge a post, commit each 100.
Same work (same_work.py): ours, doing no more than the naive one, a page of 1,000 a transaction as `buzz import` does.
Whole: parse, look for 200 titles, store with search index and ledger, every default labeller beside it, totals.
Starting the workers is part of the figure. On a busy machine read the CPU seconds: they count every process, the
database's as well, and `2 cores` is what they allow there: all shared by two, but what one process must do by itself.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "tests" / "support")]
import synthetic
from naive import Naive
from same_work import SameWork, without_search

from analysis.ahead import Ahead
from analysis.label import label_pending
from analysis.rollup import roll
from collector import config as configs
from collector.author import AuthorKeys
from collector.collect import Origin, Saver
from collector.config import Config
from collector.source import Page
from collector.sources.x import X
from collector.store import Store
from ui.cli import look_for_cycles_less

KEY = b"a key for benchmarks only, thirty-two characters long"
PAGE = 1000
TICKS = os.sysconf("SC_CLK_TCK")
Post = dict[str, Any]


class Stage(NamedTuple):
    """One stage: seconds on the clock, and CPU seconds of this process, of its workers and of the database."""

    wall: float
    own: float
    workers: float = 0.0
    database: float = 0.0

    @property
    def cpu(self) -> float:
        """CPU seconds of all processes."""
        return self.own + self.workers + self.database

    @property
    def on_two_cores(self) -> float:
        """Seconds on two cores that nobody else uses: writer and workers side by side, all else in turn."""
        return max(self.cpu / 2, self.own + self.database) if self.workers else self.cpu


class Run(NamedTuple):
    """One pipeline over some posts."""

    posts: int
    stages: dict[str, Stage]

    def rate(self, seconds: Callable[[Stage], float]) -> float:
        """Return posts a second, by wall clock, CPU or as it would be on two cores."""
        return self.posts / sum(map(seconds, self.stages.values()))


def main() -> None:
    """Measure and print; with --floor end with 1 where ours is fewer times as quick as the naive one."""
    asked = _asked()
    look_for_cycles_less()  # as the command does
    config = configs.parse(configs.template()).model_copy(update={"titles": tuple(synthetic.titles())})
    report = {}
    for kind in asked.database or ["sqlite", "postgresql"]:
        with _server(kind) as (address, pid):
            whole = _whole(config, address("whole"), pid, asked)
            peak = {"parent": _peak(resource.RUSAGE_SELF), "worker": _peak(resource.RUSAGE_CHILDREN)}
            same = _same_work(config, address("same"), pid, asked)
            naive = _naive(config, address("naive"), pid, asked)
        report[kind] = {"same work": _figures(same, naive), "whole": _figures(whole, naive) | {"peak_mb": peak}}
        if not asked.json:
            print(f"{kind}: {asked.posts:,} posts through ours, {asked.naive:,} through the naive one; posts a second")
            _show("same work", same, report[kind]["same work"])
            _show("whole", whole, report[kind]["whole"])
            print(f"  peak memory of the whole: {peak['parent']} MB, its worker up to {peak['worker']} MB")
    if asked.json:
        print(json.dumps(report))
    for kind, figures in report.items():
        ratio = figures["same work"]["ratio_two_cores"]
        if ratio < asked.floor:
            raise SystemExit(f"{kind}: {ratio:.1f} times the naive one; {asked.floor} are asked for")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=12_000, help="posts through ours (default: 12,000)")
    parser.add_argument("--naive", type=int, default=1_000, help="posts through the naive one (default: 1,000)")
    parser.add_argument("--processes", type=int, default=1, help="labelling processes (default: 1)")
    parser.add_argument("--page", type=int, default=PAGE, help="posts a transaction of ours (default: 1,000)")
    parser.add_argument("--matching", type=float, default=1.0, help="share that speaks of a title (default: 1.0)")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="one of them only")
    parser.add_argument("--floor", type=float, default=0, help="times the naive one that must be reached on two cores")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args()


def _whole(config: Config, url: str, server: int | None, asked: argparse.Namespace) -> Run:
    with Store.open(url) as store:
        ahead = Ahead(store, config, processes=asked.processes, few=0)
        stored = _stored(store, config, ahead, server, asked)
        late = _timed(server, lambda: label_pending(store, config, processes=1))
        totals = _timed(server, lambda: roll(store))
    return Run(asked.posts, {"labelled and stored": stored, "late labels": late, "totals": totals})


def _same_work(config: Config, url: str, server: int | None, asked: argparse.Namespace) -> Run:
    with Store.open(url) as store, without_search():
        stored = _stored(store, config, SameWork(config), server, asked)
    return Run(asked.posts, {"labelled and stored": stored})


def _stored(
    store: Store, config: Config, prepare: Ahead | SameWork, server: int | None, asked: argparse.Namespace
) -> Stage:
    saver = Saver(store, config.titles, AuthorKeys(KEY), prepare=prepare)
    pages = _pages(asked.posts, asked.matching, asked.page)
    stages = [_timed(server, lambda page=page: _save(saver, page)) for page in pages]
    # what a worker used is known when it has ended
    return _sum([*stages, _timed(server, lambda: (saver.flush(), prepare.close()))])


def _save(saver: Saver, page: list[Post]) -> None:
    saver.save(Origin("x", "x", X.parse, X.glance, keep_raw=False), Page("recent search", page))


def _naive(config: Config, url: str, server: int | None, asked: argparse.Namespace) -> Run:
    naive = Naive(config, url.replace("postgresql:", "postgresql+psycopg:"))
    stages = [_timed(server, lambda page=page: naive.run(page)) for page in _pages(asked.naive, asked.matching, PAGE)]
    naive.close()
    return Run(asked.naive, {"all": _sum(stages)})


def _pages(count: int, matching: float, size: int) -> Iterator[list[Post]]:
    """Yield pages as they are made, so that memory tells of the pipeline."""
    page: list[Post] = []
    for post in synthetic.generate(count, seed=1, matching=matching):
        page.append(post)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def _timed(server: int | None, work: Callable[[], object]) -> Stage:
    before = (time.perf_counter(), time.process_time(), _children(), _served(server))
    work()
    after = (time.perf_counter(), time.process_time(), _children(), _served(server))
    return Stage(*(end - start for start, end in zip(before, after, strict=True)))


def _sum(stages: Sequence[Stage]) -> Stage:
    return Stage(*map(sum, zip(*stages, strict=True)))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _served(server: int | None) -> float:
    """Return the CPU seconds of PostgreSQL's processes, those that have ended included; 0 for SQLite."""
    if server is None:
        return 0.0
    used = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue  # it ended just now, and is counted with its parent
        if int(path.parent.name) == server:
            used += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server:
            used += sum(map(int, fields[11:13]))
    return used / TICKS


def _peak(who: int) -> int:
    return resource.getrusage(who).ru_maxrss // 1024


@contextmanager
def _server(kind: str) -> Iterator[tuple[Callable[[str], str], int | None]]:
    """Hand out what gives the address of an empty database, and the server's process."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="buzz-bench-") as folder:
            yield lambda name: f"sqlite:///{folder}/{name}.db", None
        return
    from local_postgres import LocalPostgres, programs  # noqa: PLC0415 - not everybody has PostgreSQL

    folder = programs()
    if folder is None:
        raise SystemExit("PostgreSQL is not installed: give --database sqlite")
    server = LocalPostgres.start(folder)
    try:
        yield lambda _: server.url(server.create()), server.process.pid
    finally:
        server.stop()


def _figures(ours: Run, naive: Run) -> dict[str, Any]:
    kinds: dict[str, Callable[[Stage], float]] = {
        "wall": lambda stage: stage.wall,
        "cpu": lambda stage: stage.cpu,
        "two_cores": lambda stage: stage.on_two_cores,
    }
    rates = {name: (ours.rate(kind), naive.rate(kind)) for name, kind in kinds.items()}
    return {
        **{f"ours_{name}": round(one) for name, (one, _) in rates.items()},
        **{f"naive_{name}": round(other) for name, (_, other) in rates.items()},
        **{f"ratio_{name}": round(one / other, 1) for name, (one, other) in rates.items()},
        "cpu_s": {name: round(stage.cpu, 2) for name, stage in ours.stages.items()},
    }


def _show(name: str, ours: Run, figures: dict[str, Any]) -> None:
    print(f" {name}")
    for key, label in (("wall", "by the clock"), ("cpu", "by CPU seconds"), ("two_cores", "on 2 cores")):
        one, other, ratio = (figures[f"{who}_{key}"] for who in ("ours", "naive", "ratio"))
        print(f"  {label:16} ours {one:>8,}   naive {other:>6,}   {ratio:>5} times")
    for stage_name, stage in ours.stages.items():
        parts = ", ".join(
            f"{part} {seconds / ours.posts * 1e6:.0f}"
            for part, seconds in (("here", stage.own), ("workers", stage.workers), ("database", stage.database))
        )
        print(f"  {stage_name:20} µs a post: {parts}")


if __name__ == "__main__":
    main()
