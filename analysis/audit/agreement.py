"""How much do people agree with each other? Cohen's kappa over the posts that both labelled. Pure."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.confusion import CLASSES
from analysis.sentiment import FEW, Z


class Agreement(NamedTuple):
    """What two people said of the same posts. kappa and its 95 % interval are None under 30 posts.

    kappa is None as well where chance alone would have them agree on all, as when both only ever say "positive".
    """

    one: str
    other: str
    posts: int
    same: int
    kappa: float | None
    low: float | None
    high: float | None


def agreements(labels: pd.DataFrame) -> list[Agreement]:
    """Return the agreement of every two people who labelled the same posts, the most posts first.

    labels: analysis.frames.audits.labels, in samples or not; of texts as they are now.
    """
    current = labels[labels["is_current"]]
    said = current.pivot_table(index="post_id", columns="who", values="said", aggfunc="last")
    people = sorted(map(str, said.columns))
    found = [_agreement(one, other, said[[one, other]].dropna()) for one, other in combinations(people, 2)]
    return sorted((one for one in found if one.posts), key=lambda one: -one.posts)


def _agreement(one: str, other: str, both: pd.DataFrame) -> Agreement:
    counts = np.array(
        [[((both[one] == first) & (both[other] == second)).sum() for second in CLASSES] for first in CLASSES], float
    )
    kappa = cohens_kappa(counts) if len(both) >= FEW else None
    return Agreement(one, other, len(both), int(np.trace(counts)), *(kappa or (None, None, None)))


def cohens_kappa(counts: npt.NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Return kappa with its 95 % interval, of a square table of what two people said; None where chance explains all.

    kappa = (observed - expected) / (1 - expected), with the large-sample error for kappa that is not zero.
    Source: Fleiss, Cohen and Everitt (1969), Psychological Bulletin 72, 323-327.
    """
    total = counts.sum()
    shares = counts / total
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, expected = float(np.trace(shares)), float(rows @ columns)
    if expected >= 1:
        return None
    kappa = (observed - expected) / (1 - expected)
    on = float((np.diag(shares) * (1 - (rows + columns) * (1 - kappa)) ** 2).sum())
    squares = shares * (columns[:, None] + rows[None, :]) ** 2  # each cell with the margins of its mirror image
    off = (1 - kappa) ** 2 * float(squares.sum() - np.trace(squares))
    variance = (on + off - (kappa - expected * (1 - kappa)) ** 2) / (total * (1 - expected) ** 2)
    half = Z * max(0.0, float(variance)) ** 0.5
    return kappa, max(-1.0, kappa - half), min(1.0, kappa + half)
