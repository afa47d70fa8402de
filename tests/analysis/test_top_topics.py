"""The topics of a title: how many posts, what share of all, and how they feel."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from totals import hours_frame, topic_hours_frame

from analysis import topics

NOON = datetime(2022, 2, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_topics_with_the_most_posts_come_first_per_title() -> None:
    of_topics = topic_hours_frame(
        {"hour": NOON, "topic": "music", "posts": 2},
        {"hour": NOON + HOUR, "topic": "music", "posts": 3, "platform": "x"},
        {"hour": NOON, "topic": "dance", "posts": 40, "positive": 30, "negative": 10},
        {"hour": NOON, "topic": "games", "posts": 5, "title": "Hellbound"},
    )
    hours = hours_frame({"hour": NOON, "posts": 100}, {"hour": NOON, "posts": 10, "title": "Hellbound"})
    frame = topics.top_topics(of_topics, hours)
    assert frame[["title", "topic", "posts", "of", "share"]].to_numpy().tolist() == [
        ["Hellbound", "games", 5, 10, 0.5],
        ["Squid Game", "dance", 40, 100, 0.4],
        ["Squid Game", "music", 5, 100, 0.05],
    ]
    assert frame["net"].iloc[1] == pytest.approx(0.5)
    assert np.isnan(frame["net"].iloc[2])


def test_no_more_topics_than_asked_for_and_none_without_posts() -> None:
    of_topics = topic_hours_frame(*({"hour": NOON, "topic": f"topic {n:02}", "posts": n} for n in range(1, 21)))
    hours = hours_frame({"hour": NOON, "posts": 100})
    assert topics.top_topics(of_topics, hours, most=3)["topic"].tolist() == ["topic 20", "topic 19", "topic 18"]
    assert topics.top_topics(topic_hours_frame(), hours_frame()).empty


def test_nothing_stands_out_where_there_is_nothing() -> None:
    found = topics.outstanding(topic_hours_frame(), hours_frame(), NOON, NOON + HOUR)
    assert found.empty
    assert list(found.columns) == ["topic", "posts", "share", "share_else", "times", "surprise"]


def test_at_most_six_topics_explain_a_stretch() -> None:
    of_topics = topic_hours_frame(*({"hour": NOON, "topic": f"topic {n}", "posts": 10 + n} for n in range(10)))
    hours = hours_frame({"hour": NOON, "posts": 50}, {"hour": NOON + HOUR, "posts": 50})
    found = topics.outstanding(of_topics, hours, NOON, NOON + HOUR)
    assert found["topic"].tolist() == [f"topic {n}" for n in (9, 8, 7, 6, 5, 4)]
    assert found["surprise"].is_monotonic_decreasing


@given(st.integers(3, 200), st.integers(0, 200), st.integers(0, 100), st.integers(0, 1000))
def test_what_stands_out_is_more_common_inside_whatever_the_counts(
    inside: int, outside: int, more_in: int, more_out: int
) -> None:
    of_topics = topic_hours_frame(
        {"hour": NOON, "topic": "dance", "posts": inside}, {"hour": NOON + HOUR, "topic": "dance", "posts": outside}
    )
    hours = hours_frame({"hour": NOON, "posts": inside + more_in}, {"hour": NOON + HOUR, "posts": outside + more_out})
    for row in topics.outstanding(of_topics, hours, NOON, NOON + HOUR).itertuples():
        assert 0 < row.share <= 1
        assert row.times >= topics.LEAST_TIMES
        assert row.surprise >= -1e-9
