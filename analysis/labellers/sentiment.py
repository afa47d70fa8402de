"""How does a post feel? Raw, as VADER's package scores it, and adjusted: names masked, read as fans of the genre do.

English goes by the word list where that is clear, and by the multilingual model where it is not (with the extra
installed); other languages go by the model. What none can read is "unscored", a bucket of its own and never neutral.
Measured figures: docs/accuracy.md. Pure.
"""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.labeller import UNKNOWN, LabelInput, Sentiment, SentimentLabel, digest
from analysis.masking import Reading, name_mask
from analysis.scorers import model_for
from analysis.scorers.for_titles import Lexicons
from analysis.scorers.odds import Odds
from analysis.vader import Scored, Vader
from collector.config import Config

POSITIVE, NEGATIVE = 0.05, -0.05  # Source: vaderSentiment's README, "About the Scoring"
CLEAR = 0.3  # from here on the word list is right more often than the model; docs/accuracy.md has both
LEAST_SURE = 0.0  # a model's best class must be this likely, or the post is unscored
MIN_WORDS = 3  # apart from names, links and handles
MIN_LETTERS = 4
UNSPACED = frozenset({"ja", "ko", "th", "zh"})
BY_WORDS = "en"  # the language of the word list
DIGITS = 4  # of a score, as VADER's own


class _Doubt(NamedTuple):
    """An English post whose words alone do not decide, or any post in another language."""

    post: LabelInput
    reading: Reading
    words: Scored | None
    raw: float


class Sentiments:
    """The labeller "sentiment". It reads the language label, so the language labeller comes first."""

    name = "sentiment"

    def __init__(self, config: Config) -> None:
        self._mask = name_mask(config.titles)
        self._stock = Vader()
        self._lexicons = Lexicons(config)
        self._model = model_for(config.sentiment)
        asks_model_alone = config.sentiment.engine == "transformers"
        self._by_words = "" if asks_model_alone else BY_WORDS
        self._languages = self._model.languages if self._model else frozenset()
        by = (self._model.name, self._model.version) if self._model else ()
        self.version = f"2-{digest(self._mask.names, [*self._lexicons.entries.items()], by, config.sentiment.engine)}"

    def label(self, posts: Sequence[LabelInput]) -> list[SentimentLabel]:
        """Score each post; say why the others are unscored."""
        found = [self._by_rule(post, self._mask.read(post.text)) for post in posts]
        doubts = [one for one in found if isinstance(one, _Doubt)]
        labels = iter(self._by_model(doubts) if doubts else ())
        return [next(labels) if isinstance(one, _Doubt) else one for one in found]

    def engine(self, language: str) -> str:
        """Return what scores posts in this language: lexicon, hybrid, the model's name, or "" where nothing does."""
        reads = self._reads(language)
        if language == self._by_words:
            return "hybrid" if reads else "lexicon"
        return self._model.name if self._model and reads else ""

    def _reads(self, language: str) -> bool:
        """Tell whether the model reads posts in this language."""
        return self._model is not None and (self._languages is None or language in self._languages)

    def _by_rule(self, post: LabelInput, reading: Reading) -> SentimentLabel | _Doubt:
        """Label what needs no model."""
        if unread := self._unread(post.language, reading):
            return _unscored(unread)
        raw = self._stock.compound(post.text)
        if reading.is_bare:
            # a name alone says nothing good or bad, whatever words it is made of
            return SentimentLabel("neutral", 0.0, raw, ("nothing but watched names",))
        if post.language != self._by_words:
            return _Doubt(post, reading, None, raw)
        scored = self._lexicons.of(reading, post.hashtags).score(reading.text)
        if abs(scored.compound) < CLEAR and self._reads(post.language):
            return _Doubt(post, reading, scored, raw)
        return SentimentLabel(_class(scored.compound), scored.compound, raw, _why(scored), self.engine(post.language))

    def _unread(self, language: str, reading: Reading) -> str | None:
        """Say why a post is not scored, if it is not."""
        if language not in {self._by_words, UNKNOWN} and not self._reads(language):
            return f"language {language}"
        if reading.is_bare:
            return None
        if language == UNKNOWN:
            return "language not sure"
        return f"fewer than {MIN_WORDS} words" if _is_short(reading, language) else None

    def _by_model(self, doubts: Sequence[_Doubt]) -> list[SentimentLabel]:
        assert self._model is not None  # noqa: S101 - nothing is in doubt without one
        odds = self._model.odds([one.reading.text for one in doubts], [one.post.language for one in doubts])
        return [self._judged(one, given) for one, given in zip(doubts, odds, strict=True)]

    def _judged(self, doubt: _Doubt, odds: Odds | None) -> SentimentLabel:
        if odds is None:
            return _unscored("nothing that the model can read")
        if max(odds) < LEAST_SURE:
            return _unscored("not sure")
        engine = self.engine(doubt.post.language)
        why = (*(_why(doubt.words) if doubt.words else ()), f"{engine} model {odds.score:+.2f}")
        return SentimentLabel(odds.best, round(odds.score, DIGITS), doubt.raw, why, engine)


def _is_short(reading: Reading, language: str) -> bool:
    """Tell whether there is too little to judge by: words, or letters where no spaces part the words."""
    if language in UNSPACED:
        return sum(map(str.isalnum, reading.words)) < MIN_LETTERS and not reading.tags
    return len(reading.words.split(None, MIN_WORDS)) + len(reading.tags) < MIN_WORDS


def _class(score: float) -> Sentiment:
    if score >= POSITIVE:
        return "positive"
    return "negative" if score <= NEGATIVE else "neutral"


def _unscored(reason: str) -> SentimentLabel:
    return SentimentLabel("unscored", None, None, (reason,))


def _why(scored: Scored) -> tuple[str, ...]:
    return tuple([f"{word} {valence:+.2f}" for word, valence in scored.hits])
