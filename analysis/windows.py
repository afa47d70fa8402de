"""Windows of time: merged, cut and turned into hours. Pure; windows are [start, end) in epoch seconds, UTC."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.spans import Window, complement, merge
from collector.clock import HOUR

__all__ = ["Window", "complement", "merge", "of", "overlaps", "seconds", "touched_hours", "whole_hours"]


def overlaps(window: Window, others: Iterable[Window]) -> bool:
    """Tell whether a window shares any time with one of the others."""
    return any(start < window[1] and window[0] < end for start, end in others)


def whole_hours(windows: Iterable[Window], first: int, count: int) -> npt.NDArray[np.bool_]:
    """Mark, for `count` hours from the hour `first`, those that lie in the union as a whole."""
    marks = np.zeros(count, dtype=bool)
    for start, end in merge(windows):
        marks[max(-((first - start) // HOUR), 0) : max((end - first) // HOUR, 0)] = True
    return marks


def touched_hours(windows: Iterable[Window], first: int, count: int) -> npt.NDArray[np.bool_]:
    """Mark, for `count` hours from the hour `first`, those that share any time with the union."""
    marks = np.zeros(count, dtype=bool)
    for start, end in merge(windows):
        marks[max((start - first) // HOUR, 0) : max(-((first - end) // HOUR), 0)] = True
    return marks


def seconds(times: "pd.Series[pd.Timestamp]") -> npt.NDArray[np.int64]:
    """Turn a column of times (datetime64[ns, UTC], none missing) into epoch seconds."""
    values: npt.NDArray[np.int64] = times.to_numpy("datetime64[s]").astype(np.int64)
    return values


def of(frame: pd.DataFrame) -> Sequence[Window]:
    """Return the windows of a frame with the columns since and until."""
    return list(zip(seconds(frame["since"]).tolist(), seconds(frame["until"]).tolist(), strict=True))
