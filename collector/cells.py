"""Reads the cells of a table that somebody else wrote: names, whole numbers, dates. Pure.

What is absent is None; what is wrong raises ValueError with a reason to show beside the line's number.
"""

import math
import re
from datetime import date
from functools import lru_cache

from collector.text import clean

ABSENT = {"", "-", "–", "—", "n/a", "na", "nan", "none", "null"}  # noqa: RUF001 - dashes as people type them
WHOLE = re.compile(r"(\d{1,18})(?:\.0*)?")  # a whole number that went through a float column is written 12.0
SMALL = 2**31 - 1  # what an integer column holds
LARGE = 2**62
LONGEST_NAME = 500
EARLIEST, LATEST = 1990, 2200  # years that a ranking can have


def is_absent(cell: str) -> bool:
    """Tell whether a cell says that there is nothing."""
    return cell.strip().casefold() in ABSENT


def name(cell: str, column: str) -> str:
    """Return a name that must be there."""
    found = maybe_name(cell, column)
    if found is None:
        raise ValueError(f"{column} is empty")
    return found


@lru_cache(maxsize=65_536)  # a ranking says the same few thousand names again and again
def maybe_name(cell: str, column: str) -> str | None:
    """Return a name safe to store, or None. Only an empty cell and N/A are absent: a film may be called "None"."""
    text = cell.strip()
    if not text or text == "N/A":
        return None
    if not text.isascii():
        _check_text(text, column)
    if len(text) > LONGEST_NAME:
        raise ValueError(f"{column} is longer than {LONGEST_NAME} characters")
    return clean(text)


def _check_text(text: str, column: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as fault:  # bytes that were no UTF-8 came in as lone surrogates
        raise ValueError(f"{column} is not UTF-8 text; save the file as UTF-8") from fault


def whole(cell: str, column: str, *, least: int = 0, most: int = SMALL) -> int | None:
    """Return a whole number within bounds, or None."""
    text = cell.strip()
    if text.isascii() and text.isdecimal() and len(text) < 19:  # noqa: PLR2004 - the quick way for nearly every cell
        number = int(text)
    elif is_absent(text):
        return None
    elif match := WHOLE.fullmatch(text):
        number = int(match[1])
    else:
        raise ValueError(f"{column} is not a whole number: {text[:40]!r}")
    if not least <= number <= most:
        raise ValueError(f"{column} is {number}, which is not within {least} and {most}")
    return number


def decimal(cell: str, column: str) -> float | None:
    """Return a finite number that is not negative, or None."""
    if is_absent(cell):
        return None
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"{column} is not a number: {cell.strip()[:40]!r}")
    return number


@lru_cache(maxsize=4096)
def day(cell: str, column: str) -> date:
    """Return a date written as 2022-01-30, 2022/01/30 or 20220130; a time behind it is left out.

    Forms in which day and month may be confused are refused.
    """
    text = cell.strip().partition("T")[0].partition(" ")[0].replace("/", "-")
    try:
        found = date.fromisoformat(text)
    except ValueError as fault:
        raise ValueError(f"{column} is not a date such as 2022-01-30: {cell.strip()[:40]!r}") from fault
    if not EARLIEST <= found.year < LATEST:
        raise ValueError(f"{column} is a date that no ranking has: {text}")
    return found
