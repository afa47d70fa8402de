"""Declared columns: what each frame's columns are called and hold, also when there are no rows. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.frames.declared import Columns, Kind, names

__all__ = ["TEXT", "TIME", "Columns", "build", "empty"]

# the same on pandas 2 and 3, with NaN for what is missing
TEXT = pd.StringDtype(na_value=np.nan)
TIME = pd.DatetimeTZDtype("ns", "UTC")


def build(rows: Sequence[Sequence[Any]], columns: Columns) -> pd.DataFrame:
    """Return a frame with these columns and kinds.

    rows: tuples in the order of the columns. "time" is epoch seconds in UTC, or None. "names" is a JSON list of texts
    and becomes a sorted tuple.
    """
    return build_columns(zip(*rows, strict=True) if rows else ([] for _ in columns), columns)


def build_columns(by_column: Iterable[Sequence[Any]], columns: Columns) -> pd.DataFrame:
    """Return a frame as `build` does, of values that come column by column."""
    return pd.DataFrame(
        {name: _series(values, kind) for (name, kind), values in zip(columns.items(), by_column, strict=True)},
        columns=list(columns),
    )


def empty(columns: Columns) -> pd.DataFrame:
    """Return a frame without rows, with the dtypes that rows would have."""
    return build([], columns)


def _series(values: Sequence[Any], kind: Kind) -> "pd.Series[Any]":
    if kind == "names":
        return pd.Series([names(value) for value in values], dtype=object)
    if kind == "time":
        seconds = pd.array(list(values), dtype="Int64")
        return pd.Series(pd.to_datetime(pd.Series(seconds), unit="s", utc=True), dtype=TIME)
    dtype: Any = {"text": TEXT, "int": "int64", "maybe_int": "Int64", "float": "float64", "bool": "bool"}[kind]
    series: pd.Series[Any] = pd.Series(list(values), dtype=dtype)
    return series
