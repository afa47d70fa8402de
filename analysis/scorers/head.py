"""The head of the multilingual model: its numbers, how they are kept in a file, and the odds they give. Pure.

For each language weights over the encoder's 512 numbers, and over the buckets of analysis.scorers.hashed; beside them
a hidden layer over the encoder's numbers that all languages share.
Everything that training adds (scales, calibration) is folded into these numbers.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.scorers.hashed import Features
from collector.errors import InputError

CLASSES = ("negative", "neutral", "positive")  # the order of the numbers, as in Odds
HALVES = ("dense", "inner", "outer")  # kept in half as many bits as they are used in
LARGEST = 127  # of a whole number in eight bits


class About(NamedTuple):
    """What is told of a head without reading its numbers."""

    languages: tuple[str, ...]
    digest: str  # SHA-256 of the file of numbers


class Head(NamedTuple):
    """The numbers of every language, in the order of `languages`."""

    languages: tuple[str, ...]
    dense: NDArray[np.float32]  # languages x encoder's numbers x classes
    bias: NDArray[np.float32]  # languages x classes
    hashed: NDArray[np.int8]  # languages x buckets x classes, in units of `unit`
    unit: NDArray[np.float32]  # languages
    inner: NDArray[np.float32]  # encoder's numbers x hidden ones
    inner_bias: NDArray[np.float32]  # languages x hidden ones
    outer: NDArray[np.float32]  # hidden ones x classes
    mix: NDArray[np.float32]  # languages: how much the hidden ones count

    @property
    def bits(self) -> int:
        """How many buckets, as a power of two."""
        return int(self.hashed.shape[1]).bit_length() - 1

    def odds(self, dense: NDArray[np.float32], found: Features, language: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return texts x classes: probabilities, from the encoder's numbers, the buckets and each text's language."""
        sums = self._sums(found, language) * (self.unit[language] / np.sqrt(np.maximum(found.counts, 1)))[:, None]
        sums += self.bias[language]
        hidden = dense @ self.inner
        hidden += self.inner_bias[language]
        np.maximum(hidden, 0, out=hidden)
        sums += (hidden @ self.outer) * self.mix[language][:, None]
        for each in np.unique(language):
            rows = language == each
            sums[rows] += dense[rows] @ self.dense[each]
        sums -= sums.max(axis=1, keepdims=True)
        odds: NDArray[np.float64] = np.exp(sums)
        odds /= odds.sum(axis=1, keepdims=True)
        return odds

    def _sums(self, found: Features, language: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return texts x classes: the sums of the weights of each text's buckets."""
        sums = np.zeros((len(language), len(CLASSES)))
        filled = np.flatnonzero(found.counts)  # reduceat knows no empty stretch
        if len(filled):
            rows = found.buckets + np.repeat(language * self.hashed.shape[1], found.counts)
            starts = (np.cumsum(found.counts) - found.counts)[filled]
            flat = self.hashed.reshape(-1, len(CLASSES))
            sums[filled] = np.add.reduceat(flat[rows], starts, axis=0, dtype=np.int32)
        return sums


def about(path: Path) -> About:
    """Return what is told of the head in this file of numbers."""
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return About(tuple(told["languages"]), told["digest"])


def read(path: Path) -> Head:
    """Read a head. Raises InputError where the file is not the one that was trained."""
    data = path.read_bytes()
    told = about(path)
    if hashlib.sha256(data).hexdigest() != told.digest:
        raise InputError(
            f"{path.name} is damaged: its digest is not the one in {path.stem}.json; install Buzzchart again"
        )
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        numbers = {name: kept[name] for name in Head._fields[1:]}
    halves = {name: numbers[name].astype(np.float32) for name in HALVES}
    return Head(languages=told.languages, **numbers | halves)


def write(path: Path, head: Head, more: dict[str, object] | None = None) -> About:
    """Write a head and, beside it, what is told of it; the same numbers give the same bytes."""
    kept = io.BytesIO()
    numbers = {name: getattr(head, name) for name in Head._fields[1:]}
    np.savez_compressed(kept, **numbers | {name: numbers[name].astype(np.float16) for name in HALVES})
    path.write_bytes(kept.getvalue())
    told = About(head.languages, hashlib.sha256(kept.getvalue()).hexdigest())
    text = json.dumps({"languages": told.languages, "digest": told.digest, **(more or {})}, indent=2)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return told


def packed(weights: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Write weights (buckets x classes, one array a language) in eight bits, with the unit of each language."""
    # weights are as good less their mean over the classes, and smaller
    centred = [each - each.mean(axis=1, keepdims=True) for each in weights]
    units = [max(float(np.abs(each).max()), 1e-12) / LARGEST for each in centred]
    whole = [np.rint(each / unit).astype(np.int8) for each, unit in zip(centred, units, strict=True)]
    return np.stack(whole), np.array(units, dtype=np.float32)
