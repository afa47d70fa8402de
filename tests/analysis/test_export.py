"""Exports: hostile text comes back as it was, nothing runs in a spreadsheet, and no file is ever half there."""

import csv
import errno
import gzip
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filling import NOON, Posted, cover, fill
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from analysis import cells, export, pseudonyms
from analysis.export import POST_COLUMNS, Export, Options
from analysis.exports import tables
from analysis.frames.posts import PostFilter
from analysis.frames.reader import Reader
from collector import clock
from collector.errors import InputError
from collector.ranking import RankDraft
from collector.store import Store

HOUR = timedelta(hours=1)
HOSTILE = [
    '=HYPERLINK("http://evil.example","win")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u200b=1",
    "＝1", "\u3000＋1", "﹣1", "'quoted'", 'say "hi", ok', "a,b;c|d\\e", "line\r\nbreak", "", "😀 zombie", "좀비",
    "\ufeff=1",
]  # fmt: skip
texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(HOSTILE)


def written(reader: Reader, wanted: Export) -> bytes:
    stream = io.BytesIO()
    export.write(reader, wanted, stream)
    return stream.getvalue()


def table_of(
    reader: Reader, what: str = "posts", only: PostFilter | None = None, **options: object
) -> list[dict[str, str]]:
    data = written(reader, Export(what, only or PostFilter(), options=Options(**options)))
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def csv_of(columns: dict[str, cells.Kind], rows: Sequence[tuple[object, ...]], *, raw: bool = False) -> bytes:
    stream = io.BytesIO()
    writer = cells.CsvWriter(stream, columns, raw=raw)
    if rows:
        writer.write(list(zip(*rows, strict=True)))
    writer.finish()
    return stream.getvalue()


@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_text_comes_back_as_it_was_from_a_raw_file(rows: list[tuple[str, str]]) -> None:
    text = csv_of({"a": "text", "b": "term"}, rows, raw=True).decode("utf-8")
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == [("a", "b"), *rows]


@given(st.lists(st.tuples(texts), max_size=5))
def test_a_safe_file_differs_by_an_apostrophe_at_most_and_starts_no_formula(rows: list[tuple[str]]) -> None:
    data = csv_of({"a": "text"}, rows)
    assert data.startswith(b"\xef\xbb\xbf")
    read = [row[0] if row else "" for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))][1:]
    assert len(read) == len(rows)
    for (given_text,), got in zip(rows, read, strict=True):
        assert got in {given_text, "'" + given_text}
        assert got.lstrip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
        assert got[:1] not in {"\t", "\r", "\n"}


@pytest.mark.parametrize("text", [*HOSTILE[:12], "\ufeff=1"])
def test_what_a_spreadsheet_could_run_gets_an_apostrophe(text: str) -> None:
    assert cells.safe(text) == "'" + text


@pytest.mark.parametrize("text", ["zombie", "1+1", "a=b", "", "#SquidGame", "좀비", "« =1", "'=1"])
def test_what_no_spreadsheet_runs_is_left_alone(text: str) -> None:
    assert cells.safe(text) == text


def test_numbers_are_never_touched() -> None:
    rows = [(-1, -0.5, None), (0, -0.0, 1), (None, 0.0, 0)]
    written = csv_of({"a": "int", "b": "float", "c": "int"}, rows)
    assert written.splitlines()[1:] == [b"-1,-0.5,", b"0,-0.0,1", b",0.0,0"]


numbers = st.tuples(
    st.none() | st.floats(allow_nan=False, allow_infinity=False), st.none() | st.integers(-(2**63), 2**63 - 1)
)


@given(st.lists(numbers, max_size=5))
@example([(1e-4, 0), (1e16, 1)])
@example([(1.234e-05, None)])  # here JSON and Python write the same number in two ways
def test_numbers_are_written_as_python_writes_them(rows: list[tuple[float | None, int | None]]) -> None:
    lines = csv_of({"a": "float", "b": "int"}, rows, raw=True).decode().split("\r\n")[1:-1]
    assert lines == [",".join("" if value is None else repr(value) for value in row) for row in rows]


def test_what_is_remembered_is_worked_out_once_and_never_grows_beyond_its_measure() -> None:
    asked: list[int] = []

    def work(number: int) -> int:
        asked.append(number)
        return -number

    known = cells.Remembered(work)
    assert [known[number] for number in (1, 1, 2)] == [-1, -1, -2]
    assert asked == [1, 2]
    assert all(known[number] == -number for number in range(3 * cells.REMEMBERED))
    assert len(known) <= cells.REMEMBERED


@given(st.lists(st.tuples(texts | st.none(), texts | st.none(), st.lists(texts).map(tuple)), min_size=1, max_size=6))
def test_the_file_is_what_the_csv_module_would_write(rows: list[tuple[object, ...]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("a", "b", "c"))
    for first, second, third in rows:
        writer.writerow([cells.safe(first or ""), cells.safe(second or ""), cells.safe(cells.joined(third))])
    columns: dict[str, cells.Kind] = {"a": "text", "b": "term", "c": "names"}
    assert csv_of(columns, rows).decode() == "\ufeff" + stream.getvalue()


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(3059, 1, 1, 0, 0, 0, 999_997, tzinfo=UTC))  # as a float it is a second later
def test_times_are_iso_8601_whatever_the_year(moment: datetime) -> None:
    seconds = clock.to_seconds(moment)
    assert cells.iso(seconds) == moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
    assert cells.date(seconds) == moment.date().isoformat()


@given(st.lists(st.text(max_size=10), min_size=1, max_size=4))
def test_joined_values_can_be_taken_apart_again(values: list[str]) -> None:
    parts, escaped = [""], False
    for char in cells.joined(values):
        if not escaped and char == "\\":
            escaped = True
        elif not escaped and char == "|":
            parts.append("")
        else:
            parts[-1] += char
            escaped = False
    assert parts == values


@given(st.lists(st.tuples(texts, st.none() | st.integers(-(2**60), 2**60), st.lists(texts).map(tuple)), max_size=4))
def test_json_lines_come_back_as_they_were(rows: list[tuple[object, ...]]) -> None:
    stream = io.BytesIO()
    writer = cells.JsonlWriter(stream, {"text": "text", "number": "int", "list": "names"})
    writer.write(list(zip(*rows, strict=True)) if rows else [(), (), ()])
    lines = stream.getvalue().decode().splitlines() if rows else []
    read = [json.loads(line) for line in stream.getvalue().decode().split("\n")[:-1]]
    assert len(lines) >= len(rows)
    assert [(row["text"], row["number"], tuple(row["list"])) for row in read] == rows


def test_one_row_a_post_with_exactly_the_promised_columns(store: Store) -> None:
    fill(
        store,
        Posted(
            text="=cmd", titles=("Squid Game", "Hell|bound"), at=NOON, sentiment="positive", topics=("dance",),
            hashtags=frozenset({"b", "a"}), likes=3, author_key="f00", native_id="17", url="https://a.example/17",
        ),
        Posted(native_id="18", at=NOON + HOUR, titles=(), sentiment=None, sample=True),
    )  # fmt: skip
    with Reader(store.url) as reader:
        first, second = table_of(reader)
    promised = (
        "platform,native_id,uri,url,created_at,collected_at,titles,hashtags,language,sentiment,score,raw_score,topics,"
        "likes,reposts,replies,author_key,text"
    )
    assert ",".join(first) == promised + ",note"
    assert first == {
        "platform": "mastodon", "native_id": "17", "uri": "", "url": "https://a.example/17",
        "created_at": "2022-02-01T12:00:00Z", "collected_at": "2022-02-01T12:00:00Z",
        "titles": "Hell\\|bound|Squid Game",
        "hashtags": "a|b", "language": "en", "sentiment": "positive", "score": "0.8", "raw_score": "0.8",
        "topics": "dance", "likes": "3", "reposts": "", "replies": "", "author_key": "f00", "text": "'=cmd", "note": "",
    }  # fmt: skip
    assert second["note"] == "invented sample posts"
    assert second["sentiment"] == ""


@pytest.mark.parametrize(
    ("choice", "told"),
    [("allowed", {"x": "", "mastodon": "hello", "sample": "hello"}), ("none", {"x": "", "mastodon": "", "sample": ""}),
     ("all", {"x": "hello", "mastodon": "hello", "sample": "hello"})],
)  # fmt: skip
def test_the_text_of_x_posts_leaves_only_when_asked_for(store: Store, choice: str, told: dict[str, str]) -> None:
    fill(
        store,
        Posted(text="hello", platform="x", native_id="x"),
        Posted(text="hello", native_id="mastodon"),
        Posted(text="hello", platform="x", native_id="sample", sample=True),
    )
    with Reader(store.url) as reader:
        assert {row["native_id"]: row["text"] for row in table_of(reader, text=choice)} == told


def test_no_export_hands_on_more_texts_of_x_than_its_terms_let(store: Store) -> None:
    many = [Posted(text="hello", platform="x", native_id=f"x{number}") for number in range(502)]
    fill(store, *many, Posted(text="hello", native_id="m"), Posted(text="", platform="x", native_id="no words"))
    with Reader(store.url) as reader:
        texts = [row["text"] for row in table_of(reader, text="all") if row["platform"] == "x"]
        assert (texts.count("hello"), texts.count("")) == (500, 3)
        assert [row["text"] for row in table_of(reader, text="all") if row["platform"] != "x"] == ["hello"]


def test_a_pseudonymous_export_has_no_ids_no_links_and_no_handles(store: Store) -> None:
    fill(store, Posted(text="so true @kim.min@a.example https://a.example/@kim #dance", url="https://a.example/1"))
    with Reader(store.url) as reader:
        (row,) = table_of(reader, pseudonymous=True)
    assert {"uri", "url", "native_id"}.isdisjoint(row)
    assert list(row) == [name for name in POST_COLUMNS if name not in {"uri", "url", "native_id"}]
    assert row["text"] == "so true @… [link] #dance"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("hi @a_b, ok", "hi @…, ok"),
        ("＠wide handle", "@… handle"),
        ("mail me.now+x@a-b.example!", "mail @…!"),
        ("I am kim.bsky.social here", "I am @… here"),
        ("see bsky.app/profile/kim and www.a.example/kim", "see [link] and [link]"),
        ("at://did:plc:abc/app/1 did:plc:abc", "[link] [link]"),
        ("thanks u/kim and /u/kim, not menu/kim", "thanks @… and @…, not menu/kim"),
        ("9/10, 3.5 stars, e.g. this", "9/10, 3.5 stars, e.g. this"),
        ("좀비 안무 #dance", "좀비 안무 #dance"),
    ],
)
def test_what_names_a_person_is_masked_and_words_stay(text: str, masked: str) -> None:
    assert pseudonyms.mask(text) == masked


@given(st.text("@＠ab.-_/:hu", max_size=400))
def test_no_handle_survives_masking(text: str) -> None:
    masked = pseudonyms.mask(text)
    assert not any(sign in masked.replace(pseudonyms.HANDLE, "") for sign in ("@a", "@b", "＠a", "＠b"))


def test_masking_the_longest_text_takes_no_time() -> None:
    started = datetime.now(UTC)
    for long in ("a" * 20_000, "a." * 10_000, "a-" * 10_000, "@" * 20_000, "@a." * 7000, "a+" * 10_000):
        pseudonyms.mask(long)
    assert datetime.now(UTC) - started < timedelta(seconds=5)


def test_filters_narrow_the_export(store: Store) -> None:
    fill(store, Posted(native_id="1"), Posted(native_id="2", titles=("Hellbound",), at=NOON + HOUR))
    with Reader(store.url) as reader:
        assert [row["native_id"] for row in table_of(reader, only=PostFilter(title="Hellbound"))] == ["2"]
        assert [row["native_id"] for row in table_of(reader, only=PostFilter(until=NOON + HOUR))] == ["1"]


def test_hours_leave_gaps_empty_and_write_zero_only_where_covered(store: Store) -> None:
    fill(store, *(Posted(at=NOON, sentiment="positive" if n else "negative") for n in range(40)))
    fill(store, Posted(at=NOON + 4 * HOUR))
    cover(store, NOON, NOON + 2 * HOUR)
    cover(store, NOON + 3 * HOUR, NOON + 4 * HOUR)
    with Reader(store.url) as reader:
        rows = table_of(reader, "hours")
    assert [(row["hour"][11:13], row["covered"], row["posts"], row["gathered"]) for row in rows] == [
        ("12", "yes", "40", "40"),
        ("13", "yes", "0", "0"),
        ("14", "no", "", "0"),
        ("15", "yes", "0", "0"),
        ("16", "no", "", "1"),
    ]
    assert (rows[0]["positive"], rows[0]["net"], rows[1]["net"], rows[2]["positive"]) == ("39", "0.95", "", "")


def test_topics_and_rankings_have_their_rows(store: Store) -> None:
    fill(store, Posted(topics=("dance",), sample=True))
    day = datetime(2022, 1, 30, tzinfo=UTC).date()
    ranks = [
        RankDraft("netflix", "week", day, "KR", "TV", name, rank=n) for n, name in ((1, "Squid Game"), (2, "Else"))
    ]
    store.save_ranks("netflix", "a file", ranks)
    with Reader(store.url) as reader:
        (topic,) = table_of(reader, "topics")
        both = table_of(reader, "rankings")
        stream = io.BytesIO()
        export.write(reader, Export("rankings", rank_names={"squid game"}), stream)
    assert (topic["topic"], topic["posts"], topic["note"]) == ("dance", "1", "invented sample posts")
    assert [(row["date"], row["name"], row["rank"], row["hours"]) for row in both] == [
        ("2022-01-30", "Squid Game", "1", ""),
        ("2022-01-30", "Else", "2", ""),
    ]
    assert stream.getvalue().count(b"\r\n") == 2


def test_an_empty_database_exports_the_header(store: Store) -> None:
    with Reader(store.url) as reader:
        for what in export.KINDS:
            lines = written(reader, Export(what)).decode("utf-8-sig").splitlines()
            assert len(lines) == 1
            assert "," in lines[0]
            assert written(reader, Export(what, options=Options(format="jsonl"))) == b""


def test_a_file_is_there_whole_or_as_it_was(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, Posted(), Posted())
    path = tmp_path / "posts.csv"
    with Reader(store.url) as reader:
        assert export.write_file(reader, Export("posts"), path).rows == 2
        before = path.read_bytes()

        def full(*_: object) -> Iterator[cells.Chunk]:
            yield [("a",)] * len(POST_COLUMNS)
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(export, "table", lambda *_: tables.Table(dict.fromkeys(POST_COLUMNS, "text"), full()))
        with pytest.raises(InputError, match=r"posts.csv cannot be written: No space left on device"):
            export.write_file(reader, Export("posts"), path)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir() if "posts" in file.name) == [
        "posts.csv", "posts.csv.manifest.json",
    ]  # fmt: skip


def test_a_name_ending_in_gz_compresses_and_two_exports_are_the_same_bytes(store: Store, tmp_path: Path) -> None:
    fill(store, Posted(text="hello"))
    with Reader(store.url) as reader:
        for name in ("a.csv.gz", "b.csv.gz"):
            export.write_file(reader, Export("posts"), tmp_path / name)
        plain = written(reader, Export("posts"))
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == plain
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_a_folder_that_is_not_there_is_one_sentence(store: Store, tmp_path: Path) -> None:
    with Reader(store.url) as reader, pytest.raises(InputError, match="cannot be written: No such file or directory"):
        export.write_file(reader, Export("posts"), tmp_path / "none" / "posts.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_stays_a_link_and_rights_stay_as_they_were(store: Store, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "real.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    with Reader(store.url) as reader:
        export.write_file(reader, Export("posts"), tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert "platform" in (tmp_path / "real.csv").read_text()
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o640


def test_a_download_is_the_same_as_the_file_and_leaves_nothing_behind(store: Store) -> None:
    fill(store, Posted(text="hello"))
    before = set(Path(tempfile.gettempdir()).iterdir())
    with Reader(store.url) as reader:
        with export.open_download(reader, Export("posts")) as download:
            assert isinstance(download, io.RawIOBase)
            assert download.read() == written(reader, Export("posts"))
        assert not {path for path in set(Path(tempfile.gettempdir()).iterdir()) - before if path.is_file()}


MANY = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
INSERT INTO post (platform, native_id, created_at, collected_at, text, hashtags, author_key, sample)
SELECT 'mastodon', 'id ' || n, n, 0,
       'post ' || n || ' with words enough to be a post of the usual length, neither short nor long, and then some more'
       || ' words, for what is measured here must not fit into any buffer', 'a b', 'f00', false
FROM numbers
"""
MEASURE = """
import resource, sys
from pathlib import Path
from analysis import export
from analysis.frames.posts import PostFilter
from analysis.frames.reader import Reader
reader = Reader(sys.argv[1])
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
export.write_file(reader, export.Export("posts", PostFilter(platform="nobody's")), Path(sys.argv[2]))
before = peak()
rows = export.write_file(reader, export.Export("posts"), Path(sys.argv[2])).rows
print(rows, peak() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="measures memory by getrusage")
def test_a_hundred_thousand_posts_need_no_more_memory_than_a_few(store: Store, tmp_path: Path) -> None:
    with store.writing() as connection:
        connection.execute(text(MANY))
    program = [sys.executable, "-c", MEASURE, store.url, str(tmp_path / "posts.csv")]
    said = subprocess.run(program, capture_output=True, text=True, check=True, cwd=Path(export.__file__).parents[1])
    rows_written, grown = map(int, said.stdout.split())
    assert rows_written == 100_000
    size = (tmp_path / "posts.csv").stat().st_size
    assert size > 20_000_000
    # ru_maxrss is in KiB on Linux and in bytes on macOS
    assert grown * (1 if sys.platform == "darwin" else 1024) < size / 4
