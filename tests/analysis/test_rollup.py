"""Totals stay exact whatever happens to the posts, on both databases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from analysis.rollup import SOME_DAYS, SOME_HOURS, TOTALS, Total, roll, verify
from collector.clock import from_seconds, hour_of, to_seconds
from collector.records import Batch, Counts, MatchedPost, PostLabels
from collector.source import PostDraft
from collector.store import Store

HOUR = to_seconds(datetime(2022, 1, 29, 12, tzinfo=UTC))
TITLES = ("All of Us Are Dead", "Squid Game")
TABLES = (
    *("packed_hours", "packed_topics", "title_hour", "topic_hour", "title_day", "dirty_hour", "post_topic"),
    *("label", "mention", "raw_post", "post", "topic", "title"),
)


def save(store: Store, native_id: str, at: int, titles: Sequence[str], **draft: Any) -> None:  # noqa: ANN401
    author = draft.pop("author_key", None)
    sample = draft.pop("sample", False)
    ids = store.title_ids(titles) if titles else {}
    post = MatchedPost(
        PostDraft(platform="toy", native_id=native_id, created_at=from_seconds(at), text=f"post {native_id}", **draft),
        titles=tuple(ids.values()),
        created_at=at,
        author_key=author,
    )
    store.save(Batch("toy", "toy", [post], counts=Counts(read=1), collected_at=at, sample=sample))


def label(store: Store, native_id: str, sentiment: str, score: float | None, topics: tuple[str, ...] = ()) -> None:
    with store.reading() as connection:
        found = connection.execute(text("SELECT id FROM post WHERE native_id = :id"), {"id": native_id}).scalar()
    if found is not None:
        store.save_labels([PostLabels(found, "en", "l/1", sentiment, score, score, "s/1", topics, "t/1")])


def delete(store: Store, native_id: str) -> None:
    store.save(Batch("toy", "toy", deleted=[native_id]))


def rows(store: Store, sql: str) -> list[dict[str, Any]]:
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(text(sql)).mappings()]


def test_an_hour_counts_posts_by_feeling_and_sums_scores_as_integers(store: Store) -> None:
    for number, (sentiment, score) in enumerate([("positive", 0.3612), ("negative", -0.6486), ("unscored", None)]):
        save(store, str(number), HOUR + number, TITLES[:1], author_key="same author")
        label(store, str(number), sentiment, score)
    save(store, "late", HOUR + 3599, TITLES[:1], sample=True)
    assert roll(store) == 1
    [hour] = rows(store, "SELECT * FROM title_hour")
    expected = {"posts": 4, "positive": 1, "neutral": 0, "negative": 1, "unscored": 1, "unlabelled": 1, "sample": 1}
    assert expected.items() <= hour.items()
    assert (hour["score_sum"], hour["raw_score_sum"]) == (3612 - 6486, 3612 - 6486)
    [day] = rows(store, "SELECT * FROM title_day")
    assert (day["posts"], day["authors"], day["day"]) == (4, 1, HOUR - HOUR % 86400)
    assert verify(store) == []


def test_rolling_twice_changes_nothing_and_has_nothing_to_do(store: Store) -> None:
    save(store, "1", HOUR, TITLES)
    assert roll(store) == 2
    before = rows(store, "SELECT * FROM title_hour ORDER BY title_id")
    assert roll(store) == 0
    assert rows(store, "SELECT * FROM title_hour ORDER BY title_id") == before


def test_a_deleted_post_leaves_no_empty_hour_behind(store: Store) -> None:
    save(store, "1", HOUR, TITLES[:1])
    label(store, "1", "positive", 0.5, ("ending",))
    roll(store)
    assert len(rows(store, "SELECT * FROM topic_hour")) == 1
    delete(store, "1")
    roll(store)
    assert [rows(store, f"SELECT * FROM {table}") for table in ("title_hour", "topic_hour", "title_day")] == [[]] * 3


def test_a_post_before_1970_lies_in_the_day_that_it_lies_in(store: Store) -> None:
    save(store, "1", -3600, TITLES[:1])
    roll(store)
    assert rows(store, "SELECT day, posts FROM title_day") == [{"day": -86400, "posts": 1}]
    assert verify(store) == []


def test_more_hours_than_fit_into_one_transaction_are_all_rolled(store: Store) -> None:
    for number in range(7):
        save(store, str(number), HOUR + number * 3600, TITLES, author_key=f"author {number % 2}")
    assert roll(store, hours=3) == 14
    assert rows(store, "SELECT * FROM dirty_hour") == []
    assert verify(store) == []


@pytest.mark.parametrize("total", TOTALS, ids=lambda total: total.table)
def test_a_batch_reads_the_mentions_of_its_own_hours_only(total: Total, sqlite_template: Path) -> None:
    some = SOME_HOURS if total.period == "hour" else SOME_DAYS
    with Store.open(f"sqlite:///{sqlite_template}") as opened, opened.reading() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {total.compute_some(some)}"), {"hours": 500})
        assert [step.detail for step in plan if re.match(r"SCAN (TABLE )?(m|p|l|t)\b", step.detail)] == []


def test_a_total_that_was_tampered_with_is_found_both_ways(store: Store) -> None:
    save(store, "1", HOUR, TITLES[:1])
    roll(store)
    with store.writing() as connection:
        connection.execute(text("UPDATE title_hour SET posts = 7"))
    assert [(found.table, found.kind, found.row.get("posts")) for found in verify(store)] == [
        ("title_hour", "missing", 1),
        ("title_hour", "surplus", 7),
        ("packed_hours", "stale", None),
    ]


@dataclass(frozen=True)
class Save:
    native_id: str
    at: int
    titles: tuple[str, ...]
    author: str | None
    sample: bool

    def __call__(self, store: Store) -> None:
        save(store, self.native_id, self.at, self.titles, author_key=self.author, sample=self.sample)


@dataclass(frozen=True)
class Edit:
    native_id: str
    at: int
    titles: tuple[str, ...]
    edited_at: int

    def __call__(self, store: Store) -> None:
        save(store, self.native_id, self.at, self.titles, edited_at=from_seconds(self.edited_at))


@dataclass(frozen=True)
class Relabel:
    native_id: str
    sentiment: str
    score: int
    topics: tuple[str, ...]

    def __call__(self, store: Store) -> None:
        score = None if self.sentiment == "unscored" else self.score / 10_000
        label(store, self.native_id, self.sentiment, score, self.topics)


@dataclass(frozen=True)
class Delete:
    native_id: str

    def __call__(self, store: Store) -> None:
        delete(store, self.native_id)


@dataclass(frozen=True)
class Roll:
    hours: int

    def __call__(self, store: Store) -> None:
        roll(store, hours=self.hours)


IDS = st.sampled_from("abcdef")
MOMENTS = st.integers(0, 60 * 3600).map(lambda seconds: HOUR + seconds)
SOME_TITLES = st.lists(st.sampled_from(TITLES), max_size=2, unique=True).map(tuple)
OPERATIONS = st.one_of(
    st.builds(Save, IDS, MOMENTS, SOME_TITLES, st.sampled_from(["one", "two", None]), st.booleans()),
    st.builds(Edit, IDS, MOMENTS, SOME_TITLES, MOMENTS),
    st.builds(
        Relabel,
        IDS,
        st.sampled_from(["positive", "neutral", "negative", "unscored"]),
        st.integers(-10_000, 10_000),
        st.lists(st.sampled_from(["ending", "acting"]), max_size=2, unique=True).map(tuple),
    ),
    st.builds(Delete, IDS),
    st.builds(Roll, st.integers(1, 3)),
)


@settings(
    max_examples=25,
    deadline=None,
    # each example starts from empty tables
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(operations=st.lists(OPERATIONS, max_size=20))
def test_totals_are_exact_after_any_order_of_changes(store: Store, operations: list[Any]) -> None:
    with store.writing() as connection:
        for table in TABLES:
            connection.execute(text(f"DELETE FROM {table}"))
    for operation in operations:
        operation(store)
    assert verify(store) == []
    roll(store)
    assert verify(store) == []
    [counted] = rows(store, "SELECT COALESCE(SUM(posts), 0) AS posts FROM title_hour")
    [mentioned] = rows(store, "SELECT COUNT(*) AS posts FROM mention")
    assert int(counted["posts"]) == mentioned["posts"]
    assert all(hour_of(row["hour"]) == row["hour"] for row in rows(store, "SELECT hour FROM title_hour"))
