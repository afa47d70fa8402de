"""How does a post feel? Raw, as VADER's package scores it, and adjusted: names masked, read as fans of the genre do.

English goes by the word list where that is clear, and by the multilingual model where it is not (with the extra
installed); other languages go by the model. What none can read is "unscored", a bucket of its own and never neutral.
Measured figures: docs/accuracy.md. Pure.
"""

import math
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from analysis import explaining
from analysis.labeller import UNKNOWN, LabelInput, Sentiment, SentimentLabel, digest
from analysis.masking import Reading, name_mask
from analysis.scorers import Model, model_for
from analysis.scorers.for_titles import Lexicons
from analysis.scorers.odds import Odds
from analysis.vader import Scored, Vader
from collector.config import Config

POSITIVE, NEGATIVE = 0.05, -0.05  # Source: vaderSentiment's README, "About the Scoring"
CLEAR = 0.3  # from here on the words decide alone; not chosen anew for the present words and model
# the next three were chosen on the gold set's first half, among 64 settings
LEAST_SURE = 0.45  # a model's best class must be this likely, or the post is unscored
WORDS_WEIGH = 4.0  # what a compound of 1 adds to the log odds of the model
NEUTRAL_WEIGHS = 1.3  # times as likely: praise taken for scorn is a worse fault than either taken for neither
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

    @property
    def compound(self) -> float:
        """What the words lean to, in -1..1."""
        return self.words.compound if self.words else 0.0


class Sentiments:
    """The labeller "sentiment". It reads the language label, so the language labeller comes first."""

    name: ClassVar[str] = "sentiment"

    def __init__(self, config: Config, model: Model | None = None) -> None:
        """Compile what is needed of the config. model: in place of the one that the config asks for."""
        self._mask = name_mask(config.titles)
        self._stock = Vader()
        self._lexicons = Lexicons(config)
        self._model = model or model_for(config.sentiment)
        self._languages = self._model.languages if self._model else frozenset()
        by = (self._model.name, self._model.version) if self._model else ()
        self.version = f"2-{digest(self._mask.names, [*self._lexicons.entries.items()], by, config.sentiment.engine)}"

    def label(self, posts: Sequence[LabelInput]) -> list[SentimentLabel]:
        """Score each post; say why the others are unscored."""
        found = [self._by_rule(post, self._mask.read(post.text)) for post in posts]
        doubts = [one for one in found if isinstance(one, _Doubt)]
        labels = iter(self._by_model(doubts) if doubts else ())
        return [next(labels) if isinstance(one, _Doubt) else one for one in found]

    def explain(self, post: LabelInput) -> tuple[str, ...]:
        """Say in sentences how a post came to its label; `post.language` is what the language labeller said."""
        reading = self._mask.read(post.text)
        [label] = self.label([post])
        told = [*explaining.of_names(reading)]
        is_read = not reading.is_bare and self._unread(post.language, reading) is None
        if is_read and post.language == BY_WORDS:
            told += explaining.of_words(self._lexicons.of(reading, post.hashtags), reading.text)
        doubt = self._by_rule(post, reading)
        if isinstance(doubt, _Doubt) and self._model:
            [odds] = self._model.odds([reading.text], [post.language])
            told += explaining.of_model(self._model.name, odds, _weighed(odds, doubt.compound)) if odds else ()
        return (*told, *explaining.of_label(label))

    def engine(self, language: str) -> str:
        """Return what scores posts in this language: lexicon, hybrid, the model's name, or "" where nothing does."""
        reads = self._reads(language)
        if language == BY_WORDS:
            if self._model is None or not reads:
                return "lexicon"
            # with a model of the user's own, words and model together are mistaken in another way
            return "hybrid" if self._model.name == "multilingual" else f"hybrid-{self._model.name}"
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
        if post.language != BY_WORDS:
            return _Doubt(post, reading, None, raw)
        scored = self._lexicons.of(reading, post.hashtags).score(reading.text)
        if abs(scored.compound) < CLEAR and self._reads(post.language):
            return _Doubt(post, reading, scored, raw)
        return SentimentLabel(_class(scored.compound), scored.compound, raw, _why(scored), self.engine(post.language))

    def _unread(self, language: str, reading: Reading) -> str | None:
        """Say why a post is not scored, if it is not."""
        if language not in {BY_WORDS, UNKNOWN} and not self._reads(language):
            return f"language {language}"
        if reading.is_bare:
            return None
        if language == UNKNOWN:
            return "language not sure"
        return _too_short(reading, language)

    def _by_model(self, doubts: Sequence[_Doubt]) -> list[SentimentLabel]:
        assert self._model is not None  # noqa: S101 - nothing is in doubt without one
        odds = self._model.odds([one.reading.text for one in doubts], [one.post.language for one in doubts])
        return [self._judged(one, given) for one, given in zip(doubts, odds, strict=True)]

    def _judged(self, doubt: _Doubt, odds: Odds | None) -> SentimentLabel:
        if odds is None:
            return _unscored("nothing that the model can read")
        odds = _weighed(odds, doubt.compound)
        if max(odds) < LEAST_SURE:
            return _unscored("not sure")
        engine = self.engine(doubt.post.language)
        why = (*(_why(doubt.words) if doubt.words else ()), f"{engine} model {odds.score:+.2f}")
        return SentimentLabel(odds.best, round(odds.score, DIGITS), doubt.raw, why, engine)


def _too_short(reading: Reading, language: str) -> str | None:
    """Say so where there is too little to judge by: words, or letters where no spaces part the words."""
    if language in UNSPACED:
        is_short = sum(map(str.isalnum, reading.words)) < MIN_LETTERS and not reading.tags
        return f"fewer than {MIN_LETTERS} letters" if is_short else None
    is_short = len(reading.words.split(None, MIN_WORDS)) + len(reading.tags) < MIN_WORDS
    return f"fewer than {MIN_WORDS} words" if is_short else None


def _weighed(odds: Odds, compound: float) -> Odds:
    """Join what a model says with what the words say, though that alone is not clear, and lean to neutral."""
    shift = math.exp(WORDS_WEIGH * compound)
    weights = (odds.negative / shift, odds.neutral * NEUTRAL_WEIGHS, odds.positive * shift)
    return Odds(*(weight / sum(weights) for weight in weights))


def _class(score: float) -> Sentiment:
    if score >= POSITIVE:
        return "positive"
    return "negative" if score <= NEGATIVE else "neutral"


def _unscored(reason: str) -> SentimentLabel:
    return SentimentLabel("unscored", None, None, (reason,))


def _why(scored: Scored) -> tuple[str, ...]:
    return tuple([f"{word} {valence:+.2f}" for word, valence in scored.hits])
