"""Confusions: what was labelled elsewhere counts as a few posts, what a user labels counts whole."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis import confusion
from analysis.confusion import UNKNOWN, Confusion

RATES = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.1, 0.2, 0.7]])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "confusions.json"
    one = {
        "engine": "lexicon", "language": "en", "labeller": "sentiment/1", "rates": RATES.tolist(),
        "strength": 30, "sources": {"a set": 2000, "another": 500},
    }  # fmt: skip
    path.write_text(json.dumps({"date": "2026-01-01", "confusions": [one]}))
    return path


def test_what_is_shipped_counts_as_its_strength_and_no_more(page: Path) -> None:
    found = confusion.shipped(page)["lexicon", "en"]
    assert found.sources == (confusion.Source("a set", 2000), confusion.Source("another", 500))
    assert (found.date, found.labeller) == ("2026-01-01", "sentiment/1")
    np.testing.assert_allclose(found.confusion.rates, RATES, atol=1e-9)
    assert found.confusion.counts.sum(axis=1) == pytest.approx(np.full(3, 28.5))


def test_labels_of_a_user_count_whole_and_soon_outweigh_what_is_shipped(page: Path) -> None:
    said = np.array([[150.0, 0, 0], [0, 150, 0], [0, 0, 150]])
    joined = confusion.shipped(page)["lexicon", "en"].confusion.joined(said)
    assert joined.counts.sum() == pytest.approx(450 + 90 - 4.5)
    assert (np.diag(joined.rates) > 0.9).all()
    assert Confusion(np.zeros((3, 3)), is_known=False).joined(said).is_known
    assert not UNKNOWN.joined(np.zeros((3, 3))).is_known


def test_a_language_without_any_labels_is_unknown_under_its_engine() -> None:
    said = np.eye(3) * 100
    found = confusion.in_force(["xx", "yy"], lambda _: "none such", {("none such", "yy"): said})
    assert found["xx"] is UNKNOWN
    assert found["yy"].is_known
    np.testing.assert_allclose(np.diag(UNKNOWN.rates), 0.6)


def test_draws_scatter_as_counts_of_that_many_posts_do_and_are_the_same_each_time() -> None:
    drawn = Confusion(RATES * 100).draws(4000, "en")
    np.testing.assert_allclose(drawn.sum(axis=2), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), Confusion(RATES * 100).rates, atol=0.01)
    # a Dirichlet's: rate x (1 - rate) / (posts + 1)
    rates = Confusion(RATES * 100).rates
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(rates * (1 - rates) / 102.5), rtol=0.1)
    np.testing.assert_array_equal(drawn, Confusion(RATES * 100).draws(4000, "en"))
    assert not np.array_equal(drawn, Confusion(RATES * 100).draws(4000, "ko"))


def test_only_confusions_of_some_use_are_drawn_unless_there_are_none() -> None:
    own = UNKNOWN.draws(500, "en")
    assert (np.einsum("bii->bi", own) >= own.max(axis=1)).all()
    upside_down = Confusion(np.eye(3)[::-1] * 1e6).draws(10, "en")
    assert upside_down.shape == (10, 3, 3)
    assert np.isfinite(upside_down).all()


def test_posts_drawn_unequally_are_worth_fewer() -> None:
    plain = np.full((3, 3), 50.0)
    np.testing.assert_allclose(confusion.effective(plain, plain * 7), plain)
    weighted = plain * [0.2, 0.4, 2.4]
    worth = confusion.effective(plain, weighted)
    np.testing.assert_allclose(worth / worth.sum(axis=1, keepdims=True), weighted / weighted.sum(axis=1, keepdims=True))
    assert (worth.sum(axis=1) < 0.6 * plain.sum(axis=1)).all()
    assert np.isfinite(confusion.effective(np.zeros((3, 3)), np.zeros((3, 3)))).all()
