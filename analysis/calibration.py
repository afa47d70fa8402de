"""How likely is it that a score is right? Probabilities of the three classes, fitted to posts that people labelled.

For each engine and language a multinomial logistic regression on the score and its distance from 0. All classes count
the same in the fit: a probability is that among as many positive as neutral and negative posts. Pure.
"""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analysis.scorers.odds import Class, Odds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHIPPED = Path(__file__).parent / "scorers" / "confusions.json"
PENALTY = 1e-4  # of the squares of weights: few labels do not make certainties
STEPS = 50
CLOSE = 1e-9
Row = tuple[float, float, float]


class Calibration(NamedTuple):
    """Weights of 1, the score and its distance from 0, for positive and for negative posts; those of neutral are 0."""

    positive: Row
    negative: Row

    def odds(self, score: float) -> Odds:
        """Return the probabilities of the classes of a post with this score."""
        one, other = (math.exp(a + b * score + c * abs(score)) for a, b, c in self)
        total = 1 + one + other
        return Odds(other / total, 1 / total, one / total)

    def sure(self, score: float, given: Class) -> float:
        """Return how likely it is that a post with this score is of the class that it was given."""
        return float(getattr(self.odds(score), given))


@cache
def shipped(path: Path = SHIPPED) -> Mapping[tuple[str, str], Calibration]:
    """Return what is shipped, by engine and language."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return {
        (one["engine"], one["language"]): Calibration(_row(one["positive"]), _row(one["negative"]))
        for one in told["calibrations"]
    }


def _row(numbers: Sequence[float]) -> Row:
    one, score, distance = map(float, numbers)
    return one, score, distance


def fitted(score: "NDArray[np.float64]", true: "NDArray[np.intp]") -> Calibration:
    """Return the calibration that makes these true classes most likely. true: places in analysis.confusion.CLASSES.

    By Newton's method on the penalised likelihood, which has one maximum. Raises ValueError where a class is missing.
    """
    import numpy as np  # noqa: PLC0415 - not needed to label

    counts = np.bincount(true, minlength=3)
    if counts.min() == 0:
        raise ValueError("a calibration needs posts of all three classes")
    weight = 1 / (3 * counts[true])
    features = np.stack([np.ones_like(score), score, np.abs(score)], axis=1)
    said = np.stack([true == 0, true == 2], axis=1).astype(np.float64)  # noqa: PLR2004 - the place of negative
    found = np.zeros((2, 3))
    for _ in range(STEPS):
        sums = np.exp(features @ found.T)
        odds = sums / (1 + sums.sum(axis=1, keepdims=True))
        slope = ((said - odds) * weight[:, None]).T @ features - PENALTY * found
        # the matrix of second derivatives, of two classes with three weights each
        same = np.einsum("n,nc,cd->ncd", weight, odds, np.eye(2)) - np.einsum("n,nc,nd->ncd", weight, odds, odds)
        curve = np.einsum("ncd,ni,nj->cidj", same, features, features).reshape(6, 6) + PENALTY * np.eye(6)
        step = np.linalg.solve(curve, slope.ravel()).reshape(2, 3)
        found += step
        if np.abs(step).max() < CLOSE:
            break
    (a, b, c), (d, e, f) = found.tolist()
    return Calibration((a, b, c), (d, e, f))
