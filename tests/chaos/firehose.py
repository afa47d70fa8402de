"""Runs the whole of a stream like X's through a database of millions of posts, kills the consumer, and counts.

A producer of its own sends posts in real time. The consumer screens them, stores what speaks of a title, labels it and
totals it, a page of at most a second at a time, and is killed three times; each time it goes on from the cursor that
stands in the database. At the end nothing may be lost or there twice, the totals must equal a recomputation, what
waits must not have grown, and the consumer must have needed less than two fifths of one core.
`python tests/chaos/firehose.py --minutes 10`
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [
    str(Path(__file__).parent),
    str(ROOT),
    str(ROOT / "tests" / "support"),
    str(ROOT / "benchmarks" / "support"),
]

import grown
import local_postgres
import orjson
import stream
import synthetic
from sqlalchemy import text

from analysis.label import label_pending
from analysis.labelling import Labelling
from analysis.rollup import roll, verify
from collector.author import AuthorKeys
from collector.collect import Origin, Saver
from collector.config import Config, TopicSettings
from collector.source import Coverage, Page
from collector.sources.x import X
from collector.store import Store

KEY = b"a key for tests only, thirty-two characters long"
SOURCE = "firehose"
PAGE_POSTS, PAGE_SECONDS = 1000, 1.0
LABEL_EACH, COVER_EACH = 5.0, 60.0  # seconds
CATCH_UP = 120  # seconds after the end of the stream
TICKS = os.sysconf("SC_CLK_TCK")


def config() -> Config:
    """Return a config that watches the stream's 200 titles."""
    topics = [TopicSettings(name=word, phrases=(word,)) for word in ("ending", "actor", "scene", "music", "season")]
    return Config(titles=tuple(synthetic.titles()), topics=tuple(topics))


# --- the consumer: a process of its own, built on nothing but the collector's and the analysis' public doors


def consume(url: str, folder: Path) -> None:
    """Take the stream in from the stored cursor on, until its producer has ended and all is labelled and totalled."""
    with Store.open(url) as store:
        saver = Saver(store, config().titles, AuthorKeys(KEY))
        origin = Origin(SOURCE, "x", X.parse, look_back=timedelta(days=7), glance=X.glance)
        tail = stream.Tail(folder, stream.Place.read(store.cursor(SOURCE).get("place")))
        covered = datetime.now(UTC)
        labelled = time.monotonic()
        while not tail.is_over:
            lines = tail.read(PAGE_POSTS, PAGE_SECONDS)
            items = [orjson.loads(line) for line in lines]
            now = datetime.now(UTC)
            known = {"coverage": Coverage.PARTIAL, "reason": "this page says nothing of a window"}
            if (now - covered).total_seconds() >= COVER_EACH:
                known = {"since": covered, "until": now}
                covered = now
            if items:
                saver.save(origin, Page("stream", items, {"place": str(tail.place)}, **known))
            if time.monotonic() - labelled >= LABEL_EACH:
                _finish(store)
                labelled = time.monotonic()
        _finish(store)


def _finish(store: Store) -> None:
    label_pending(store, config())
    roll(store)


# --- the run: fill, send, watch, kill, count


@dataclass
class Seen:
    """What was seen of a run. `waiting` is the posts sent and not stored yet, second by second."""

    waiting: list[int] = field(default_factory=list)
    cpu: float = 0  # seconds of the consumer, all its lives together
    peak_mb: float = 0
    killed: int = 0
    seconds: float = 0  # from the first post sent to the last one stored, labelled and totalled


def run(url: str, folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Fill the database, send the stream and count. Returns the figures."""
    begun = time.monotonic()
    plan = grown.Plan(max(asked.rows, 1), [title.name for title in synthetic.titles()], Labelling(config()).versions)
    with Store.open(url) as store:
        grown.grow(store, 0, asked.rows, plan)
        grown.total(store)
    print(f"{asked.rows:,} posts stand in the database after {time.monotonic() - begun:.0f} s", file=sys.stderr)
    seen = _stream(url, folder, asked)
    with Store.open(url) as store:
        return _count(store, stream.sent(folder), seen, asked)


def _stream(url: str, folder: Path, asked: argparse.Namespace) -> Seen:
    seconds = asked.minutes * 60
    given = [str(folder), str(asked.rate), str(seconds), str(asked.matching)]
    producer = subprocess.Popen([sys.executable, "-P", stream.__file__, *given])
    consumer = _start(url, folder)
    seen = Seen()
    try:
        while stream.sent(folder) == 0:
            time.sleep(stream.TICK)
        begun = time.monotonic()
        chance = random.Random(asked.seed)
        kills = [seconds * (number + chance.uniform(0.2, 0.8)) / max(asked.kills, 1) for number in range(asked.kills)]
        with Store.open(url) as store:
            while True:
                time.sleep(1)
                if kills and time.monotonic() - begun >= kills[0]:
                    kills.pop(0)
                    consumer = _kill(consumer, url, folder, seen)
                seen.waiting.append(_waiting(store, folder))
                if producer.poll() is not None and _ended(consumer, seen):
                    break
                if time.monotonic() - begun > seconds + CATCH_UP:
                    raise SystemExit(f"the consumer is {seen.waiting[-1]:,} posts behind {CATCH_UP} s after the end")
        seen.seconds = time.monotonic() - begun
    finally:
        for process in (producer, consumer):
            process.kill()
    return seen


def _start(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-P", __file__, "--consume", url, str(folder)])


def _kill(consumer: "subprocess.Popen[bytes]", url: str, folder: Path, seen: Seen) -> "subprocess.Popen[bytes]":
    """Kill the consumer and start another at once."""
    os.kill(consumer.pid, signal.SIGKILL)
    _reap(consumer, seen, 0)
    seen.killed += 1
    return _start(url, folder)


def _ended(consumer: "subprocess.Popen[bytes]", seen: Seen) -> bool:
    return _reap(consumer, seen, os.WNOHANG)


def _reap(consumer: "subprocess.Popen[bytes]", seen: Seen, options: int) -> bool:
    """Take over what a consumer used once it has ended. Returns whether it has."""
    found, status, used = os.wait4(consumer.pid, options)
    if not found:
        return False
    consumer.returncode = os.waitstatus_to_exitcode(status)
    if consumer.returncode not in {0, -signal.SIGKILL}:
        raise SystemExit(f"the consumer ended with {consumer.returncode}")
    seen.cpu += used.ru_utime + used.ru_stime
    seen.peak_mb = max(seen.peak_mb, used.ru_maxrss / 1024)
    return True


def _waiting(store: Store, folder: Path) -> int:
    place = stream.Place.read(store.cursor(SOURCE).get("place"))
    stream.tidy(folder, place)
    # posts that come twice are lines of the stream that are not counted as sent
    return max(stream.sent(folder) - place.posts, 0)


def _count(store: Store, sent: int, seen: Seen, asked: argparse.Namespace) -> dict[str, Any]:
    wanted = set(stream.speaking(sent, asked.matching))
    with store.reading() as connection:
        of = text("SELECT native_id FROM post WHERE id > :rows AND platform = 'x'")
        found = list(connection.execute(of, {"rows": asked.rows}).scalars())
        lacking = text("SELECT COUNT(*) FROM post p LEFT JOIN label l ON l.post_id = p.id WHERE l.post_id IS NULL")
        unlabelled = connection.execute(lacking).scalar_one()
        marked = connection.execute(text("SELECT COUNT(*) FROM dirty_hour")).scalar_one()
    quarter = max(len(seen.waiting) // 4, 1)
    return {
        "database": store.engine.dialect.name,
        "posts_before": asked.rows,
        "sent": sent,
        "seconds": round(seen.seconds, 1),
        "rate": round(sent / seen.seconds),
        "stored": len(found),
        "lost": len(wanted - set(found)),
        "twice": len(found) - len(set(found)),
        "surplus": len(set(found) - wanted),
        "unlabelled": unlabelled,
        "marked_hours": marked,
        "kills": seen.killed,
        "wrong_totals": len(verify(store)),
        "waiting_median": int(statistics.median(seen.waiting)),
        "waiting_most": max(seen.waiting),
        "waiting_first_quarter": int(statistics.median(seen.waiting[:quarter])),
        "waiting_last_quarter": int(statistics.median(seen.waiting[-quarter:])),
        "cpu_seconds": round(seen.cpu, 1),
        "cpu_share": round(seen.cpu / (asked.minutes * 60), 3),
        "peak_mb": round(seen.peak_mb),
    }


def faults(figures: dict[str, Any], rate: float, share: float) -> list[str]:
    """Return what was promised and not kept: one sentence each."""
    nought = ("lost", "twice", "surplus", "unlabelled", "marked_hours", "wrong_totals")
    found = [f"{name} is {figures[name]:,}, not 0" for name in nought if figures[name]]
    if figures["waiting_last_quarter"] > figures["waiting_first_quarter"] + 2 * rate:
        found.append("what waits has grown")
    if figures["cpu_share"] > share:
        found.append(f"the consumer needed {figures['cpu_share']:.0%} of a core, more than {share:.0%}")
    return found


@contextmanager
def _database(kind: str, folder: Path, rows: int) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'firehose.db'}"
        return
    programs = local_postgres.programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed: give --database sqlite")
    if rows > 1_000_000:
        local_postgres._quick_folder = lambda: None  # on the disk: memory is too small for it
    local_postgres.SETTINGS |= {"autovacuum": "on", "shared_buffers": "256MB", "synchronous_commit": "on"}
    server = local_postgres.LocalPostgres.start(programs)
    try:
        yield server.url(server.create())
    finally:
        server.stop()


def main() -> None:
    """Run it as asked, print a table or JSON, end with 1 where a promise was not kept."""
    if sys.argv[1:2] == ["--consume"]:
        consume(sys.argv[2], Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long the stream runs (default: 10)")
    parser.add_argument("--rows", type=int, default=5_000_000, help="posts there before (default: 5,000,000)")
    parser.add_argument("--rate", type=float, default=6000, help="posts a second (default: 6,000)")
    parser.add_argument("--matching", type=float, default=0.01, help="share that speaks of a title (default: 0.01)")
    parser.add_argument("--kills", type=int, default=3, help="SIGKILLs of the consumer (default: 3)")
    parser.add_argument("--cpu", type=float, default=0.4, help="most of one core that it may need (default: 0.4)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1, help="decides when the kills strike")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="buzz-firehose-") as folder:
        place = Path(folder, "stream")
        place.mkdir()
        with _database(asked.database, Path(folder), asked.rows) as url:
            figures = run(url, place, asked)
    found = faults(figures, asked.rate, asked.cpu)
    if asked.json:
        print(json.dumps({**figures, "faults": found}))
    else:
        for name, value in figures.items():
            print(f"  {name:22} {value:>12,}" if not isinstance(value, str) else f"  {name:22} {value:>12}")
        print("\n".join(f"FAULT {fault}" for fault in found) or "every promise was kept")
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
