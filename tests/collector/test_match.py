"""Which titles a post speaks of: tags, phrases, scripts, exclusions."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from plain_matcher import plain_match

from collector import config as configs
from collector.config import TitleSettings
from collector.match import TitleMatcher

TITLES = configs.parse(configs.template()).titles
DEAD, SQUID, HELL = 0, 1, 2


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("watching #allofusaredead tonight", [DEAD]),
        ("＃AllOfUsAreDead full-width", [DEAD]),
        ("All of us are DEAD is so good", [DEAD]),
        ("all of us are deadlines", []),
        ("#AllOfUsAreDeadly", []),
        ("지금 우리 학교는진짜 미쳤다", [DEAD]),
        ("#오징어게임 보다 #지금우리학교는", [DEAD, SQUID]),
        ("今、私たちの学校は…が怖い", [DEAD]),
        ("I play a giant squid game, love it", []),
        ("squid game and hellbound in one week", [SQUID, HELL]),
        ("hellboundary", []),
        ("see example.com/#squidgame", []),
        ("", []),
    ],
)
def test_titles_are_found_by_hashtag_and_phrase_in_any_script(text: str, titles: list[int]) -> None:
    assert TitleMatcher(TITLES).match(text) == titles


def test_the_platforms_own_hashtags_count_too() -> None:
    assert TitleMatcher(TITLES).match("no tag in the text", ["SQUIDGAME"]) == [SQUID]


def test_an_exclusion_wins_over_a_hashtag() -> None:
    matcher = TitleMatcher([TitleSettings(name="Beef", hashtags=("beef",), exclude=("corned beef",))])
    assert matcher.match("#beef is great") == [0]
    assert matcher.match("corned beef for dinner #beef") == []


@given(st.text(max_size=300))
def test_any_text_can_be_matched(text: str) -> None:
    found = TitleMatcher(TITLES).match(text)
    assert found == sorted(set(found))


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_hashtag_set_apart_is_found_in_any_surroundings(before: str, after: str) -> None:
    titles = [TitleSettings(name="S", hashtags=("SquidGame",))]
    assert TitleMatcher(titles).match(f"{before} #SquidGame {after}") == [0]


# names that begin alike, hold each other, share words, stand in several scripts, or have no plain letter at all
WATCHED = [
    TitleSettings(name="A", hashtags=("SquidGame", "오징어게임"), phrases=("Squid Game", "don't squid", "오징어 게임")),
    TitleSettings(name="B", phrases=("game", "오징어", "징어 게임2"), exclude=("board game", "종이 오징어")),
    TitleSettings(name="C", hashtags=("game",), phrases=("la bahía game", "Слово и дело", "it’s")),
    TitleSettings(name="D", phrases=("дело", "हिंदी game", "squid game squid", "game_over", "ß game", "今、game")),
]
MATCHER = TitleMatcher(WATCHED)
BITS = (
    *(
        "squid",
        "game",
        "board",
        "don",
        "t",
        "don't",
        "it",
        "s",
        "la",
        "bahía",
        "слово",
        "и",
        "дело",
        "हिंदी",
        "game_over",
    ),
    *(
        "오징어",
        "게임",
        "징어",
        "2",
        "종이",
        "今",
        "、",
        "ß",
        "SS",
        "ＧＡＭＥ",
        "#",
        "＃",
        "@",
        "_",
        " ",
        " ",
        "'",
        "’",
        "&",
        "/",
    ),
    *(
        "\u0301",
        "\u200d",
        "\u200c",
        "\ufe0f",
        "👩",
        "\n",
        ".",
        "#SquidGame",
        "#오징어게임",
        "#game",
        "İ",
        "ﬁ",
        "\ud800",
    ),
)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(BITS) | st.characters(), max_size=12).map("".join), st.lists(st.sampled_from(BITS)))
@example("the squid game squid", [])
@example("\u200dgame", [])
@example("종이 오징어 게임2", ["Game"])
def test_the_quick_way_finds_what_the_plain_one_finds(text: str, tags: list[str]) -> None:
    assert MATCHER.match(text, tags) == plain_match(WATCHED, text, tags)


@given(
    st.lists(st.text(alphabet="ab가나 'é", min_size=1, max_size=4), min_size=1, max_size=6),
    st.text("ab가나 'é", max_size=20),
)
def test_any_phrases_are_found_as_the_plain_way_finds_them(phrases: list[str], text: str) -> None:
    titles = [TitleSettings(name=str(number), phrases=(phrase,)) for number, phrase in enumerate(phrases)]
    assert TitleMatcher(titles).match(text) == plain_match(titles, text, [])
