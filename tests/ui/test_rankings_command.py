"""`buzz rankings` as a user meets it: files in, figures out, and one sentence for each fault."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ui.cli import main

COUNTRIES = """\
country_name\tcountry_iso2\tweek\tcategory\tweekly_rank\tshow_title\tseason_title\tcumulative_weeks_in_top_10
South Korea\tKR\t2022-01-30\tTV\t1\tNight School\tNight School: Season 1\t1
Japan\tJP\t2022-01-30\tTV\t4\tNight School\tNight School: Season 1\t1
France\tFR\t2022-01-30\tTV\t1\tTidewater\tTidewater: Season 2\t1
France\tFR\t2022-01-30\tFilms\t1\tTidewater\tN/A\t1
South Korea\tKR\t2022-02-06\tTV\t1\tTidewater\tTidewater: Season 2\t2
"""
DAILY = """\
date,title,rank,points,no1_countries,countries_covered
2022-01-29,Night School,1,679,25,88
2022-01-29,Tidewater,first,,,
"""
CONFIG = """
[[titles]]
name = "School at Night"
released = 2022-01-28
hashtags = ["NightSchool"]
ranked_as = ["Night School"]

[[titles]]
name = "Lantern Street"
released = 2022-02-01
hashtags = ["LanternStreet"]
"""


@dataclass
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - any JSON value
        return json.loads(self.out)


Buzz = Callable[..., Said]


@pytest.fixture
def buzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Buzz:
    """Run `buzz rankings ...` in a folder of its own, with a config that watches two titles."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "countries.tsv").write_text(COUNTRIES, encoding="utf-8")
    (tmp_path / "daily.csv").write_text(DAILY, encoding="utf-8")

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["buzz", "rankings", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Said(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def filled(buzz: Buzz) -> Buzz:
    """The same, with both files imported."""
    assert buzz("import", "countries.tsv", "daily.csv", "--quiet").code == 0
    return buzz


# --- import


def test_files_go_in_and_a_second_time_adds_nothing(buzz: Buzz) -> None:
    first = buzz("import", "countries.tsv", "daily.csv", "--json").data["files"]
    assert [(file["format"], file["read"], file["stored"], file["skipped"]) for file in first] == [
        ("netflix", 5, 5, 0),
        ("csv", 2, 1, 1),
    ]
    assert first[1]["skipped_lines"] == [{"line": 3, "reason": "rank is not a whole number: 'first'"}]
    assert (first[0]["since"], first[0]["until"]) == ("2022-01-30", "2022-02-06")
    again = buzz("import", "countries.tsv", "daily.csv", "--json").data["files"]
    assert [(file["stored"], file["unchanged"]) for file in again] == [(0, 5), (0, 1)]


def test_a_broken_line_is_shown_with_its_number(buzz: Buzz) -> None:
    said = buzz("import", "daily.csv")
    assert said.code == 0
    assert said.out == (
        "daily.csv: 2 rows read as csv, 2022-01-29 to 2022-01-29: 1 new, 0 revised, 0 unchanged, 1 skipped\n"
    )
    assert said.err == "buzz: daily.csv line 3: rank is not a whole number: 'first'\n"


def test_a_file_that_cannot_be_read_does_not_keep_the_others_out(buzz: Buzz) -> None:
    said = buzz("import", "gone.csv", "countries.tsv", "--json")
    assert said.code == 4
    assert said.err.splitlines()[-1] == "buzz: gone.csv cannot be read: No such file or directory"
    assert said.data["files"][0]["error"] == "gone.csv cannot be read: No such file or directory"
    assert said.data["files"][1]["stored"] == 5


def test_the_provider_of_a_csv_can_be_named(buzz: Buzz) -> None:
    buzz("import", "daily.csv", "--provider", "flixpatrol", "--format", "csv")
    assert buzz("list", "--json").data["rankings"] == [
        {
            "provider": "flixpatrol",
            "period": "day",
            "dates": 1,
            "since": "2022-01-29",
            "until": "2022-01-29",
            "countries": 0,
            "rows": 1,
        }
    ]


# --- show


def test_a_week_is_told_with_its_countries(filled: Buzz) -> None:
    found = filled("show", "Night School", "--week", "2022-01-30", "--json").data
    assert (found["provider"], found["period"], found["date"]) == ("netflix", "week", "2022-01-30")
    assert (found["no1_countries"], found["top10_countries"], found["countries_covered"]) == (1, 2, 3)
    assert (found["points"], found["points_possible"], found["world"]) == (17, 30, None)
    assert found["countries"] == [
        {"country": "KR", "country_name": "South Korea", "rank": 1},
        {"country": "JP", "country_name": "Japan", "rank": 4},
    ]
    assert found["not_in_top10"] == [{"country": "FR", "country_name": "France"}]


def test_a_watched_title_is_found_by_either_of_its_names(filled: Buzz) -> None:
    for name in ("School at Night", "night school"):
        found = filled("show", name, "--week", "2022-01-30", "--json").data
        assert (found["title"], found["no1_countries"]) == ("School at Night", 1)


def test_any_day_of_the_week_means_its_sunday_and_it_is_said(filled: Buzz) -> None:
    said = filled("show", "Night School", "--week", "2022-01-26", "--json")
    assert said.data["date"] == "2022-01-30"
    assert said.err == "2022-01-26 lies in the week that ends on Sunday 2022-01-30.\n"


def test_a_day_is_told_by_the_providers_own_sums(filled: Buzz) -> None:
    found = filled("show", "Night School", "--day", "2022-01-29", "--json").data
    assert (found["provider"], found["basis"], found["points"], found["no1_countries"]) == ("csv", "stated", 679, 25)
    assert filled("show", "Night School", "--day", "2022-01-29").out.splitlines()[2:] == [
        "Countries: No. 1 in 25 of 88 (basis: stated)",
        "Points: 679 of 880 possible, as csv states them",
    ]


def test_without_a_date_every_date_is_told(filled: Buzz) -> None:
    said = filled("show", "Night School")
    assert said.out.splitlines() == [
        "csv day 2022-01-29: world 1, No. 1 in 25, Top 10 in — of 88 countries, 679 points (stated)",
        "netflix week 2022-01-30: world —, No. 1 in 1, Top 10 in 2 of 3 countries, 17 points (country ranks)",
    ]
    assert [row["date"] for row in filled("show", "Night School", "--json").data["dates"]] == [
        "2022-01-29",
        "2022-01-30",
    ]


@pytest.mark.parametrize(("week", "state"), [("2022-01-30", "not released yet"), ("2022-02-06", "not in the Top 10")])
def test_a_watched_title_that_was_never_ranked_is_told_apart_from_one_not_released(
    week: str, state: str, filled: Buzz
) -> None:
    found = filled("show", "Lantern Street", "--week", week, "--json").data
    assert (found["state"], found["no1_countries"], found["countries"]) == (state, 0, [])


def test_a_country_that_was_not_covered_is_not_counted_as_out_of_the_top_10(filled: Buzz) -> None:
    found = filled("show", "Lantern Street", "--week", "2022-02-06", "--json").data
    assert [place["country"] for place in found["not_in_top10"]] == ["KR"]
    assert [place["country"] for place in found["not_covered"]] == ["FR", "JP"]


def test_a_show_and_a_film_of_one_name_must_be_told_apart(filled: Buzz) -> None:
    said = filled("show", "Tidewater", "--week", "2022-01-30")
    assert (said.code, said.err) == (4, 'buzz: "Tidewater" is both a show and a film: add --kind show or --kind film\n')
    found = filled("show", "Tidewater", "--week", "2022-02-06", "--kind", "film", "--json").data
    assert (found["top10_countries"], found["state"]) == (0, "not in the Top 10")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["Nigth School", "--week", "2022-01-30"],
            '"Nigth School" is in no ranking and not watched; did you mean "Night School"?',
        ),
        (
            ["Zzz", "--week", "2022-01-30"],
            '"Zzz" is in no ranking and not watched; names are compared whole, as the ranking writes them',
        ),
        (
            ["Night School", "--week", "2020-01-05"],
            "no ranking at hand has the week to Sunday 2020-01-05: netflix has 2 weeks from 2022-01-30 to 2022-02-06",
        ),
        (
            ["Night School", "--day", "2020-01-05"],
            "no ranking at hand has the day 2020-01-05: csv has 1 day from 2022-01-29 to 2022-01-29",
        ),
        (
            ["Night School", "--day", "2022-01-29", "--provider", "netflix"],
            "no daily ranking is at hand: `buzz rankings import FILE` brings one in",
        ),
    ],
)
def test_a_question_without_an_answer_is_one_sentence(arguments: list[str], sentence: str, filled: Buzz) -> None:
    said = filled("show", *arguments)
    assert (said.code, said.err, said.out) == (4, f"buzz: {sentence}\n", "")


@pytest.mark.parametrize("arguments", [["--week", "January"], ["--week", "2022-01-30", "--day", "2022-01-29"]])
def test_a_wrong_option_is_a_fault_of_use(arguments: list[str], filled: Buzz) -> None:
    said = filled("show", "Night School", *arguments)
    assert (said.code, said.out) == (2, "")


def test_before_anything_is_imported_the_sentence_says_how(buzz: Buzz) -> None:
    said = buzz("show", "Night School", "--week", "2022-01-30")
    assert said.code == 5
    assert "is not there yet" in said.err


def test_the_list_says_what_is_at_hand(filled: Buzz) -> None:
    assert filled("list").out.splitlines() == [
        "csv: 1 day from 2022-01-29 to 2022-01-29, the world only, rows: 1",
        "netflix: 2 weeks from 2022-01-30 to 2022-02-06, at most 3 countries, rows: 5",
    ]
    assert "No rankings at hand yet" in filled("list", "--provider", "nobody").out


@pytest.mark.data
def test_the_golden_figures_come_out_of_the_command(buzz: Buzz, data_set: Callable[[str], Path]) -> None:
    path = data_set("rankings/all-weeks-countries_2022-03.tsv")
    assert buzz("import", str(path), "--json").data["files"][0]["stored"] == 65_800
    for title, week, no1, top10 in (
        ("All of Us Are Dead", "2022-01-30", 29, 91),
        ("Squid Game", "2021-09-19", 8, 82),
        ("Hellbound", "2021-11-21", 12, 71),
    ):
        found = buzz("show", title, "--week", week, "--json").data
        assert (found["no1_countries"], found["top10_countries"], found["countries_covered"]) == (no1, top10, 94)
