"""Measured quality against the floors of tests/floors.toml; docs/method.md tells the figures."""

import hashlib
import json
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from analysis.labeller import LabelInput
from analysis.labellers.language import Language
from analysis.labelling import Labelling, Labels
from analysis.vader import Vader
from collector.config import parse, template

TESTS = Path(__file__).parents[1]
GOLD = TESTS / "gold" / "posts.jsonl"
FLOORS = tomllib.loads((TESTS / "floors.toml").read_text("utf-8"))
CONFIG = parse(template().replace('engine = "auto"', 'engine = "lexicon"'))  # the same with and without the extra


@dataclass(frozen=True)
class Judged:
    """A post of the gold set: what a reader says of it, and what the labellers say."""

    language: str
    sentiment: str
    topics: frozenset[str]
    labels: Labels

    @property
    def plain(self) -> str:
        """The class that plain VADER gives."""
        return by_score(self.labels.sentiment.raw_score or 0.0)


def tell(figure: str) -> None:
    print(figure)  # noqa: T201 - a measurement; pytest shows it with -rP


def by_score(score: float) -> str:
    return "positive" if score >= 0.05 else "negative" if score <= -0.05 else "neutral"


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    posts = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    labels = Labelling(CONFIG).label(
        [LabelInput(number, post["text"], post["lang"]) for number, post in enumerate(posts)]
    )
    return [
        Judged(post["language"], post["sentiment"], frozenset(post["topics"]), label)
        for post, label in zip(posts, labels, strict=True)
    ]


def share(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes)


def test_the_gold_set_is_the_one_that_was_measured(judged: list[Judged]) -> None:
    assert hashlib.sha256(GOLD.read_bytes()).hexdigest()[:16] == FLOORS["gold"]["digest"]
    assert len(judged) == FLOORS["gold"]["posts"] >= 60


def test_the_language_is_right(judged: list[Judged]) -> None:
    decided = [post for post in judged if post.labels.language.language != "und"]
    assert share([post.labels.language.language == post.language for post in judged]) >= FLOORS["gold"]["language"]
    wrong = [post for post in decided if post.labels.language.language != post.language]
    assert len(wrong) <= FLOORS["gold"]["decided_wrongly"], wrong


def test_masking_the_names_makes_the_sentiment_right_far_more_often(judged: list[Judged]) -> None:
    english = [post for post in judged if post.language == "en" and post.labels.sentiment.score is not None]
    adjusted = share([post.labels.sentiment.sentiment == post.sentiment for post in english])
    plain = share([post.plain == post.sentiment for post in english])
    tell(f"gold, {len(english)} English posts: adjusted {adjusted:.3f}, plain VADER {plain:.3f}")
    assert adjusted >= FLOORS["gold"]["sentiment"]
    assert adjusted - plain >= FLOORS["gold"]["gain"]


def test_other_languages_are_unscored(judged: list[Judged]) -> None:
    others = [post for post in judged if post.language != "en"]
    assert len(others) >= 20
    assert share([post.labels.sentiment.sentiment == "unscored" for post in others]) >= FLOORS["gold"]["unscored"]


def test_topics_are_found_and_only_where_they_are(judged: list[Judged]) -> None:
    said = [(number, topic) for number, post in enumerate(judged) for topic in post.labels.topics.topics]
    true = [(number, topic) for number, post in enumerate(judged) for topic in post.topics]
    right = len(set(said) & set(true))
    assert right / len(true) >= FLOORS["gold"]["topics_recall"]
    assert right / len(said) >= FLOORS["gold"]["topics_precision"]


@pytest.mark.data
def test_languages_of_real_short_posts(data_set: Callable[[str], Path]) -> None:
    lines = data_set("language/composite_short_posts.tsv").read_text("utf-8").splitlines()[1:]
    posts = [(language, text) for language, _, text in (line.split("\t", 2) for line in lines) if language != "hi"]
    languages = sorted({language for language, _ in posts})
    chance = random.Random(7)
    tags = {
        "alone": [None] * len(posts),
        "tag_right": [language for language, _ in posts],
        "tag_right_9_of_10": [language if chance.random() < 0.9 else chance.choice(languages) for language, _ in posts],
    }
    labeller = Language(CONFIG)
    for name, given in tags.items():
        found = labeller.label([LabelInput(1, text, tag) for (_, text), tag in zip(posts, given, strict=True)])
        outcomes = [(label.language, language) for label, (language, _) in zip(found, posts, strict=True)]
        decided = [one == other for one, other in outcomes if one != "und"]
        right, right_decided = share([one == other for one, other in outcomes]), share(decided)
        tell(f"{name}: {len(posts)} posts, right {right:.3f}, decided {len(decided)}, of those {right_decided:.3f}")
        assert right >= FLOORS["composite"].get(name, 0)
        assert right_decided >= FLOORS["composite"].get(f"{name}_decided", 0)


@pytest.mark.data
def test_plain_vader_on_tweeteval(data_set: Callable[[str], Path]) -> None:
    folder = data_set("sentiment/tweeteval_en")
    names = {"0": "negative", "1": "neutral", "2": "positive"}
    truth = [names[line] for line in (folder / "val_labels.txt").read_text("utf-8").split()]
    texts = (folder / "val_text.txt").read_text("utf-8").splitlines()
    vader = Vader()
    said = [by_score(vader.score(text).compound) for text in texts]
    recalls = [
        share([one == name for one, other in zip(said, truth, strict=True) if other == name]) for name in names.values()
    ]
    macro = sum(recalls) / len(recalls)
    tell(f"TweetEval validation, {len(texts)} posts: macro-recall {macro:.3f}")
    assert macro >= FLOORS["tweeteval"]["macro_recall"]


@pytest.mark.data
def test_vader_on_its_own_gold(data_set: Callable[[str], Path]) -> None:
    folder = data_set("sentiment/vader_en")
    vader = Vader()
    for name in ("tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets"):
        lines = (folder / f"{name}_GroundTruth.txt").read_text("utf-8", errors="replace").splitlines()
        rows = [line.split("\t", 2) for line in lines]
        correlation = pearson([float(row[1]) for row in rows], [vader.score(row[2]).compound for row in rows])
        tell(f"VADER's gold, {name}, {len(rows)}: r = {correlation:.3f}")
        assert correlation > 0.3


def pearson(xs: Sequence[float], ys: Sequence[float]) -> float:
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    both = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return both / (sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys)) ** 0.5
