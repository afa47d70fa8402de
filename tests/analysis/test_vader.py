"""VADER's score, bit for bit the package's."""

import csv
from collections.abc import Callable, Iterator
from importlib.metadata import distribution, packages_distributions, version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

from analysis.vader import Vader

STOCK = SentimentIntensityAnalyzer()
VADER = Vader()
LEXICON = sorted(STOCK.lexicon)
EMOJI = sorted(STOCK.emojis)


def is_the_packages(text: str) -> bool:
    told = STOCK.polarity_scores(text)
    same = repr(VADER.score(text).compound) == repr(VADER.compound(text)) == repr(told["compound"])
    return same and repr(VADER.polarity(text)._asdict()) == repr(told)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "VADER is very smart, handsome, and funny!!!",
        "The plot was good, but the characters are uncompelling and the dialog is not great.",
        "Today only kinda sux! But I'll get by, lol",
        "never so good, never this good, without doubt good, without a doubt good",
        "no good, no really good, no great or good",
        "that is the shit and the bomb, a real kiss of death, yeah right",
        "least good, at least good, very least good",
        "GOOD good Good, NOT good, kind of good, sort of bad",
        "Catch utf-8 emoji such as 💘 and💋and😁😁 and ❤️",
        "good \U0001f199 good \u203c",
        ":) :( :D <3 good:) (good)",
        "but but good but bad but",
        "İstanbul is good ﬁne ſo bad",
        "what?? why??? how????? good!!!!!!",
        "All of Us Are Dead",
    ],
)
def test_the_score_is_the_packages(text: str) -> None:
    assert is_the_packages(text)


tokens = st.one_of(
    st.sampled_from(LEXICON),
    st.sampled_from(sorted(BOOSTER_DICT)),
    st.sampled_from(NEGATE),
    st.sampled_from(sorted(SPECIAL_CASES)),
    st.sampled_from(EMOJI),
    st.sampled_from(
        ["but", "no", "or", "nor", "least", "at", "very", "so", "this", "never", "doubt", "kind", "of", "!", "??"]
    ),
    st.text(max_size=8),
)
written = st.one_of(tokens, tokens.map(str.upper), tokens.map(str.title), tokens.map(lambda word: f'"{word}",'))


@settings(max_examples=400, deadline=None)
@given(words=st.lists(written, max_size=12), between=st.sampled_from([" ", "  ", "\n", ""]))
def test_the_score_is_the_packages_for_any_text(words: list[str], between: str) -> None:
    assert is_the_packages(between.join(words))


@pytest.mark.data
def test_the_score_is_the_packages_for_every_real_post(data_set: Callable[[str], Path]) -> None:
    texts = list(_posts(data_set("posts/tv_posts_2021_2022.tsv")))
    assert len(texts) > 20_000
    assert [text for text in texts if not is_the_packages(text)] == []


def _posts(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row["text"]


def test_the_words_that_counted_come_with_what_each_added() -> None:
    assert VADER.score("not a good plan, but a great cast").hits == (("good", -0.703), ("great", 4.65))


def test_the_installed_package_is_the_one_that_was_measured() -> None:
    assert version("vaderSentiment") == "3.3.2"
    assert packages_distributions()["vaderSentiment"] == ["vaderSentiment"]
    # vader-multi overwrites the module and calls a translation service
    files = distribution("vaderSentiment").files or []
    source = next(file for file in files if file.name == "vaderSentiment.py")
    assert "translate" not in Path(str(source.locate())).read_text(encoding="utf-8").partition("__main__")[0].lower()
