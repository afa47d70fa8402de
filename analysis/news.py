"""Press coverage of a title: articles counted once, a day at a time, and how much of a window is known. Pure."""

import re
from datetime import datetime
from typing import NamedTuple

import pandas as pd

from analysis import windows
from analysis.frames.columns import TEXT, TIME
from analysis.volume import COVERED, PARTIAL
from collector.clock import DAY, from_seconds, to_seconds
from collector.press import SEPARATORS, publisher_of
from collector.text import fold

NO_LETTER = re.compile(r"[\W_]+")
ENDING = re.compile(rf"^(?P<headline>.+){SEPARATORS}(?P<name>[^-–—|]+)$")  # noqa: RUF001 - dashes of headlines


def distinct(articles: pd.DataFrame) -> pd.DataFrame:
    """Return each article once, newest first: a headline that several sources tell of one publisher is one article.

    articles: as analysis.frames.news reads them, newest first.
    Returns: at, headline (without the publisher's name at its end), publisher, url, sample.
    """
    publishers = [publisher_of(str(name)) for name in articles["native_id"]]
    headlines = [_bare(str(text), site) for text, site in zip(articles["headline"], publishers, strict=True)]
    told = articles.assign(
        headline=pd.Series(headlines, index=articles.index, dtype=TEXT),
        publisher=pd.Series(publishers, index=articles.index, dtype=TEXT),
        same=pd.Series([_letters(text) for text in headlines], index=articles.index, dtype=TEXT),
    )
    first_told = told.drop_duplicates(["publisher", "same"], keep="last")  # when it came out, not when it was found
    return first_told[["at", "headline", "publisher", "url", "sample"]].reset_index(drop=True)


def per_day(articles: pd.DataFrame, covered: pd.DataFrame, window: tuple[datetime, datetime]) -> pd.DataFrame:
    """Count the articles of each day (UTC) of a window. Returns: day, posts (articles; NaN where not known).

    A day without any is zero only where the whole of it that lies in the window is covered.
    """
    start, end = map(to_seconds, window)
    days = range(start - start % DAY, end, DAY)
    counts = articles["at"].dt.floor("D").value_counts()
    full = windows.merge(windows.of(covered[covered["coverage"] == COVERED]))
    rows = []
    for day in days:
        inside = (max(day, start), min(day + DAY, end))
        found = int(counts.get(pd.Timestamp(from_seconds(day)), 0))
        is_known = found or any(since <= inside[0] and inside[1] <= until for since, until in full)
        rows.append((from_seconds(day), float(found) if is_known else float("nan")))
    at, posts = zip(*rows, strict=True) if rows else ((), ())
    return pd.DataFrame({"day": pd.Series(list(at), dtype=TIME), "posts": pd.Series(list(posts), dtype="float64")})


class Known(NamedTuple):
    """What parts of a window are covered, and covered in part only: 0..1 each."""

    covered: float
    partial: float


def known(covered: pd.DataFrame, window: tuple[datetime, datetime]) -> Known:
    """Return how much of a window is known. covered: windows of one title, as analysis.frames.health reads them."""
    start, end = map(to_seconds, window)
    full = windows.of(covered[covered["coverage"] == COVERED])
    some = [*full, *windows.of(covered[covered["coverage"] == PARTIAL])]
    lengths = [
        sum(max(0, min(until, end) - max(since, start)) for since, until in windows.merge(spans))
        for spans in (full, some)
    ]
    whole = max(1, end - start)
    return Known(lengths[0] / whole, (lengths[1] - lengths[0]) / whole)


def _bare(headline: str, publisher: str) -> str:
    """Take the publisher's name off a headline's end where its letters are those of the site's name."""
    found = ENDING.match(headline)
    if found is None:
        return headline
    name, label = _letters(found["name"]), _letters(publisher.partition(".")[0])
    return found["headline"] if label and name.removeprefix("the") == label.removeprefix("the") else headline


def _letters(text: str) -> str:
    return NO_LETTER.sub("", fold(text))
