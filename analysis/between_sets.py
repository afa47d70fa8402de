"""How much a labeller's faults differ from set to set, and so how far they can be trusted on posts of another kind.

Rows of confusions of several labelled sets are taken for draws around a mean. What they scatter beyond chance tells how
many posts a mean is worth on a set that was never seen: as many as make a Dirichlet's draws scatter as much. Pure.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.confusion import JEFFREYS, Confusion, Values

ENOUGH = 2  # sets of a language that tell how much sets differ
LEAST_STRENGTH, MOST_STRENGTH = 3.0, 1000.0  # posts
LEAST_POSTS = 20  # of a row, to count as one


class Spread(NamedTuple):
    """Over sets: `within` is the sum of rate x (1 - rate) of the mean, `between` the variance beyond chance."""

    within: float
    between: float

    def strength(self, sets: int) -> float:
        """Return how many posts a mean over so many sets is worth on another.

        A Dirichlet of s posts has the variance rate x (1 - rate) / (s + 1). That of a new set around a mean of K sets
        is the variance between sets x (1 + 1/K).
        """
        variance = self.between * (1 + 1 / sets)
        strength = self.within / variance - 1 if variance > 0 else MOST_STRENGTH
        return float(np.clip(strength, LEAST_STRENGTH, MOST_STRENGTH))


class Pooled(NamedTuple):
    """Rates of each true class over sets, each set counting the same, and how many posts each row is worth."""

    rates: Values
    strength: float

    @property
    def confusion(self) -> Confusion:
        """What they stand for."""
        return Confusion(np.maximum(self.rates * self.strength - JEFFREYS, 0))


def spread(languages: Sequence[Sequence[Values]]) -> Spread:
    """Return how much rows of 3 x 3 counts differ between sets of one language, summed over rows, columns, languages.

    The variance of the observed rates between sets, less what chance alone brings: rate x (1 - rate) / (posts - 1).
    Raises ValueError where no true class has posts enough in two sets of a language.
    """
    within = between = 0.0
    for sets in languages:
        for row in range(3):
            rates, posts = _rows(sets, row)
            if len(posts) < ENOUGH:
                continue
            mean = rates.mean(axis=0)
            chance = (rates * (1 - rates) / (posts[:, None] - 1)).mean(axis=0)
            within += float((mean * (1 - mean)).sum())
            between += float((rates.var(axis=0, ddof=1) - chance).sum())
    if not within:
        raise ValueError(f"no true class has {LEAST_POSTS} posts in {ENOUGH} sets of a language")
    return Spread(within, max(between, 0.0))


def pooled(sets: Sequence[Values], usual: Spread) -> Pooled:
    """Return what these sets (3 x 3 counts) of a language say of another one; usual: how much sets differ."""
    rows = [_rows(sets, row)[0] for row in range(3)]
    rates = np.array([found.mean(axis=0) if len(found) else np.full(3, 1 / 3) for found in rows])
    return Pooled(rates, usual.strength(max(1, min(map(len, rows)))))


def _rows(sets: Sequence[Values], row: int) -> tuple[Values, Values]:
    """Return the rates of one true class and their posts, of the sets that have enough."""
    counts = np.array([one[row] for one in sets if one[row].sum() >= LEAST_POSTS]).reshape(-1, 3)
    posts: Values = counts.sum(axis=1)
    return counts / posts[:, None], posts
