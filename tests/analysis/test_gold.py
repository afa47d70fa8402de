"""The gold set for sentiment: what it is made of, and that nobody changes it unseen. No labeller is asked here."""

import importlib.util
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer, SentiText

TESTS = Path(__file__).parents[1]
FLOORS = tomllib.loads((TESTS / "floors.toml").read_text(encoding="utf-8"))["sentiment_gold"]


@pytest.fixture(scope="module")
def gold() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agreement", TESTS / "gold" / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_the_set_that_was_committed_before_any_rule_was_made(gold: ModuleType) -> None:
    assert {half: gold.digest(half) for half in gold.HALVES} == FLOORS["digests"]


def test_it_has_what_fans_write(gold: ModuleType) -> None:
    posts = [row for half in gold.HALVES for row in gold.rows(half)]
    traits = Counter(trait for row in posts for trait in row["traits"])
    assert len(posts) == len({row["text"] for row in posts}) >= 400
    assert len({row["language"] for row in posts}) >= 10
    assert traits["sarcasm"] >= 0.15 * len(posts)
    assert {"spoiler", "other show", "slang", "horror words", "mixed"} <= traits.keys()
    lexicon = SentimentIntensityAnalyzer().lexicon
    wordless = [row for row in posts if lexicon.keys().isdisjoint(_words(row["text"]))]
    assert len(wordless) >= 0.30 * len(posts)
    english = [row for row in posts if row["language"] == "en"]
    assert sum(row in wordless for row in english) >= 0.30 * len(english)


def test_its_halves_are_alike_and_share_nothing(gold: ModuleType) -> None:
    first, second = (gold.rows(half) for half in gold.HALVES)
    assert {row["id"] for row in first}.isdisjoint(row["id"] for row in second)
    assert abs(len(first) - len(second)) <= 1
    for key in ("language", "label"):
        counts = [Counter(row[key] for row in half) for half in (first, second)]
        assert all(abs(counts[0][value] - counts[1][value]) <= 8 for value in counts[0] | counts[1])


def test_its_labels_are_those_of_readers_who_agree(gold: ModuleType) -> None:
    posts = [row for half in gold.HALVES for row in gold.rows(half)]
    assert gold.kappa([tuple(row["readers"]) for row in posts]) >= FLOORS["kappa"]
    for row in posts:
        one, other = row["readers"]
        assert row["label"] in gold.CLASSES
        assert one != other or row["label"] == one


def _words(text: str) -> set[str]:
    return {word.lower() for word in SentiText(text).words_and_emoticons}
