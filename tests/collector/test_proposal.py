"""What a name makes: hashtags without spaces, phrases that mean this title only, and a word of warning."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config import TitleSettings
from collector.errors import ConfigError
from collector.proposal import Wishes, hashtag, is_plain, plain_names, propose, trial
from collector.wikidata import Entry

ENTRY = Entry(
    kind="show",
    names=[
        ("de", "Nachtfähre"),
        ("es", "El ferri nocturno"),
        ("ko", "밤배"),
        ("en", "Night Ferry"),
        ("pt", "NIGHT FERRY"),
    ],
    aliases=[("en", "The Night Ferry (TV series)")],
    original=("ko", "밤배"),
    released=date(2021, 11, 19),
    people=["Invented Actor"],
    genres=["horror television series"],
    articles=["pl:Nocny prom", "en:Night Ferry (TV series)", "ko:밤배 (드라마)"],
    services=["Netflix"],
)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("All of Us Are Dead", "AllOfUsAreDead"),
        ("Grey's Anatomy", "GreysAnatomy"),
        ("지금 우리 학교는", "지금우리학교는"),
        ("มัธยมซอมบี้", "มัธยมซอมบี้"),
        ("今、私たちの学校は...", "今私たちの学校は"),
        ("Hellbound (TV series)", "Hellbound"),
        ("지옥（드라마）", "지옥"),
        ("1899", ""),
        ("!!!", ""),
        ("V", ""),
        ("x" * 61, ""),
    ],
)
def test_a_hashtag_is_the_name_without_spaces_and_punctuation(name: str, tag: str) -> None:
    assert hashtag(name) == tag


@given(name=st.text(max_size=80))
def test_whatever_the_name_its_hashtag_is_one_that_the_config_takes(name: str) -> None:
    made = hashtag(name)
    assert not made or TitleSettings(name="x", hashtags=(made,)).hashtags == (made,)


def test_a_proposal_holds_names_of_all_languages_once_and_the_articles_of_large_languages_first() -> None:
    title = propose("Night Ferry", Wishes(), ENTRY)
    assert title.hashtags == (
        "NightFerry",
        "밤배",
        "ElFerriNocturno",
        "Nachtfähre",
        "TheNightFerry",
        "NightFerryNetflix",
    )
    assert title.phrases == ("Night Ferry", "El ferri nocturno", "The Night Ferry")
    assert (title.kind, title.released, title.genres) == ("show", date(2021, 11, 19), ("horror",))
    assert title.ranked_as == ("밤배",)
    assert title.wikipedia == ("en:Night Ferry (TV series)", "ko:밤배 (드라마)", "pl:Nocny prom")
    assert plain_names(title) == ["밤배", "Nachtfähre"]


def test_what_the_user_wishes_comes_first() -> None:
    wishes = Wishes(("#Ferry",), ("night boat",), ("Me",), ("drama",), ("fr:X",), ("sea",), date(2020, 1, 1), "film")
    title = propose("Night Ferry", wishes, ENTRY)
    assert (title.hashtags[:2], title.phrases[0], title.people[0]) == (("Ferry", "NightFerry"), "night boat", "Me")
    assert (title.genres[0], title.wikipedia[0], title.exclude) == ("drama", "fr:X", ("sea",))
    assert (title.released, title.kind) == (date(2020, 1, 1), "film")


def test_a_name_that_may_be_an_ordinary_word_becomes_no_phrase() -> None:
    assert propose("Dark", Wishes()) == TitleSettings(name="Dark", hashtags=("Dark",))
    assert [is_plain(name) for name in ("Dark", "Grey's", "지옥", "지옥이다", "Black Mirror", "魷魚遊戲")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_a_name_that_makes_nothing_and_a_wrong_wish_are_told() -> None:
    with pytest.raises(ConfigError, match='"!!!" has neither hashtags nor phrases'):
        propose("!!!", Wishes())
    with pytest.raises(ConfigError, match=r"hashtags is wrong: .*not 'two words'"):
        propose("Dark", Wishes(hashtags=("two words",)))


def test_a_trial_takes_a_watched_title_with_what_is_to_be_tried() -> None:
    watched = TitleSettings(name="Dark", hashtags=("DarkNetflix",), exclude=("dark mode",), people=("Jonas",))
    tried = trial([watched], "dark", Wishes(("Dark", "darknetflix"), ("Sic Mundus",), exclude=("dark chocolate",)))
    assert (tried.name, tried.hashtags, tried.phrases) == ("Dark", ("DarkNetflix", "Dark"), ("Sic Mundus",))
    assert (tried.exclude, tried.people) == (("dark mode", "dark chocolate"), ("Jonas",))
    assert trial([watched], "Lost", Wishes()).hashtags == ("Lost",)
