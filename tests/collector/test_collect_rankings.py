"""One pass over a ranking: what is saved, what is remembered, and files of every wrong kind."""

import gzip
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
from loopback import Asked, Reply, serving
from sqlalchemy import func, select

from collector import collect_rankings as module
from collector.collect_rankings import collect_rankings, detect, import_file
from collector.errors import BuzzError, InputError, RetryLater
from collector.http import Http
from collector.models import Rank, table
from collector.ranking import RankDraft, RankingFile, RankingSettings, SkippedLine
from collector.rankings.csv import CsvRankings
from collector.rankings.netflix import Netflix, NetflixSettings
from collector.records import RankCounts
from collector.source import Cursor
from collector.store import Store

RANK = table(Rank)
HEADER = (
    "country_name\tcountry_iso2\tweek\tcategory\tweekly_rank\tshow_title\tseason_title\tcumulative_weeks_in_top_10\n"
)


def netflix_lines(*titles: str, week: str = "2022-01-30") -> str:
    rows = (f"Japan\tJP\t{week}\tTV\t{rank}\t{title}\tN/A\t1\n" for rank, title in enumerate(titles, start=1))
    return HEADER + "".join(rows)


def write(folder: Path, text: str, name: str = "ranks.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def names(store: Store) -> list[tuple[str, int | None]]:
    with store.reading() as connection:
        rows = connection.execute(select(RANK.c.name, RANK.c.rank).order_by(RANK.c.day, RANK.c.rank))
        return [(name, rank) for name, rank in rows]


# --- the pass


def world(asked: Asked) -> Reply:
    body = (
        netflix_lines("Night School", "Tidewater")
        if "countries" in asked.path
        else netflix_lines("Elsewhere", week="2022-02-06")
    )
    return Reply(b"", 304) if asked.headers.get("If-None-Match") else Reply(body.encode(), headers={"ETag": '"1"'})


def netflix(url: str) -> Netflix:
    return Netflix(NetflixSettings(countries_url=f"{url}/countries.tsv", global_url=f"{url}/global.tsv"), Http())


def test_a_pass_saves_what_is_new_and_remembers_where_it_was(store: Store, tmp_path: Path) -> None:
    with serving(world) as server:
        source = netflix(server.url)
        assert collect_rankings(store, source, tmp_path) == RankCounts(read=3, stored=3)
        assert store.cursor("rankings netflix").get("countries", "etag") == '"1"'
        assert collect_rankings(store, source, tmp_path) == RankCounts()
    assert names(store) == [("Night School", 1), ("Tidewater", 2), ("Elsewhere", 1)]


def test_a_revision_updates_its_rows_and_leaves_the_others(store: Store, tmp_path: Path) -> None:
    titles = [["Night School", "Tidewater"], ["Night School", "Lantern Street"]]
    with serving(lambda _: Reply(netflix_lines(*titles[0]).encode())) as server:
        collect_rankings(store, netflix(server.url), tmp_path)
        titles.pop(0)
        assert collect_rankings(store, netflix(server.url), tmp_path) == RankCounts(read=4, revised=1, unchanged=3)
    assert names(store) == [("Night School", 1), ("Lantern Street", 2)]


def test_a_download_that_fails_keeps_what_was_saved_and_is_asked_for_again(store: Store, tmp_path: Path) -> None:
    def half(asked: Asked) -> Reply:
        return Reply(b"", 503) if "global" in asked.path else world(asked)

    with serving(half) as server:
        with pytest.raises(RetryLater):
            collect_rankings(store, netflix(server.url), tmp_path)
        assert len(names(store)) == 2
        assert store.cursor("rankings netflix").get("countries", "etag") == '"1"'
        assert store.cursor("rankings netflix").get("global", "etag") is None


class Lines:
    """A provider whose file holds words, one a row; "broken" cannot be read, "later" and "end" are faults."""

    name: ClassVar[str] = "lines"
    Settings: ClassVar[type[RankingSettings]] = RankingSettings

    def __init__(self, settings: Path, http: Http) -> None:
        self.path: Path = settings

    def fetch(self, cursor: Cursor, folder: Path) -> Iterator[RankingFile]:
        yield RankingFile("words", self.path, {"seen": "yes"})

    @staticmethod
    def parse(lines: Iterable[str], label: str) -> Iterator[RankDraft | SkippedLine]:
        for number, line in enumerate(lines, start=1):
            word = line.strip()
            if word == "end":
                raise InputError(f"{label} ends here")
            if word == "broken":
                yield SkippedLine(number, "is broken")
            else:
                yield RankDraft("lines", "day", date(2022, 1, 30), "", "", word, rank=number)


def test_lines_that_cannot_be_read_are_counted_and_the_first_is_told(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path, "one\nbroken\nthree\nbroken\n")
    with caplog.at_level(logging.WARNING):
        counts = collect_rankings(store, Lines(path, Http()), tmp_path)
    assert counts == RankCounts(read=4, stored=2)
    assert caplog.messages == ["words: 2 lines are left out, the first is line 2: is broken"]


def test_batches_before_a_fault_stay_saved_and_the_file_is_read_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    with pytest.raises(InputError):
        collect_rankings(store, Lines(write(tmp_path, "one\ntwo\nthree\nend\n"), Http()), tmp_path)
    assert names(store) == [("one", 1), ("two", 2)]
    assert store.cursor("rankings lines").get("seen") is None
    counts = collect_rankings(store, Lines(write(tmp_path, "one\ntwo\nthree\n"), Http()), tmp_path)
    assert counts == RankCounts(read=3, stored=1, unchanged=2)
    assert store.cursor("rankings lines").get("seen") == "yes"


def test_a_file_of_broken_lines_only_is_a_fault(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^not one of the 2 lines of words can be read; line 1 is broken$"):
        collect_rankings(store, Lines(write(tmp_path, "broken\nbroken\n"), Http()), tmp_path)


# --- importing files


def test_a_file_says_by_its_header_what_it_is(tmp_path: Path) -> None:
    assert detect(write(tmp_path, netflix_lines("A"))) == Netflix.name
    assert detect(write(tmp_path, "\ufeff" + netflix_lines("A"))) == Netflix.name
    assert detect(write(tmp_path, "date,title,rank\n")) == CsvRankings.name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_in_the_encodings_of_spreadsheets_is_read(encoding: str, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "ranks.csv"
    path.write_text("date;title;rank\n2022-01-30;지금 우리 학교는;1\n", encoding=encoding)
    assert import_file(store, path).counts == RankCounts(read=1, stored=1)
    assert names(store) == [("지금 우리 학교는", 1)]


def test_latin_1_is_told_line_by_line_and_the_rest_goes_in(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "ranks.csv"
    path.write_bytes("date,title,rank\n2022-01-30,Café,1\n2022-01-30,Tea,2\n".encode("latin-1"))
    report = import_file(store, path)
    assert report.skipped_lines == [SkippedLine(2, "title is not UTF-8 text; save the file as UTF-8")]
    assert names(store) == [("Tea", 2)]


def test_a_gzipped_file_is_read(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "countries.tsv.gz"
    path.write_bytes(gzip.compress(netflix_lines("A", "B").encode()))
    assert import_file(store, path).counts.stored == 2


def test_a_gzipped_file_cut_off_keeps_what_came_before(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "countries.tsv.gz"
    titles = [f"Title {number * 7919 % 10_007}" for number in range(5000)]
    path.write_bytes(gzip.compress(netflix_lines(*titles).encode())[:-5000])
    with pytest.raises(InputError, match="is cut off or damaged; what came before is saved"):
        import_file(store, path)
    assert 0 < len(names(store)) < 5000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "is a zip archive or an Excel file; save the table as CSV"),
        (b"\xd0\xcf\x11\xe0rest", "is an old Excel file"),
        (b"%PDF-1.7", "is a PDF"),
        (b"", "is empty"),
        (b"date,title,rank\n", "has a header and no rows"),
        (b"\x1f\x8bno gzip", "is cut off or damaged"),
    ],
)
def test_a_file_of_the_wrong_kind_is_one_sentence(content: bytes, words: str, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "ranks.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as fault:
        import_file(store, path)
    assert words in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_missing_file_and_a_folder_are_named(store: Store, tmp_path: Path) -> None:
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(InputError, match=f"^{path} cannot be read: "):
            import_file(store, path)


def test_the_provider_named_by_the_user_is_for_files_that_name_none(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "date,title,rank,provider\n2022-01-30,A,1,\n2022-01-30,B,1,own\n")
    import_file(store, path, provider="flixpatrol")
    with store.reading() as connection:
        assert set(connection.execute(select(RANK.c.name, RANK.c.provider))) == {("A", "flixpatrol"), ("B", "own")}


def test_netflixs_own_file_cannot_be_said_to_be_somebody_elses(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--provider is for CSV files"):
        import_file(store, write(tmp_path, netflix_lines("A")), provider="flixpatrol")


def test_the_report_tells_the_span_of_dates_and_how_far_it_is(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "date,title,rank\n" + "".join(f"2022-01-{day:02},A,1\n" for day in range(1, 32)))
    told: list[int] = []
    report = import_file(store, path, progress=told.append)
    assert (report.since, report.until) == (date(2022, 1, 1), date(2022, 1, 31))
    assert told
    assert max(told) <= path.stat().st_size


def test_many_broken_lines_are_counted_and_a_few_kept(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path, "date,title,rank\n2022-01-30,A,1\n" + "never,A,1\n" * 500)
    report = import_file(store, path)
    assert (report.skipped, len(report.skipped_lines), report.counts.read) == (500, module.SHOWN, 501)


def test_a_fault_of_ones_own_names_the_form(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BuzzError, match="does not begin with Netflix's header"):
        import_file(store, write(tmp_path, "date,title,rank\n2022-01-30,A,1\n"), form="netflix")


@pytest.mark.data
@pytest.mark.parametrize("database_kind", ["sqlite"])  # a smaller file goes into PostgreSQL above
def test_netflixs_whole_file_goes_in_once(store: Store, data_set: Callable[[str], Path]) -> None:
    path = data_set("rankings/all-weeks-countries_2022-03.tsv")
    assert import_file(store, path).counts == RankCounts(read=65_800, stored=65_800)
    assert import_file(store, path).counts == RankCounts(read=65_800, unchanged=65_800)
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(RANK)).scalar_one() == 65_800
