"""The files of an export: parts, compression, Parquet, the manifest beside them, and nothing half done."""

import errno
import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filling import NOON, Posted, cover, fill

from analysis import export, sentiment, spans, volume
from analysis.cells import Chunk, CsvWriter
from analysis.export import Export, Options
from analysis.exports import files, tables
from analysis.exports.manifest import coverage
from analysis.exports.parquet import ParquetWriter
from analysis.frames import facts
from analysis.frames.facts import Covering, Extent
from analysis.frames.health import covered
from analysis.frames.hours import hours
from analysis.frames.posts import PostFilter
from analysis.frames.reader import Reader
from analysis.frames.streams import ROWS
from collector import migrate
from collector.clock import HOUR, to_seconds
from collector.errors import InputError
from collector.store import Store


def opener(stream: BinaryIO) -> CsvWriter:
    return CsvWriter(stream, {"n": "int"}, raw=True)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- parts


@pytest.mark.parametrize(
    ("chunks", "rows", "lengths"),
    [
        ([3, 3], None, [6]),
        ([3, 3], 4, [4, 2]),
        ([3, 3], 3, [3, 3]),
        ([7], 2, [2, 2, 2, 1]),
        ([], 2, [0]),
        ([2], 2, [2]),
    ],
)
def test_no_part_is_longer_than_it_may_be_and_no_row_is_lost(
    tmp_path: Path, chunks: list[int], rows: int | None, lengths: list[int]
) -> None:
    numbers = iter(range(100))
    with files.Parts(tmp_path / "a.csv", opener, rows=rows) as parts:
        for length in chunks:
            parts.write([[next(numbers) for _ in range(length)]])
        written = parts.commit()
    assert [part.rows for part in written] == lengths
    texts = [part.path.read_text().splitlines() for part in written]
    assert [lines[0] for lines in texts] == ["n"] * len(lengths)
    assert [line for lines in texts for line in lines[1:]] == [str(n) for n in range(sum(chunks))]
    assert all(part.sha256 == hashlib.sha256(part.path.read_bytes()).hexdigest() for part in written)
    assert all(part.bytes == part.path.stat().st_size for part in written)


@pytest.mark.parametrize(
    ("name", "part"), [("a.csv", "a-2.csv"), ("a.b.csv.gz", "a.b-2.csv.gz"), ("a", "a-2"), ("a.gz", "a-2.gz")]
)
def test_the_number_of_a_part_stands_before_its_endings(name: str, part: str) -> None:
    assert files.numbered(Path(name), 2).name == part


def test_what_is_stopped_between_two_parts_leaves_none(tmp_path: Path) -> None:
    def stop() -> None:
        with files.Parts(tmp_path / "a.csv", opener, rows=1) as parts:
            parts.write([[1, 2, 3]])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert names(tmp_path) == []


class Full:
    """A writer on a disk that is full when the last is written."""

    def __init__(self, stream: BinaryIO) -> None:
        stream.write(b"n\n")

    def write(self, chunk: Chunk) -> None:
        pass

    def finish(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_at_the_end_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old")
    with files.Parts(tmp_path / "a.csv", Full) as parts, pytest.raises(OSError, match="No space left"):
        parts.commit()
    assert (tmp_path / "a.csv").read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


def test_a_split_export_is_the_whole_one_cut(store: Store, tmp_path: Path) -> None:
    fill(store, *(Posted(text=f"post {n}", native_id=str(n)) for n in range(5)))
    with Reader(store.url) as reader:
        whole = export.write_file(reader, Export("posts"), tmp_path / "whole.csv")
        report = export.write_file(reader, Export("posts"), tmp_path / "cut.csv.gz", split=3)
    assert (report.rows, [part.rows for part in report.files]) == (5, [2, 2, 1])
    parts = [gzip.decompress((tmp_path / f"cut-{n}.csv.gz").read_bytes()).splitlines() for n in (1, 2, 3)]
    lines = whole.files[0].path.read_bytes().splitlines()
    assert [line for part in parts for line in part[1:]] == lines[1:]
    assert {part[0] for part in parts} == {lines[0]}


def test_a_folder_under_the_name_is_one_sentence(store: Store, tmp_path: Path) -> None:
    with Reader(store.url) as reader, pytest.raises(InputError, match="Is a directory"):
        export.write_file(reader, Export("posts"), tmp_path)


# --- many posts, read along with their titles and topics


def test_every_post_keeps_its_own_titles_and_topics_over_many_chunks(store: Store, tmp_path: Path) -> None:
    titles = [("A",), ("B", "A"), (), ("C",), ("A", "B", "C")]
    topics: list[tuple[str, ...]] = [(), ("dance",), ("music", "dance")]
    count = 3 * ROWS + 7
    posts = [
        Posted(
            native_id=f"{n}", titles=titles[n % 5], topics=topics[n % 3], at=NOON - timedelta(seconds=n % 700),
            hashtags=frozenset(),
        )
        for n in range(count)
    ]  # fmt: skip
    fill(store, *posts)
    path = tmp_path / "a.parquet"
    with Reader(store.url) as reader:
        export.write_file(reader, Export("posts", options=Options(format="parquet")), path, with_manifest=False)
    table = pq.read_table(path)
    assert table.num_rows == count
    times = table["created_at"].to_pylist()
    assert times == sorted(times)
    for row in table.select(["native_id", "titles", "topics"]).to_pylist():
        number = int(row["native_id"])
        assert (row["titles"], row["topics"]) == (sorted(titles[number % 5]), sorted(topics[number % 3]))


# --- Parquet


def test_parquet_has_proper_types(store: Store, tmp_path: Path) -> None:
    fill(
        store, Posted(native_id="a", text="=1", titles=("B", "A"), likes=3, sentiment="positive"), Posted(native_id="b")
    )
    path = tmp_path / "a.parquet"
    with Reader(store.url) as reader:
        export.write_file(reader, Export("posts", options=Options(format="parquet")), path)
    table = pq.read_table(path)
    assert table.schema.field("created_at").type == pa.timestamp("ms", tz="UTC")
    assert table.schema.field("titles").type.value_type == pa.string()
    assert (table.schema.field("likes").type, table.schema.field("score").type) == (pa.int64(), pa.float64())
    row = next(row for row in table.to_pylist() if row["likes"] == 3)
    assert (row["text"], row["titles"], row["created_at"], row["score"]) == ("=1", ["A", "B"], NOON, 0.8)


def test_parquet_is_written_a_group_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.exports.parquet.GROUP", 4)
    path = tmp_path / "a.parquet"
    with path.open("wb") as stream:
        writer = ParquetWriter(stream, {"n": "int", "day": "day", "at": "time"})
        for n in range(5):
            writer.write([[n, None], [86400 * n, None], [n, None]])
        writer.finish()
    read = pq.ParquetFile(path)
    assert [read.metadata.row_group(n).num_rows for n in range(read.num_row_groups)] == [4, 4, 2]
    assert read.read()["day"].to_pylist()[2:4] == [datetime(1970, 1, 2, tzinfo=UTC).date(), None]


# --- the manifest


def manifest_of(store: Store, path: Path, wanted: Export) -> dict[str, Any]:
    with Reader(store.url) as reader:
        report = export.write_file(reader, wanted, path)
    assert report.manifest == path.with_name(path.name + ".manifest.json")
    told: dict[str, Any] = json.loads(report.manifest.read_text())
    return told


def test_the_manifest_tells_what_lies_beside_it(store: Store, tmp_path: Path) -> None:
    fill(store, Posted(native_id="a", sample=True), Posted(native_id="b", platform="x", titles=("Hellbound",)))
    cover(store, NOON, NOON + timedelta(hours=2, minutes=30))
    only = PostFilter(title="Squid Game", since=NOON, until=NOON + timedelta(hours=6))
    told = manifest_of(store, tmp_path / "a.csv", Export("posts", only))
    assert (told["rows"], told["sample_rows"], told["note"], told["complete"]) == (1, 1, "invented sample posts", True)
    assert (told["buzzchart"], told["schema"]) == (version("buzzchart"), migrate.head())
    assert told["labellers"] == {"language": ["test/1"], "sentiment": ["test/1"], "topics": ["test/1"]}
    asked = told["query"]
    assert (asked["what"], asked["title"], asked["text"]) == ("posts", "Squid Game", "allowed")
    assert (asked["from"], asked["to_before"]) == ("2022-02-01T12:00:00Z", "2022-02-01T18:00:00Z")
    data = (tmp_path / "a.csv").read_bytes()
    assert told["files"] == [
        {"name": "a.csv", "rows": 1, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    ]
    assert [column["name"] for column in told["columns"]] == data.decode("utf-8-sig").splitlines()[0].split(",")
    (known,) = told["coverage"]
    assert (known["title"], known["platform"]) == ("Squid Game", "mastodon")
    assert known["hours"] == {"all": 6, "covered": 2, "partial": 1, "gaps": 3}


def test_rankings_have_a_manifest_without_labellers_or_hours(store: Store, tmp_path: Path) -> None:
    told = manifest_of(store, tmp_path / "r.csv", Export("rankings"))
    assert (told["rows"], told["labellers"], told["coverage"], told["sample_rows"]) == (0, {}, [], 0)


def test_the_hours_of_the_manifest_are_those_of_the_hourly_grid(store: Store) -> None:
    fill(store, Posted(native_id="a", at=NOON - timedelta(hours=3)), Posted(native_id="b", platform="x", at=NOON))
    cover(store, NOON, NOON + timedelta(hours=3, minutes=10))
    cover(store, NOON + timedelta(hours=5, minutes=50), NOON + timedelta(hours=7))
    with Reader(store.url) as reader:
        grid = volume.buzz(hours(reader, title="Squid Game"), covered(reader, title="Squid Game"))
        told = export_coverage(reader)
    assert {one["platform"] for one in told} == set(grid["platform"])
    for one in told:
        own = grid[grid["platform"] == one["platform"]]["coverage"]
        counts = {name: int((own == name).sum()) for name in ("covered", "partial", "not covered")}
        assert one["hours"] == {
            "all": len(own), "covered": counts["covered"], "partial": counts["partial"], "gaps": counts["not covered"],
        }  # fmt: skip


def export_coverage(reader: Reader) -> list[dict[str, Any]]:
    return coverage(facts.coverings(reader), facts.extents(reader), None, None)


def test_hours_are_counted_whole_or_touched_and_never_twice() -> None:
    within = (0, 10 * HOUR)
    windows = [(1800, 2 * HOUR + 60), (2 * HOUR + 60, 3 * HOUR), (2 * HOUR, 2 * HOUR + 5), (9 * HOUR, 20 * HOUR)]
    assert spans.count_whole_hours(windows, within) == 3
    assert spans.count_touched_hours(windows, within) == 4
    assert spans.count_touched_hours([], within) == 0


def test_a_title_with_posts_and_no_coverage_has_gaps_only() -> None:
    at = to_seconds(NOON)
    told = coverage([Covering("A", "x", "not covered", at, at + HOUR)], [Extent("A", "x", at, at + HOUR)], None, None)
    assert [one["hours"] for one in told] == [{"all": 2, "covered": 0, "partial": 0, "gaps": 2}]
    assert coverage([], [], None, None) == []


def test_few_scored_posts_are_as_few_as_everywhere_else() -> None:
    assert tables.FEW_SCORED == sentiment.FEW
