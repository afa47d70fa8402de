"""All labels of a post: the registered labellers, in the order in which they need each other. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.labeller import LabelInput, Labeller, LanguageLabel, Sentiment, SentimentLabel, TopicsLabel, signature
from analysis.labellers import LABELLERS
from collector.config import Config
from collector.records import PostLabels


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
        self._sentiment: Labeller[SentimentLabel] = LABELLERS["sentiment"](config)
        self._topics: Labeller[TopicsLabel] = LABELLERS["topics"](config)
        self.versions = {
            "language": signature(self._language),
            "sentiment": signature(self._sentiment),
            "topics": signature(self._topics),
        }

    def label(self, posts: Sequence[LabelInput]) -> list[Labels]:
        """Give each post all labels, in order."""
        languages = self._language.label(posts)
        posts = [_with(post, label.language) for post, label in zip(posts, languages, strict=True)]
        return [*map(Labels, languages, self._sentiment.label(posts), self._topics.label(posts))]

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
    return LabelInput(post.post_id, post.text, post.platform_language, post.hashtags, language)
