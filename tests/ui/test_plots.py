"""What the plots say, read from their specs: the contract in tests/contracts holds what all of them must stand."""

import colorsys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from ui.picture import png
from ui.plots import buzz_rank, coverage, lanes, sentiment
from ui.theme import DARK, LIGHT, theme_of

START = datetime(2022, 1, 24, tzinfo=UTC)
WINDOW = (START, START + timedelta(days=14))
NO_GAPS = pd.DataFrame({"platform": [], "start": [], "end": [], "reason": []})
NO_PEAKS = pd.DataFrame({"number": [], "platform": [], "top": [], "posts": [], "times": []})


def hours(posts: list[float], platform: str = "x") -> pd.DataFrame:
    at = pd.Series(pd.date_range(START, periods=len(posts), freq="h", unit="ns"))
    return pd.DataFrame({"platform": platform, "hour": at, "posts": posts})


def weeks(ranks: dict[str, list[int | None]]) -> pd.DataFrame:
    rows = [
        {"series": name, "label": name[:2], "start": START + timedelta(days=7 * week), "rank": rank}
        for name, own in ranks.items()
        for week, rank in enumerate(own)
        if rank is not None
    ]
    frame = pd.DataFrame(rows, columns=["series", "label", "start", "rank"])
    frame["start"] = pd.to_datetime(frame["start"], utc=True)
    return frame.assign(end=frame["start"] + pd.Timedelta(days=7))


def data_of(drawn: alt.LayerChart, column: str) -> list[dict[str, Any]]:
    """Return the rows of the one data set that has this column."""
    found = [rows for rows in drawn.to_dict()["datasets"].values() if rows and column in rows[0]]
    assert len(found) == 1, [list(rows[0]) for rows in found]
    return list(found[0])


def draw(buzz: pd.DataFrame, ranks: pd.DataFrame | None = None, **more: object) -> alt.LayerChart:
    given: dict[str, Any] = {"gaps": NO_GAPS, "peaks": NO_PEAKS, "theme": LIGHT, "window": WINDOW} | more
    return buzz_rank.draw(buzz, weeks({}) if ranks is None else ranks, **given)


def test_hours_that_are_not_known_are_null_and_not_zero() -> None:
    rows = data_of(draw(hours([3, float("nan"), 0])), "posts")
    assert [row["posts"] for row in rows] == [3, None, 0]


def test_a_weekly_rank_is_a_step_of_seven_days_and_a_missing_week_breaks_the_line() -> None:
    corners = data_of(draw(hours([1]), weeks({"World": [1, None]})), "run")
    assert [row["at"][:10] for row in corners] == ["2022-01-24", "2022-01-31"]
    broken = data_of(draw(hours([1]), weeks({"World": [1, 2], "Spain": [4, None]})), "run")
    assert len({row["run"] for row in broken}) == 2


def test_rank_one_is_on_top() -> None:
    spec = draw(hours([1]), weeks({"World": [1, 2]})).to_dict()
    [grid] = [layer for layer in spec["layer"] if layer["encoding"].get("y", {}).get("field") == "rank"]
    low, high = grid["encoding"]["y"]["scale"]["domain"]["expr"].strip("[]").split(",")
    assert float(low) > 10
    assert float(high) < 1


def test_lines_of_the_same_rank_stand_beside_each_other_and_their_names_do_not_touch() -> None:
    drawn = draw(hours([1]), weeks({"World": [1, 1], "Spain": [1, 1], "Japan": [2, 1]}))
    touch = data_of(drawn, "told")
    first = [row["y"] for row in touch if row["start"].startswith("2022-01-31")]
    assert len(set(first)) == 3
    names = buzz_rank.apart([1, 1, 1])
    assert all(later - earlier >= 1 for earlier, later in pairwise(names))


def test_names_never_leave_the_panel() -> None:
    assert max(buzz_rank.apart([9, 10, 10, 10])) <= buzz_rank.LOWEST


def test_a_peak_stands_on_the_line_even_where_hours_are_averaged() -> None:
    many = hours([float(number % 7) for number in range(2400)])
    top = START + timedelta(hours=100)
    peaks = pd.DataFrame({"number": [1], "platform": ["x"], "top": [pd.Timestamp(top)], "posts": [6], "times": [2.0]})
    drawn = draw(many, peaks=peaks)
    line = {row["hour"]: row["posts"] for row in data_of(drawn, "hour")}
    [disc] = data_of(drawn, "number")
    assert line[disc["at"]] == disc["height"]
    assert "mean of 3 hours" in str(drawn.to_dict())


def test_a_peak_with_nothing_expected_has_a_dash_for_times() -> None:
    peaks = pd.DataFrame(
        {"number": [1], "platform": ["x"], "top": [pd.Timestamp(START)], "posts": [6], "times": [float("nan")]}
    )
    assert data_of(draw(hours([6.0]), peaks=peaks), "number")[0]["times"] == "—"


def test_a_gap_is_a_band_with_its_reason_cut_to_the_window() -> None:
    start, end = pd.Timestamp(START) - pd.Timedelta(days=3), pd.Timestamp(START) + pd.Timedelta(days=1)
    gaps = pd.DataFrame({"platform": ["mastodon"], "start": [start], "end": [end], "reason": ["the server was closed"]})
    [band] = data_of(draw(hours([1.0]), gaps=gaps), "reason")
    assert band["start"].startswith("2022-01-24T00")
    assert band["reason"] == "the server was closed"


def test_the_release_line_is_drawn_only_inside_of_the_window() -> None:
    assert "Release" in str(draw(hours([1.0]), released=START + timedelta(days=2)).to_dict())
    assert "Release" not in str(draw(hours([1.0]), released=START - timedelta(days=2)).to_dict())


def test_a_lane_shows_zero_for_a_day_without_posts_and_nothing_for_an_unknown_one() -> None:
    days = pd.DataFrame(
        {
            "name": ["dance"] * 2,
            "day": pd.to_datetime(["2022-01-24", "2022-01-26"], utc=True).as_unit("ns"),
            "posts": [5.0, float("nan")],
        }
    )
    window = (START, START + timedelta(days=3))
    rows = data_of(lanes.draw(days, NO_GAPS, theme=LIGHT, window=window), "noon")
    assert [row["posts"] for row in rows] == [5, 0, None]


def test_a_day_with_too_few_scored_posts_has_no_share_but_its_bar() -> None:
    days = pd.DataFrame({"day": pd.to_datetime(["2022-01-24"], utc=True).as_unit("ns"), "posts": [9], "scored": [4]})
    for name in ("positive", "negative"):
        for part in ("share", "low", "high"):
            days[f"{name}_{part}"] = float("nan")
    drawn = sentiment.draw(days, NO_GAPS, theme=DARK, window=WINDOW)
    assert {row["share"] for row in data_of(drawn, "said")} == {None}
    [bar] = data_of(drawn, "zero")
    assert (bar["scored"], bar["unscored"]) == (4, 5)


def test_stretches_told_by_several_targets_are_one_bar() -> None:
    day = [START + timedelta(days=number) for number in range(5)]
    windows = pd.DataFrame(
        {
            "row": "x",
            "coverage": ["covered", "covered", "covered", "partial"],
            "since": pd.to_datetime([day[0], day[1], day[3], day[0]], utc=True),
            "until": pd.to_datetime([day[2], day[2], day[4], day[4]], utc=True),
        }
    )
    joined = coverage.merged(windows)
    spans = {(row.coverage, row.since.day, row.until.day) for row in joined.itertuples()}
    assert spans == {("partial", 24, 28), ("covered", 24, 26), ("covered", 27, 28)}
    assert joined["coverage"].iloc[-1] == "covered"  # drawn last, so on top


def test_sentiment_is_never_red_and_green() -> None:
    for theme in (LIGHT, DARK):
        for color in (theme.positive, theme.negative):
            hue = colorsys.rgb_to_hls(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0] * 360
            assert 20 <= hue <= 60 or 190 <= hue <= 250, (color, hue)  # orange, or blue


def test_the_theme_follows_the_browser_and_light_is_the_default() -> None:
    assert theme_of("dark") is DARK
    assert theme_of("light") is LIGHT
    assert theme_of(None) is LIGHT


def test_a_picture_holds_headline_and_note_in_any_script() -> None:
    drawn = draw(hours([1.0, 2.0]), note="Invented sample posts")
    said = png(drawn, headline="지금 우리 학교는: buzz above rank 🔥", lines=("Invented sample posts",), theme=LIGHT)
    assert said.startswith(b"\x89PNG")
    assert len(said) > 10_000
