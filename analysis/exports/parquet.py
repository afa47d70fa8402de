"""Parquet: columns of proper types, compressed, a group of rows at a time, so that memory does not grow with them."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.cells import Chunk, Columns, Kind
from collector.clock import DAY

GROUP = 50_000  # rows; some 15 MB of posts

TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "term": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "time": pa.timestamp("ms", tz="UTC"),  # Parquet knows no whole seconds
    "day": pa.date32(),
    "names": pa.list_(pa.string()),
}


class ParquetWriter:
    """Writes chunks to a stream that stays open; `finish` writes the last group and the footer."""

    def __init__(self, stream: BinaryIO, columns: Columns) -> None:
        self._kinds = tuple(columns.values())
        self._schema = pa.schema([(name, TYPES[kind]) for name, kind in columns.items()])
        self._writer = pq.ParquetWriter(stream, self._schema, compression="zstd")
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, chunk: Chunk) -> None:
        """Write some rows."""
        arrays = [_array(values, kind) for values, kind in zip(chunk, self._kinds, strict=True)]
        self._held.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._rows += len(chunk[0])
        if self._rows >= GROUP:
            self._write_group()

    def finish(self) -> None:
        """Write what is still held and the footer."""
        if self._rows:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=self._rows)
        self._held, self._rows = [], 0


def _array(values: Sequence[Any], kind: Kind) -> pa.Array:
    if kind == "time":
        values = [None if value is None else value * 1000 for value in values]
    if kind == "day":
        return pa.array([None if value is None else value // DAY for value in values], pa.int32()).cast(TYPES[kind])
    return pa.array(values, TYPES[kind])
