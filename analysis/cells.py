"""Columns of values as CSV or JSON lines, so that a post's text stays text in whatever opens the file. Pure.

A spreadsheet runs a cell that begins like a formula. Such a cell gets a leading apostrophe (OWASP, "CSV Injection"),
also where the sign follows white space or invisible characters, or is one of its wide or small forms.

Values come a column of some hundred at a time: what is asked of a whole column costs a tenth of asking each cell.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, BinaryIO, Literal

import orjson

from collector import clock

# "term" is text that comes again and again, such as a platform; times are epoch seconds, days seconds of their start
Kind = Literal["text", "term", "int", "float", "time", "day", "names"]
Columns = Mapping[str, Kind]
Chunk = Sequence[Sequence[Any]]  # the values of each column, as many of each; None for what is missing

FORMULA_SIGNS = "=+-@"
INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # control and format characters, spaces
BREAKS = "\t\r\n"
SEPARATOR = "|"
REMEMBERED = 512  # cells of one kind that are made once while they keep coming
MARK = "\ufeff"  # the byte order mark, by which Excel knows UTF-8


def safe(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet could take for a formula; leave the rest as it is."""
    if not text or text[0].isalnum() or _harmless(text[0]):
        return text
    if text[0] in BREAKS:
        return "'" + text
    first = next((char for char in text if unicodedata.category(char) not in INVISIBLE), "")
    return "'" + text if first and not _harmless(first) else text


@lru_cache(maxsize=REMEMBERED)
def _harmless(first: str) -> bool:
    """Tell whether a text that begins so is no formula, whatever follows."""
    return (
        unicodedata.category(first) not in INVISIBLE
        and unicodedata.normalize("NFKC", first)[:1] not in FORMULA_SIGNS
    )  # fmt: skip


def joined(values: Sequence[str]) -> str:
    r"""Join values by '|'; within a value a backslash becomes two and '|' becomes '\|', so that it can be undone."""
    text = SEPARATOR.join(values)
    if "\\" not in text and text.count(SEPARATOR) < max(len(values), 1):
        return text
    return SEPARATOR.join(value.replace("\\", "\\\\").replace(SEPARATOR, "\\" + SEPARATOR) for value in values)


class Remembered(dict[Any, Any]):
    """What a function returned, by what it was asked; forgotten at once when it is too much.

    lru_cache takes three times as long to answer what it knows.
    """

    def __init__(self, work: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, asked: Any) -> Any:  # noqa: ANN401 - as the function
        """Work it out."""
        if len(self) >= REMEMBERED:
            self.clear()
        result = self[asked] = self._work(asked)
        return result


def iso(seconds: int) -> str:
    """Write epoch seconds as ISO 8601 in UTC: 2022-01-28T08:00:00Z."""
    return _MINUTES[seconds // 60] + _SECONDS[seconds % 60]


def date(seconds: int) -> str:
    """Write the day of epoch seconds: 2022-01-28."""
    return _MINUTES[seconds // 60][: len("2022-01-28")]


def _minute(minutes: int) -> str:
    return clock.from_seconds(minutes * 60).isoformat()[: len("2022-01-28T08:00:")]


_MINUTES: Mapping[int, str] = Remembered(_minute)  # posts come by time
_SECONDS = tuple(f"{second:02}Z" for second in range(60))


class CsvWriter:
    """Writes chunks as CSV (RFC 4180) in UTF-8 to a stream that stays open.

    With a byte order mark and safe cells; neither when raw.
    """

    def __init__(self, stream: BinaryIO, columns: Columns, *, raw: bool = False) -> None:
        self._stream = stream
        cells = _RAW if raw else _SAFE
        self._cells = [cells[kind] for kind in columns.values()]
        stream.write(("" if raw else MARK).encode() + _lines([_quoted([name]) for name in columns]))

    def write(self, chunk: Chunk) -> None:
        """Write some rows."""
        self._stream.write(_lines([cells(values) for cells, values in zip(self._cells, chunk, strict=True)]))

    def finish(self) -> None:
        """Write what is still held: nothing."""


class JsonlWriter:
    """Writes chunks as one JSON object a line: lists as lists, missing as null. The stream stays open."""

    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        self._stream = stream
        self._names = tuple(columns)
        self._values = [_TO_JSON.get(kind) for kind in columns.values()]

    def write(self, chunk: Chunk) -> None:
        """Write some rows."""
        values = [_each(to, column) if to else column for to, column in zip(self._values, chunk, strict=True)]
        lines = [
            orjson.dumps(dict(zip(self._names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE)
            for row in zip(*values, strict=True)
        ]
        self._stream.write(b"".join(lines))

    def finish(self) -> None:
        """Write what is still held: nothing."""


def _lines(columns: Sequence[Sequence[str]]) -> bytes:
    """Put finished cells side by side."""
    if len(columns) == 1:  # an empty line would be no row at all
        columns = [[cell or '""' for cell in columns[0]]]
    rows = map(",".join, zip(*columns, strict=True))
    # half a surrogate, which no database holds, must not end an export
    return "\r\n".join([*rows, ""]).encode("utf-8", "replace")


def _safe_texts(values: Sequence[str | None]) -> Sequence[str]:
    cells = [value or "" for value in values]
    if not all(map(_begins_well, {cell[:1] for cell in cells})):
        cells = [cell if cell[:1].isalnum() else safe(cell) for cell in cells]
    return _quoted(cells)


def _begins_well(first: str) -> bool:
    return not first or first.isalnum() or _harmless(first)


def _texts(values: Sequence[str | None]) -> Sequence[str]:
    return _quoted([value or "" for value in values])


def _quoted(cells: Sequence[str]) -> Sequence[str]:
    together = "".join(cells)
    if '"' in together or "," in together or "\n" in together or "\r" in together:
        return [_quote(cell) if '"' in cell or "," in cell or "\n" in cell or "\r" in cell else cell for cell in cells]
    return cells


def _quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _each(cell: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    return [None if value is None else cell(value) for value in values]


def _cells(cell: Callable[[Any], str]) -> Callable[[Sequence[Any]], Sequence[str]]:
    """Return what makes cells of a column of which each value is worked out once, as long as it keeps coming."""
    kept = Remembered(lambda value: "" if value is None else _quoted([cell(value)])[0])
    return lambda values: list(map(kept.__getitem__, values))


def _integers(values: Sequence[int | None]) -> Sequence[str]:
    return _told(orjson.dumps(values).decode())


def _floats(values: Sequence[float | None]) -> Sequence[str]:
    together = orjson.dumps(values).decode()
    if "e" in together or "0.0000" in together:  # orjson has another form for what is very large or small
        return ["" if value is None else repr(value) for value in values]
    return _told(together)


def _told(numbers: str) -> Sequence[str]:
    """Cut a JSON list of numbers into cells: a whole column at once takes a quarter of the time of one by one."""
    return numbers[1:-1].replace("null", "").split(",") if numbers != "[]" else []


def _times(values: Sequence[int | None]) -> Sequence[str]:
    # as iso; a call less for each of a million
    minutes, seconds = _MINUTES, _SECONDS
    return ["" if value is None else minutes[value // 60] + seconds[value % 60] for value in values]


_PLAIN: Mapping[Kind, Callable[[Sequence[Any]], Sequence[str]]] = {
    "int": _integers,
    "float": _floats,
    "time": _times,
    "day": _cells(date),
}
_SAFE: Mapping[Kind, Callable[[Sequence[Any]], Sequence[str]]] = {
    **_PLAIN,
    "text": _safe_texts,
    "term": _cells(safe),
    "names": _cells(lambda values: safe(joined(values))),
}
_RAW: Mapping[Kind, Callable[[Sequence[Any]], Sequence[str]]] = {
    **_PLAIN,
    "text": _texts,
    "term": _texts,
    "names": _cells(joined),
}
_TO_JSON: Mapping[Kind, Callable[[Any], Any]] = {"time": iso, "day": date}
