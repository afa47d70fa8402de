"""All labels of a post: the registered labellers, in the order in which they need each other. Pure.

Here alone it is decided what may be derived of a platform's posts: every way to a label goes through `Labelling`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analysis.labeller import LabelInput, Labeller, LanguageLabel, Sentiment, SentimentLabel, TopicsLabel, signature
from analysis.labellers import LABELLERS
from analysis.labellers.sentiment import Sentiments
from collector.config import Config
from collector.records import PostLabels
from collector.sources import SOURCES


class Labels(NamedTuple):
    """All labels of one post."""

    language: LanguageLabel
    sentiment: SentimentLabel
    topics: TopicsLabel

    @property
    def kept(self) -> "Kept":
        """What the store keeps of them."""
        feeling = self.sentiment
        return Kept(self.language.language, feeling.sentiment, feeling.score, feeling.raw_score, self.topics.topics)


class Kept(NamedTuple):
    """What the store keeps of the labels of one post: all but why."""

    language: str
    sentiment: Sentiment
    score: float | None
    raw_score: float | None
    topics: tuple[str, ...]


class Labelling:
    """The registered labellers, compiled for one config, in the order in which they need each other."""

    def __init__(self, config: Config) -> None:
        self._language: Labeller[LanguageLabel] = LABELLERS["language"](config)
        self._sentiment = Sentiments(config)
        self._topics: Labeller[TopicsLabel] = LABELLERS["topics"](config)
        self._withheld, accepted = _terms(config)
        self.versions = {
            "language": signature(self._language),
            # what is allowed from now on, or no more, is labelled anew
            "sentiment": "+".join([signature(self._sentiment), *accepted]),
            "topics": signature(self._topics),
        }

    def label(self, posts: Sequence[LabelInput]) -> list[Labels]:
        """Give each post all labels, in order."""
        languages = self._language.label(posts)
        posts = [_with(post, label.language) for post, label in zip(posts, languages, strict=True)]
        return [*map(Labels, languages, self._feelings(posts), self._topics.label(posts))]

    def explain(self, post: LabelInput, labels: Labels) -> tuple[str, ...]:
        """Say in sentences how a post came to its sentiment; `labels` are those that it was given."""
        if post.platform in self._withheld:
            return labels.sentiment.why
        return self._sentiment.explain(_with(post, labels.language.language))

    def _feelings(self, posts: Sequence[LabelInput]) -> list[SentimentLabel]:
        """Score the posts whose platforms allow it; of the others no score is computed at all."""
        held = self._withheld
        if not any(post.platform in held for post in posts):
            return self._sentiment.label(posts)
        scored = iter(self._sentiment.label([post for post in posts if post.platform not in held]))
        return [_unscored(held[post.platform]) if post.platform in held else next(scored) for post in posts]

    def record(self, post_id: int, labels: Labels | Kept, edited_at: int | None = None) -> PostLabels:
        """Bring the labels of a post to the form in which the store keeps them."""
        kept = labels.kept if isinstance(labels, Labels) else labels
        return PostLabels(
            post_id=post_id,
            language=kept.language,
            language_by=self.versions["language"],
            sentiment=kept.sentiment,
            score=kept.score,
            raw_score=kept.raw_score,
            sentiment_by=self.versions["sentiment"],
            topics=kept.topics,
            topics_by=self.versions["topics"],
            edited_at=edited_at,
        )


def _with(post: LabelInput, language: str) -> LabelInput:
    # three times as quick as dataclasses.replace
    return LabelInput(post.post_id, post.text, post.platform_language, post.hashtags, language, post.platform)


def _unscored(why: str) -> SentimentLabel:
    return SentimentLabel("unscored", None, None, (why,))


def _terms(config: Config) -> tuple[Mapping[str | None, str], Sequence[str]]:
    """Return why no sentiment is derived of a platform, for those where that is so; and where a condition is met."""
    asked = {name: source for name, source in SOURCES.items() if source.terms.sentiment_if}
    met = [name for name, source in asked.items() if getattr(config.sources[name], source.terms.sentiment_if)]
    withheld: dict[str | None, str] = {
        source.platform: f"its terms allow it only with [sources.{name}] {source.terms.sentiment_if} = true"
        for name, source in asked.items()
        if name not in met
    }
    return withheld, [asked[name].platform for name in met]
