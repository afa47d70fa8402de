"""Windows of time as pairs of numbers: merged, cut, and counted in hours. Pure; [start, end) in epoch seconds, UTC."""

from collections.abc import Iterable

from collector.clock import HOUR

Window = tuple[int, int]


def merge(windows: Iterable[Window]) -> list[Window]:
    """Return the union: sorted, without overlaps, neighbours joined, empty ones dropped."""
    merged: list[Window] = []
    for start, end in sorted(windows):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def complement(windows: Iterable[Window], within: Window) -> list[Window]:
    """Return what the windows leave open inside of `within`."""
    open_from, end = within
    holes: list[Window] = []
    for start, stop in merge(windows):
        holes.append((open_from, min(start, end)))
        open_from = max(open_from, stop)
    return [hole for hole in [*holes, (open_from, end)] if hole[0] < hole[1]]


def count_whole_hours(windows: Iterable[Window], within: Window) -> int:
    """Count the hours of `within` (whole hours itself) that lie in the union as a whole."""
    inward = [(-(-start // HOUR) * HOUR, end // HOUR * HOUR) for start, end in merge(windows)]
    return _hours(inward, within)


def count_touched_hours(windows: Iterable[Window], within: Window) -> int:
    """Count the hours of `within` (whole hours itself) that share any time with the union."""
    outward = [(start // HOUR * HOUR, -(-end // HOUR) * HOUR) for start, end in merge(windows)]
    return _hours(outward, within)


def _hours(windows: Iterable[Window], within: Window) -> int:
    cut = [(max(start, within[0]), min(end, within[1])) for start, end in windows]
    return sum(end - start for start, end in merge(cut)) // HOUR
