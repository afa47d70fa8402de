"""Page views a day, and X's own count of posts."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from analysis import attention
from analysis.attention import Volume

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WINDOW = (START, START + 4 * DAY)


def figures(*rows: tuple[str, str, datetime, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["source", "part", "start", "amount"])
    times = pd.to_datetime(frame["start"], utc=True).astype("datetime64[ns, UTC]")
    return frame.assign(start=times, length=[86_400 if row[0] == "wikipedia" else 3600 for row in rows])


def midnight(days: int) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + days * DAY


def test_each_day_that_the_window_touches_has_its_views_or_none() -> None:
    told = figures(
        ("wikipedia", "en:A", midnight(-1), 3),
        ("wikipedia", "en:A", midnight(0), 5),
        ("wikipedia", "en:A", midnight(3), 9),
        ("wikipedia", "ko:가", midnight(2), 2),
        ("wikipedia", "en:A", midnight(5), 11),
        ("x", "", midnight(2), 99),
    )
    days = attention.per_day(told, WINDOW)
    known = days.dropna()
    assert [(row.name, row.day.day, row.posts) for row in known.itertuples(index=False)] == [
        ("en:A", 1, 5),
        ("en:A", 4, 9),
        ("ko:가", 3, 2),
    ]
    assert len(days) == 2 * 5


def test_of_nothing_there_is_nothing() -> None:
    assert attention.per_day(figures(), WINDOW).empty
    assert attention.volume(figures(), WINDOW) is None
    assert list(attention.per_day(figures(), WINDOW).columns) == ["name", "day", "posts"]


def test_xs_own_count_says_of_how_many_hours() -> None:
    views = ("wikipedia", "en:A", midnight(2), 7)
    told = figures(("x", "", START, 5), ("x", "", START + HOUR, 6), ("x", "", START - HOUR, 50), views)
    assert attention.volume(told, WINDOW) == Volume(11, 2, 96)
