"""How far can faults measured on some sets be trusted on another? As far as the sets agree."""

import numpy as np
import pytest

from analysis import between_sets

RATES = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.1, 0.2, 0.7]])


def sets(strength: float, count: int, posts: int = 4000) -> list[np.ndarray]:
    """Counts of sets whose rates are drawn around RATES, worth so many posts."""
    random = np.random.default_rng(7)
    return [
        np.array([random.multinomial(posts, random.dirichlet(row * strength)) for row in RATES], float)
        for _ in range(count)
    ]


@pytest.mark.parametrize("strength", [5, 20, 100])
def test_the_scatter_between_many_sets_tells_what_they_are_worth(strength: float) -> None:
    found = between_sets.spread([sets(strength, 400)])
    assert found.strength(400) == pytest.approx(strength, rel=0.15)


def test_chance_in_small_sets_is_not_taken_for_a_difference_between_them() -> None:
    found = between_sets.spread([sets(20, 800, posts=40)])
    assert found.strength(800) == pytest.approx(20, rel=0.2)
    same = between_sets.Spread(1.0, 0.0)
    assert same.strength(5) == between_sets.MOST_STRENGTH


def test_a_mean_over_few_sets_is_worth_less_and_one_set_half() -> None:
    found = between_sets.spread([sets(20, 400)])
    worth = [found.strength(count) for count in (1, 2, 10)]
    assert worth == sorted(worth)
    assert worth[0] + 1 == pytest.approx((found.strength(10**6) + 1) / 2, rel=0.01)


def test_pooled_rates_are_the_mean_over_sets_whatever_their_size() -> None:
    large, small = np.full((3, 3), 1000.0), np.diag([50.0, 50, 50])
    mean = between_sets.pooled([large, small], between_sets.Spread(1.0, 0.1))
    np.testing.assert_allclose(np.diag(mean.rates), 2 / 3)
    assert mean.strength == pytest.approx(1 / 0.15 - 1)
    assert mean.confusion.counts.sum() == pytest.approx(3 * mean.strength - 4.5, rel=0.05)


def test_a_true_class_with_too_few_posts_tells_nothing() -> None:
    few = np.diag([50.0, 50, 3])
    mean = between_sets.pooled([few], between_sets.Spread(1.0, 0.1))
    np.testing.assert_allclose(mean.rates[2], 1 / 3)
    with pytest.raises(ValueError, match="no true class"):
        between_sets.spread([[few], [few]])
