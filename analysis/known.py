"""How much of a time is known, platform by platform, and why the rest is not. Pure: frames in, frames out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pandas as pd

from analysis import windows
from analysis.spans import Window, complement, merge
from analysis.volume import gaps
from collector.clock import to_seconds
from collector.source import Coverage


class Gap(NamedTuple):
    """A stretch [since, until) of which nothing is known, and why."""

    since: datetime
    until: datetime
    reason: str


class Known(NamedTuple):
    """How a time is known of one title on one platform: shares of it, 0 to 1, and the gaps.

    `covered` is known whole, `partial` in part only; what is left to 1 is gaps.
    """

    title: str
    platform: str
    covered: float
    partial: float
    gaps: tuple[Gap, ...]


def known(covered: pd.DataFrame, since: datetime, until: datetime) -> list[Known]:
    """Return how [since, until) is known, one entry a title and platform, in this order.

    covered: windows as analysis.frames.health.covered gives them.
    """
    return [*_each(covered, since, until)]


def _each(covered: pd.DataFrame, since: datetime, until: datetime) -> Iterator[Known]:
    span = (to_seconds(since), to_seconds(until))
    for (title, platform), own in covered.groupby(["title", "platform"], observed=True, sort=True):
        whole = _cut(own, Coverage.COVERED, span)
        some = _cut(own, Coverage.PARTIAL, span)
        only_some = _length([*whole, *some]) - _length(whole)
        holes = gaps(own, since, until, platforms=[str(platform)])
        told = (Gap(*row) for row in zip(_times(holes["start"]), _times(holes["end"]), holes["reason"], strict=True))
        length = span[1] - span[0]
        yield Known(str(title), str(platform), _length(whole) / length, only_some / length, tuple(told))


def _cut(own: pd.DataFrame, coverage: Coverage, span: Window) -> list[Window]:
    """Return what of a span is known so: the complement of its complement."""
    return complement(complement(windows.of(own[own["coverage"] == coverage]), span), span)


def _length(of: list[Window]) -> int:
    return sum(end - start for start, end in merge(of))


def _times(column: "pd.Series[pd.Timestamp]") -> list[datetime]:
    return [datetime.fromtimestamp(second, UTC) for second in windows.seconds(column).tolist()]
