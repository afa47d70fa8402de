"""Runs the engines on posts: the package's VADER as it is, the word list with what fans mean, and all that is there."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analysis.evaluation.metrics import Outcome
from analysis.labeller import LabelInput, Sentiment, SentimentLabel
from analysis.labellers.sentiment import NEGATIVE, POSITIVE, Sentiments
from collector.config import Config, SentimentSettings

STOCK, LEXICON, AUTO = "stock", "lexicon", "auto"
ENGINES = (STOCK, LEXICON, AUTO)
BATCH = 1024  # posts, about what the pipeline labels at once
Label = Callable[[Sequence[LabelInput]], list[SentimentLabel]]


class Judged(NamedTuple):
    """A post with what people say of it: its class, and where they gave numbers the mean."""

    text: str
    language: str
    true: Sentiment
    rating: float | None = None


class Run(NamedTuple):
    """What one engine said of all posts, and how many posts it did in a second of one processor's time."""

    labels: list[SentimentLabel]
    posts_per_second: float


class Engines:
    """The engines under one config. "auto" is what the product does; without extras it is the word list."""

    def __init__(self, config: Config) -> None:
        self.auto = Sentiments(_with(config, "auto"))
        self._labels: Mapping[str, Label] = {
            STOCK: _stock(),
            LEXICON: Sentiments(_with(config, "lexicon")).label,
            AUTO: self.auto.label,
        }

    def run(self, name: str, posts: Sequence[Judged], languages: Sequence[str] | None = None) -> Run:
        """Label the posts. languages: what is told of each; else what people say of it."""
        told = languages or [post.language for post in posts]
        asked = [
            LabelInput(number, post.text, language=language)
            for number, (post, language) in enumerate(zip(posts, told, strict=True))
        ]
        label = self._labels[name]
        label([LabelInput(0, "we shall see in an hour or so", language=each) for each in set(told)])  # loads the model
        begun = time.process_time()
        labels = [one for part in _parts(asked) for one in label(part)]
        spent = time.process_time() - begun
        return Run(labels, len(posts) / max(spent, 1e-9))


def outcomes(posts: Sequence[Judged], labels: Sequence[SentimentLabel]) -> list[Outcome]:
    """Put what was said beside what people say."""
    return [
        Outcome(post.true, label.sentiment, label.score, post.rating)
        for post, label in zip(posts, labels, strict=True)
    ]  # fmt: skip


def _parts(asked: Sequence[LabelInput]) -> Iterator[Sequence[LabelInput]]:
    for at in range(0, len(asked), BATCH):
        yield asked[at : at + BATCH]


def _with(config: Config, engine: str) -> Config:
    settings = SentimentSettings.model_validate({**config.sentiment.model_dump(), "engine": engine})
    return config.model_copy(update={"sentiment": settings})


def _stock() -> Label:
    """Return the package as it is, on every text of whatever language, as one who installs it uses it."""
    from vaderSentiment.vaderSentiment import (  # noqa: PLC0415 - reads its lexicon when it is made
        SentimentIntensityAnalyzer,
    )

    analyzer = SentimentIntensityAnalyzer()

    def label(posts: Sequence[LabelInput]) -> list[SentimentLabel]:
        scores = [float(analyzer.polarity_scores(post.text)["compound"]) for post in posts]
        return [SentimentLabel(_class(score), score, score, engine=STOCK) for score in scores]

    return label


def _class(score: float) -> Sentiment:
    if score >= POSITIVE:
        return "positive"
    return "negative" if score <= NEGATIVE else "neutral"
