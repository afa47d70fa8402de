"""Rankings of one's own: columns by name, countries by code or name, and lines that cannot be read."""

import contextlib
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.cells import whole
from collector.countries import code_of, name_of
from collector.errors import InputError
from collector.http import Http
from collector.ranking import WORLD, RankDraft, SkippedLine
from collector.rankings.csv import DELIMITERS, CsvRankings, CsvSettings
from collector.source import Cursor


def read(*lines: str) -> list[RankDraft | SkippedLine]:
    return list(CsvRankings.parse([line + "\n" for line in lines], "ranks.csv"))


def row(*lines: str) -> RankDraft:
    (only,) = read(*lines)
    assert isinstance(only, RankDraft), only
    return only


def reason(*lines: str) -> str:
    *_, last = read(*lines)
    assert isinstance(last, SkippedLine)
    return last.reason


# --- columns


def test_a_daily_row_of_the_world_has_points_and_no_country() -> None:
    header = "date,title,country,rank,points,no1_countries,countries_covered,category,provider"
    assert row(header, "2022-01-29,Night School,world,1,679,25,88,TV Shows,FlixPatrol") == RankDraft(
        provider="flixpatrol",
        period="day",
        date=date(2022, 1, 29),
        country=WORLD,
        category="TV Shows",
        name="Night School",
        rank=1,
        points=679,
        no1_countries=25,
        countries_covered=88,
    )


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Date;Name;Region;Ranking;Value", "2022-01-29;Night School;KR;2;9"),
        ("DAY\tMovie\tCountry Name\tPosition\tScore", "2022-01-29\tNight School\tSouth Korea\t2\t9"),
        ("place|show|iso2|date|points", "2|Night School|kr|2022-01-29T06:00:00Z|9"),
        ('"date","title","country","rank","points"', '"2022/01/29","Night School","south-korea","2","9.0"'),
    ],
)
def test_columns_are_known_by_many_names_and_delimiters(header: str, cells: str) -> None:
    found = row(header, cells)
    assert (found.date, found.name, found.country, found.country_name, found.rank, found.points) == (
        date(2022, 1, 29),
        "Night School",
        "KR",
        "South Korea",
        2,
        9,
    )


def test_what_the_file_does_not_say_is_none_and_the_provider_is_csv() -> None:
    found = row("date,title,rank", "2022-01-29,Night School,3")
    assert (found.provider, found.country, found.category, found.points, found.season) == ("csv", WORLD, "", None, None)


def test_the_same_rank_on_two_platforms_is_two_places() -> None:
    rows = read("date,title,rank,platform,type", "2022-01-29,A,1,Netflix,TV", "2022-01-29,B,1,Hulu,TV")
    assert [one.category for one in rows if isinstance(one, RankDraft)] == ["Netflix / TV", "Hulu / TV"]


def test_a_week_is_filed_under_the_sunday_that_ends_it() -> None:
    assert row("week,title,rank", "2022-01-24,A,1").date == date(2022, 1, 30)
    assert row("date,period,title,rank", "2022-01-30,weekly,A,1").date == date(2022, 1, 30)
    daily = row("date,period,title,rank", "2022-01-24,,A,1")
    assert (daily.period, daily.date) == ("day", date(2022, 1, 24))


def test_a_title_may_be_called_none_or_hold_the_delimiter() -> None:
    assert row("date,title,rank", "2022-01-29,None,3").name == "None"
    assert row("date,title,rank", '2022-01-29,"Me, You and ""Her""",3').name == 'Me, You and "Her"'


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("title,rank", "no column for date in its first line (title, rank)"),
        ("date,rank", "no column for title"),
        ("date,title,note", "no column for rank or points"),
        ("a,b", "no column for date and title and rank or points"),
        ("<html><body>", "is a web page and not a table"),
        ("", "is empty"),
    ],
)
def test_a_header_without_the_needed_columns_is_refused(header: str, words: str) -> None:
    with pytest.raises(InputError) as fault:
        read(header, "1,2,3")
    assert words in str(fault.value)


# --- lines


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("29/01/2022,A,KR,1,9", "date is not a date such as 2022-01-30: '29/01/2022'"),
        ("2022-02-30,A,KR,1,9", "date is not a date such as 2022-01-30: '2022-02-30'"),
        ("0022-01-30,A,KR,1,9", "date is a date that no ranking has: 0022-01-30"),
        ("2022-01-30,,KR,1,9", "title is empty"),
        ("2022-01-30,A,Atlantis,1,9", "country 'Atlantis' is not known; write its two-letter code, such as KR"),
        ("2022-01-30,A,KR,one,9", "rank is not a whole number: 'one'"),
        ("2022-01-30,A,KR,1.5,9", "rank is not a whole number: '1.5'"),
        ("2022-01-30,A,KR,0,9", "rank is 0, which is not within 1 and 2147483647"),
        ("2022-01-30,A,KR,1,99999999999", "points is 99999999999, which is not within 0 and 2147483647"),
        ("2022-01-30,A,KR,,N/A", "has neither a rank nor points nor any other figure"),
        ("2022-01-30,A,KR,1", "has 4 cells where the header has 5"),
        ('2022-01-30,"A,KR,1,9', "unexpected end of data"),
    ],
)
def test_a_wrong_line_says_why(cells: str, words: str) -> None:
    assert reason("date,title,country,rank,points", cells) == words


def test_an_open_quote_spoils_no_line_but_its_own() -> None:
    found = read("date,title,rank", '2022-01-29,"A,1', "2022-01-29,B,2")
    assert [type(one) for one in found] == [SkippedLine, RankDraft]


def test_a_place_told_twice_is_shown_and_the_first_one_kept() -> None:
    found = read("date,title,rank", "2022-01-29,A,1", "", "2022-01-29,B,1")
    assert found[1] == SkippedLine(4, "tells the same place as line 2 once more; the first one is kept")


def test_a_period_must_be_a_day_or_a_week() -> None:
    assert reason("date,period,title,rank", "2022-01-29,month,A,1") == "period is neither day nor week: 'month'"


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8), st.sampled_from(DELIMITERS))
def test_whatever_the_lines_hold_each_becomes_a_row_or_a_reason(lines: list[str], delimiter: str) -> None:
    header = delimiter.join(["date", "title", "rank"])
    for found in CsvRankings.parse([header, *lines], "ranks.csv"):
        assert isinstance(found, RankDraft) or found.reason


@settings(deadline=None)
@given(st.text(max_size=40))
def test_a_cell_is_a_whole_number_within_bounds_or_nothing_or_refused(cell: str) -> None:
    found: int | None = None
    with contextlib.suppress(ValueError):
        found = whole(cell, "rank", least=1, most=100)
    assert found is None or 1 <= found <= 100


# --- countries


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("KR", "KR"),
        ("kr", "KR"),
        ("uk", "GB"),
        ("South Korea", "KR"),
        ("united-states", "US"),
        ("Réunion", "RE"),
        ("reunion", "RE"),
        ("Türkiye", "TR"),
        ("Hong Kong", "HK"),
        ("Trinidad and Tobago", "TT"),
        ("world", WORLD),
        ("Worldwide", WORLD),
        ("", WORLD),
    ],
)
def test_countries_are_known_by_code_name_and_slug(written: str, code: str) -> None:
    assert code_of(written) == code


def test_every_code_has_a_name_that_leads_back_to_it() -> None:
    codes = [a + b for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    named = {code: name for code in codes if (name := name_of(code)) is not None}
    assert len(named) == 250  # 249 of ISO 3166 and Kosovo
    assert {code: code_of(name) for code, name in named.items()} == {code: code for code in named}


# --- files named in the config


def files(paths: tuple[str, ...], cursor: Cursor | None = None) -> list[Path]:
    source = CsvRankings(CsvSettings(paths=paths), Http())
    return [file.path for file in source.fetch(cursor or Cursor(), Path())]


def test_without_paths_there_is_nothing_to_read() -> None:
    assert files(()) == []


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "my ranks.csv"
    path.write_text("date,title,rank\n")
    source = CsvRankings(CsvSettings(paths=(str(path),)), Http())
    (file,) = source.fetch(Cursor(), tmp_path)
    cursor = Cursor(file.cursor)
    assert list(source.fetch(cursor, tmp_path)) == []
    later = path.stat().st_mtime_ns + timedelta(seconds=1) // timedelta(microseconds=1) * 1000
    os.utime(path, ns=(later, later))
    assert [file.path for file in source.fetch(cursor, tmp_path)] == [path]


def test_paths_are_taken_from_the_folder_of_the_config_and_may_be_patterns(tmp_path: Path) -> None:
    (tmp_path / "ranks").mkdir()
    for name in ("b.csv", "a.csv", "notes.txt"):
        (tmp_path / "ranks" / name).touch()
    own = CsvSettings(paths=("ranks/*.csv",)).relative_to(tmp_path)
    assert files(own.paths) == [tmp_path / "ranks" / "a.csv", tmp_path / "ranks" / "b.csv"]


def test_a_missing_file_is_named_after_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "here.csv").touch()
    source = CsvRankings(CsvSettings(paths=(str(tmp_path / "gone.csv"), str(tmp_path / "here.csv"))), Http())
    found = source.fetch(Cursor(), tmp_path)
    assert next(found).path.name == "here.csv"
    with pytest.raises(InputError, match=r"gone\.csv is not there; mend the path or take it out"):
        next(found)
