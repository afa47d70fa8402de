"""Many phrases found in one pass."""

import re

from hypothesis import given
from hypothesis import strategies as st

from analysis.phrases import PhraseIndex, prepare

WORDS = ["zombie", "zombies", "dance", "danced", "dan", "the", "a"]


def owners(phrases: list[str], text: str, *tags: str) -> set[int]:
    index = PhraseIndex((phrase, number) for number, phrase in enumerate(phrases))
    return {found.owner for found in index.find(prepare(text, tags))}


def as_pattern(phrase: str) -> str:
    """The same phrase as a regular expression: slow, and plainly right."""
    words = [re.escape(word[:-1]) + r"\w*" if word.endswith("*") else re.escape(word) for word in phrase.split()]
    return r"(?<!\w)" + r"\W+".join(words) + r"(?!\w)"


phrase_words = st.sampled_from([*WORDS, "danc*", "zom*", "d*"])
some_phrases = st.lists(st.lists(phrase_words, min_size=1, max_size=3).map(" ".join), max_size=6)
some_text = st.lists(st.sampled_from([*WORDS, "x", "ZOMBIE", "."]), max_size=12).map(" ".join)


@given(phrases=some_phrases, text=some_text)
def test_it_finds_what_regular_expressions_find(phrases: list[str], text: str) -> None:
    expected = {number for number, phrase in enumerate(phrases) if re.search(as_pattern(phrase), text.lower())}
    assert owners(phrases, text) == expected


def test_a_hashtag_is_read_as_its_words() -> None:
    assert tuple(prepare("#ZombieChoreography #TVShow #season_2 #Part2 #좀비안무").words) == (
        *("zombie", "choreography", "tv", "show", "season", "2", "part", "2", "좀비안무"),
    )


def test_a_found_phrase_tells_where_it_stands_and_how_it_is_written() -> None:
    index = PhraseIndex([("zombie danc*", 7)])
    text = prepare("Oh! ZOMBIE dancing.")
    [found] = map(text.placed, index.find(text))
    assert (found.owner, found.word, found.start, found.end, found.surface) == (7, 1, 4, 18, "zombie dancing")


def test_a_phrase_of_an_unspaced_script_is_found_wherever_it_stands() -> None:
    index = PhraseIndex([("좀비", 0)])
    assert [(found.start, found.end) for found in index.find(prepare("좀비, 왕좀비들"))] == [(0, 2), (5, 7)]


def test_a_phrase_of_nothing_but_signs_is_never_found() -> None:
    assert owners(["!!!", "*", "…"], "!!! * …") == set()
