"""Frames of rankings, read from both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from analysis.frames.columns import empty
from analysis.frames.ranks import DATES, LISTED, NAMES, RANKS, dates, listed, ranked_names, ranks, ranks_of
from analysis.frames.reader import Reader
from collector.ranking import RankDraft
from collector.store import Store

FIRST, SECOND = date(2022, 1, 30), date(2022, 2, 6)


def place(name: str, country: str, rank: int, *, day: date = FIRST, **more: object) -> RankDraft:
    told = {"category": "TV", "country_name": {"KR": "South Korea", "JP": "Japan"}.get(country)}
    return RankDraft("netflix", "week", day, country=country, name=name, rank=rank, **(told | more))  # type: ignore[arg-type]


ROWS = [
    place("Night School", "KR", 1, season="Night School: Season 1"),
    place("Tidewater", "KR", 2, season="Tidewater 2"),
    place("Tidewater", "JP", 1),
    place("Lantern Street", "FR", 1, category="Films"),
    place("Night School", "", 1, category="TV (Non-English)", hours=124_790_000),
    place("Night School", "KR", 3, day=SECOND),
    place("Maïdo", "JP", 1, day=SECOND),
    RankDraft(
        "flixpatrol", "day", date(2022, 1, 29), "", "TV", "Night School", rank=1, points=679, countries_covered=88
    ),
]


@pytest.fixture
def reader(store: Store) -> Iterator[Reader]:
    store.save_ranks("rankings", "a file", ROWS)
    with Reader(store.url) as opened:
        yield opened


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_every_place_comes_with_the_declared_columns(reader: Reader) -> None:
    frame = ranks(reader)
    assert list(frame.columns) == list(RANKS)
    assert len(frame) == len(ROWS)
    assert frame.dtypes.equals(empty(RANKS).dtypes)
    world = frame[(frame["provider"] == "netflix") & (frame["country"] == "")].iloc[0]
    assert (world["hours"], world["source"], world["date"]) == (124_790_000, "a file", pd.Timestamp(FIRST, tz="UTC"))


def test_a_title_is_found_by_its_name_whole_and_in_any_case(reader: Reader) -> None:
    assert set(ranks(reader, names={"night school"})["name"]) == {"Night School"}
    assert set(ranks(reader, names={"NIGHT  School"})["name"]) == {"Night School"}
    assert ranks(reader, names={"night"}).empty
    assert set(ranks(reader, names={"maïdo", "lantern street"})["name"]) == {"Maïdo", "Lantern Street"}


def test_a_title_is_found_by_the_name_of_its_season(reader: Reader) -> None:
    found = ranks(reader, names={"tidewater 2"})
    assert list(zip(found["name"], found["season"], found["country"], strict=True)) == [
        ("Tidewater", "Tidewater 2", "KR")
    ]


def test_no_names_give_no_rows(reader: Reader) -> None:
    assert ranks(reader, names=[]).empty
    assert list(ranks(reader, names=[]).columns) == list(RANKS)


def test_countries_covered_are_those_listed_on_that_date_also_without_this_title(reader: Reader) -> None:
    found = ranks(reader, names={"night school"}, provider="netflix")
    of = {(row.date.date(), row.country): row.countries_covered for row in found.itertuples()}
    assert of[FIRST, "KR"] == 2  # Korea and Japan; France lists films only
    assert of[SECOND, "KR"] == 2
    assert pd.isna(of[FIRST, ""])


def test_countries_covered_are_the_providers_own_where_it_tells_them(reader: Reader) -> None:
    assert list(ranks(reader, provider="flixpatrol")["countries_covered"]) == [88]


def test_rows_are_kept_by_provider_period_and_time(reader: Reader) -> None:
    assert set(ranks(reader, provider="flixpatrol")["provider"]) == {"flixpatrol"}
    assert set(ranks(reader, period="week")["provider"]) == {"netflix"}
    assert set(ranks(reader, since=moment(SECOND))["date"]) == {pd.Timestamp(SECOND, tz="UTC")}
    assert pd.Timestamp(SECOND, tz="UTC") not in set(ranks(reader, until=moment(SECOND))["date"])


def test_listed_countries_are_told_apart_by_date_and_category(reader: Reader) -> None:
    frame = listed(reader, provider="netflix", period="week")
    assert list(frame.columns) == list(LISTED)
    found = {(row.date.date(), row.country, row.country_name, row.category) for row in frame.itertuples()}
    assert found == {
        (FIRST, "KR", "South Korea", "TV"),
        (FIRST, "JP", "Japan", "TV"),
        (FIRST, "FR", "France", "Films"),
        (SECOND, "KR", "South Korea", "TV"),
        (SECOND, "JP", "Japan", "TV"),
    }


def test_dates_tell_how_much_each_edition_has(reader: Reader) -> None:
    frame = dates(reader)
    assert list(frame.columns) == list(DATES)
    assert [tuple(row)[1:] for row in frame.assign(date=frame["date"].dt.date).itertuples()] == [
        ("flixpatrol", "day", date(2022, 1, 29), 0, 1),
        ("netflix", "week", FIRST, 3, 5),
        ("netflix", "week", SECOND, 2, 2),
    ]


def test_ranked_names_tell_the_best_rank_and_the_span(reader: Reader) -> None:
    frame = ranked_names(reader, provider="netflix")
    assert list(frame.columns) == list(NAMES)
    school = frame[(frame["name"] == "Night School") & (frame["category"] == "TV")].iloc[0]
    assert school["best_rank"] == 1
    assert (school["first"].date(), school["last"].date()) == (FIRST, SECOND)


def test_without_rankings_every_frame_is_empty_and_keeps_its_columns(store: Store) -> None:
    with Reader(store.url) as reader:
        for frame, columns in (
            (ranks(reader), RANKS),
            (listed(reader), LISTED),
            (dates(reader), DATES),
            (ranked_names(reader), NAMES),
        ):
            assert frame.empty
            assert frame.dtypes.equals(empty(columns).dtypes)


def test_the_places_of_many_titles_at_once_are_those_of_each_by_itself(reader: Reader) -> None:
    names = {
        "school": {"night school"},
        "by season": {"Tidewater 2"},
        "both": {"Tidewater 2", "Maïdo", "Night School: Season 1"},
        "none": {"not ranked"},
        "nameless": set[str](),
    }
    for window in ({}, {"since": moment(SECOND)}):
        together = ranks_of(reader, names, **window)
        assert list(together) == list(names)
        for title, own in names.items():
            pd.testing.assert_frame_equal(together[title], ranks(reader, names=own, **window))
    assert len(ranks_of(reader, names)["both"]) == 3
