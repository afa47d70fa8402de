"""Where a title stood: sums over countries, points, states of countries, and steps to draw."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parts import data_path

from analysis.frames import ranks as frames
from analysis.frames.columns import build
from analysis.frames.ranks import LISTED, RANKS
from analysis.frames.reader import Reader
from analysis.rankings import countries, kind_of, names_of, of_kind, points, steps, weekly
from analysis.standing import Question, sentences, standing
from collector.collect_rankings import import_file
from collector.config import TitleSettings
from collector.store import Store

WEEK, NEXT = date(2022, 1, 30), date(2022, 2, 6)


def seconds(day: date) -> int:
    return int(pd.Timestamp(day, tz="UTC").timestamp())


def ranks(*rows: dict[str, Any]) -> pd.DataFrame:
    """Build the frame of one title from the values that matter; the rest as for a country's weekly TV rank."""
    usual = {"provider": "netflix", "period": "week", "date": WEEK, "country": "", "category": "TV", "name": "A"}
    filled = [dict.fromkeys(RANKS) | usual | row for row in rows]
    return build([[seconds(v) if isinstance(v, date) else v for v in row.values()] for row in filled], RANKS)


def place(country: str, rank: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any column's value
    return {"country": country, "country_name": country.title(), "rank": rank, "countries_covered": 94, **more}


def listed(*codes: str, day: date = WEEK) -> pd.DataFrame:
    return build([("netflix", "week", seconds(day), code, code.title(), "TV") for code in codes], LISTED)


# --- names and kinds


def test_a_title_is_ranked_under_its_name_and_those_of_ranked_as() -> None:
    title = TitleSettings(name="Money  Heist", hashtags=("MoneyHeist",), ranked_as=("La Casa de Papel",))
    assert names_of(title) == {"money heist", "la casa de papel"}


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("TV", "show"),
        ("TV (Non-English)", "show"),
        ("Netflix / TV Shows", "show"),
        ("Films (English)", "film"),
        ("Movies", "film"),
        ("netflix", None),
        ("", None),
    ],
)
def test_a_category_tells_shows_from_films(category: str, kind: str | None) -> None:
    assert kind_of(category) == kind


def test_a_film_of_the_same_name_is_left_out_only_where_both_are_listed() -> None:
    both = ranks(place("KR", 1), place("JP", 2, category="Films"), place("FR", 3, category=""))
    assert list(of_kind(both, "show")["country"]) == ["KR", "FR"]
    assert list(of_kind(both, "film")["country"]) == ["JP", "FR"]
    assert list(of_kind(both[both["category"] == "TV"], "film")["country"]) == ["KR"]


# --- sums


def test_points_are_10_for_the_first_place_and_1_for_the_tenth() -> None:
    assert list(points(pd.Series([1, 2, 10, 11, 50]))) == [10, 9, 1, 0, 0]


def test_a_week_is_summed_over_its_countries() -> None:
    row = weekly(ranks(place("KR", 1), place("JP", 1), place("FR", 4), place("DE", 12))).iloc[0]
    assert (row["no1_countries"], row["top10_countries"], row["countries_covered"]) == (2, 3, 94)
    assert (row["points"], row["points_possible"], row["best_rank"]) == (27, 940, 1)
    assert (row["basis"], row["ranked_by"]) == ("country ranks", "hours")


def test_two_seasons_in_one_top_10_count_once_at_the_better_place() -> None:
    row = weekly(ranks(place("KR", 4, season="A 1"), place("KR", 2, season="A 2"))).iloc[0]
    assert (row["top10_countries"], row["points"], row["best_rank"]) == (1, 9, 2)


def test_the_worlds_hours_are_summed_over_seasons_and_the_rank_is_the_best() -> None:
    world = {"category": "TV (English)", "season": "A 1", "hours": 10, "views": 3}
    row = weekly(ranks({**world, "rank": 5}, {**world, "rank": 2, "hours": 30})).iloc[0]
    assert (row["world_rank"], row["world_category"], row["hours"], row["views"]) == (2, "TV (English)", 40, 6)
    assert row["basis"] == "world rank only"
    assert pd.isna(row["no1_countries"])
    assert pd.isna(row["points"])


def test_without_country_ranks_the_providers_own_sums_stand_and_say_so() -> None:
    stated = {"rank": 1, "points": 679, "no1_countries": 25, "countries_covered": 88}
    row = weekly(ranks({"provider": "flixpatrol", "period": "day", **stated})).iloc[0]
    assert (row["no1_countries"], row["points"], row["points_possible"], row["basis"]) == (25, 679, 880, "stated")
    assert pd.isna(row["top10_countries"])
    assert pd.isna(row["ranked_by"])


def test_stated_and_counted_points_are_kept_apart() -> None:
    row = weekly(ranks({"rank": 1, "points": 20, "no1_countries": 1}, place("KR", 1), place("JP", 3))).iloc[0]
    assert (row["points"], row["stated_points"], row["basis"]) == (18, 20, "country ranks")


def test_country_ranks_that_are_not_all_there_are_give_way_to_the_stated_sums() -> None:
    stated = {"rank": 1, "no1_countries": 58, "countries_covered": 88}
    row = weekly(ranks(stated, place("KR", 1, countries_covered=1))).iloc[0]
    assert (row["no1_countries"], row["countries_covered"], row["basis"]) == (58, 88, "stated")
    assert pd.isna(row["top10_countries"])


def test_country_ranks_that_agree_with_the_stated_sums_are_counted() -> None:
    stated = {"rank": 1, "no1_countries": 1, "countries_covered": 94}
    row = weekly(ranks(stated, place("KR", 1, countries_covered=2), place("JP", 9, countries_covered=2))).iloc[0]
    assert (row["top10_countries"], row["countries_covered"], row["points"]) == (2, 94, 12)
    assert row["basis"] == "country ranks"


def test_netflix_is_ranked_by_views_from_june_2023_on() -> None:
    days = [date(2023, 6, 11), date(2023, 6, 18)]
    assert list(weekly(ranks(*(place("KR", 1, date=day) for day in days)))["ranked_by"]) == ["hours", "views"]


def test_nothing_sums_up_to_nothing() -> None:
    none = weekly(ranks())
    assert none.empty
    assert {"no1_countries", "points", "basis", "ranked_by"} <= set(none.columns)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(["KR", "JP", "FR", "DE", "US"]), st.integers(1, 10), min_size=1))
def test_points_lie_between_the_countries_and_ten_times_the_countries(by_country: dict[str, int]) -> None:
    rows = (place(country, rank, countries_covered=len(by_country)) for country, rank in by_country.items())
    row = weekly(ranks(*rows)).iloc[0]
    assert len(by_country) <= row["points"] <= row["points_possible"]
    assert row["no1_countries"] == sum(rank == 1 for rank in by_country.values())


# --- countries


def states(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["country"], frame["state"], strict=True))


def test_a_country_without_the_title_is_not_in_the_top_10_and_one_without_a_list_is_not_covered() -> None:
    known = pd.concat([listed("KR", "JP", "RU"), listed("KR", "JP", day=NEXT)])
    found = countries(ranks(place("KR", 3, date=NEXT, countries_covered=2)), known, NEXT)
    assert states(found) == {"KR": "in the Top 10", "JP": "not in the Top 10", "RU": "not covered"}
    assert list(found["rank"].dropna()) == [3]
    assert set(found["country_name"]) == {"Kr", "Jp", "Ru"}


def test_before_the_release_a_title_is_not_released_yet() -> None:
    found = countries(ranks(), listed("KR"), WEEK, released=date(2022, 1, 31))
    assert states(found) == {"KR": "not released yet"}
    assert states(countries(ranks(), listed("KR"), WEEK, released=WEEK)) == {"KR": "not in the Top 10"}


def test_a_provider_that_covers_more_than_it_lists_leaves_the_rest_untold() -> None:
    known = pd.concat([listed("KR", "JP", "RU", day=NEXT), listed("KR")])
    own = place("KR", 1, countries_covered=1)
    world = {"rank": 1, "country": ""}
    assert states(countries(ranks(own, {**world, "countries_covered": 2}), known, WEEK)) == {
        "KR": "in the Top 10",
        "JP": "not told",
        "RU": "not told",
    }
    assert states(countries(ranks(own, {**world, "countries_covered": 3}), known, WEEK)) == {
        "KR": "in the Top 10",
        "JP": "not in the Top 10",
        "RU": "not in the Top 10",
    }


def test_a_place_below_the_tenth_is_not_in_the_top_10() -> None:
    found = countries(ranks(place("KR", 14)), listed("KR"), WEEK)
    assert (states(found), list(found["rank"])) == ({"KR": "not in the Top 10"}, [14])


# --- steps


def test_a_week_is_a_step_from_monday_to_monday_and_a_day_one_of_a_day() -> None:
    found = steps(ranks(place("KR", 2), place("KR", 5, period="day", date=date(2022, 1, 29))))
    spans = {row.period: (row.start, row.end) for row in found.itertuples()}
    assert spans["week"] == (pd.Timestamp("2022-01-24", tz="UTC"), pd.Timestamp("2022-01-31", tz="UTC"))
    assert spans["day"] == (pd.Timestamp("2022-01-29", tz="UTC"), pd.Timestamp("2022-01-30", tz="UTC"))


def test_steps_hold_one_rank_a_country_and_only_the_countries_asked_for() -> None:
    frame = ranks({"rank": 1, "country": ""}, place("KR", 4), place("KR", 2), place("JP", 7))
    assert [tuple(row) for row in steps(frame, ["", "KR"])[["country", "rank"]].itertuples(index=False)] == [
        ("", 1),
        ("KR", 2),
    ]
    assert len(steps(frame)) == 3


def test_rows_that_tell_only_points_have_no_step() -> None:
    assert steps(ranks({"points": 231}, {"points": 9, "country": "KR"})).empty


# --- the document


def question(day: date = WEEK, released: date | None = None) -> Question:
    return Question("A", "netflix", "week", day, released)


def test_the_document_tells_world_sums_and_countries() -> None:
    world = {"rank": 1, "category": "TV (Non-English)", "hours": 124_790_000}
    found = standing(question(), ranks(world, place("KR", 1, countries_covered=2)), listed("KR", "JP"))
    assert found["world"] == {"rank": 1, "category": "TV (Non-English)", "hours": 124_790_000, "views": None}
    assert (found["no1_countries"], found["top10_countries"], found["countries_covered"]) == (1, 1, 2)
    assert found["countries"] == [{"country": "KR", "country_name": "Kr", "rank": 1}]
    assert found["not_in_top10"] == [{"country": "JP", "country_name": "Jp"}]
    assert found["state"] == "in the Top 10"


def test_a_week_without_the_title_has_zeros_where_countries_are_covered() -> None:
    found = standing(question(), ranks(), listed("KR", "JP"))
    assert (found["no1_countries"], found["top10_countries"], found["points"], found["points_possible"]) == (
        0,
        0,
        0,
        20,
    )
    assert (found["state"], found["world"]) == ("not in the Top 10", None)
    assert standing(question(released=NEXT), ranks(), listed("KR"))["state"] == "not released yet"


def test_a_week_without_any_country_has_no_zeros() -> None:
    found = standing(question(), ranks(), listed("KR", day=NEXT))
    assert (found["no1_countries"], found["points"], found["countries_covered"]) == (None, None, None)
    assert [place["country"] for place in found["not_covered"]] == ["KR"]
    assert "no ranks by country at hand" in "\n".join(sentences(found))


def test_the_sentences_name_the_figures_and_their_basis() -> None:
    world = {"rank": 1, "category": "TV (Non-English)", "hours": 124_790_000}
    told = sentences(standing(question(), ranks(world, place("KR", 2, countries_covered=2)), listed("KR", "JP")))
    assert told == [
        "A in the rankings of netflix, the week to Sunday 2022-01-30: in the Top 10",
        "World: No. 1 in TV (Non-English), 124,790,000 hours (ranked by hours)",
        "Countries: No. 1 in 0, in the Top 10 of 1 of 2 (basis: country ranks)",
        "Points: 9 of 20 possible, counted from ranks (No. 1 = 10 … No. 10 = 1)",
        "No. 2: Kr",
        "Not in the Top 10: Jp",
    ]


# --- golden figures, from Netflix's own files

FILES = ("rankings/all-weeks-countries_2022-03.tsv", "rankings/all-weeks-global.tsv")


@pytest.fixture(scope="module")
def netflix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    url = f"sqlite:///{tmp_path_factory.mktemp('netflix') / 'ranks.db'}"
    with Store.open(url) as store:
        for name in FILES:
            import_file(store, data_path(name))
    with Reader(url) as reader:
        yield reader


@pytest.mark.data
def test_the_golden_figures_hold(netflix: Reader, data_set: Callable[[str], Path]) -> None:
    assert all(data_set(name).is_file() for name in FILES)
    golden = {
        ("All of Us Are Dead", date(2022, 1, 30)): (29, 91, 124_790_000),
        ("All of Us Are Dead", date(2022, 2, 6)): (63, 94, 236_230_000),
        ("Squid Game", date(2021, 9, 19)): (8, 82, 63_190_000),
        ("Hellbound", date(2021, 11, 21)): (12, 71, 43_480_000),
    }
    known = frames.listed(netflix, provider="netflix", period="week")
    for (title, day), figures in golden.items():
        own = frames.ranks(netflix, names={title.casefold()})
        found = standing(Question(title, "netflix", "week", day), own, known)
        assert (found["no1_countries"], found["top10_countries"], found["world"]["hours"]) == figures
        assert (found["countries_covered"], found["world"]["rank"], found["basis"]) == (94, 1, "country ranks")
        assert len(found["countries"]) == figures[1]
        assert found["points"] == sum(11 - place["rank"] for place in found["countries"])


@pytest.mark.data
def test_four_weeks_of_all_of_us_are_dead_are_first_in_the_world(netflix: Reader) -> None:
    found = weekly(frames.ranks(netflix, names={"all of us are dead"})).head(4)
    assert list(found["hours"]) == [124_790_000, 236_230_000, 113_240_000, 62_130_000]
    assert list(found["world_rank"]) == [1, 1, 1, 1]
    assert set(found["world_category"]) == {"TV (Non-English)"}
