"""Calibration: the probability of a class is how often posts with such a score are of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis import calibration
from analysis.calibration import Calibration
from analysis.scorers.odds import Odds

TRUE = Calibration((-1.0, 3.0, 0.5), (-0.5, -2.5, 0.2))


def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and classes as TRUE has them."""
    random = np.random.default_rng(5)
    score = random.uniform(-1, 1, count)
    odds = np.array([TRUE.odds(one) for one in score.tolist()])[:, ::-1]  # positive, neutral, negative
    return score, (random.random(count)[:, None] > odds.cumsum(axis=1)).sum(axis=1)


def test_probabilities_add_up_to_one_and_grow_with_the_score() -> None:
    odds = [TRUE.odds(score) for score in (-1.0, -0.3, 0.0, 0.3, 1.0)]
    assert [sum(one) for one in odds] == pytest.approx([1] * 5)
    assert [one.positive for one in odds] == sorted(one.positive for one in odds)
    assert isinstance(odds[0], Odds)
    assert TRUE.sure(1.0, "positive") == odds[-1].positive


def test_the_fit_finds_what_the_posts_were_drawn_by() -> None:
    score, true = drawn(30_000)
    # all classes are to count the same, so the constants move by the log of how common a class is
    found, common = calibration.fitted(score, true), np.log(np.bincount(true) / len(true))
    for row, shift, expected in zip(found, (common[0] - common[1], common[2] - common[1]), TRUE, strict=True):
        assert row[0] + shift == pytest.approx(expected[0], abs=0.2)
        assert row[1] == pytest.approx(expected[1], abs=0.25)
        assert row[2] == pytest.approx(expected[2], abs=0.3)


def test_how_sure_it_says_is_how_often_it_is_right() -> None:
    score, true = drawn(20_000)
    found = calibration.fitted(score, true)
    weight = 1 / np.bincount(true)[true]
    sure = np.array([found.odds(one).positive for one in score.tolist()])
    for low, high in ((0.1, 0.4), (0.4, 0.7), (0.7, 1.0)):
        here = (sure >= low) & (sure < high)
        assert np.average(true[here] == 0, weights=weight[here]) == pytest.approx(sure[here].mean(), abs=0.04)


def test_a_few_posts_that_are_split_without_fault_make_no_certainty() -> None:
    found = calibration.fitted(np.array([0.9, 0.8, 0.0, 0.01, -0.9, -0.8]), np.array([0, 0, 1, 1, 2, 2]))
    assert all(np.isfinite(found).ravel())
    assert 0.5 < found.odds(0.9).positive < 1


def test_a_class_that_nobody_wrote_cannot_be_calibrated() -> None:
    with pytest.raises(ValueError, match="all three classes"):
        calibration.fitted(np.array([0.5, 0.1]), np.array([0, 1]))


def test_what_is_shipped_is_read_by_engine_and_language(tmp_path: Path) -> None:
    path = tmp_path / "shipped.json"
    one = {"engine": "lexicon", "language": "en", "positive": [-1, 3, 0.5], "negative": [-0.5, -2.5, 0.2]}
    path.write_text(json.dumps({"calibrations": [one]}))
    assert calibration.shipped(path)["lexicon", "en"] == TRUE
