"""How well a head does: macro-F1, macro-recall, and how far its probabilities are from what they say. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.scorers.hashed import features
from analysis.scorers.head import Head
from analysis.scorers.training.sets import Example

Figures = dict[str, float]
CLASSES = 3
BINS = 10


def figures(classes: NDArray[np.intp], odds: NDArray[np.float64]) -> Figures:
    """Return the figures of odds (texts x classes) against the true classes; a class that is never true is left out."""
    given = odds.argmax(axis=1)
    f1, recall = [], []
    for each in np.unique(classes):
        hits = int(((given == each) & (classes == each)).sum())
        true, told = int((classes == each).sum()), int((given == each).sum())
        f1.append(2 * hits / (true + told))
        recall.append(hits / true)
    flips = float(np.mean(np.abs(given - classes) == CLASSES - 1))
    return {
        "n": len(classes),
        "accuracy": _short(float(np.mean(given == classes))),
        "macro-F1": _short(float(np.mean(f1))),
        "macro-recall": _short(float(np.mean(recall))),
        "flips": _short(flips),
        "calibration error": _short(_calibration_error(given == classes, odds.max(axis=1))),
    }


def measured(head: Head, examples: Sequence[Example], dense: NDArray[np.float32]) -> dict[str, Figures]:
    """Return the figures for each measuring set that a head reads."""
    told: dict[str, Figures] = {}
    for name in sorted({one.name for one in examples}):
        rows = [at for at, one in enumerate(examples) if one.name == name and one.language in head.languages]
        if not rows:
            continue
        chosen = [examples[row] for row in rows]
        found = features([one.text.lower() for one in chosen], head.bits)
        language = np.array([head.languages.index(one.language) for one in chosen])
        odds = head.odds(dense[rows], found, language)
        told[name] = figures(np.array([one.label for one in chosen]), odds)
    return told


def cross_validated(examples: Sequence[Example], unseen: Mapping[str, NDArray[np.float64]]) -> dict[str, Figures]:
    """Return the figures of each set on examples that the weights had not seen."""
    told: dict[str, Figures] = {}
    for language, odds in unseen.items():
        mine = [one for one in examples if one.language == language]
        for name in sorted({one.name for one in mine}):
            rows = [at for at, one in enumerate(mine) if one.name == name and not np.isnan(odds[at, 0])]
            told[f"{name} ({language})"] = figures(np.array([mine[row].label for row in rows]), odds[rows])
    return told


def _calibration_error(right: NDArray[np.bool_], sure: NDArray[np.float64]) -> float:
    """Return the mean distance between how sure and how often right, over ten equal steps of sureness."""
    steps = np.minimum((sure * BINS).astype(int), BINS - 1)
    return sum(
        abs(float(right[steps == step].mean() - sure[steps == step].mean())) * float(np.mean(steps == step))
        for step in np.unique(steps)
    )


def _short(number: float) -> float:
    return round(number, 4)
