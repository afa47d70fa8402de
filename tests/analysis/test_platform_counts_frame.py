"""Figures that platforms tell, as frames."""

from datetime import timedelta

import pandas as pd
from filling import NOON

from analysis.frames.platform_counts import PLATFORM_COUNTS, platform_counts
from analysis.frames.reader import Reader
from collector.clock import DAY, HOUR, to_seconds
from collector.records import Batch, TitleCount
from collector.store import Store

START = to_seconds(NOON)


def tell(store: Store, source: str, title: str, amounts: list[int], *, part: str = "", told_at: int = 7) -> None:
    number = store.title_ids([title])[title]
    length = HOUR if source == "x" else DAY
    counts = [TitleCount(number, part, START + place * length, length, many) for place, many in enumerate(amounts)]
    store.save(Batch(source=source, platform=source, platform_counts=counts, collected_at=told_at))


def test_figures_come_by_title_source_part_and_time_with_declared_columns(store: Store) -> None:
    tell(store, "x", "Squid Game", [5, 0])
    tell(store, "wikipedia", "Squid Game", [800], part="ko:오징어 게임")
    tell(store, "wikipedia", "Squid Game", [900], part="en:Squid Game")
    tell(store, "x", "Hellbound", [7])
    with Reader(store.url) as reader:
        frame = platform_counts(reader)
    assert list(frame.columns) == list(PLATFORM_COUNTS)
    assert frame[["title", "source", "part", "length", "amount"]].to_numpy().tolist() == [
        ["Hellbound", "x", "", HOUR, 7],
        ["Squid Game", "wikipedia", "en:Squid Game", DAY, 900],
        ["Squid Game", "wikipedia", "ko:오징어 게임", DAY, 800],
        ["Squid Game", "x", "", HOUR, 5],
        ["Squid Game", "x", "", HOUR, 0],
    ]
    assert frame["start"].tolist()[-1] == pd.Timestamp(NOON + timedelta(hours=1))


def test_a_figure_that_is_told_again_replaces_the_older(store: Store) -> None:
    tell(store, "x", "Squid Game", [5, 6])
    tell(store, "x", "Squid Game", [4], told_at=START)
    with Reader(store.url) as reader:
        frame = platform_counts(reader, "Squid Game")
    assert frame["amount"].tolist() == [4, 6]
    assert frame["told_at"].tolist() == [pd.Timestamp(NOON), pd.Timestamp(7, unit="s", tz="UTC")]


def test_one_title_from_one_moment_of_one_source(store: Store) -> None:
    tell(store, "x", "Squid Game", [1, 2, 3])
    tell(store, "x", "Hellbound", [9, 9, 9])
    tell(store, "wikipedia", "Squid Game", [800, 801])
    with Reader(store.url) as reader:
        one = platform_counts(reader, "Squid Game", NOON + timedelta(hours=1), source="x")
        none = platform_counts(reader, "no such title")
    assert one["amount"].tolist() == [2, 3]
    assert none.empty
    assert list(none.columns) == list(PLATFORM_COUNTS)
