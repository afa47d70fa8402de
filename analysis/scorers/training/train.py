"""Trains the head: what all languages share, each language's own part, and how far both are to be trusted. Pure.

Shared are a small network and straight weights over the encoder's numbers. Around the latter each language has weights
of its own, held near the shared ones, the nearer the fewer its examples are, and weights of hashed buckets. How the two
parts are added, and how sure the sum is, is learned language by language on examples that neither had seen.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from analysis.scorers.hashed import Features, features
from analysis.scorers.head import Head, packed
from analysis.scorers.training.network import Lesson, Network, Shape, learned
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
NEAR = 1e-3  # penalty of the scales' departure from equal ones
RAREST = 3.0  # times that an example of a rare class may count more than one of the commonest
CALIBRATING = 200  # steps
PARTS = 4096  # texts that are hashed at once


class Choices(NamedTuple):
    """What was chosen by cross-validation on the parts that may be learned from."""

    bits: int = 18  # buckets of each language, as a power of two
    own: float = 8.0  # how much a post written for this project counts, against one of a set
    shared: float = 3e-4  # penalty of the straight weights that all languages share
    dense: float = 3.0  # penalty of a language's departure from them, over the number of its examples
    hashed: float = 1.0  # penalty of the weights of buckets, over the same
    least: int = 3  # texts in which a bucket must stand
    steps: int = 40
    network: Shape = Shape()


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
    straight = {language: np.full((len(rows), CLASSES), np.nan) for language, rows in known.rows.items()}
    bent = {language: np.full((len(rows), CLASSES), np.nan) for language, rows in known.rows.items()}
    for fold in range(FOLDS):
        seen = known.fold != fold
        shared, network = _shared(known, seen, choices)
        for place, (language, rows) in enumerate(known.rows.items()):
            mine = seen[rows]
            if fold and len(rows) > MANY:
                continue
            kept, weights = _own(known, language, mine, shared, choices)
            straight[language][~mine] = summed(_examples(known, language, ~mine, kept), weights)
            bent[language][~mine] = network.sums(known.dense[rows[~mine]], np.full(int((~mine).sum()), place))
    return _whole(known, straight, bent, choices)


def _whole(known: Numbers, straight: Mapping[str, Floats], bent: Mapping[str, Floats], choices: Choices) -> Trained:
    """Train on all examples; put everything together by the sums of examples that had not been seen."""
    shared, network = _shared(known, np.ones(len(known.classes), dtype=bool), choices)
    parts, unseen = [], {}
    for place, (language, rows) in enumerate(known.rows.items()):
        asked = ~np.isnan(straight[language][:, 0])
        sums = [straight[language][asked], bent[language][asked]]
        trust, shift = calibration(sums, known.classes[rows[asked]], known.weight[rows[asked]])
        unseen[language] = np.full((len(rows), CLASSES), np.nan)
        unseen[language][asked] = softmax(trust[0] * sums[0] + trust[1] * sums[1] + shift)
        kept, weights = _own(known, language, np.ones(len(rows), dtype=bool), shared, choices)
        table = np.zeros((2**choices.bits, CLASSES))
        table[kept] = weights.hashed * trust[0]
        bias = weights.bias * trust[0] + network.outer_bias[place] * trust[1] + shift
        parts.append((weights.dense * trust[0] + network.past * trust[1], bias, table, trust[1]))
    dense, biases, tables, mix = zip(*parts, strict=True)
    hashed, unit = packed(tables)
    head = Head(
        tuple(known.rows), np.stack(dense).astype(np.float32), np.stack(biases).astype(np.float32), hashed, unit,
        network.inner, network.inner_bias, network.outer, np.array(mix, dtype=np.float32),
    )  # fmt: skip
    return Trained(head, unseen)


def calibration(sums: Sequence[Floats], classes: NDArray[np.intp], weight: Floats) -> tuple[Floats, Floats]:
    """Return the scale of each part's sums, and what is added to each class, that make unseen classes likeliest."""
    truth = np.eye(CLASSES)[classes]
    share = weight / weight.sum()
    parts = len(sums)
    start = np.concatenate([np.full(parts, 1 / parts), np.zeros(CLASSES)])

    def loss(numbers: Floats) -> tuple[float, Floats]:
        scales = numbers[:parts]
        odds = softmax(sum((scale * part for scale, part in zip(scales, sums, strict=True)), numbers[parts:]))
        away = scales - start[:parts]
        cost = NEAR / 2 * float(away @ away) - float(share @ np.log(np.maximum((odds * truth).sum(axis=1), TINY)))
        slopes = (odds - truth) * share[:, None]
        steps = NEAR * away + np.array([float((slopes * part).sum()) for part in sums])
        return cost, np.concatenate([steps, slopes.sum(axis=0)])

    found = minimised(loss, start, CALIBRATING)
    return found[:parts], found[parts:] - found[parts:].mean()


def _balance(classes: NDArray[np.intp], weight: Floats) -> Floats:
    """Return for each example what makes every class of its language count the same, or nearly if it is rare."""
    total = np.maximum(np.bincount(classes, weight, minlength=CLASSES), TINY)
    factor = np.minimum(total.max() / total, RAREST)
    result: Floats = factor[classes]
    result *= weight.sum() / float(result @ weight)
    return result


def _hashed(texts: Sequence[str], bits: int) -> Features:
    parts = [features([text.lower() for text in texts[at : at + PARTS]], bits) for at in range(0, len(texts), PARTS)]
    return Features(np.concatenate([part.buckets for part in parts]), np.concatenate([part.counts for part in parts]))


def _shared(known: Numbers, seen: NDArray[np.bool_], choices: Choices) -> tuple[Weights, Network]:
    """Return what is learned from all languages, each counting as the root of its examples."""
    weight, language = known.weight.copy(), np.zeros(len(known.classes), dtype=np.intp)
    for place, rows in enumerate(known.rows.values()):
        weight[rows] /= np.sqrt(weight[rows].sum())
        language[rows] = place
    dense, classes, weight = known.dense[seen], known.classes[seen], weight[seen]
    weights = fitted(Examples(dense.astype(np.float64), None, classes, weight), choices.shared, 0.0, choices.steps)
    lesson = Lesson(dense, classes, weight.astype(np.float32), language[seen])
    return weights, learned(lesson, len(known.rows), choices.network)


def _own(
    known: Numbers, language: str, seen: NDArray[np.bool_], shared: Weights, choices: Choices
) -> tuple[NDArray[np.int32], Weights]:
    """Return the buckets that a language keeps, and its weights."""
    kept = frequent(_chosen(known.found[language], seen), choices.least)
    examples = _examples(known, language, seen, kept)
    given = examples.dense @ shared.dense + shared.bias
    count = max(float(examples.weight.sum()), 1.0)
    own = fitted(examples._replace(given=given), choices.dense / count, choices.hashed / count, choices.steps)
    return kept, Weights(own.dense + shared.dense, own.hashed, own.bias + shared.bias)


def _examples(known: Numbers, language: str, chosen: NDArray[np.bool_], kept: NDArray[np.int32]) -> Examples:
    rows = known.rows[language][chosen]
    hashed = Buckets(_chosen(known.found[language], chosen), kept)
    return Examples(known.dense[rows].astype(np.float64), hashed, known.classes[rows], known.weight[rows])


def _chosen(found: Features, chosen: NDArray[np.bool_]) -> Features:
    return Features(found.buckets[np.repeat(chosen, found.counts)], found.counts[chosen])
