"""One row per title, every number with what it stands on, and nothing where nothing can be told."""

from datetime import UTC, datetime, timedelta
from math import isnan

import pandas as pd
import pytest
from totals import covered_frame, hours_frame, topic_hours_frame

from analysis.overview import end_of_data, overview

END = datetime(2022, 2, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RANK_COLUMNS = ["title", "provider", "date", "country", "rank", "no1_countries"]
NO_RANKS = pd.DataFrame(columns=RANK_COLUMNS)


def row(*args: pd.DataFrame, title: str = "Squid Game") -> dict[str, object]:
    return overview(*args, titles=[title]).iloc[0].to_dict()


def test_a_title_in_numbers() -> None:
    hours = hours_frame(
        {"hour": END - 8 * DAY, "posts": 20},
        {"hour": END - 3 * DAY, "posts": 10, "positive": 10},
        {"hour": END - HOUR, "posts": 30, "positive": 20, "negative": 10, "sample": 30},
    )
    topic_hours = topic_hours_frame(
        {"hour": END - HOUR, "topic": "dance", "posts": 12},
        {"hour": END - 8 * DAY, "topic": "long ago", "posts": 20},
    )
    known = covered_frame(("mastodon", END - 10 * DAY, END + HOUR / 2))
    got = row(hours, known, topic_hours, NO_RANKS)
    assert (got["posts_24h"], got["before_24h"], got["change"]) == (30, 20, 0.5)
    assert (got["platforms"], got["left_out"]) == (("mastodon",), ())
    assert len(got["trend"]) == 56
    assert sum(got["trend"]) * 3 == 40
    assert (got["posts_week"], got["scored"], got["sample"]) == (40, 40, 30)
    assert got["net"] == pytest.approx(0.5)
    assert got["net_low"] < 0.5 < got["net_high"]
    assert (got["top_topic"], got["top_topic_posts"]) == ("dance", 12)
    assert pd.isna(got["best_rank"])


def test_without_anything_every_number_is_missing() -> None:
    got = row(hours_frame(), covered_frame(), topic_hours_frame(), NO_RANKS)
    for name in ("posts_24h", "before_24h", "change", "net", "top_topic", "best_rank", "no1_countries", "coverage"):
        assert pd.isna(got[name]), name
    assert (got["trend"], got["platforms"], got["posts_week"]) == ((), (), 0)


def test_titles_keep_their_order_and_have_a_row_without_posts() -> None:
    hours = hours_frame({"hour": END - HOUR, "posts": 30})
    frame = overview(
        hours,
        covered_frame(("mastodon", END - DAY, END)),
        topic_hours_frame(),
        NO_RANKS,
        titles=["B", "Squid Game", "A"],
    )
    assert frame["title"].tolist() == ["B", "Squid Game", "A"]
    assert frame["posts_24h"].isna().tolist() == [True, False, True]


def test_a_line_of_one_platform_says_so_and_leaves_gaps_open() -> None:
    hours = hours_frame(
        {"hour": END - 5 * HOUR, "posts": 3}, {"hour": END - 5 * HOUR, "posts": 90, "platform": "bluesky"}
    )
    known = covered_frame(("mastodon", END - 4 * DAY, END), ("bluesky", END - DAY, END))
    got = row(hours, known, topic_hours_frame(), NO_RANKS)
    assert got["trend_of"] == ("mastodon",)
    assert [isnan(value) for value in got["trend"]] == [True] * 24 + [False] * 32


def test_the_best_rank_and_when_and_the_countries_led() -> None:
    def rank(day: int, country: str, place: int | None, no1: int | None = None) -> list[object]:
        return ["Squid Game", "netflix", pd.Timestamp(2022, 2, day, tz="UTC"), country, place, no1]

    ranks = pd.DataFrame(
        [rank(6, "", 1), rank(13, "", 1), rank(6, "KR", 1), rank(13, "KR", 1), rank(13, "JP", 1), rank(13, "BR", None)],
        columns=RANK_COLUMNS,
    )
    got = row(hours_frame(), covered_frame(), topic_hours_frame(), ranks)
    assert (got["best_rank"], got["best_rank_date"], got["no1_countries"]) == (1, "2022-02-06", 2)
    told = pd.DataFrame([rank(6, "", 2, 8)], columns=RANK_COLUMNS)
    assert row(hours_frame(), covered_frame(), topic_hours_frame(), told)["no1_countries"] == 8


def test_the_data_end_with_the_last_whole_hour_known() -> None:
    assert end_of_data(hours_frame(), covered_frame(("x", END - DAY, END + HOUR / 2))) == END
    assert end_of_data(hours_frame({"hour": END, "posts": 1}), covered_frame()) == END + HOUR
    assert end_of_data(hours_frame(), covered_frame()) is None
