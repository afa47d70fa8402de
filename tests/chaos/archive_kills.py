"""Kills `buzz archive --drop` at random moments and lets it go on, until it is through; then nothing may be lost.

Each round begins with the same posts. SIGKILL strikes after a random part of the time that an undisturbed run took.
After each strike every post is in the database or in a whole file; at the end no post is left in the database, the
archive's digests are those of the undisturbed run, and every total is what it was before.
`python tests/chaos/archive_kills.py --kills 20`
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks" / "support")]

import invented_posts
from archiving import count, totals

from analysis.archive.files import Archive
from analysis.archive.format import read
from analysis.rollup import roll
from collector.store import Store
from collector.whole_posts import days, stream


def main() -> None:
    """Kill, look, and print; ends with 1 at the first thing that is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="buzz-archive-kills-") as name:
        folder = Path(name)
        begin(folder / "template.db", asked.posts)
        with Store.open(address(folder / "template.db")) as store:
            before, everything = totals(store), stored(store)
        whole, seconds = undisturbed(folder)
        kills = rounds = 0
        while kills < asked.kills:
            rounds += 1
            kills += disturbed(folder, chance, seconds, everything)
            check(folder, before, whole)
    print(json.dumps({"kills": kills, "rounds": rounds, "posts": asked.posts, "lost": 0, "equal": True}))


def begin(database: Path, posts: int) -> None:
    """Make the database that each round begins with."""
    invented_posts.fill(address(database), posts)
    with Store.open(address(database)) as store:
        with store.writing() as connection:
            connection.exec_driver_sql("INSERT INTO dirty_hour SELECT DISTINCT title_id, hour FROM mention")
        roll(store)


def undisturbed(folder: Path) -> tuple[dict[str, str], float]:
    """Return the digests of a run that nothing disturbs, and the seconds it took."""
    shutil.copy(folder / "template.db", folder / "round.db")
    start = time.monotonic()
    if run(folder).wait() != 0:
        raise SystemExit("the undisturbed run failed")
    return digests(folder), time.monotonic() - start


def disturbed(folder: Path, chance: random.Random, seconds: float, everything: set[tuple[str, str]]) -> int:
    """Begin anew, and kill each run until one is through. Returns how many were killed."""
    shutil.rmtree(folder / "archive")
    for leftover in folder.glob("round.db*"):
        leftover.unlink()
    shutil.copy(folder / "template.db", folder / "round.db")
    kills = 0
    while True:
        process = run(folder)
        try:
            if process.wait(timeout=chance.uniform(0.3, 1.1) * seconds) != 0:
                raise SystemExit(f"a run after {kills} kills failed")
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            missing = everything - held(folder)
            if missing:
                raise SystemExit(f"{len(missing)} posts are lost after a kill") from None
        else:
            return kills


def run(folder: Path) -> subprocess.Popen[bytes]:
    """Start the command."""
    program = "import sys; from ui.cli import main; sys.argv[0] = 'buzz'; main()"
    words = ["archive", folder / "archive", "--before", "2030-01-01", "--drop", "--quiet", "--db", folder / "round.db"]
    return subprocess.Popen([sys.executable, "-c", program, *map(str, words)], cwd=folder)


def held(folder: Path) -> set[tuple[str, str]]:
    """Return every post that is in the database or in the archive."""
    found: set[tuple[str, str]] = set()
    if (folder / "archive" / "archive.json").exists():
        for partition in Archive.open(folder / "archive").partitions():
            found |= {(partition.day.platform, post.native_id) for post in read(partition.file())}
    with Store.open(address(folder / "round.db")) as store:
        return found | stored(store)


def stored(store: Store) -> set[tuple[str, str]]:
    """Return every post of a database."""
    with store.reading() as connection:
        return {(day.platform, post.native_id) for day in days(connection) for post in stream(connection, day)}


def check(folder: Path, before: dict[str, list[tuple[object, ...]]], whole: dict[str, str]) -> None:
    """Compare a finished round with the undisturbed run and with what was before."""
    with Store.open(address(folder / "round.db")) as store:
        if count(store, "post") or count(store, "mention") or count(store, "label"):
            raise SystemExit("posts are left in the database")
        if totals(store) != before:
            raise SystemExit("totals changed")
    if digests(folder) != whole:
        raise SystemExit("the archive holds something else than after an undisturbed run")


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of each partition."""
    found = {str(partition): partition.manifest() for partition in Archive.open(folder / "archive").partitions()}
    return {name: manifest.digest for name, manifest in found.items() if manifest is not None}


def address(database: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{database}"


if __name__ == "__main__":
    main()
