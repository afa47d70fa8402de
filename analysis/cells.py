"""Rows as CSV or JSON lines, so that a post's text stays text in whatever opens the file. Pure.

A spreadsheet runs a cell that begins like a formula. Such a cell gets a leading apostrophe (OWASP, "CSV Injection"),
also where the sign follows white space or invisible characters, or is one of its wide or small forms.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, BinaryIO

import orjson

Value = str | int | float | bool | tuple[str, ...] | None
Row = Sequence[Value]

FORMULA_SIGNS = "=+-@"
BREAKS = "\t\r\n"
INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # control and format characters, spaces
SEPARATOR = "|"


def safe(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet could take for a formula; leave the rest as it is."""
    if text[:1].isalnum():
        return text
    if text[:1] and text[0] in BREAKS:
        return "'" + text
    first = next((char for char in text if unicodedata.category(char) not in INVISIBLE), "")
    return "'" + text if first and unicodedata.normalize("NFKC", first)[:1] in FORMULA_SIGNS else text


def joined(values: Iterable[str]) -> str:
    r"""Join values by '|'; within a value a backslash becomes two and '|' becomes '\|', so that it can be undone."""
    return SEPARATOR.join(value.replace("\\", "\\\\").replace(SEPARATOR, "\\" + SEPARATOR) for value in values)


@lru_cache(maxsize=4096)  # titles, topics and hashtags come again and again
def _safely_joined(values: tuple[str, ...]) -> str:
    return safe(joined(values))


# numbers and None are left to the csv module; a look into a small table costs less than asking of what kind a value is
_SAFE: dict[type, Callable[[Any], str]] = {str: safe, tuple: _safely_joined, bool: lambda value: str(value).lower()}
_RAW: dict[type, Callable[[Any], str]] = {tuple: joined, bool: _SAFE[bool]}


def write_csv(stream: BinaryIO, columns: Sequence[str], rows: Iterable[Row], *, raw: bool = False) -> int:
    """Write rows as CSV (RFC 4180) in UTF-8, one at a time; return how many.

    With a byte order mark, by which Excel knows UTF-8, and safe cells; neither when raw. The stream stays open.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="", write_through=False)
    try:
        if not raw:
            text.write("\ufeff")
        writer = csv.writer(text)
        writer.writerow(columns)
        count = 0
        kinds = _RAW if raw else _SAFE
        for row in rows:
            writer.writerow([kinds[type(value)](value) if type(value) in kinds else value for value in row])
            count += 1
        text.flush()
        return count
    finally:
        _release(text)


def write_jsonl(stream: BinaryIO, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows as one JSON object a line, lists as lists, missing as null; return how many."""
    count = 0
    for row in rows:
        stream.write(orjson.dumps(dict(zip(columns, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


def _release(text: io.TextIOWrapper) -> None:
    """Let go of the stream without closing it; after a failed write there is nothing more to be saved."""
    try:
        text.detach()
    except OSError:
        # detach flushes once more and fails as the write did, which is what the caller hears of;
        # closing the dead wrapper later would only repeat it
        text.close = lambda: None  # type: ignore[method-assign]
