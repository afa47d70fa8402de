"""Finds out what a file holds, by its content and never by its name."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from collector.archive.format import FORMATS, TABLE, Format
from collector.archive.read import CutShort, Opened, Record, json_elements, json_lines, opening
from collector.archive.table import looks_like_header
from collector.errors import InputError

SAMPLE = 50  # records
# what people hand over by mistake, by the first bytes
KINDS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or an Excel workbook; unpack it, or save it as CSV",
    b"\x28\xb5\x2f\xfd": "zstd data; unpack it with `zstd -d`",
    b"BZh": "bzip2 data; unpack it with `bunzip2`",
    b"\xfd7zXZ": "xz data; unpack it with `unxz`",
    b"SQLite format 3": "an SQLite database",
    b"PAR1": "a Parquet file; save it as CSV",
    b"\xff\xfe": "text in UTF-16; save it as UTF-8",
    b"\xfe\xff": "text in UTF-16; save it as UTF-8",
}


@dataclass(frozen=True)
class Kind:
    """What a file is: a table (no format), or JSON of a format with the way to its records."""

    format: type[Format] | None
    records: Callable[[Opened], Iterator[Record]] = json_lines


def detect(path: Path, wanted: str = "auto") -> Kind:
    """Look at the first records. Raises InputError saying what the file looks like when it is not what is wanted."""
    with opening(path) as file:
        head = _head(path, file)
    start = head.decode("utf-8-sig", "replace").lstrip()
    if wanted == TABLE or (wanted == "auto" and start[:1] not in {"{", "["}):
        if start[:1] in {"{", "["} or not looks_like_header(start):
            raise _wrong(path, wanted, _plain_look(start))
        return Kind(None)
    if start[:1] not in {"{", "["}:
        raise _wrong(path, wanted, _plain_look(start))
    return _json_kind(path, wanted, is_list=start[0] == "[")


def _head(path: Path, file: Opened) -> bytes:
    try:
        head = file.head()
    except CutShort as fault:
        raise InputError(f"{path} cannot be read: {fault}") from fault
    if not head.strip():
        raise InputError(f"{path} is empty")
    for sign, kind in KINDS.items():
        if head.startswith(sign):
            raise InputError(f"{path} is {kind}")
    if b"\x00" in head.split(b"\n", 1)[0]:
        raise InputError(f"{path} holds binary data, not posts")
    return head


def _json_kind(path: Path, wanted: str, *, is_list: bool) -> Kind:
    """Try the ways to read JSON until a record of a known format is found."""
    names = list(FORMATS) if wanted == "auto" else [wanted]
    looks: list[str] = []
    for records in (json_elements,) if is_list else (json_lines, json_elements):
        sample = _sample(path, records)
        for name in names:
            if any(FORMATS[name].recognises(record.value) for record in sample):
                return Kind(FORMATS[name], records)
        looks += [_look(record.value) for record in sample if isinstance(record.value, Mapping | list) or is_list]
    raise _wrong(path, wanted, looks[0] if looks else "JSON that is broken from the start")


def _sample(path: Path, records: Callable[[Opened], Iterator[Record]]) -> list[Record]:
    found: list[Record] = []
    # what could be read is enough to tell the format; the fault is told when the file is read
    with opening(path) as file, suppress(CutShort):
        found.extend(islice(records(file), SAMPLE))
    return found


def _look(value: object) -> str:
    for name in FORMATS:
        if FORMATS[name].recognises(value):
            return f"{name}: say --format {name}, or leave it out"
    if isinstance(value, Mapping):
        inner = value.get("data")
        first = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Mapping) else value
        return f"JSON objects with the keys {', '.join(sorted(map(str, first))[:8])}"
    return f"JSON values such as {str(value)[:40]!r}"


def _plain_look(start: str) -> str:
    if start[:1] == "<":
        return "a web page or XML"
    if start[:1] in {"{", "["}:
        return "JSON"
    line = start.splitlines()[0][:60]
    return f"a table with the columns {line!r}" if looks_like_header(start) else f"text that begins with {line!r}"


def _wrong(path: Path, wanted: str, look: str) -> InputError:
    known = ", ".join((*FORMATS, TABLE))
    expected = f"none of {known}" if wanted == "auto" else f"not {wanted}"
    return InputError(f"{path} is {expected}; it looks like {look}")
