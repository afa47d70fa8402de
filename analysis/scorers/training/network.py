"""A small neural network over the encoder's numbers, one hidden layer, for all languages at once. Pure.

Several networks that differ in their first weights are trained and their sums averaged; written as one wider layer.
Deterministic: the random numbers come from fixed seeds.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]
CLASSES = 3
BATCH = 512
FLAT = np.float32(1e-4)  # what a number must vary by to be told from one that does not
RATE = 2e-3  # of learning, at most
WARM = 100  # steps until the rate is reached; from there it falls to nothing
DECAY = 0.1  # of weights, times the rate
FIRST, SECOND, LEAST = 0.9, 0.99, 1e-8  # Adam's moments (Kingma and Ba, 2015; the decay as Loshchilov and Hutter, 2019)


class Network(NamedTuple):
    """One hidden layer, and a straight way past it. Biases are by language."""

    inner: Singles  # numbers x hidden
    inner_bias: Singles  # languages x hidden
    outer: Singles  # hidden x classes
    outer_bias: Singles  # languages x classes
    past: Singles  # numbers x classes

    def sums(self, dense: Singles, language: NDArray[np.intp]) -> Singles:
        """Return texts x classes: the sums whose softmax is the odds."""
        hidden = np.maximum(dense @ self.inner + self.inner_bias[language], 0)
        result: Singles = hidden @ self.outer + dense @ self.past + self.outer_bias[language]
        return result


class Shape(NamedTuple):
    """How large a network is, how long it learns, and which part of its inputs and inner numbers is left out a step."""

    hidden: int = 256
    networks: int = 3
    rounds: int = 12
    dropped_inputs: float = 0.15
    dropped: float = 0.3


class Lesson(NamedTuple):
    """What is learned: numbers, the class, how much it counts, and the language, of each text."""

    dense: Singles
    classes: NDArray[np.intp]
    weight: Singles
    language: NDArray[np.intp]


def learned(lesson: Lesson, languages: int, shape: Shape) -> Network:
    """Return the average of networks as one."""
    middle, spread = lesson.dense.mean(axis=0), lesson.dense.std(axis=0) + FLAT
    level = lesson._replace(dense=((lesson.dense - middle) / spread).astype(np.float32))
    each = [_one(level, languages, shape, seed) for seed in range(1, shape.networks + 1)]
    inner = np.concatenate([one.inner for one in each], axis=1) / spread[:, None]
    past = np.mean([one.past for one in each], axis=0) / spread[:, None]
    # what was taken off the inputs is taken off the biases instead
    return Network(
        inner.astype(np.float32),
        (np.concatenate([one.inner_bias for one in each], axis=1) - middle @ inner).astype(np.float32),
        (np.concatenate([one.outer for one in each]) / shape.networks).astype(np.float32),
        (np.mean([one.outer_bias for one in each], axis=0) - middle @ past).astype(np.float32),
        past.astype(np.float32),
    )


def _one(lesson: Lesson, languages: int, shape: Shape, seed: int) -> Network:
    random = np.random.default_rng(seed)
    numbers = lesson.dense.shape[1]
    network = Network(
        (random.normal(size=(numbers, shape.hidden)) * np.sqrt(2 / numbers)).astype(np.float32),
        np.zeros((languages, shape.hidden), dtype=np.float32),
        (random.normal(size=(shape.hidden, CLASSES)) * 0.05).astype(np.float32),
        np.zeros((languages, CLASSES), dtype=np.float32),
        np.zeros((numbers, CLASSES), dtype=np.float32),
    )
    moments = [(np.zeros_like(part), np.zeros_like(part)) for part in network]
    steps = shape.rounds * -(-len(lesson.classes) // BATCH)
    step = 0
    for _ in range(shape.rounds):
        order = random.permutation(len(lesson.classes))
        for start in range(0, len(order), BATCH):
            step += 1
            rate = RATE * min(1.0, step / WARM) * (1 - step / (steps + 1))
            slopes = _slopes(network, _part(lesson, order[start : start + BATCH]), shape, random)
            _adam(network, slopes, moments, rate, step)
    return network


def _part(lesson: Lesson, rows: NDArray[np.intp]) -> Lesson:
    return Lesson(lesson.dense[rows], lesson.classes[rows], lesson.weight[rows], lesson.language[rows])


def _slopes(network: Network, lesson: Lesson, shape: Shape, random: np.random.Generator) -> Network:
    """Return the slope of the cost in every weight, some inputs and inner numbers left out by chance."""
    dense = lesson.dense * _left(lesson.dense.shape, shape.dropped_inputs, random)
    before = dense @ network.inner + network.inner_bias[lesson.language]
    left = _left(before.shape, shape.dropped, random) * (before > 0)
    hidden = before * left
    sums = hidden @ network.outer + dense @ network.past + network.outer_bias[lesson.language]
    odds = np.exp(sums - sums.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    odds[np.arange(len(odds)), lesson.classes] -= 1
    outer = odds * (lesson.weight / lesson.weight.sum())[:, None]
    inner = (outer @ network.outer.T) * left
    by_language = np.zeros((len(network.inner_bias), len(odds)), dtype=np.float32)
    by_language[lesson.language, np.arange(len(odds))] = 1
    return Network(dense.T @ inner, by_language @ inner, hidden.T @ outer, by_language @ outer, dense.T @ outer)


def _left(shape: tuple[int, ...], dropped: float, random: np.random.Generator) -> Singles:
    kept = random.random(shape, dtype=np.float32) >= dropped
    return kept.astype(np.float32) / np.float32(1 - dropped)


def _adam(network: Network, slopes: Network, moments: list[tuple[Singles, Singles]], rate: float, step: int) -> None:
    for name, weights, slope, (first, second) in zip(Network._fields, network, slopes, moments, strict=True):
        np.add(first * FIRST, (1 - FIRST) * slope, out=first)
        np.add(second * SECOND, (1 - SECOND) * slope**2, out=second)
        change = first / (1 - FIRST**step) / (np.sqrt(second / (1 - SECOND**step)) + LEAST)
        if "bias" not in name:
            change += DECAY * weights
        np.subtract(weights, np.float32(rate) * change, out=weights)
