"""What every provider of rankings keeps, over the registry: a new one is a file, a fixture and a line."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from collector.errors import InputError
from collector.ranking import RankDraft, RankingSettings, SkippedLine, title_key
from collector.rankings import RANKINGS
from collector.store import Store

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rankings"
HEAVY = ("pandas", "requests", "sqlalchemy", "streamlit", "tweepy")

provider = pytest.mark.parametrize("name", list(RANKINGS))


def lines_of(name: str) -> list[str]:
    (path,) = FIXTURES.glob(f"{name}.*")
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def rows_of(name: str, lines: Iterable[str] | None = None) -> list[RankDraft]:
    return [row for row in parsed(name, lines) if isinstance(row, RankDraft)]


def parsed(name: str, lines: Iterable[str] | None = None) -> list[RankDraft | SkippedLine]:
    return list(RANKINGS[name].parse(lines_of(name) if lines is None else lines, f"{name}.txt"))


def place(row: RankDraft) -> tuple[object, ...]:
    slot = row.rank if row.rank is not None else title_key(row.name)
    return row.provider, row.period, row.date, row.country, row.category, slot


def test_every_file_of_the_folder_is_registered_and_every_name_has_a_file() -> None:
    import collector.rankings  # noqa: PLC0415 - its folder is what is asked for

    files = {path.stem for path in Path(collector.rankings.__file__).parent.glob("*.py")} - {"__init__"}
    modules = {entry.partition(":")[0].rpartition(".")[2] for entry in RANKINGS.entries.values()}
    assert files == modules == set(RANKINGS)


@provider
def test_it_calls_itself_as_it_is_registered_and_has_settings_of_its_own(name: str) -> None:
    assert RANKINGS[name].name == name
    assert issubclass(RANKINGS[name].Settings, RankingSettings)
    assert RANKINGS[name].Settings().every.total_seconds() > 0


@provider
def test_importing_it_is_cheap(name: str) -> None:
    module = RANKINGS.entries[name].partition(":")[0]
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []


@provider
def test_every_line_of_the_fixture_becomes_a_row_of_sound_values(name: str) -> None:
    rows = rows_of(name)
    assert len(rows) == len(lines_of(name)) - 1
    for row in rows:
        assert type(row.date) is date
        assert row.period in {"day", "week"}
        assert row.country == "" or (len(row.country) == 2 and row.country.isupper())
        assert row.rank is None or row.rank >= 1
        assert row.name == row.name.strip() != ""
        assert (row.rank, row.points, row.hours, row.no1_countries) != (None, None, None, None)


@provider
def test_weeks_end_on_sundays(name: str) -> None:
    assert all(row.date.weekday() == 6 for row in rows_of(name) if row.period == "week")


@provider
def test_no_two_rows_are_the_same_place(name: str) -> None:
    places = [place(row) for row in rows_of(name)]
    assert len(set(places)) == len(places)


@provider
def test_reading_twice_gives_the_same(name: str) -> None:
    assert parsed(name) == parsed(name)


@provider
def test_a_second_run_stores_nothing(name: str, store: Store) -> None:
    rows = rows_of(name)
    first = store.save_ranks("rankings", "file", rows)
    again = store.save_ranks("rankings", "file", rows)
    assert (first.stored, first.revised) == (len(rows), 0)
    assert (again.stored, again.revised, again.unchanged) == (0, 0, len(rows))


@provider
def test_a_revised_row_takes_the_place_of_the_old_one(name: str, store: Store) -> None:
    rows = rows_of(name)
    ranked = next(row for row in rows if row.rank is not None)
    store.save_ranks("rankings", "file", rows)
    counts = store.save_ranks("rankings", "file", [replace(ranked, name="Another Title"), *rows[1:]])
    assert (counts.stored, counts.revised, counts.unchanged) == (0, 1, len(rows) - 1)


@provider
@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["\n", "\n"],
        ["<!DOCTYPE html>\n", "<html><body>Please wait</body></html>\n"],
        ["\ufeff<html>\n"],
        ["some words that are no header\n", "and more\n"],
    ],
    ids=["nothing", "empty line", "blank lines", "web page", "web page with a mark", "words"],
)
def test_what_is_no_ranking_is_an_error_and_never_an_empty_ranking(name: str, lines: list[str]) -> None:
    with pytest.raises(InputError, match=rf"^{name}\.txt "):
        parsed(name, lines)


@provider
def test_without_its_header_a_file_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        parsed(name, lines_of(name)[1:])


@provider
@pytest.mark.parametrize(
    "broken",
    ["half a li\n", "\x00\x01\x02\n", "\udcff\udcfe\n", '"' * 7 + "\n", "x" + "\t" * 500 + "\n", "," * 500 + "\n"],
)
def test_a_broken_line_is_told_with_its_number_and_the_rest_goes_on(name: str, broken: str) -> None:
    lines = lines_of(name)
    found = parsed(name, [*lines[:2], broken, *lines[2:]])
    skipped = [row for row in found if isinstance(row, SkippedLine)]
    assert [line.number for line in skipped] == [3]
    assert skipped[0].reason
    assert [row for row in found if isinstance(row, RankDraft)] == rows_of(name)


@provider
def test_line_ends_of_every_system_and_a_byte_order_mark_are_read(name: str) -> None:
    lines = [line.rstrip("\n") + "\r\n" for line in lines_of(name)]
    assert rows_of(name, ["\ufeff" + lines[0], *lines[1:], "\r\n"]) == rows_of(name)
