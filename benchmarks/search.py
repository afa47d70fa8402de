"""What search costs on a database of invented posts: to write the index, to keep it, and to ask it.

`python benchmarks/search.py --posts 1000000` on SQLite in a temporary folder; `--url postgresql://…` on an empty
PostgreSQL database. Posts have 22 words whose frequency falls with their rank, as in any language; every fifth is
Korean. Prints a table, or JSON with --json.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from analysis.frames.posts import count_posts, posts
from analysis.frames.reader import Reader
from collector import search_index
from collector.store import Store

VOCABULARY = 60_000
WORDS_A_POST = 22
PAGE = 1000  # posts a transaction, as when collecting
REPEATS = 7
FIRST = 1_640_995_200  # 2022-01-01
POST = "INSERT INTO post (id, platform, native_id, created_at, collected_at, text, hashtags, sample) VALUES "
LABEL = (
    "INSERT INTO label (post_id, language, language_by, sentiment, score, raw_score, sentiment_by, topics_by) VALUES "
)
QUERIES = {
    "a rare word": "vocab30000",
    "a frequent word (1 post in 4)": "vocab3",
    "a middling word (1 post in 100)": "vocab150",
    "two words": "vocab150 vocab40",
    "a phrase of middling words": '"vocab40 vocab150"',
    "a phrase of frequent words": '"vocab1 vocab2"',
    "two Korean characters": "좀비",
    "one Korean character": "춤",
    "a beginning": "vocab300*",
    "a word, not another": "vocab150 -vocab3",
    "a word in one language": "vocab150 lang:ko",
    "one language": "lang:ko",
    "one language in one week": "lang:ko since:2022-01-08 until:2022-01-14",
}


def main() -> None:
    """Fill, index, ask, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--posts", type=int, default=100_000)
    arguments.add_argument("--url", help="an empty PostgreSQL database; else SQLite in a temporary folder")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'search.db'}"
        found = measure(url, asked.posts)
    print(json.dumps(found, indent=2, ensure_ascii=False) if asked.json else _table(found))


def measure(url: str, wanted: int) -> dict[str, Any]:
    """Return the figures of one database: rates, bytes a post, and milliseconds (median) of each query."""
    with Store.open(url) as store:
        _fill(store, wanted)
        before = _size(store)
        wall, cpu = time.perf_counter(), time.process_time()
        for rows in _pages(wanted):
            with store.writing() as connection:
                search_index.index(connection, [(row[0], row[1], row[2].split()) for row in rows])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        _settle(store)
        after = _size(store)
    with Reader(url) as reader:
        answers = {name: _asked(reader, query) for name, query in QUERIES.items()}
    return {
        "database": url.partition(":")[0],
        "posts": wanted,
        "indexed a second": round(wanted / wall),
        "indexed a CPU second of ours": round(wanted / cpu),
        "bytes a post without search": round(before / wanted),
        "bytes a post for search": round((after - before) / wanted),
        "queries": answers,
    }


def _asked(reader: Reader, query: str) -> dict[str, Any]:
    found = count_posts(reader, search=query)
    return {
        "query": query,
        "posts": found,
        "count ms": _median(lambda: count_posts(reader, search=query)),
        "first page ms": _median(lambda: posts(reader, search=query, limit=20)),
    }


def _median(run: Callable[[], object]) -> float:
    taken: list[float] = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
        if sum(taken) > 10:  # noqa: PLR2004 - seconds; what is that slow is seen after a few
            break
    return round(1000 * statistics.median(taken), 1)


def _posts(wanted: int) -> Iterator[tuple[int, str, str]]:
    """Yield (id, text, hashtags), the same each time."""
    chance = random.Random(11)  # noqa: S311 - the same posts each time are what is wanted
    ranks = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
    english = [f"vocab{rank}" for rank in range(VOCABULARY)]
    # the same vocabulary written in Hangul; two of its words are those that are asked for
    korean = [_hangul(rank) for rank in range(VOCABULARY)]
    korean[150], korean[1500] = "좀비", "춤"
    for number in range(1, wanted + 1):
        words = chance.choices(korean if number % 5 == 0 else english, cum_weights=ranks, k=WORDS_A_POST)
        yield number, " ".join(words), "Story" if number % 3 == 0 else ""


def _hangul(rank: int) -> str:
    return chr(0xAC00 + rank % 2000) + chr(0xB000 + rank // 2000) + ("는" if rank % 3 else "")


def _pages(wanted: int) -> Iterator[list[tuple[int, str, str]]]:
    made = _posts(wanted)
    while page := list(islice(made, PAGE)):
        yield page


def _fill(store: Store, wanted: int) -> None:
    for rows in _pages(wanted):
        with store.writing() as connection:
            _insert(
                connection,
                POST,
                [(n, "x", str(n), FIRST + n, FIRST + n, text, tags, n % 7 == 0) for n, text, tags in rows],
            )
            _insert(
                connection,
                LABEL,
                [(n, "ko" if n % 5 == 0 else "en", "b/1", "neutral", 0.0, 0.0, "b/1", "b/1") for n, _, _ in rows],
            )
    _settle(store)


def _insert(connection: Connection, into: str, rows: list[tuple[Any, ...]]) -> None:
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(f"{into}({', '.join([mark] * len(rows[0]))})", rows)


def _settle(store: Store) -> None:
    """Bring what was written to where it stays, and the planner's figures up to date."""
    if store.engine.dialect.name == "sqlite":
        with closing(store.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as served:
        served.exec_driver_sql("VACUUM ANALYZE")


def _size(store: Store) -> int:
    query = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if store.engine.dialect.name == "sqlite"
        else "SELECT pg_database_size(current_database())"
    )
    with store.reading() as connection:
        return int(connection.exec_driver_sql(query).scalar() or 0)


def _table(found: dict[str, Any]) -> str:
    lines = [
        f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}"
        for name, value in found.items()
        if name != "queries"
    ]
    lines += [
        f"{name:34} {row['posts']:>9,} posts, count {row['count ms']:>8.1f} ms, page {row['first page ms']:>8.1f} ms"
        for name, row in found["queries"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
