"""Which titles a post speaks of: tags, phrases, scripts, exclusions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
