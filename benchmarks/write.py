"""How fast posts are written: a page is one transaction with its mentions, marked hours, search index and ledger.

Both databases, from empty: new posts, the same posts again with newer counts, labels, totals. CPU seconds count, ours
and those of PostgreSQL's process that serves us. `limit` is the plain sqlite3 module writing the same rows with no
regard for what is there: what no writer in this language can pass.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from analysis.rollup import roll, verify
from collector import search_index
from collector.author import AuthorKeys
from collector.clock import to_seconds
from collector.match import TitleMatcher
from collector.records import Batch, LedgerEntry, MatchedPost, PostLabels
from collector.source import Coverage
from collector.sources.x import X
from collector.store import Store

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "tests" / "support")]
import synthetic
from databases import database_seconds, empty_database

KEY = b"a key for benchmarks only, thirty-two characters long"
SEEN = to_seconds(datetime(2026, 1, 20, tzinfo=UTC))
TOPICS = ("acting", "ending", "music")
PER_HOUR = 2000  # posts of each hour of their own time


class Stage(NamedTuple):
    """One stage: posts a CPU second, ours and the database's together, and the share of the database in it."""

    name: str
    posts: int
    ours: float
    database: float

    @property
    def rate(self) -> float:
        """Posts a CPU second."""
        return self.posts / (self.ours + self.database)


def main() -> None:
    """Measure and print; with --floor end with 1 where new posts go in slower than that."""
    asked = _asked()
    results = {}
    for kind in asked.database or ["sqlite", "postgresql"]:
        with empty_database(kind) as url, Store.open(url) as store:
            results[kind] = _measure(store, asked)
        if not asked.json:
            _show(kind, results[kind])
    if asked.json:
        rates = {kind: {stage.name: round(stage.rate) for stage in stages} for kind, stages in results.items()}
        print(json.dumps(rates))
    for kind, stages in results.items():
        new = next(stage for stage in stages if stage.name == "new")
        if new.rate < asked.floor:
            raise SystemExit(f"{kind}: {new.rate:,.0f} new posts a CPU second; {asked.floor:,.0f} are asked for")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000, help="how many posts (default: 20,000)")
    parser.add_argument("--page", type=int, default=1000, help="posts a page, which is a transaction (default: 1,000)")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="one of them only")
    parser.add_argument("--no-search", action="store_true", help="leave the search index out")
    parser.add_argument("--floor", type=float, default=0, help="new posts a CPU second that must be reached")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args()


def _measure(store: Store, asked: argparse.Namespace) -> list[Stage]:
    if asked.no_search:
        search_index.add = lambda connection, rows: None  # noqa: ARG005 - the form of what it replaces
    titles = list(store.title_ids([title.name for title in synthetic.titles()]).values())
    matched = _matched(asked.posts, titles, asked.posts // PER_HOUR + 1)
    pages = [matched[at : at + asked.page] for at in range(0, len(matched), asked.page)]
    stages = [
        _timed(store, "new", asked.posts, lambda: _save(store, pages)),
        _timed(store, "roll", asked.posts, lambda: roll(store)),
        _timed(store, "known", asked.posts, lambda: _save(store, pages)),
    ]
    liked = [
        [post._replace(draft=post.draft._replace(likes=(post.draft.likes or 0) + 1)) for post in page] for page in pages
    ]
    stages.append(_timed(store, "known, newer counts", asked.posts, lambda: _save(store, liked)))
    labels = _labels(store)
    parts = [labels[at : at + asked.page] for at in range(0, len(labels), asked.page)]
    stages.append(_timed(store, "labels", asked.posts, lambda: [store.save_labels(part) for part in parts]))
    stages.append(_timed(store, "roll again", asked.posts, lambda: roll(store)))
    if verify(store):
        raise SystemExit("the totals are wrong: no figure of theirs counts")
    if store.engine.dialect.name == "sqlite":
        stages.append(_limit(pages))
    return stages


def _matched(count: int, titles: Sequence[int], hours: int) -> list[MatchedPost]:
    matcher, authors = TitleMatcher(synthetic.titles()), AuthorKeys(KEY)
    drafts = [X.parse(post) for post in synthetic.generate(count, seed=1, hours=hours)]
    return [
        MatchedPost(
            draft,
            tuple(titles[index] for index in matcher.match(draft.text, draft.hashtags)),
            to_seconds(draft.created_at),
            author_key=authors.key("x", draft.author),
        )
        for draft in drafts
    ]


def _save(store: Store, pages: Sequence[Sequence[MatchedPost]]) -> None:
    for number, page in enumerate(pages):
        ledger = LedgerEntry("recent search", Coverage.COVERED)
        store.save(Batch("x", "x", page, cursor={"since_id": str(number)}, ledger=ledger, collected_at=SEEN))


def _labels(store: Store) -> list[PostLabels]:
    with store.reading() as connection:
        ids = list(connection.execute(text("SELECT id FROM post ORDER BY id")).scalars())
    feelings = ("positive", "negative", "neutral")
    return [
        PostLabels(number, "en", "language/1", feelings[number % 3], 0.5, 0.25, "s/1", TOPICS[: number % 4], "t/1")
        for number in ids
    ]


def _limit(pages: Sequence[Sequence[MatchedPost]]) -> Stage:
    """Write the same rows with the plain sqlite3 module: posts and mentions, nothing else."""
    with tempfile.TemporaryDirectory(prefix="buzz-bench-") as folder:
        path = Path(folder, "limit.db")
        Store.open(f"sqlite:///{path}").close()
        plain = sqlite3.connect(path, isolation_level=None)
        plain.execute("PRAGMA synchronous = NORMAL")
        start = time.process_time()
        for page in pages:
            plain.execute("BEGIN IMMEDIATE")
            plain.executemany(_POST, [_row(post) for post in page])
            plain.executemany(
                "INSERT INTO mention SELECT ?, ?, id, 'x' FROM post WHERE platform = 'x' AND native_id = ?",
                [
                    (title, post.created_at // 3600 * 3600, post.draft.native_id)
                    for post in page
                    for title in post.titles
                ],
            )
            plain.execute("COMMIT")
        used = time.process_time() - start
        plain.close()
    return Stage("limit: plain sqlite3", sum(map(len, pages)), used, 0)


_POST = """
    INSERT INTO post (platform, native_id, url, created_at, collected_at, text, language, hashtags, likes, reposts,
    replies, author_key, sample) VALUES ('x', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
    ON CONFLICT (platform, native_id) DO UPDATE SET likes = excluded.likes
"""


def _row(post: MatchedPost) -> tuple[object, ...]:
    draft = post.draft
    return (
        *(draft.native_id, draft.url, post.created_at, SEEN, draft.text, draft.language, " ".join(draft.hashtags)),
        *(draft.likes, draft.reposts, draft.replies, post.author_key),
    )


def _timed(store: Store, name: str, posts: int, work: Callable[[], object]) -> Stage:
    served, start = database_seconds(store), time.process_time()
    work()
    return Stage(name, posts, time.process_time() - start, database_seconds(store) - served)


def _show(kind: str, stages: Sequence[Stage]) -> None:
    print(f"{kind}: posts a CPU second, the database's own time included")
    for stage in stages:
        share = f", {stage.database / (stage.ours + stage.database):.0%} of it the database" if stage.database else ""
        print(f"  {stage.name:20} {stage.rate:>10,.0f}{share}")


if __name__ == "__main__":
    main()
