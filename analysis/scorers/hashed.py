"""Characters and words of a text as numbers of buckets: what the multilingual model reads beside the encoder. Pure.

A feature is a run of 1 to 5 characters, a word, or two words one after the other, each hashed to a number. No text can
be read back from the numbers, and none is kept. All texts of a batch are hashed at once, by prefix sums: no loop over
texts or characters.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ORDERS = (1, 2, 3, 4, 5)  # lengths of runs of characters
WORDS = (1, 2)  # lengths of runs of words
# arithmetic modulo 2**64 throughout; the base is odd, so that it has an inverse there
BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)
MIX = np.uint64(0xD6E8FEB86659FD93)
END = "\n"  # between two texts; none of them holds one
SPACE = ord(" ")
HALF = np.uint64(32)
WORD_SALT = 0x5851F42D4C957F2D


class Features(NamedTuple):
    """The features of a batch: the bucket of each, and how many each text has. Texts follow one another."""

    buckets: NDArray[np.int32]
    counts: NDArray[np.int64]


def features(texts: Sequence[str], bits: int) -> Features:
    """Return the features of each text in 2**bits buckets; texts are tidied, in one line, and hold no surrogates."""
    joined = "".join([f"{END} {text} " for text in texts]) + END
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    ends = np.flatnonzero(codes == ord(END))
    text_of = np.cumsum(codes == ord(END)) - 1
    prefix, powers = _prefix_sums(codes)
    found, owners = [], []
    for salt, order in enumerate(ORDERS, 1):
        starts = _inside(ends, order)
        found.append(_bucket(prefix, powers, starts, starts + order, salt, bits))
        owners.append(text_of[starts])
    gaps = np.flatnonzero(codes == SPACE)
    for salt, length in enumerate(WORDS, 1):
        starts, stops = gaps[:-length], gaps[length:]
        whole = (text_of[starts] == text_of[stops]) & (stops - starts > length)
        starts, stops = starts[whole], stops[whole]
        found.append(_bucket(prefix, powers, starts, stops, salt * WORD_SALT, bits))
        owners.append(text_of[starts])
    return _by_text(np.concatenate(found), np.concatenate(owners), len(texts))


def _prefix_sums(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return sums of code * INVERSE**place before each place, and BASE**place: a run's hash is their product."""
    powers = np.full(len(codes) + 1, BASE, dtype=np.uint64)
    inverses = np.full(len(codes), INVERSE, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    np.multiply.accumulate(powers, out=powers)
    np.multiply.accumulate(inverses, out=inverses)
    prefix = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * inverses, out=prefix[1:])
    return prefix, powers


def _inside(ends: NDArray[np.int64], order: int) -> NDArray[np.int64]:
    """Return where a run of this many characters begins that stays within one text."""
    places = np.arange(ends[-1])
    following = ends[np.searchsorted(ends, places, side="right")]
    is_inside = (places + order <= following) & ~np.isin(places, ends, assume_unique=True)
    return places[is_inside]


def _bucket(
    prefix: NDArray[np.uint64],
    powers: NDArray[np.uint64],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    salt: int,
    bits: int,
) -> NDArray[np.int32]:
    hashed = (prefix[stops] - prefix[starts]) * powers[starts]
    hashed ^= np.uint64(salt * BASE % 2**64)
    for _ in range(2):
        hashed ^= hashed >> HALF
        hashed *= MIX
    return (hashed >> np.uint64(64 - bits)).astype(np.int32)


def _by_text(buckets: NDArray[np.int32], owners: NDArray[np.int64], texts: int) -> Features:
    order = np.argsort(owners, kind="stable")
    return Features(buckets[order], np.bincount(owners, minlength=texts))
