"""Kills a copy, a backup or a restore at random moments: what it was to make is there whole or not at all.

Two states of a database are made, the second with more posts. A child copies, backs up or restores; SIGKILL strikes it
after a random part of the time that the same work took undisturbed, and every second time near its end. Afterwards
every target must be as it was before, or hold exactly the rows of one of the two states; and the same work must go
through when it is done again.
`python tests/chaos/moves.py --kills 100`
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [
    str(ROOT),
    str(ROOT / "benchmarks" / "support"),
    str(ROOT / "tests" / "support"),
    str(Path(__file__).parent),
]

import local_postgres
from grown import Plan, grow, total
from kills import start, wait

from collector import search_index
from collector.backup import backup, restore
from collector.copy import copy
from collector.snapshot import Content, content, snapshot
from collector.store import Store

POSTS = (2000, 3000)
PATIENCE = 120  # seconds for what takes one
Contents = dict[str, Content]


class Work(NamedTuple):
    """One kind of work: what it does, and how to look at what it made; None when there is nothing."""

    name: str
    do: Callable[[], object]
    made: Callable[[], Contents | None]
    clear: Callable[[], object]  # before it is done again from nothing


def main() -> int:
    """Strike so many times; the exit code is 1 where anything was found half made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = local_postgres.programs()
    server = local_postgres.LocalPostgres.start(folder) if folder else None
    try:
        with tempfile.TemporaryDirectory() as made:
            return strike(Path(made), server, asked.kills, random.Random(asked.seed))
    finally:
        if server:
            server.stop()


def strike(folder: Path, server: local_postgres.LocalPostgres | None, kills: int, chance: random.Random) -> int:
    """Make the two states, then strike each kind of work in turn."""
    states = [state(folder, number, posts) for number, posts in enumerate(POSTS)]
    whole = [contents_of(url) for url in states]
    works = jobs(folder, states, server)
    took = {work.name: undisturbed(work) for work in works}
    found: list[str] = []
    seen: Counter[str] = Counter()
    for number in range(kills):
        work = works[number % len(works)]
        work.clear()
        child = start(work.do)  # type: ignore[arg-type]
        # every second strike falls where the work ends, which is when its result is put in place
        part = chance.random() if number // len(works) % 2 else chance.uniform(0.9, 1.2)
        time.sleep(part * took[work.name])
        os.kill(child, signal.SIGKILL)
        code = wait(child, PATIENCE)
        result = work.made()
        named = "nothing" if result is None else f"state {whole.index(result) + 1}" if result in whole else "half of it"
        seen[f"{work.name}: {'finished before, ' if code == 0 else ''}{named}"] += 1
        if named == "half of it":
            found.append(f"strike {number + 1}, {work.name}: {named}")
        took[work.name] = undisturbed(work)  # anew, for a machine grows busy and idle
        if work.made() != whole[1]:
            found.append(f"strike {number + 1}, {work.name}: done again it is not equal")
    for what, count in sorted(seen.items()):
        print(f"  {count:>4} x {what}")
    print("\n".join(found) or f"{kills} strikes: each target whole or as it was, and the work went through afterwards")
    return 1 if found else 0


def state(folder: Path, number: int, posts: int) -> str:
    """Make a database of so many posts; return its address."""
    url = f"sqlite:///{folder / f'state{number}.db'}"
    with Store.open(url) as store:
        grow(store, 0, posts, Plan(posts))
        total(store)
    return url


def jobs(folder: Path, states: list[str], server: local_postgres.LocalPostgres | None) -> list[Work]:
    """Every kind of work; each must end with the second state."""
    backups = [folder / "first.db.gz", folder / "second.db"]
    for url, file in zip(states, backups, strict=True):
        backup(url, file, unheard)
    target, file = folder / "target.db", folder / "made.db.gz"
    at = f"sqlite:///{target}"

    def held_by_backup() -> Contents | None:
        if not file.exists():
            return None
        looked = folder / "looked.db"
        remove(looked)
        restore(file, f"sqlite:///{looked}", unheard)
        return contents_of(f"sqlite:///{looked}")

    works = [
        Work("copy to SQLite", lambda: copy(states[1], at, unheard), lambda: contents_of(at), lambda: remove(target)),
        Work("backup", lambda: backup(states[1], file, unheard, replace=True), held_by_backup, lambda: None),
        _restoring("SQLite", at, backups),
    ]
    if server is None:
        print("PostgreSQL is missing: SQLite only")
        return works
    there, restored = Fresh(server), server.url(server.create())
    return [
        *works,
        Work(
            "copy to PostgreSQL",
            lambda: copy(states[1], there.url, unheard),
            lambda: contents_of(there.url),
            there.anew,
        ),
        _restoring("PostgreSQL", restored, backups),
    ]


class Fresh:
    """A database of our server that can be had anew, whatever a killed client has left running in the old one."""

    def __init__(self, server: local_postgres.LocalPostgres) -> None:
        self._server = server
        self._name = server.create()

    @property
    def url(self) -> str:
        return self._server.url(self._name)

    def anew(self) -> None:
        self._server.drop(self._name)
        self._name = self._server.create()


def _restoring(kind: str, url: str, backups: list[Path]) -> Work:
    return Work(
        f"restore to {kind}",
        lambda: restore(backups[1], url, unheard, replace=True),
        lambda: contents_of(url),
        lambda: restore(backups[0], url, unheard, replace=True),
    )


def undisturbed(work: Work) -> float:
    """Do the work once, in a child as well; return its seconds."""
    work.clear()
    began = time.monotonic()
    if wait(start(work.do), PATIENCE) != 0:  # type: ignore[arg-type]
        sys.exit(f"{work.name} does not work even when nothing disturbs it")
    return time.monotonic() - began


def contents_of(url: str) -> Contents | None:
    """Return what every table holds; None for a database without rows, or none at all."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).exists():
        return None
    Store.open(url).close()  # PostgreSQL: a killed copy may have left no schema yet
    with snapshot(url) as taken:
        if search_index.amiss(taken.connection) != (0, 0):
            return {}
        held = {shape.table: content(taken.connection, shape, unheard_rows) for shape in taken.shapes}
    return held if any(one.rows for one in held.values()) else None


def remove(path: Path) -> None:
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


def unheard(_: float) -> None:
    """Take the progress that nobody watches."""


def unheard_rows(_: int) -> None:
    """Take the progress that nobody watches."""


if __name__ == "__main__":
    sys.exit(main())
