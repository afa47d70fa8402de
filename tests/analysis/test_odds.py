"""Odds: the score and the class that follow from three probabilities."""

import pytest

from analysis.scorers.odds import Odds


def test_the_score_is_what_speaks_for_positive_less_what_speaks_for_negative() -> None:
    assert Odds(negative=0.2, neutral=0.1, positive=0.7).score == pytest.approx(0.5)
    assert Odds(negative=1.0, neutral=0.0, positive=0.0).score == -1


@pytest.mark.parametrize(
    ("odds", "best"),
    [
        (Odds(0.6, 0.3, 0.1), "negative"),
        (Odds(0.3, 0.4, 0.3), "neutral"),
        (Odds(0.1, 0.3, 0.6), "positive"),
        (Odds(0.4, 0.4, 0.2), "neutral"),
        (Odds(0.2, 0.4, 0.4), "neutral"),
        (Odds(0.45, 0.1, 0.45), "negative"),
    ],
)
def test_the_likeliest_class_is_the_best_and_neutral_wins_a_tie(odds: Odds, best: str) -> None:
    assert odds.best == best
