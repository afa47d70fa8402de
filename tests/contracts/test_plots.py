"""What every registered plot must stand: nothing, one row, 2,000 rows, hostile names, on both grounds."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
import vl_convert
from altair.utils.schemapi import SchemaValidationError

from ui.plots import PLOTS
from ui.theme import DARK, LIGHT, Theme
from ui.timeline import MAX_POINTS

START = datetime(2022, 1, 1, tzinfo=UTC)
WINDOW = (START, START + timedelta(days=90))
HOSTILE = '<img src="http://127.0.0.1:9/x.png"> ![x](http://127.0.0.1:9/x.png) 😭'


def times(rows: int, step: str) -> pd.DatetimeIndex:
    return pd.date_range(START, periods=rows, freq=step, unit="ns")


def gaps(rows: int) -> pd.DataFrame:
    start = pd.Series(times(min(rows, 5), "10D"), dtype="datetime64[ns, UTC]")
    frame = pd.DataFrame({"start": start, "end": start + pd.Timedelta(hours=30)})
    return frame.assign(platform="x", reason=HOSTILE)


def buzz_rank(rows: int) -> tuple[Any, ...]:
    hour = pd.Series(times(rows, "h"), dtype="datetime64[ns, UTC]")
    posts = pd.Series(range(rows), dtype="float64") % 50
    buzz = pd.DataFrame({"hour": hour, "posts": posts, "low": posts / 2, "high": posts * 2}).assign(platform=HOSTILE)
    steps = min(rows, 60)
    start = pd.Series(times(steps, "D"), dtype="datetime64[ns, UTC]")
    ranks = pd.DataFrame({"start": start, "end": start + pd.Timedelta(days=1), "series": HOSTILE, "label": "World"})
    ranks["rank"] = [1 + number % 10 for number in range(steps)]
    numbers = list(range(1, min(rows, 8) + 1))
    top = pd.Series(times(len(numbers), "D"), dtype="datetime64[ns, UTC]")
    peaks = pd.DataFrame({"number": numbers, "top": top, "posts": 40, "times": 2.5}).assign(platform=HOSTILE)
    return buzz, ranks, gaps(rows), peaks


def sentiment(rows: int) -> tuple[Any, ...]:
    days = pd.DataFrame({"day": pd.Series(times(rows, "h"), dtype="datetime64[ns, UTC]")})
    days = days.assign(posts=50, scored=40)
    for name in ("positive", "negative"):
        days[f"{name}_share"], days[f"{name}_low"], days[f"{name}_high"] = 0.4, 0.3, 0.5
    return days, gaps(rows)


def lanes(rows: int) -> tuple[Any, ...]:
    names = [f"{HOSTILE} {number % 10}" for number in range(rows)]
    days = pd.Series([START + timedelta(days=number // 10) for number in range(rows)], dtype="datetime64[ns, UTC]")
    return pd.DataFrame({"name": names, "day": days, "posts": pd.Series(range(rows), dtype="float64")}), gaps(rows)


def coverage(rows: int) -> tuple[Any, ...]:
    since = pd.Series(times(rows, "h"), dtype="datetime64[ns, UTC]")
    kinds = ["covered", "partial", "not covered", "failed"]
    frame = pd.DataFrame({"since": since, "until": since + pd.Timedelta(minutes=30)})
    return (frame.assign(row=HOSTILE, coverage=[kinds[number % 4] for number in range(rows)]),)


EXAMPLES: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "buzz_rank": buzz_rank,
    "coverage": coverage,
    "lanes": lanes,
    "sentiment": sentiment,
}


def test_each_registered_plot_has_an_example_here() -> None:
    assert sorted(EXAMPLES) == sorted(PLOTS)


@pytest.mark.parametrize("rows", [0, 1, 2000])
@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_plot_draws_nothing_one_row_and_two_thousand_by_the_schema(name: str, rows: int) -> None:
    drawn = PLOTS[name](*EXAMPLES[name](rows), theme=LIGHT, window=WINDOW)
    picture = vl_convert.vegalite_to_svg(drawn.to_dict(validate=True))
    assert picture.startswith("<svg")
    assert "NaN" not in picture


def test_a_spec_that_the_schema_does_not_know_is_refused() -> None:
    drawn = PLOTS["lanes"](*lanes(30), theme=LIGHT, window=WINDOW)
    drawn.height = {"tall": "very"}
    with pytest.raises(SchemaValidationError):
        drawn.to_dict(validate=True)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_plot_stands_on_its_theme_ground_and_says_what_it_is_told_to(name: str, theme: Theme) -> None:
    drawn = PLOTS[name](*EXAMPLES[name](30), theme=theme, window=WINDOW, note="Invented sample posts")
    picture = vl_convert.vegalite_to_svg(drawn.to_dict())
    assert "Invented sample posts" in picture
    assert theme.background in picture
    assert theme.text in picture


@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_plot_sends_the_browser_no_more_points_than_it_draws_at_once(name: str) -> None:
    drawn = PLOTS[name](*EXAMPLES[name](9000), theme=LIGHT, window=WINDOW)
    sizes = [len(rows) for rows in drawn.to_dict()["datasets"].values()]
    assert max(sizes) <= MAX_POINTS + 1


@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_plot_is_one_flat_view_without_addresses(name: str) -> None:
    """Nested layers and concatenations came out blank; an href or an image mark could make the browser fetch."""
    spec = PLOTS[name](*EXAMPLES[name](30), theme=LIGHT, window=WINDOW).to_dict()
    assert all("layer" not in layer for layer in spec["layer"])
    assert not {"hconcat", "vconcat", "concat", "facet", "repeat"} & set(spec)
    drawn = json.dumps(spec["layer"])
    assert '"href"' not in drawn
    assert '"image"' not in drawn
    assert '"url"' not in drawn
