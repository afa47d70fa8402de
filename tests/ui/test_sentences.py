"""What the generated sentences say, and what they leave unsaid."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from ui import sentences

END = datetime(2022, 2, 28, tzinfo=UTC)


def row(**values: object) -> pd.Series:
    usual = {"title": "Paper Lanterns", "posts_24h": 100, "before_24h": 80, "change": 0.25}
    return pd.Series(usual | values)


def table(*rows: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).astype({"posts_24h": "Int64", "before_24h": "Int64", "change": "float64"})


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"change": 0.25}, "Rising"),
        ({"change": 0.2}, "Steady"),
        ({"change": -0.25}, "Falling"),
        ({"posts_24h": 9, "before_24h": 3, "change": 2.0}, "Quiet"),
        ({"posts_24h": 40, "before_24h": pd.NA, "change": float("nan")}, "No basis yet"),
        ({"posts_24h": pd.NA, "before_24h": pd.NA}, "Not covered"),
    ],
)
def test_a_state_is_a_word(values: dict[str, Any], state: str) -> None:
    assert sentences.state(row(**values), None, END) == state


def test_a_title_that_is_not_out_yet_says_in_how_many_days() -> None:
    assert sentences.state(row(), END + timedelta(days=3), END) == "Out in 4 d"
    fresh = row(before_24h=pd.NA, change=float("nan"))
    assert sentences.state(fresh, END - timedelta(days=2), END) == "New"


def test_the_overview_names_the_leader_and_what_moved_most() -> None:
    said = sentences.overview(table(row(), row(title="Harbour", posts_24h=20, before_24h=60, change=-2 / 3)), END)
    assert said == (
        "Paper Lanterns leads with 100 posts in the 24 hours to 28 Feb 2022 00:00 UTC, 25% above the same hours a week "
        "before. Harbour is down from 60 to 20."
    )


def test_a_manifold_growth_is_told_in_posts_and_not_in_percent() -> None:
    said = sentences.overview(table(row(posts_24h=130, before_24h=7, change=130 / 7 - 1)), END)
    assert "after 7 in the same hours a week before" in said
    assert "%" not in said


def test_without_a_comparison_none_is_made() -> None:
    said = sentences.overview(table(row(before_24h=pd.NA, change=float("nan"))), END)
    assert said == "Paper Lanterns leads with 100 posts in the 24 hours to 28 Feb 2022 00:00 UTC."
    assert "No title has posts" in sentences.overview(table(row(posts_24h=pd.NA)), END)


@pytest.mark.parametrize(("ratio", "said"), [(0.25, "+25%"), (-0.5, "-50%"), (17.57, "×18.6"), (float("nan"), "—")])
def test_a_change_is_written_short(ratio: float, said: str) -> None:
    assert sentences.change(ratio) == said


def peaks(**values: object) -> pd.DataFrame:
    top = pd.Timestamp("2022-01-29T13:00", tz="UTC")
    return pd.DataFrame([{"top": top, "top_posts": 67, "top_times": 6.2} | values])


def weekly(**values: object) -> pd.DataFrame:
    usual = {"provider": "netflix", "period": "week", "date": pd.Timestamp("2022-02-06", tz="UTC"), "world_rank": 1}
    return pd.DataFrame([usual | {"no1_countries": 63, "countries_covered": 94} | values])


def test_a_title_is_told_by_its_highest_peak_and_its_best_ranks() -> None:
    said = sentences.title(peaks(), ["dance scene", "acting"], weekly(), 900)
    assert said == (
        "Buzz peaked at 67 posts an hour on Sat 29 Jan 2022, 13:00 UTC, 6.2 times the expected, when posts spoke more "
        "than else of dance scene and acting. It was No. 1 of the world (Netflix, week to 6 Feb 2022). "
        "It led in 63 of 94 countries (Netflix, week to 6 Feb 2022)."
    )


def test_what_is_not_known_is_not_told() -> None:
    nothing = weekly(world_rank=pd.NA, no1_countries=0)
    assert sentences.title(peaks()[:0], [], nothing, 0) == "No posts are stored for this window."
    assert sentences.title(peaks()[:0], [], nothing, 5) == "5 posts in this window, without an hour that stands out."
    assert "times" not in sentences.title(peaks(top_times=float("nan")), [], nothing, 5)
    assert "94" not in sentences.title(peaks(), [], weekly(countries_covered=pd.NA), 5)


def test_health_counts_the_sources_on_time_and_names_the_others() -> None:
    now = pd.Timestamp("2022-02-28", tz="UTC")
    fresh = pd.DataFrame(
        {"source": ["mastodon", "x"], "last_at": [now, now - pd.Timedelta(hours=5)], "error": [None, "no token is set"]}
    )
    said = sentences.health(fresh, now.to_pydatetime(), pd.Timedelta(hours=2))
    assert said == "1 of 2 sources answered within 2 hours. x brought less than everything last time."
    assert sentences.health(fresh[:0], now.to_pydatetime(), pd.Timedelta(hours=2)) == "No source has been asked yet."
