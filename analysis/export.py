"""Exports: posts, hours, topics and rankings as CSV, JSON lines or Parquet, in constant memory.

The parts are in analysis/exports: what can be asked, the tables, the files, the manifest. Formats: analysis/cells.py.
"""

import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from analysis.cells import Chunk, Columns, CsvWriter, JsonlWriter
from analysis.exports import files, manifest
from analysis.exports.files import Opener, Written
from analysis.exports.tables import NOTE, POST_COLUMNS, Table, table, withheld
from analysis.exports.wanted import EXCEL, KINDS, SMALLEST, Export, Options, file_name
from analysis.frames.reader import Reader
from collector import clock
from collector.errors import InputError

__all__ = [
    "EXCEL", "KINDS", "POST_COLUMNS", "SMALLEST", "Export", "Options", "Report", "file_name",
    "open_download", "withheld", "write", "write_file",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What an export wrote: rows, its files, and the manifest beside them; neither for a pipe or a device."""

    rows: int
    files: tuple[Written, ...]
    manifest: Path | None


def write(reader: Reader, export: Export, stream: BinaryIO, *, packed: bool = False) -> int:
    """Write an export to an open stream and return how many rows it has. Raises StoreError, OSError."""
    columns, chunks = table(reader, export)
    writer = _opener(export, columns, packed=packed)(stream)
    rows = 0
    for chunk in chunks:
        writer.write(chunk)
        rows += len(chunk[0])
    writer.finish()
    return rows


def write_file(
    reader: Reader,
    export: Export,
    path: Path,
    *,
    split: int | None = None,
    packed: bool = False,
    with_manifest: bool = True,
) -> Report:
    """Write an export to a file, or to parts of at most `split` rows (a header is one), and a manifest beside it.

    Compressed when `packed` or the name ends in .gz. All is written under other names and then renamed: an interrupted
    export leaves what was there before.
    Raises InputError when a file cannot be written, StoreError when the database cannot be read.
    """
    packed = packed or path.suffix.lower() == files.PACKED
    try:
        if files.is_stream(path):
            with path.open("wb") as stream:
                return Report(write(reader, export, stream, packed=packed), (), None)
        known = manifest.facts_for(reader, export) if with_manifest else None
        found = table(reader, export)
        opener = _opener(export, found.columns, packed=packed)
        rows = split - 1 if split is not None and export.options.format == "csv" else split
        samples = _Samples(found)
        with files.Parts(path, opener, rows=rows) as parts:
            for chunk in samples:
                parts.write(chunk)
            written = parts.commit()
        beside = None
        if known is not None:
            told = manifest.manifest(
                export, found.columns, written, known, samples=samples.count, now=clock.now()
            )  # fmt: skip
            beside = _write_manifest(path, told)
        return Report(sum(part.rows for part in written), tuple(written), beside)
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror or fault}; name another with -o") from fault


def open_download(reader: Reader, export: Export) -> io.RawIOBase:
    """Write an export to a nameless temporary file and return it, at its beginning; for a download button."""
    # unbuffered, since a raw file is what Streamlit takes as one
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - handed on to the caller
    try:
        buffered = io.BufferedWriter(file)
        write(reader, export, cast("BinaryIO", buffered))
        buffered.flush()
        buffered.detach()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


class _Samples:
    """The chunks of a table, counting the rows that have invented posts in them."""

    def __init__(self, found: Table) -> None:
        self._chunks = found.chunks
        self._note = list(found.columns).index(NOTE) if NOTE in found.columns else None
        self.count = 0

    def __iter__(self) -> Iterator[Chunk]:
        for chunk in self._chunks:
            if self._note is not None:
                self.count += sum(map(bool, chunk[self._note]))
            yield chunk


def _opener(export: Export, columns: Columns, *, packed: bool) -> Opener:
    options = export.options
    opener: Opener
    if options.format == "jsonl":
        opener = lambda stream: JsonlWriter(stream, columns)  # noqa: E731 - three of a kind
    elif options.format == "parquet":
        from analysis.exports.parquet import ParquetWriter  # noqa: PLC0415 - only Parquet needs pyarrow

        opener = lambda stream: ParquetWriter(stream, columns)  # noqa: E731 - as above
    else:
        opener = lambda stream: CsvWriter(stream, columns, raw=options.raw)  # noqa: E731 - as above
    return files.gzipped(opener) if packed else opener


def _write_manifest(path: Path, told: dict[str, Any]) -> Path:
    beside = path.with_name(path.name + manifest.SUFFIX)
    files.write_bytes(beside, orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return beside
