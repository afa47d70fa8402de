"""VADER with what fans mean: phrases, emoji and drawn-out words as one word each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from analysis.scorers.joined import PhraseFinder, longest_pair, token
from analysis.scorers.lexicon import Lexicon
from analysis.scorers.overrides import NONE, Overrides, of, read

STOCK = SentimentIntensityAnalyzer()
PLAIN = Lexicon(NONE)
FANS = Lexicon(of([]))
HORROR = Lexicon(of(["horror"]))
SMALL = Lexicon(
    read(
        "small.toml",
        """
        [words]
        dead = { score = 0, reason = "plot" }
        [phrases]
        "left no crumbs" = { score = 3, reason = "praise" }
        "no crumbs" = { score = 1, reason = "praise" }
        "give * an emmy" = { score = 2, reason = "praise" }
        "couldn't stop" = { score = 2, reason = "praise" }
        [emoji]
        "💔" = { score = -1.5, reason = "scorn" }
        "❤️" = { score = 2, reason = "praise" }
        "❤️‍🔥" = { score = 3, reason = "praise" }
        """,
    )
)


def words(text: str) -> list[tuple[str, float]]:
    return [(SMALL.meaning(word).surface, round(valence, 2)) for word, valence in SMALL.score(text).hits]


@pytest.mark.parametrize("text", ["what a GREAT show!!", "not good, but the end was nice", "meh", "", "😭😭 so sad"])
def test_without_overrides_it_is_vader(text: str) -> None:
    assert PLAIN.score(text).compound == STOCK.polarity_scores(text)["compound"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("she left no crumbs", [("left no crumbs", 3.0)]),
        ("she LEFT NO CRUMBS today", [("left no crumbs", 3.73)]),
        ("she (left no\ncrumbs)!", [("left no crumbs", 3.0)]),
        ("no crumbs here", [("no crumbs", 1.0)]),
        ("give her an Emmy", [("give * an emmy", 2.0)]),
        ("give an Emmy", []),
        ("I couldn't stop", [("couldn't stop", 2.0)]),
        ("they are all dead", []),
        ("I am 💔", [("💔", -1.5)]),
        ("💔💔 💔", [("💔", -1.5)]),
        ("love❤it", [("love", 3.2), ("❤️", 2.0)]),
        ("❤️❤️", [("❤️", 2.0)]),
        ("❤️‍🔥", [("❤️‍🔥", 3.0)]),
        ("gooood", [("good", 1.9)]),
        ("baaaaad", [("bad", -2.5)]),
        ("hmmmm", []),
    ],
)
def test_each_counts_as_one_word(text: str, expected: list[tuple[str, float]]) -> None:
    assert words(text) == expected


def test_negations_and_boosters_work_on_phrases() -> None:
    assert SMALL.score("she hardly left no crumbs").compound < SMALL.score("she left no crumbs").compound
    assert SMALL.score("she not left no crumbs").compound < 0


def test_a_word_of_a_score_is_told_with_the_entry_that_gave_it() -> None:
    meaning = FANS.meaning("banger")
    assert meaning.entry is not None
    assert meaning.entry.file == "all.toml"
    assert FANS.meaning("good").entry is None


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("that was so scary, I screamed and cried", 1),
        ("everybody dies and the zombies win", 0),
        ("I can't sleep after this, lights on tonight", 1),
        ("not scary at all", -1),
    ],
)
def test_fear_is_praise_for_horror_and_death_is_its_plot(text: str, sign: int) -> None:
    compound = HORROR.score(text).compound
    assert (compound > 0.05) - (compound < -0.05) == sign


@given(text=st.text())
def test_it_survives_any_text(text: str) -> None:
    assert -1 <= FANS.score(text).compound <= 1


def test_time_grows_with_length_alone() -> None:
    for text in ("a" * 100_000, "left no " * 12_500, "❤️" * 50_000, "i like " * 14_000, "!" * 100_000):
        assert -1 <= FANS.score(text).compound <= 1


def test_of_overlapping_phrases_the_longer_is_taken() -> None:
    finder = PhraseFinder(["a b", "b c d", "c d"])
    found = ["x", "a", "b", "c", "d,", "a", "b!"]
    finder.join(found)
    assert found == ["x", "a", "b-c-d,", "a-b!"]


def test_a_phrase_is_one_word_without_a_negation_in_it() -> None:
    assert token("couldn't * stop") == "couldnt-any-stop"
    assert longest_pair(["give", "*", "an", "emmy"]) == 2
    assert longest_pair(["so", "*", "good"]) == -1


def test_nothing_changes_where_nothing_is_overridden() -> None:
    assert Overrides({}, {}, {}) == NONE
    assert PLAIN.read("plain words 💔") == "plain words 💔"
