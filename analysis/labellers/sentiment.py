"""How does a post feel? VADER twice: raw, as the package scores it, and adjusted, with the watched names masked. Pure.

Only English is scored; everything else is "unscored", which is a bucket of its own and never neutral. The class comes
from the adjusted score, at VADER's own thresholds. Measured figures: docs/method.md.
"""

from collections.abc import Sequence

from analysis.labeller import UNKNOWN, LabelInput, Sentiment, SentimentLabel, digest
from analysis.masking import Reading, name_mask
from analysis.vader import Scored, Vader
from collector.config import Config

POSITIVE, NEGATIVE = 0.05, -0.05  # Source: vaderSentiment's README, "About the Scoring"
MIN_WORDS = 3  # apart from names, links and handles
SCORED = "en"


class Sentiments:
    """The labeller "sentiment". It reads the language label, so the language labeller comes first."""

    name = "sentiment"

    def __init__(self, config: Config) -> None:
        self._mask = name_mask(config.titles)
        self._vader = Vader()
        self.version = f"1-{digest(self._mask.names)}"

    def label(self, posts: Sequence[LabelInput]) -> list[SentimentLabel]:
        """Score each English post; say why the others are unscored."""
        readings = [self._mask.read(post.text) for post in posts]
        return [*map(self._label, posts, readings)]

    def _label(self, post: LabelInput, reading: Reading) -> SentimentLabel:
        if post.language not in {SCORED, UNKNOWN}:
            return _unscored(f"language {post.language}")
        if reading.is_bare:
            # a name alone says nothing good or bad, whatever words it is made of
            return SentimentLabel("neutral", 0.0, self._vader.compound(post.text), ("nothing but watched names",))
        if post.language != SCORED:
            return _unscored("language not sure")
        if len(reading.words.split(None, MIN_WORDS)) + len(reading.tags) < MIN_WORDS:
            return _unscored(f"fewer than {MIN_WORDS} words")
        adjusted = self._vader.score(reading.text)
        raw = adjusted.compound if reading.text == post.text else self._vader.compound(post.text)
        return SentimentLabel(_class(adjusted.compound), adjusted.compound, raw, _why(adjusted))


def _class(score: float) -> Sentiment:
    if score >= POSITIVE:
        return "positive"
    return "negative" if score <= NEGATIVE else "neutral"


def _unscored(reason: str) -> SentimentLabel:
    return SentimentLabel("unscored", None, None, (reason,))


def _why(scored: Scored) -> tuple[str, ...]:
    return tuple(f"{word} {valence:+.2f}" for word, valence in scored.hits)
