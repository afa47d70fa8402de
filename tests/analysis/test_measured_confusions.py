"""The script that measures faults: what it counts, what it leaves out, and the file that is shipped."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis import calibration, confusion
from analysis.labellers.sentiment import Sentiments
from analysis.scorers.odds import Odds
from analysis.scorers.training import confusions
from analysis.scorers.training.confusions import Seen
from analysis.scorers.training.sets import Example
from collector.config import Config


def seen(engine: str, language: str, name: str, rates: list[list[float]], posts: int = 100) -> list[Seen]:
    return [
        Seen(engine, language, name, true, given, {0: 0.6, 1: 0.0, 2: -0.6}[given])
        for true, row in enumerate(rates)
        for given, rate in enumerate(row)
        for _ in range(round(rate * posts))
    ]


def test_sets_count_the_same_and_what_they_disagree_on_makes_them_worth_few_posts(tmp_path: Path) -> None:
    kind, harsh = [[0.9, 0.1, 0], [0.2, 0.7, 0.1], [0, 0.1, 0.9]], [[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]
    found = [
        *seen("lexicon", "en", "one", kind),
        *seen("lexicon", "en", "other", harsh, posts=1000),
        *seen("multilingual", "ko", "one", kind),
        *seen("multilingual", "es", "one", kind),
        *seen("multilingual", "es", "other", harsh),
    ]
    path = tmp_path / "written.json"
    path.write_text(json.dumps(confusions.document(found, {"lexicon": "s/1", "multilingual": "s/2"}, "2026-01-02")))
    told = confusion.shipped(path)
    assert set(told) == {("lexicon", "en"), ("multilingual", "ko"), ("multilingual", "es")}
    np.testing.assert_allclose(told["lexicon", "en"].rates[0], [0.7, 0.2, 0.1], atol=1e-3)
    assert told["lexicon", "en"].sources == (confusion.Source("one", 300), confusion.Source("other", 3000))
    assert 3 < told["lexicon", "en"].strength < 40
    # one set alone says less of another than two do
    assert told["multilingual", "ko"].strength < told["multilingual", "es"].strength
    assert (told["multilingual", "ko"].labeller, told["multilingual", "ko"].date) == ("s/2", "2026-01-02")
    assert calibration.shipped(path)["multilingual", "ko"].odds(0.6).best == "positive"


def test_a_replayed_model_knows_the_texts_it_was_given_and_no_others() -> None:
    one = Example("es", "una serie muy buena, de verdad", 2, "a set")
    model = confusions.Replayed([one], [Odds(0.1, 0.2, 0.7)])
    assert model.odds([one.text.upper() + "!", one.text, "otra cosa"], ["es", "de", "es"]) == [
        Odds(0.1, 0.2, 0.7), None, None,
    ]  # fmt: skip
    [counted] = confusions._seen([one], Sentiments(Config(), model))
    assert counted[:5] == ("multilingual", "es", "a set", 0, 0)
    assert [
        *confusions._seen([one._replace(text="otra serie de la que nada se sabe")], Sentiments(Config(), model))
    ] == []


def test_what_is_shipped_adds_up_and_is_worth_no_more_than_other_sets_can_be() -> None:
    for (engine, language), found in confusion.shipped().items():
        assert found.rates.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-3), (engine, language)
        assert 3 <= found.strength <= 100
        assert found.sources
        assert (engine, language) in calibration.shipped()
