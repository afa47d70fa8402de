"""Totals of a partition, from its columns: the same figures as the roller computes from the database."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.archive.format import NUMBER, SECONDS, read_batches
from collector.clock import HOUR
from collector.whole_posts import Day

FEELINGS = ("positive", "neutral", "negative", "unscored")
OF_TOPICS = ("posts", *FEELINGS, "sample")
OF_TITLES = (*OF_TOPICS, "unlabelled", "score_sum", "raw_score_sum")
COLUMNS = ("created_at", "titles", "topics", "sentiment", "score", "raw_score", "sample", "author_key")
PARTS = 32  # partial totals that wait to be added up

Numbers = Callable[[Sequence[str]], Mapping[str, int]]
Row = dict[str, Any]


class Totals(NamedTuple):
    """Sums by title and hour, by title, hour and topic, and authors by title; titles and topics by name."""

    hours: list[Row]
    topics: list[Row]
    authors: dict[str, int]


def of_file(path: Path) -> Totals:
    """Return the totals of a partition's file. Raises InputError.

    Memory holds a batch, the sums, and each pair of a title and an author once.
    """
    hours = _Sum(("title", "hour"), OF_TITLES)
    topics = _Sum(("title", "hour", "topic"), OF_TOPICS)
    authors = _Sum(("title", "author_key"), ())
    for batch in read_batches(path, COLUMNS):
        facts = _facts(batch)
        mentions = _spread(facts, "titles", "title")
        hours.add(mentions)
        authors.add(mentions.filter(pc.is_valid(mentions["author_key"])))
        topics.add(_spread(mentions, "topics", "topic"))
    counted = authors.table().group_by("title").aggregate([("author_key", "count")]).to_pylist()
    by_title = {row["title"]: row["author_key_count"] for row in counted}
    return Totals(hours.table().to_pylist(), topics.table().to_pylist(), by_title)


def rows(totals: Totals, day: Day, title_ids: Numbers, topic_ids: Numbers) -> dict[str, list[Row]]:
    """Return the rows of the tables title_hour, topic_hour and title_day, with the numbers of one database."""
    titles = title_ids(sorted({row["title"] for row in totals.hours}))
    topics = topic_ids(sorted({row["topic"] for row in totals.topics}))

    def keyed(row: Row) -> Row:
        sums = {name: value for name, value in row.items() if name not in {"title", "topic"}}
        return {"title_id": titles[row["title"]], "platform": day.platform, **sums}

    return {
        "title_hour": [keyed(row) for row in totals.hours],
        "topic_hour": [{**keyed(row), "topic_id": topics[row["topic"]]} for row in totals.topics],
        "title_day": [
            {"title_id": titles[title], "platform": day.platform, "day": day.start, **sums,
             "authors": totals.authors.get(title, 0)}
            for title, sums in _by_title(totals.hours).items()
        ],
    }  # fmt: skip


def _by_title(hours: Sequence[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in hours:
        sums = found.setdefault(row["title"], dict.fromkeys(OF_TITLES, 0))
        for name in OF_TITLES:
            sums[name] += row[name]
    return found


class _Sum:
    """Adds up tables by a key, part by part; without figures it keeps each key once."""

    def __init__(self, key: Sequence[str], figures: Sequence[str]) -> None:
        self._key, self._figures = list(key), list(figures)
        self._parts: list[Any] = []

    def add(self, facts: Any) -> None:  # noqa: ANN401 - Arrow brings no types
        self._parts.append(self._summed(facts))
        if len(self._parts) > PARTS:
            self._parts = [self.table()]

    def table(self) -> Any:  # noqa: ANN401 - as above
        if self._parts:
            return self._summed(pa.concat_tables(self._parts))
        kinds = {"title": pa.string(), "topic": pa.string(), "author_key": pa.string()}
        return pa.table({name: pa.array([], kinds.get(name, NUMBER)) for name in (*self._key, *self._figures)})

    def _summed(self, table: Any) -> Any:  # noqa: ANN401 - as above
        summed = table.group_by(self._key).aggregate([(name, "sum") for name in self._figures])
        return summed.rename_columns([name.removesuffix("_sum") if name.removesuffix("_sum") in self._figures else name
                                      for name in summed.column_names])  # fmt: skip


def _facts(batch: Any) -> Any:  # noqa: ANN401 - as above
    """Return one row a post: its hour, its names and what it adds to each figure."""
    seconds = batch["created_at"].cast(SECONDS).cast(NUMBER).to_numpy(zero_copy_only=False)
    sentiment = batch["sentiment"]
    counted = {name: pc.fill_null(pc.equal(sentiment, name), fill_value=False).cast(NUMBER) for name in FEELINGS}
    return pa.table(
        {
            "hour": seconds - seconds % HOUR,
            "titles": batch["titles"],
            "topics": batch["topics"],
            "author_key": batch["author_key"],
            "posts": np.ones(len(seconds), dtype=np.int64),
            **counted,
            "unlabelled": pc.is_null(sentiment).cast(NUMBER),
            # scores have four decimals: the nearest whole number is exact
            "score_sum": _whole(batch["score"]),
            "raw_score_sum": _whole(batch["raw_score"]),
            "sample": batch["sample"].cast(NUMBER),
        }
    )


def _whole(scores: Any) -> Any:  # noqa: ANN401 - as above
    return pc.fill_null(pc.round(pc.multiply(scores, 10_000)).cast(NUMBER), fill_value=0)


def _spread(table: Any, names: str, name: str) -> Any:  # noqa: ANN401 - as above
    """Return one row for each name in a column of lists."""
    lists = table[names].combine_chunks()
    if isinstance(lists, pa.ChunkedArray):  # a table without rows has no chunks to combine
        lists = pa.array([], lists.type)
    return table.take(pc.list_parent_indices(lists)).append_column(name, pc.list_flatten(lists))
