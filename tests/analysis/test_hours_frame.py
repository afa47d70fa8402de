"""Totals per hour and day as frames: filtered by title and time, in a fixed order."""

from datetime import UTC, datetime, timedelta

import pandas as pd
from filling import NOON, Posted, fill

from analysis.frames import hours as frames
from analysis.frames.reader import Reader
from collector.store import Store

HOUR = timedelta(hours=1)


def test_hours_hold_the_counts_by_sentiment(store: Store) -> None:
    fill(
        store,
        Posted(sentiment="positive"),
        Posted(sentiment="positive", at=NOON + timedelta(minutes=59)),
        Posted(sentiment="negative", sample=True),
        Posted(sentiment="unscored"),
        Posted(sentiment=None),
        Posted(at=NOON + HOUR),
    )
    with Reader(store.url) as reader:
        frame = frames.hours(reader, title="Squid Game")
    assert frame["hour"].tolist() == [pd.Timestamp(NOON), pd.Timestamp(NOON + HOUR)]
    noon = frame.iloc[0].to_dict()
    assert {name: noon[name] for name in ("posts", "positive", "neutral", "negative", "unscored", "unlabelled")} == {
        "posts": 5, "positive": 2, "neutral": 0, "negative": 1, "unscored": 1, "unlabelled": 1,
    }  # fmt: skip
    assert noon["score_sum"] == 8000
    assert noon["sample"] == 1


def test_the_end_of_a_window_is_left_out_and_its_start_is_in(store: Store) -> None:
    fill(store, *(Posted(at=NOON + n * HOUR) for n in range(4)))
    with Reader(store.url) as reader:
        frame = frames.hours(reader, since=NOON + HOUR, until=NOON + 3 * HOUR)
    assert frame["hour"].tolist() == [pd.Timestamp(NOON + HOUR), pd.Timestamp(NOON + 2 * HOUR)]


def test_a_post_about_two_titles_counts_for_each_and_one_title_can_be_asked_for(store: Store) -> None:
    fill(store, Posted(titles=("Squid Game", "Hellbound")), Posted(titles=("Hellbound",)))
    with Reader(store.url) as reader:
        assert dict(frames.hours(reader)[["title", "posts"]].to_numpy()) == {"Hellbound": 2, "Squid Game": 1}
        assert frames.hours(reader, title="Hellbound")["posts"].tolist() == [2]
        assert frames.hours(reader, title="nothing of that name").empty
        assert frames.titles(reader) == ["Hellbound", "Squid Game"]


def test_days_count_authors_once(store: Store) -> None:
    day = datetime(2022, 2, 1, tzinfo=UTC)
    fill(
        store,
        Posted(at=day, author_key="a"),
        Posted(at=day + 23 * HOUR, author_key="a"),
        Posted(at=day + 5 * HOUR, author_key="b"),
        Posted(at=day + 24 * HOUR, author_key="c"),
    )
    with Reader(store.url) as reader:
        frame = frames.days(reader)
    assert frame["day"].tolist() == [pd.Timestamp(day), pd.Timestamp(day + 24 * HOUR)]
    assert frame["posts"].tolist() == [3, 1]
    assert frame["authors"].tolist() == [2, 1]


def test_topic_hours_count_a_post_for_each_of_its_topics(store: Store) -> None:
    fill(store, Posted(topics=("dance", "music"), sentiment="positive"), Posted(topics=("dance",)), Posted())
    with Reader(store.url) as reader:
        frame = frames.topic_hours(reader, title="Squid Game")
        assert frames.topics(reader) == ["dance", "music"]
    assert list(frame[["topic", "posts", "positive"]].itertuples(index=False, name=None)) == [
        ("dance", 2, 1),
        ("music", 1, 1),
    ]
