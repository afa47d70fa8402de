"""Multinomial logistic regression over the encoder's numbers and hashed buckets, by L-BFGS, in numpy. Pure.

Deterministic: the same examples in the same order give the same weights on the same machine.
"""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.scorers.hashed import Features

Floats = NDArray[np.float64]
CLASSES = 3
CHUNK = 1_000_000  # entries that are multiplied at once: more texts than that do not fit into memory
MEMORY = 10  # steps that L-BFGS remembers
ENOUGH = 1e-5  # the largest slope at which it stops
WORTH = 1e-5  # the part of the cost that a step must take off to be followed by another
BACK = 0.5  # how much shorter a step becomes that went too far
TRIES = 25
ARMIJO = 1e-4  # the part of the promised gain that a step must bring


class Buckets:
    """The buckets of many texts as a sparse matrix: texts x columns, every entry 1 / sqrt(features of the text).

    Only buckets that stand in several texts are kept, as columns: the others teach nothing and fill the table.
    """

    def __init__(self, found: Features, kept: NDArray[np.int32]) -> None:
        column_of = np.full(int(max(found.buckets.max(initial=0), kept.max(initial=0))) + 1, -1, dtype=np.int32)
        column_of[kept] = np.arange(len(kept), dtype=np.int32)
        columns = column_of[found.buckets]
        rows = np.repeat(np.arange(len(found.counts), dtype=np.int32), found.counts)
        is_kept = columns >= 0
        self.columns, self.rows = columns[is_kept], rows[is_kept]
        self.value = 1 / np.sqrt(np.maximum(found.counts, 1))
        self.kept = kept
        ends = np.searchsorted(self.rows, np.arange(len(found.counts) + 1))
        self._parts = _parts(ends)

    def times(self, weights: Floats) -> Floats:
        """Return texts x classes: this matrix times columns x classes."""
        result = np.zeros((len(self.value), weights.shape[1]))
        single = weights.astype(np.float32)  # half as much to fetch from afar, and precise enough
        for start, stop in self._parts:
            entries = single[self.columns[start:stop]]
            rows = self.rows[start:stop]
            firsts = np.flatnonzero(np.diff(rows, prepend=-1))
            if len(firsts):
                result[rows[firsts]] = np.add.reduceat(entries, firsts, axis=0)
        return result * self.value[:, None]

    def transposed_times(self, slopes: Floats) -> Floats:
        """Return columns x classes: this matrix transposed times texts x classes."""
        result = np.zeros((len(self.kept), slopes.shape[1]))
        scaled = (slopes * self.value[:, None]).T.copy()
        for start, stop in self._parts:
            columns, rows = self.columns[start:stop], self.rows[start:stop]
            for each, slope in enumerate(scaled):
                result[:, each] += np.bincount(columns, slope[rows], minlength=len(self.kept))
        return result


def frequent(found: Features, least: int) -> NDArray[np.int32]:
    """Return the buckets that stand in this many texts or more."""
    size = int(found.buckets.max(initial=0)) + 1
    texts = np.zeros(size, dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(found.counts)])
    for start, stop in _parts(ends):
        rows = np.searchsorted(ends, np.arange(start, stop), side="right")
        pairs = np.sort(rows * size + found.buckets[start:stop])
        texts += np.bincount(pairs[np.diff(pairs, prepend=-1) > 0] % size, minlength=size)
    return np.flatnonzero(texts >= least).astype(np.int32)


def _parts(ends: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Cut the entries, at the ends of texts, into parts of about CHUNK."""
    cuts = [0]
    for end in ends.tolist():
        if end - cuts[-1] >= CHUNK:
            cuts.append(end)
    if cuts[-1] != int(ends[-1]):
        cuts.append(int(ends[-1]))
    return [*pairwise(cuts)]


class Weights(NamedTuple):
    """What was learned: numbers x classes, columns x classes, and classes."""

    dense: Floats
    hashed: Floats
    bias: Floats


class Examples(NamedTuple):
    """Texts as numbers, with the class of each and how much it counts; `given` is added to the sums as it is."""

    dense: Floats
    hashed: Buckets | None
    classes: NDArray[np.intp]
    weight: Floats
    given: Floats | None = None


def fitted(examples: Examples, dense_penalty: float, hashed_penalty: float, steps: int) -> Weights:
    """Return the weights that make the classes likeliest, less the penalties times half the squared weights."""
    numbers = examples.dense.shape[1]
    columns = len(examples.hashed.kept) if examples.hashed else 0
    share = examples.weight / examples.weight.sum()
    truth = np.eye(CLASSES)[examples.classes]
    penalty = np.concatenate([np.full(numbers * CLASSES, dense_penalty), np.full(columns * CLASSES, hashed_penalty),
                              np.zeros(CLASSES)])[:, None]  # fmt: skip

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = _cut(flat, numbers, columns)
        sums = summed(examples, weights)
        sums -= sums.max(axis=1, keepdims=True)
        odds = np.exp(sums)
        total = odds.sum(axis=1, keepdims=True)
        cost = float(share @ (np.log(total[:, 0]) - (sums * truth).sum(axis=1)))
        slopes = (odds / total - truth) * share[:, None]
        parts = [(examples.dense.T @ slopes).ravel()]
        if examples.hashed:
            parts.append(examples.hashed.transposed_times(slopes).ravel())
        slope = np.concatenate([*parts, slopes.sum(axis=0)])
        return cost + 0.5 * float(penalty[:, 0] @ flat**2), slope + penalty[:, 0] * flat

    return _cut(minimised(loss, np.zeros((numbers + columns + 1) * CLASSES), steps), numbers, columns)


def summed(examples: Examples, weights: Weights) -> Floats:
    """Return texts x classes: the sums whose softmax is the odds."""
    sums = examples.dense @ weights.dense + weights.bias
    if examples.hashed:
        sums = sums + examples.hashed.times(weights.hashed)
    return sums if examples.given is None else sums + examples.given


def softmax(sums: Floats) -> Floats:
    """Return texts x classes: probabilities."""
    odds = np.exp(sums - sums.max(axis=1, keepdims=True))
    result: Floats = odds / odds.sum(axis=1, keepdims=True)
    return result


def _cut(flat: Floats, numbers: int, columns: int) -> Weights:
    dense, hashed = numbers * CLASSES, columns * CLASSES
    return Weights(flat[:dense].reshape(numbers, CLASSES), flat[dense : dense + hashed].reshape(columns, CLASSES),
                   flat[dense + hashed :])  # fmt: skip


def minimised(loss: Callable[[Floats], tuple[float, Floats]], start: Floats, steps: int) -> Floats:
    """Return where a smooth function is smallest, by L-BFGS (Nocedal and Wright, 2006, algorithm 7.4)."""
    place, (cost, slope) = start, loss(start)
    past: deque[tuple[Floats, Floats]] = deque(maxlen=MEMORY)
    for _ in range(steps):
        if float(np.abs(slope).max()) < ENOUGH:
            break
        way = -_bent(slope, past)
        found = _step(loss, place, cost, slope, way, first=not past)
        if found is None:
            break
        there, next_cost, next_slope = found
        small = cost - next_cost < WORTH * abs(next_cost)
        cost = next_cost
        change, turn = there - place, next_slope - slope
        if float(change @ turn) > 0:
            past.append((change, turn))
        place, slope = there, next_slope
        if small:
            break
    return place


def _bent(slope: Floats, past: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Return the slope bent by what the last steps told of the curvature."""
    way = slope.copy()
    factors: list[float] = []
    for change, turn in reversed(past):
        factors.append(float(change @ way) / float(change @ turn))
        way -= factors[-1] * turn
    if past:
        change, turn = past[-1]
        way *= float(change @ turn) / float(turn @ turn)
    for (change, turn), factor in zip(past, reversed(factors), strict=True):
        way += change * (factor - float(turn @ way) / float(change @ turn))
    return way


def _step(
    loss: Callable[[Floats], tuple[float, Floats]],
    place: Floats,
    cost: float,
    slope: Floats,
    way: Floats,
    *,
    first: bool,
) -> tuple[Floats, float, Floats] | None:
    """Return where a step leads that gains enough, with cost and slope there; None where none does."""
    gain = float(slope @ way)
    length = min(1.0, 1.0 / float(np.abs(slope).sum())) if first else 1.0
    for _ in range(TRIES):
        there = place + length * way
        new_cost, new_slope = loss(there)
        if new_cost <= cost + ARMIJO * length * gain:
            return there, new_cost, new_slope
        length *= BACK
    return None
