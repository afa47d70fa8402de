"""What is taken over of Wikidata: films and shows, their names and people; and nothing that is not as it should be."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import Loopback, Reply
from wikidata_stub import SERIES, WikidataStub, item, labels, value, wikidata_server

from collector import config as configs
from collector.errors import AccessError, ConfigError, RetryLater
from collector.http import Http
from collector.wikidata import Candidate, Wikidata, language_of
from collector.wikidata_item import LONGEST_NAME, Item, fault_of, ids_of, items_of

CHOSEN = Candidate("Q1", "Night Ferry", "", "show", 2021)


@pytest.fixture
def stub() -> WikidataStub:
    return WikidataStub()


@pytest.fixture
def server(stub: WikidataStub) -> Iterator[Loopback]:
    with wikidata_server(stub) as running:
        yield running


@pytest.fixture
def wikidata(server: Loopback) -> Wikidata:
    return Wikidata(server.url, Http(timeout=(1, 1)))


def test_a_search_gives_films_and_shows_and_neither_ships_nor_seasons(stub: WikidataStub, wikidata: Wikidata) -> None:
    stub.hits = ["Q3", "Q4", "Q1", "Q77", "Q2"]
    assert wikidata.search("Night Ferry") == [
        Candidate("Q1", "Night Ferry", "2021 South Korean television series", "show", 2020 + 1),
        Candidate("Q2", "Night Ferry", "film directed by nobody", "film", 1976),
    ]


def test_a_name_is_searched_in_the_language_of_its_script(server: Loopback, wikidata: Wikidata) -> None:
    found = wikidata.search("밤배")
    assert (server.asked[0].params["search"], server.asked[0].params["language"]) == ("밤배", "ko")
    assert [one.name for one in found] == ["밤배"]
    assert [language_of(name) for name in ("Dark", "イカゲーム", "魷魚", "มัธยม", "Тьма")] == [
        "en",
        "ja",
        "zh",
        "th",
        "en",
    ]


def test_nothing_found_asks_for_no_items(stub: WikidataStub, server: Loopback, wikidata: Wikidata) -> None:
    stub.hits = []
    assert wikidata.search("Nothing of that name") == []
    assert len(server.asked) == 1


def test_what_is_known_of_a_show_in_all_languages(server: Loopback, wikidata: Wikidata) -> None:
    entry = wikidata.look_up(CHOSEN)
    assert dict(entry.names)["es"] == "El ferri nocturno"
    assert entry.aliases == [("en", "The Night Ferry (TV series)")]
    assert entry.original == ("ko", "밤배")
    assert entry.released == date(2021, 11, 19)  # known to the day, and not marked as wrong
    assert entry.people == ["Invented Actor", "지은이", "Min-a", "민아", "Other Actor", "Some Maker", "Captain Oh"]
    assert entry.genres == ["horror television series"]
    assert entry.articles == ["ko:밤배 (드라마)", "en:Night Ferry (TV series)", "zh-classical:夜渡"]
    assert entry.services == ["Netflix"]
    assert len(server.asked) == 2


def test_an_item_that_went_away_and_an_error_are_told_in_a_sentence(stub: WikidataStub, wikidata: Wikidata) -> None:
    with pytest.raises(RetryLater, match="does not have Q404 any more"):
        wikidata.look_up(CHOSEN._replace(id="Q404"))
    stub.fault = Reply({"error": {"code": "maxlag", "info": "Waiting for a\x1b[31m database"}})
    with pytest.raises(RetryLater, match=r"says: Waiting for a\[31m database"):
        wikidata.search("x")
    for fault, kind in ((Reply([]), RetryLater), (Reply(b"<html>"), RetryLater), (Reply({}, 403), AccessError)):
        stub.fault = fault
        with pytest.raises(kind):
            wikidata.search("x")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\x00b\x1b\u202ec\n\td", "abc d"),
        ("x" * LONGEST_NAME, "x" * LONGEST_NAME),
        ("x" * (LONGEST_NAME + 1), None),
        ("\ud800", "?"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner belongs to the word
        (" ", None),
        (7, None),
        (None, None),
    ],
)
def test_names_are_bounded_and_hold_no_control_characters(written: object, kept: str | None) -> None:
    found = Item({"labels": {"en": {"language": "en", "value": written}}}).names
    assert found == ([("en", kept)] if kept else [])


def test_an_item_is_a_show_by_its_episodes_and_a_film_by_its_length() -> None:
    assert Item({"claims": {"P1113": [value({"amount": "+6"})]}}).kind == "show"
    assert Item({"claims": {"P31": [item("Q11424")]}}).kind == "film"
    assert Item({"claims": {"P57": [item("Q1")]}}).kind is None
    assert Item({"claims": {"P31": [item("Q21191270")], "P57": [item("Q1")], "P2047": [value(1)]}}).kind is None


KEYS = """
    claims labels aliases sitelinks P31 P161 P577 enwiki mainsnak datavalue value qualifiers P453 language title time
    precision id search entities
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["Q1", "value", "en"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4),
    max_leaves=12,
)


@given(raw=JSON)
def test_an_item_of_any_shape_is_read_without_a_fault(raw: object) -> None:
    one = Item(raw)
    read = (
        one.kind,
        one.names,
        one.aliases,
        one.original,
        one.released,
        one.year,
        one.articles,
        one.services,
        one.roles,
    )
    assert all(isinstance(name, str) for name in [*one.cast, *one.ids("P31"), *one.articles, *one.roles])
    assert len(read) == 9
    assert isinstance(fault_of(raw), str)
    assert all(number.startswith("Q") for number in ids_of(raw))
    assert all(found.is_there for found in items_of(raw).values())


def test_ids_that_could_lead_elsewhere_are_not_taken() -> None:
    assert ids_of({"search": [{"id": "Q1|Q2"}, {"id": "P31"}, {"id": "Q1&x=y"}, {"id": "Q12"}, {"id": ["Q1"]}]}) == [
        "Q12"
    ]


def test_the_address_is_https_or_this_machine() -> None:
    assert configs.parse('[lookup]\nwikidata = "http://127.0.0.1:9/"').lookup.wikidata == "http://127.0.0.1:9"
    for wrong in ("http://www.wikidata.org", "ftp://x", "https://user@x.example"):
        with pytest.raises(ConfigError, match=r"line 2: \[lookup\] wikidata is wrong: an"):
            configs.parse(f'[lookup]\nwikidata = "{wrong}"')


def test_a_title_with_many_people_asks_for_no_more_than_one_request_may_name(
    stub: WikidataStub, server: Loopback, wikidata: Wikidata
) -> None:
    claims = SERIES["claims"] | {"P161": [item(f"Q{number}") for number in range(10_000, 10_200)]}
    stub.items = {"Q1": SERIES | {"claims": claims}, "Q10000": {"labels": labels(en="First")}}
    assert wikidata.look_up(CHOSEN).people[0] == "First"
    assert len(server.asked[-1].params["ids"].split("|")) <= 50
