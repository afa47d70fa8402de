"""Hashed features: the same text gives the same numbers, wherever it stands in a batch and in whatever script."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scorers.hashed import Features, features

BITS = 20
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


def _each(found: Features) -> list[list[int]]:
    return [part.tolist() for part in np.split(found.buckets, np.cumsum(found.counts)[:-1])]


def _named(text: str) -> Counter[str]:
    """Return the features of a text as texts: what the hashed ones stand for."""
    padded = f" {text} "
    runs = [padded[at : at + n] for n in range(1, 6) for at in range(len(padded) - n + 1)]
    gaps = [at for at, char in enumerate(padded) if char == " "]
    words = [
        f"{n}:{padded[a:b]}" for n in (1, 2) for a, b in zip(gaps[:-n], gaps[n:], strict=True) if b - a > n
    ]  # fmt: skip
    return Counter(runs + words)


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, min_size=1, max_size=5))
def test_each_feature_has_a_bucket_and_as_often_as_it_stands_in_the_text(texts: list[str]) -> None:
    for text, buckets in zip(texts, _each(features(texts, BITS)), strict=True):
        named = _named(text)
        assert len(buckets) == named.total()
        # two features may share a bucket, though seldom; one feature never has two
        assert len(set(buckets)) <= len(named)
        assert len(set(buckets)) >= 0.97 * len(named)


@settings(max_examples=30, deadline=None)
@given(st.lists(lines, min_size=1, max_size=5), lines)
def test_the_neighbours_of_a_text_change_nothing(texts: list[str], text: str) -> None:
    alone = _each(features([text], BITS))[0]
    among = _each(features([*texts, text, *texts], BITS))[len(texts)]
    assert sorted(alone) == sorted(among)


def test_fewer_bits_fold_the_same_buckets() -> None:
    many, few = (_each(features(["she ate that scene", "좋아요"], bits)) for bits in (20, 8))
    assert [[bucket >> 12 for bucket in text] for text in many] == few


def test_words_are_more_than_their_letters() -> None:
    one, other = _each(features(["good film", "film good"], BITS))
    assert set(one) != set(other)


def test_an_empty_batch_and_an_empty_text_have_their_place() -> None:
    assert features([], BITS).counts.tolist() == []
    assert features(["", "a"], BITS).counts.tolist()[0] > 0  # the spaces around it
