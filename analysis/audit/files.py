"""Labels of people as CSV: out for spreadsheets and other readers, and in again, line by line. Pure.

Cells are safe in spreadsheets (analysis/cells.py), and what was put before a cell to make it so is taken off again.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd

from analysis.cells import Chunk, Columns, safe
from collector.audits import Judged, name_of
from collector.clock import to_seconds
from collector.errors import InputError

NOTE = "invented sample posts"
COLUMNS: Columns = {
    "platform": "term",
    "native_id": "text",
    "url": "text",
    "created_at": "time",
    "language": "term",
    "given": "term",
    "given_by": "term",
    "class": "term",
    "by": "text",
    "at": "time",
    "sarcasm": "term",
    "unsure": "term",
    "given_then": "term",
    "given_then_by": "term",
    "text": "text",
    "note": "term",
}
BLANK: Columns = {
    name: kind for name, kind in COLUMNS.items() if not name.startswith("given") and name not in {"at", "language"}
}
NEEDED = ("platform", "native_id", "class")
DELIMITERS = ",;\t"
JUDGED: Mapping[str, Judged] = {"positive": "positive", "neutral": "neutral", "negative": "negative"}
GIVEN = {*JUDGED, "unscored"}
YES, NO = {"yes", "y", "true", "1", "x"}, {"", "no", "n", "false", "0"}
LOST_DIGITS = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
LONGEST_CELL = 2**20


class Line(NamedTuple):
    """A label as a line of a file tells it; None: not told."""

    number: int
    platform: str
    native_id: str
    said: Judged
    who: str
    at: int | None
    sarcasm: bool
    unsure: bool
    given: str | None
    given_by: str | None


class Fault(NamedTuple):
    """A line that cannot be taken, and why."""

    number: int
    reason: str


def chunk(labels: pd.DataFrame, texts: Sequence[str]) -> Chunk:
    """Return labels (analysis.frames.audits.labels) as the values of COLUMNS; `texts` are those that may leave."""
    renamed = labels.rename(columns={"said": "class", "who": "by"})
    return _values(renamed, COLUMNS, texts)


def blank_chunk(readings: pd.DataFrame, texts: Sequence[str], who: str) -> Chunk:
    """Return posts to label (analysis.frames.audits.readings) as the values of BLANK, their classes empty."""
    count = len(readings)
    empty = {name: [""] * count for name in ("class", "sarcasm", "unsure")}
    return _values(readings.assign(by=[who] * count, **empty), BLANK, texts)


def _values(frame: pd.DataFrame, columns: Columns, texts: Sequence[str]) -> Chunk:
    made: dict[str, Sequence[Any]] = {
        "text": texts,
        "note": [NOTE if invented else "" for invented in frame["invented"]],
    }
    for name, kind in columns.items():
        if name not in made:
            cell: Callable[[Any], Any] = _CELLS.get(kind, str)
            made[name] = [None if pd.isna(value) else cell(value) for value in frame[name]]
    for name in ("sarcasm", "unsure"):
        made[name] = [{"True": "yes", "False": "no"}.get(str(value), "") for value in frame[name]]
    return [made[name] for name in columns]


_CELLS: Mapping[str, Callable[[Any], Any]] = {"time": to_seconds}


def read(lines: Iterable[str], label: str, who: str) -> Iterator[Line | Fault]:
    """Yield the labels of a table with a header; lines without a class are passed over.

    label: what to call the file; who: who labelled what names nobody. Columns are found by name, in any order.
    Raises InputError where a column is missing.
    """
    csv.field_size_limit(LONGEST_CELL)
    text = iter(lines)
    head = next(text, "").removeprefix("\ufeff")
    delimiter = max(DELIMITERS, key=head.count)
    names = [name.strip().lower() for name in _split(head, delimiter)]
    if missing := [name for name in NEEDED if name not in names]:
        raise InputError(
            f"{label} line 1: no column {', '.join(missing)}; a file of labels has {', '.join(NEEDED)}, "
            "as `buzz audit export` writes it"
        )
    table = csv.reader(text, delimiter=delimiter)
    number = 2
    while True:
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as fault:
            yield Fault(number, f"cannot be read as CSV: {fault}")
            number = table.line_num + 2
            continue
        if any(map(str.strip, cells)):
            yield from _line(number, dict(zip(names, map(_unsafe, cells), strict=False)), who)
        number = table.line_num + 2


def _split(head: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([head], delimiter=delimiter), [])
    except csv.Error:
        return []


def _unsafe(cell: str) -> str:
    """Take off the apostrophe by which a cell was made safe."""
    return cell[1:] if cell.startswith("'") and safe(cell[1:]) == cell else cell


def _line(number: int, cells: Mapping[str, str], who: str) -> Iterator[Line | Fault]:
    if not cells.get("class", "").strip():
        return
    try:
        yield Line(
            number,
            _needed(cells, "platform"),
            _native_id(cells),
            _class(cells),
            _name(cells, who),
            _time(cells),
            _flag(cells, "sarcasm"),
            _flag(cells, "unsure"),
            *_given_then(cells),
        )
    except ValueError as fault:
        yield Fault(number, str(fault))


def _needed(cells: Mapping[str, str], column: str) -> str:
    found = cells.get(column, "").strip()
    if not found:
        raise ValueError(f"{column} is empty")
    try:
        found.encode()
    except UnicodeEncodeError as fault:  # bytes that were no UTF-8 came in as lone surrogates
        raise ValueError(f"{column} is not UTF-8 text; save the file as UTF-8") from fault
    if "\0" in found:
        raise ValueError(f"{column} holds a NUL character")
    return found


def _native_id(cells: Mapping[str, str]) -> str:
    found = _needed(cells, "native_id")
    if LOST_DIGITS.fullmatch(found):
        raise ValueError(f"native_id is {found}: a spreadsheet has cut its digits off; open the file with it as text")
    return found


def _class(cells: Mapping[str, str]) -> Judged:
    written = cells["class"].strip()
    found = JUDGED.get(written.casefold())
    if found is None:
        raise ValueError(f"class is {_quoted(written)}, not positive, neutral or negative")
    return found


def _given_then(cells: Mapping[str, str]) -> tuple[str, str] | tuple[None, None]:
    """Return what the labeller said when the person did, as an export has it."""
    given, by = (cells.get(name, "").strip() for name in ("given_then", "given_then_by"))
    if not given or not by:
        return None, None
    if given not in GIVEN or not by.isprintable():
        raise ValueError(f"given_then is {_quoted(given)} by {_quoted(by)}, which no labeller says")
    return given, by


def _name(cells: Mapping[str, str], who: str) -> str:
    try:
        return name_of(cells.get("by", "").strip() or who)
    except ValueError as fault:
        raise ValueError(f"by: {fault}") from fault


def _time(cells: Mapping[str, str]) -> int | None:
    written = cells.get("at", "").strip()
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        return to_seconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as fault:
        raise ValueError(f"at is {_quoted(written)}, not a time such as 2022-01-28T08:00:00Z") from fault


def _flag(cells: Mapping[str, str], column: str) -> bool:
    written = cells.get(column, "").strip().casefold()
    if written in YES | NO:
        return written in YES
    raise ValueError(f"{column} is {_quoted(written)}, not yes or no")


def _quoted(written: str) -> str:
    return repr(written[:40])
