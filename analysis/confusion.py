"""How often is each true class given which class? Counts of labelled posts, ours and a user's, and what is not known.

A labeller's faults differ from one kind of post to another, so what was measured elsewhere counts as a few posts only:
as many as make rows of such counts scatter as much as those of different labelled sets did (`strength`). Labels that a
user gives are of the very posts in question, and count one each. docs/method.md, "Shares", has the formulas. Pure.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

CLASSES = ("positive", "neutral", "negative")  # the order of rows (true) and columns (given)
JEFFREYS = 0.5  # added to each cell: what never happened among few posts may happen
SEED = 20220128
TRIES = 3  # times as many matrices are drawn as are asked for, to have enough that can be
SHIPPED = Path(__file__).parent / "scorers" / "confusions.json"

Values = npt.NDArray[np.float64]
Key = tuple[str, str]  # engine, language


@dataclass(frozen=True)
class Confusion:
    """3 x 3 numbers of labelled posts: rows are the true class, columns the class given, in the order of CLASSES.

    They may be parts of posts: counts that are weighted, or that count less than one each. `is_known` is false where
    nothing was ever measured.
    """

    counts: Values
    is_known: bool = True

    @property
    def rates(self) -> Values:
        """How much of each true class is given which class: rows that add up to 1."""
        counts = self.counts + JEFFREYS
        rates: Values = counts / counts.sum(axis=1, keepdims=True)
        return rates

    @property
    def sharpness(self) -> float:
        """How much of the variance of net (1, 0, -1) over posts is due to true classes, in an even mix; at most 1."""
        rates = self.rates
        net, felt = rates[:, 0] - rates[:, 2], rates[:, 0] + rates[:, 2]
        return float(net.var() / (felt.mean() - net.mean() ** 2))

    def joined(self, labelled: Values) -> "Confusion":
        """Return these counts with those of posts that a user labelled, each of which counts whole."""
        return Confusion(self.counts + labelled, is_known=self.is_known or bool(labelled.sum()))

    def draws(self, count: int, name: str) -> Values:
        """Return count x 3 x 3 rates that could be the true ones: each row from its Dirichlet distribution.

        Only such as are of any use: each class is given most readily to its own posts. The same name and counts bring
        the same draws, whatever else is drawn.
        """
        random = np.random.default_rng([SEED, zlib.crc32(name.encode())])
        gammas = random.standard_gamma(self.counts + JEFFREYS, size=(count * TRIES, 3, 3))
        drawn = gammas / np.maximum(gammas.sum(axis=2, keepdims=True), np.finfo(float).tiny)
        own = np.einsum("bii->bi", drawn)
        can_be = np.flatnonzero((own >= drawn.max(axis=1)).all(axis=1))
        if not len(can_be):  # labels that say the opposite of what was given: no draw is left out
            can_be = np.arange(len(drawn))
        rates: Values = drawn[np.resize(can_be, count)]
        return rates


# Nothing measured: right three times in five, give or take .2. A language of which nobody labelled a post is so read.
UNKNOWN = Confusion(np.full((3, 3), 1 - JEFFREYS) + 2 * np.eye(3), is_known=False)


class Source(NamedTuple):
    """A labelled set that was counted: its name and its posts."""

    name: str
    posts: int


class Shipped(NamedTuple):
    """What is shipped of an engine and a language.

    rates: 3 x 3, the mean over the sets; strength: how many posts a row counts as; labeller: what was measured.
    """

    engine: str
    language: str
    rates: Values
    strength: float
    sources: tuple[Source, ...]
    date: str
    labeller: str

    @property
    def confusion(self) -> Confusion:
        """The counts that it stands for."""
        return Confusion(np.maximum(self.rates * self.strength - JEFFREYS, 0))


@cache
def shipped(path: Path = SHIPPED) -> Mapping[Key, Shipped]:
    """Return all that is shipped, by engine and language."""
    told = json.loads(path.read_text(encoding="utf-8"))
    found = [
        Shipped(
            one["engine"],
            one["language"],
            np.array(one["rates"], dtype=np.float64),
            float(one["strength"]),
            tuple(Source(name, posts) for name, posts in one["sources"].items()),
            told["date"],
            one["labeller"],
        )
        for one in told["confusions"]
    ]
    return {(one.engine, one.language): one for one in found}


def in_force(
    languages: Iterable[str], engine: Callable[[str], str], labelled: Mapping[Key, Values] | None = None
) -> dict[str, Confusion]:
    """Return the confusion of each language under the engine that scores it now; UNKNOWN where nothing was measured.

    engine: what scores a language (analysis.labellers.sentiment.Sentiments.engine). labelled: 3 x 3 counts of posts
    that a user labelled, by engine and language, as `effective` makes them where posts were drawn unequally.
    """
    found: dict[str, Confusion] = {}
    for language in languages:
        key = (engine(language), language)
        known = shipped().get(key)
        confusion = known.confusion if known else UNKNOWN
        own = (labelled or {}).get(key)
        found[language] = confusion if own is None else confusion.joined(own)
    return found


def effective(plain: Values, weighted: Values) -> Values:
    """Return counts in the proportions of `weighted` that are worth as much as posts drawn with equal chances.

    plain: 3 x 3 counts as they were labelled, with as many of rare classes as of common ones; weighted: each post times
    its weight. The weight hangs on the class given, so a row of n posts is worth (sum of weights)² / (sum of weights²).
    Source: Kish (1965), Survey Sampling, 11.7.
    """
    weight = weighted.sum(axis=0) / np.maximum(plain.sum(axis=0), np.finfo(float).tiny)
    row, squares = weighted.sum(axis=1), (plain * weight**2).sum(axis=1)
    scale = np.divide(row, squares, out=np.zeros(3), where=squares > 0)
    worth: Values = weighted * scale[:, None]
    return worth
