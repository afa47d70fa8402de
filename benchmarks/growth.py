"""Whether posts still come in as fast once a database is large: the same pages at several sizes, on both databases.

The database is grown by plain SQL to each size, and then the same number of posts comes in through the collector's own
door: parsed, matched, saved with their mentions, search index, cursor and ledger row, and totalled. CPU seconds count,
ours and those of PostgreSQL's processes; the ratio to the smallest size is what matters. `--rows 100000 --rows 5000000`
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks" / "support")]

import grown
import synthetic
from databases import database_seconds, empty_database
from sqlalchemy import text

from analysis.rollup import roll
from collector.author import AuthorKeys
from collector.collect import Origin, Saver
from collector.source import Page
from collector.sources.x import X
from collector.store import Store

KEY = b"a key for benchmarks only, thirty-two characters long"
PAGE = 1000


class Size(NamedTuple):
    """What came in at one size: posts a CPU second (ours and the database's), peak memory, bytes a post on the disk."""

    rows: int
    rate: float
    ratio: float  # to the smallest size
    peak_mb: float
    bytes_a_post: float


def main() -> None:
    """Measure and print; with --within end with 1 where the largest size is slower than that part of the smallest."""
    asked = _asked()
    results = {kind: _sizes(kind, asked) for kind in asked.database or ["sqlite", "postgresql"]}
    if asked.json:
        print(json.dumps({kind: [size._asdict() for size in sizes] for kind, sizes in results.items()}))
    else:
        for kind, sizes in results.items():
            print(f"{kind}: {asked.posts:,} posts come in at each size, the database's own CPU time included")
            for size in sizes:
                told = f"{size.rate:>9,.0f} posts/s  {size.ratio:5.2f}  {size.peak_mb:4.0f} MB"
                print(f"  {size.rows:>10,} rows  {told}  {size.bytes_a_post:5.0f} B a post")
    slow = [
        kind for kind, sizes in results.items() if asked.within and min(size.ratio for size in sizes) < asked.within
    ]
    if slow:
        raise SystemExit(
            f"{', '.join(slow)}: posts come in slower than {asked.within} of the rate at the smallest size"
        )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help="a size (default: 20,000 and 100,000); repeat it")
    parser.add_argument("--posts", type=int, default=10_000, help="posts that come in at each size (default: 10,000)")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="one of them only")
    parser.add_argument("--within", type=float, help="part of the smallest size's rate that each must reach, as 0.75")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    asked.rows = sorted(asked.rows or [20_000, 100_000])
    return asked


def _sizes(kind: str, asked: argparse.Namespace) -> list[Size]:
    """Grow one database from size to size and let the same number of posts come in at each."""
    found: list[Size] = []
    plan = grown.Plan(asked.rows[-1], [title.name for title in synthetic.titles()])
    with empty_database(kind, asked.rows[-1]) as url, Store.open(url) as store:
        there = 0
        for number, rows in enumerate(asked.rows):
            grown.grow(store, there, rows, plan)
            grown.total(store)
            bulk = _bytes(store) / rows
            rate = _come_in(store, asked.posts, seed=number)
            _take_out(store, rows)
            there = rows
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            found.append(Size(rows, round(rate), round(rate / found[0].rate, 2) if found else 1.0, peak, bulk))
    return found


def _come_in(store: Store, posts: int, seed: int) -> float:
    """Save posts page by page, total them, and return how many that were a CPU second."""
    saver = Saver(store, synthetic.titles(), AuthorKeys(KEY))
    origin = Origin("x", "x", X.parse)
    items = synthetic.posts(posts, seed)
    served, begun = database_seconds(store), time.process_time()
    for number, start in enumerate(range(0, posts, PAGE)):
        saver.save(origin, Page("recent search", items[start : start + PAGE], {"since_id": str(number)}))
    roll(store)
    return posts / (time.process_time() - begun + database_seconds(store) - served)


def _take_out(store: Store, rows: int) -> None:
    """Remove what came in, so that the next size is grown from what was grown."""
    with store.writing() as connection:
        for table in ("post_topic", "label", "mention", "raw_post"):
            connection.execute(text(f"DELETE FROM {table} WHERE post_id > :rows"), {"rows": rows})  # noqa: S608 - our tables
        connection.execute(text("DELETE FROM post WHERE id > :rows"), {"rows": rows})


def _bytes(store: Store) -> float:
    with store.reading() as connection:
        if store.engine.dialect.name == "sqlite":
            pages, size = (
                connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size")
            )
            return float(pages * size)
        return float(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


if __name__ == "__main__":
    main()
