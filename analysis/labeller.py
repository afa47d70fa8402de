"""What a labeller must offer, the post it reads and the labels it gives."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Protocol, TypeVar

from collector.config import Config

Sentiment = Literal["positive", "neutral", "negative", "unscored"]
UNKNOWN = "und"  # the language tag for "undetermined" (ISO 639-2)


@dataclass(frozen=True, slots=True)
class LabelInput:
    """One post as the labellers read it.

    `platform_language` is the platform's own tag, a prior and not a label. `hashtags` are those that the platform
    lists beside the text, without '#'. `language` is what the language labeller said; sentiment needs it. `platform`
    is where it comes from, None where that is not told: analysis.labelling withholds what its terms do not allow.
    """

    post_id: int | str | None
    text: str
    platform_language: str | None = None
    hashtags: tuple[str, ...] = ()
    language: str = UNKNOWN
    platform: str | None = None


class LanguageLabel(NamedTuple):
    """A language as ISO 639 writes it ("en", "ko"), or "und"; `why` says what decided."""

    language: str
    why: str


class SentimentLabel(NamedTuple):
    """How a post feels. Scores are in -1..1, None where unscored; `why` lists the words that counted.

    `raw_score` is what VADER's package says of the post as it is. `engine` is what scored it: lexicon, hybrid,
    or the name of the model.
    """

    sentiment: Sentiment
    score: float | None
    raw_score: float | None
    why: tuple[str, ...] = ()
    engine: str = ""


class TopicsLabel(NamedTuple):
    """The topics of a post in the config's order; `why` lists, for each, the words that named it."""

    topics: tuple[str, ...]
    why: tuple[tuple[str, ...], ...] = ()


Given = TypeVar("Given")


class Labeller(Protocol, Generic[Given]):
    """Gives one kind of label. Pure, batched and deterministic; keeps length and order; survives any text.

    `version` changes whenever the same post could get another label: with the rules, and with the parts of the
    config that they read. A new one is a file and a line in the registry.
    """

    name: ClassVar[str]
    version: str

    def __init__(self, config: Config) -> None:
        """Compile what is needed of the config. Opens nothing but files of its own package."""

    def label(self, posts: Sequence[LabelInput]) -> list[Given]:
        """Return one label for each post, in order."""


def signature(labeller: "Labeller[Any]") -> str:
    """Return what is stored beside each label: the labeller's name and version."""
    return f"{labeller.name}/{labeller.version}"


def digest(*parts: object) -> str:
    """Return eight characters that change when the parts do; parts are anything that JSON can hold."""
    written = json.dumps(parts, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:8]
