"""Trains the head: one over the encoder's numbers for all languages, then each language's own around it. Pure.

A language's own weights are held near the shared ones, the nearer the fewer its examples are. Probabilities are then
calibrated, language by language, on examples that the weights had not seen (three folds), for classes that are equally
frequent.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from analysis.scorers.hashed import Features, features
from analysis.scorers.head import Head, packed
from analysis.scorers.training.regression import (
    CLASSES,
    Buckets,
    Examples,
    Floats,
    Weights,
    fitted,
    frequent,
    minimised,
    softmax,
    summed,
)
from analysis.scorers.training.sets import Example

FOLDS = 3
MANY = 20_000  # examples of a language; one third tells enough of so many
TINY = 1e-12
CALIBRATING = 200  # steps
PARTS = 4096  # texts that are hashed at once


class Choices(NamedTuple):
    """What was chosen by cross-validation on the parts that may be learned from."""

    bits: int = 17  # buckets of each language, as a power of two
    own: float = 3.0  # how much a post written for this project counts, against one of a set
    shared: float = 3e-4  # penalty of the weights that all languages share
    dense: float = 3.0  # penalty of a language's departure from them, over the number of its examples
    hashed: float = 1.0  # penalty of the weights of buckets, over the same
    least: int = 3  # texts in which a bucket must stand
    steps: int = 40


class Numbers(NamedTuple):
    """All examples as numbers, in one order: encoder's numbers, classes, weights, folds, languages."""

    examples: Sequence[Example]
    dense: NDArray[np.float32]
    found: Mapping[str, Features]  # language: of its examples, in their order
    classes: NDArray[np.intp]
    weight: Floats
    fold: NDArray[np.intp]
    rows: Mapping[str, NDArray[np.intp]]  # language: which rows are its examples


class Trained(NamedTuple):
    """A head, and each language's odds of its own examples, given by weights that had not seen them."""

    head: Head
    unseen: Mapping[str, Floats]  # NaN where nothing was asked


def numbers(examples: Sequence[Example], dense: NDArray[np.float32], choices: Choices) -> Numbers:
    """Turn examples, none of which measures, into numbers."""
    languages = sorted({one.language for one in examples})
    of = np.array([one.language for one in examples])
    rows = {language: np.flatnonzero(of == language) for language in languages}
    classes = np.array([one.label for one in examples], dtype=np.intp)
    weight = np.array([choices.own if one.name == "own" else 1.0 for one in examples])
    for each in rows.values():
        weight[each] *= _balance(classes[each], weight[each])
    found = {
        language: _hashed([examples[row].text for row in each.tolist()], choices.bits)
        for language, each in rows.items()
    }
    fold = np.array([crc32((one.group or one.text).encode()) % FOLDS for one in examples], dtype=np.intp)
    return Numbers(examples, dense, found, classes, weight, fold, rows)


def trained(known: Numbers, choices: Choices) -> Trained:
    """Train on all examples, and calibrate on what each third of them says of the weights of the other two."""
    unseen = {language: np.full((len(rows), CLASSES), np.nan) for language, rows in known.rows.items()}
    for fold in range(FOLDS):
        seen = known.fold != fold
        shared = _shared(known, seen, choices)
        for language, rows in known.rows.items():
            mine = seen[rows]
            if fold and len(rows) > MANY:
                continue
            kept, weights = _own(known, language, mine, shared, choices)
            unseen[language][~mine] = summed(_examples(known, language, ~mine, kept), _added(weights, shared))
    shared = _shared(known, np.ones(len(known.classes), dtype=bool), choices)
    dense, bias, tables = [], [], []
    for language, rows in known.rows.items():
        kept, weights = _own(known, language, np.ones(len(rows), dtype=bool), shared, choices)
        whole = _added(weights, shared)
        asked = ~np.isnan(unseen[language][:, 0])
        scale, shift = calibration(unseen[language][asked], known.classes[rows[asked]], known.weight[rows[asked]])
        unseen[language] = softmax(unseen[language] * scale + shift)
        table = np.zeros((2**choices.bits, CLASSES))
        table[kept] = whole.hashed * scale
        dense.append(whole.dense * scale)
        bias.append(whole.bias * scale + shift)
        tables.append(table)
    hashed, unit = packed(tables)
    head = Head(tuple(known.rows), np.stack(dense).astype(np.float32), np.stack(bias).astype(np.float32), hashed, unit)
    return Trained(head, unseen)


def calibration(sums: Floats, classes: NDArray[np.intp], weight: Floats) -> tuple[float, Floats]:
    """Return the scale of the sums and what is added to each class that make unseen classes most likely."""
    truth = np.eye(CLASSES)[classes]
    share = weight / weight.sum()

    def loss(four: Floats) -> tuple[float, Floats]:
        odds = softmax(sums * four[0] + four[1:])
        cost = -float(share @ np.log(np.maximum((odds * truth).sum(axis=1), TINY)))
        slopes = (odds - truth) * share[:, None]
        return cost, np.concatenate([[float((slopes * sums).sum())], slopes.sum(axis=0)])

    four = minimised(loss, np.array([1.0, 0.0, 0.0, 0.0]), CALIBRATING)
    return float(four[0]), four[1:] - four[1:].mean()


def _balance(classes: NDArray[np.intp], weight: Floats) -> Floats:
    """Return for each example what makes every class of its language count the same."""
    total = np.bincount(classes, weight, minlength=CLASSES)
    result: Floats = (weight.sum() / (np.count_nonzero(total) * np.maximum(total, 1e-9)))[classes]
    return result


def _hashed(texts: Sequence[str], bits: int) -> Features:
    parts = [features([text.lower() for text in texts[at : at + PARTS]], bits) for at in range(0, len(texts), PARTS)]
    return Features(np.concatenate([part.buckets for part in parts]), np.concatenate([part.counts for part in parts]))


def _shared(known: Numbers, seen: NDArray[np.bool_], choices: Choices) -> Weights:
    """Return weights over the encoder's numbers for all languages, each counting as the root of its examples."""
    weight = known.weight.copy()
    for rows in known.rows.values():
        weight[rows] /= np.sqrt(weight[rows].sum())
    dense = known.dense[seen].astype(np.float64)
    return fitted(Examples(dense, None, known.classes[seen], weight[seen]), choices.shared, 0.0, choices.steps)


def _own(
    known: Numbers, language: str, seen: NDArray[np.bool_], shared: Weights, choices: Choices
) -> tuple[NDArray[np.int32], Weights]:
    """Return the buckets that a language keeps, and how its weights depart from the shared ones."""
    kept = frequent(_chosen(known.found[language], seen), choices.least)
    examples = _examples(known, language, seen, kept)
    given = examples.dense @ shared.dense + shared.bias
    count = max(float(examples.weight.sum()), 1.0)
    weights = fitted(examples._replace(given=given), choices.dense / count, choices.hashed / count, choices.steps)
    return kept, weights


def _examples(known: Numbers, language: str, chosen: NDArray[np.bool_], kept: NDArray[np.int32]) -> Examples:
    rows = known.rows[language][chosen]
    hashed = Buckets(_chosen(known.found[language], chosen), kept)
    return Examples(known.dense[rows].astype(np.float64), hashed, known.classes[rows], known.weight[rows])


def _chosen(found: Features, chosen: NDArray[np.bool_]) -> Features:
    return Features(found.buckets[np.repeat(chosen, found.counts)], found.counts[chosen])


def _added(weights: Weights, shared: Weights) -> Weights:
    return Weights(weights.dense + shared.dense, weights.hashed, weights.bias + shared.bias)
