"""Solves given = true x confusion for true shares, many times over: once for each sample and confusion there could be.

With M the rates (rows: true, columns: given) and q the given shares, p = q M⁻¹. Draws of q (a bootstrap over authors)
and of M (Dirichlet, from labelled posts) make draws of p. Those with a share below 0 cannot be and are left out; the
others count 1/|det M|, which makes them draws from the posterior of p under an even prior on all mixes: for any M,
d(q) = |det M| d(p), so that draws even in q are |det M| times as dense in p; and times Jeffreys' prior of
shares, 1/√(p₁p₂p₃), with which intervals of mixes with little of a class hold better.
Sources: Saerens, Latinne, Decaestecker (2002), Neural Computation 14, 21-41 (the equation); Rubin (1981), Annals of
Statistics 9, 130-134 (the bootstrap by exponential weights). docs/method.md, "Shares". Pure.
"""

import zlib
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.confusion import SEED, Values

DRAWS = 500
MORE = 8  # times as many draws where few of them can be
LEAST = 100  # draws that must be worth something; below, more are made
PSEUDO = 1.0  # posts of each class that are added, so that what nobody wrote may still be written
LEAST_SHARE = 1e-3  # down to which the prior rises
SAME_TASTE = 10.0  # posts: how alike the languages of a group are (docs/method.md)
AT_ONCE = 256  # readings, so that they stay in the processor's memory
TINY = 1e-300

Rows = npt.NDArray[np.intp]


class Authors(NamedTuple):
    """Scored posts of a group by author: `posts` is kinds of authors x 3 classes, `many` how many authors of a kind.

    Two authors are of one kind who have as many posts of each class: a thousand with one praise each are one kind.
    """

    posts: Values
    many: Values


def kinds(posts: Values) -> Authors:
    """Put together authors of one kind. posts: authors x 3."""
    unique, count = np.unique(posts, axis=0, return_counts=True)
    return Authors(unique, count.astype(np.float64))


def given_shares(counts: Values, effect: Values, name: str, count: int) -> Values:
    """Return rows x count x 3 given shares that could be, of rows of counts with the design effect of their authors.

    Each author weighs a random number with the exponential distribution; a class's posts together weigh one with the
    gamma distribution, by the formula of Wilson and Hilferty (1931), PNAS 17, 684-688. The same random numbers serve
    all rows, so that a group has the same interval wherever it is shown, and days do not jump by chance.
    """
    random = _random("shares", name)
    normal = np.stack([random.permutation(_normals(count)) for _ in range(3)], axis=1)
    shape = (counts / effect[:, None] + PSEUDO)[:, None, :]
    root = np.maximum(1 - 1 / (9 * shape) + normal / (3 * np.sqrt(shape)), 0)
    return _parts(shape * root * root * root)  # a power takes five times as long


def resampled_shares(authors: Authors, name: str, count: int) -> Values:
    """Return count x 3 given shares that could be, had other authors of these kinds written."""
    random = _random("authors", name)
    weights = random.standard_gamma(authors.many, size=(count, len(authors.many)))
    return _parts(weights @ authors.posts + random.standard_gamma(PSEUDO, size=(count, 3)))


def true_shares(given: Values, rates: Values) -> tuple[Values, npt.NDArray[np.float64]]:
    """Solve for rows x draws x 3 true shares, and say what each draw is worth. rates: (rows or 1) x draws x 3 x 3."""
    one, two, three = rates[..., 0, :], rates[..., 1, :], rates[..., 2, :]
    inverse = np.stack([np.cross(two, three), np.cross(three, one), np.cross(one, two)], axis=-2)
    det = np.einsum("rdj,rdj->rd", one, inverse[..., 0, :])
    det = np.where(np.abs(det) < TINY, TINY, det)
    solved = np.einsum("rdj,rdij->rdi", given, inverse / det[..., None, None])
    one, two, three = (solved[..., at] for at in range(3))
    can_be = (one >= 0) & (two >= 0) & (three >= 0)
    shares = np.maximum(one, LEAST_SHARE) * np.maximum(two, LEAST_SHARE) * np.maximum(three, LEAST_SHARE)
    worth = can_be / (np.abs(det) * np.sqrt(shares))
    return solved, worth


def taste(given: Values, mixture: Values, rates: Values) -> Values:
    """Return rows x draws x 3: how far given shares may be off because languages read together feel differently.

    With parts w, shares p + d in each language and the parts' sum of d nought, given = p (sum of w M) + sum of w d M.
    Returned are draws of the last term: d as from a Dirichlet of SAME_TASTE posts around the shares.
    mixture: rows x languages; rates: languages x draws x 3 x 3.
    """
    count = given.shape[1]
    random = np.random.default_rng(SEED)
    apart = np.stack([random.standard_normal((count, 3)) for _ in rates])  # the first languages alike in all calls
    middle = given.mean(axis=1)
    apart = apart[None] * np.sqrt(middle * (1 - middle) / (SAME_TASTE + 1))[:, None, None, :]
    apart -= apart.mean(axis=3, keepdims=True)
    apart -= np.einsum("rl,rldi->rdi", mixture, apart)[:, None]
    off: Values = np.einsum("rl,rldi,ldij->rdj", mixture, apart, rates, optimize=True)
    return off


def effective_draws(worth: Values) -> Values:
    """Return for each row how many draws of equal worth these are worth."""
    total = worth.sum(axis=1)
    draws: Values = total**2 / np.maximum((worth**2).sum(axis=1), TINY)
    return draws


def even(solved: Values, worth: Values, count: int = DRAWS) -> Values:
    """Return rows x count x 3 draws of equal worth: each is taken as often as it is worth.

    Where no draw can be, all are taken with their shares below 0 set to 0: the counts contradict the confusion.
    """
    nothing = worth.sum(axis=1) <= 0
    if nothing.any():
        solved, worth = solved.copy(), worth.copy()
        cut = np.maximum(solved[nothing], 0)
        solved[nothing] = cut / cut.sum(axis=2, keepdims=True)
        worth[nothing] = 1
    rows = np.arange(len(worth))[:, None]
    reached = np.cumsum(worth, axis=1) / worth.sum(axis=1, keepdims=True) + rows
    steps = (np.arange(count) + 0.5) / count + rows
    place = np.searchsorted(reached.ravel(), steps.ravel()).reshape(steps.shape) - rows * worth.shape[1]
    taken: Values = solved[rows, np.minimum(place, worth.shape[1] - 1)]
    return taken


def _parts(weights: Values) -> Values:
    total = weights[..., 0] + weights[..., 1] + weights[..., 2]  # quicker than sum() over so few
    parts: Values = weights / np.maximum(total, TINY)[..., None]
    return parts


@cache
def _normals(count: int) -> Values:
    """Return the middles of so many equal parts of the normal distribution, which fill it more evenly than chance."""
    return np.array([*map(NormalDist().inv_cdf, (np.arange(count) + 0.5) / count)])


def _random(what: str, name: str) -> np.random.Generator:
    return np.random.default_rng([SEED, zlib.crc32(f"{what} {name}".encode())])
