"""All labels of a post: the registered labellers, in the order in which they need each other. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.labeller import LabelInput, Labeller, LanguageLabel, SentimentLabel, TopicsLabel, signature
from analysis.labellers import LABELLERS
from collector.config import Config
from collector.records import PostLabels


class Labels(NamedTuple):
    """All labels of one post."""

    language: LanguageLabel
    sentiment: SentimentLabel
    topics: TopicsLabel


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

    def record(self, post_id: int, labels: Labels, edited_at: int | None = None) -> PostLabels:
        """Bring the labels of a post to the form in which the store keeps them."""
        return PostLabels(
            post_id=post_id,
            language=labels.language.language,
            language_by=self.versions["language"],
            sentiment=labels.sentiment.sentiment,
            score=labels.sentiment.score,
            raw_score=labels.sentiment.raw_score,
            sentiment_by=self.versions["sentiment"],
            topics=labels.topics.topics,
            topics_by=self.versions["topics"],
            edited_at=edited_at,
        )


def _with(post: LabelInput, language: str) -> LabelInput:
    # three times as quick as dataclasses.replace
    return LabelInput(post.post_id, post.text, post.platform_language, post.hashtags, language)
