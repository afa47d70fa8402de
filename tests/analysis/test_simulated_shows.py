"""Simulated shows: printed intervals hold the known truth, the plain ones do not."""

import numpy as np
import pytest

from analysis import simulated_shows
from analysis.confusion import Confusion
from analysis.simulated_shows import Plan, Pool

RATES = np.array([[0.75, 0.15, 0.1], [0.3, 0.5, 0.2], [0.2, 0.15, 0.65]])


def pool(rates: np.ndarray = RATES, posts: int = 6000) -> Pool:
    random = np.random.default_rng(3)
    true = random.integers(3, size=posts)
    given = (random.random(posts)[:, None] > rates[true].cumsum(axis=1)).sum(axis=1)
    return Pool(true, given)


def test_a_pool_counts_its_posts_by_true_and_given_class() -> None:
    few = Pool(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 2]))
    assert few.counts.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert few.part(np.array([1])).counts.sum() == 1


@pytest.mark.parametrize("languages", [("en",), ("en", "ko")])
def test_printed_intervals_hold_the_truth_where_plain_ones_do_not(languages: tuple[str, ...]) -> None:
    shows = simulated_shows.simulated(dict.fromkeys(languages, pool()), Plan(shows=40))
    assert len(shows) == 40
    for figure in simulated_shows.figures(shows).values():
        assert 0.85 <= figure.held <= 1
        assert figure.naive_held < 0.6
        assert figure.error < figure.naive_error
        assert figure.error < figure.width


def test_without_any_fault_the_written_posts_are_found_again() -> None:
    shows = simulated_shows.simulated({"en": pool(np.eye(3))}, Plan(calibration=3000, shows=10))
    assert (shows["positive"] - shows["positive_posts"]).abs().max() < 0.04
    assert shows["positive_posts"].tolist() == pytest.approx(shows["positive_naive"].tolist())


@pytest.mark.parametrize("authors", ["posts", "squares", "untold"])
def test_every_way_of_telling_authors_gives_intervals(authors: simulated_shows.Authors) -> None:
    shows = simulated_shows.simulated({"en": pool()}, Plan(authors=authors, shows=10))
    assert ((shows["net_high"] - shows["net_low"]) > 0.1).all()


def test_the_same_plan_gives_the_same_shows_and_another_seed_others() -> None:
    one, same, other = (simulated_shows.simulated({"en": pool()}, Plan(shows=5, seed=seed)) for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_a_confusion_that_is_there_already_needs_no_labelled_posts() -> None:
    shows = simulated_shows.simulated({"en": pool()}, Plan(calibration=0, shows=15), {"en": Confusion(RATES * 1000)})
    assert simulated_shows.figures(shows)["net"].held >= 0.85
