"""Shares that hold: true mixes are found again, and what is not known makes intervals wide."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import quantify, sentiment
from analysis.confusion import CLASSES, UNKNOWN, Confusion

RATES = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.15, 0.15, 0.7]])
MANY, AUDIT = Confusion(RATES * 1e6), Confusion(RATES * 150)
counts = st.tuples(*[st.integers(0, 3000)] * 3)


def totals(*rows: Mapping[str, object]) -> pd.DataFrame:
    nothing = {"title": "Squid Game", "language": "en", **dict.fromkeys(sentiment.COUNTS, 0)}
    frame = pd.DataFrame([{**nothing, **row} for row in rows], columns=[*dict.fromkeys([*nothing, *chain(rows)])])
    return frame.assign(posts=frame[[*CLASSES, "unscored", "unlabelled"]].sum(axis=1))


def chain(rows: tuple[Mapping[str, object], ...]) -> list[str]:
    return [name for row in rows for name in row]


def row_of(positive: float, neutral: float, negative: float, **told: object) -> dict[str, object]:
    return {"positive": round(positive), "neutral": round(neutral), "negative": round(negative), **told}


def counted(truth: tuple[float, float, float], n: int, **told: object) -> dict[str, object]:
    """The counts that a labeller with RATES gives posts of this mix, without any chance."""
    positive, neutral, negative = np.array(truth) @ RATES * n
    return row_of(positive, neutral, negative, **told)


def only(frame: pd.DataFrame) -> "pd.Series[float]":
    assert len(frame) == 1
    return frame.iloc[0]


def width(row: "pd.Series[float]", name: str = "net") -> float:
    return float(row[f"{name}_high"] - row[f"{name}_low"])


@pytest.mark.parametrize("truth", [(0.6, 0.3, 0.1), (0.1, 0.1, 0.8), (1 / 3, 1 / 3, 1 / 3)])
def test_with_many_posts_and_many_labels_the_true_mix_is_found_again(truth: tuple[float, float, float]) -> None:
    row = only(quantify.adjusted(totals(counted(truth, 10**6)), {"en": MANY}))
    for name, share in zip(CLASSES, truth, strict=True):
        assert row[f"{name}_share"] == pytest.approx(share, abs=0.01)
        assert row[f"{name}_low"] <= share <= row[f"{name}_high"]
    assert row["net"] == pytest.approx(truth[0] - truth[2], abs=0.01)
    assert width(row) < 0.02
    assert row["naive_positive"] == pytest.approx((np.array(truth) @ RATES)[0], abs=1e-5)
    assert row["unadjusted"] == 0


def test_intervals_are_wider_with_fewer_labels_fewer_posts_and_fewer_authors() -> None:
    truth = (0.5, 0.3, 0.2)
    here = totals(counted(truth, 4000))
    by_labels = [width(only(quantify.adjusted(here, {"en": Confusion(RATES * n)}))) for n in (10, 50, 500, 5000)]
    assert by_labels == sorted(by_labels, reverse=True)
    by_posts = [width(only(quantify.adjusted(totals(counted(truth, n)), {"en": AUDIT}))) for n in (40, 400, 4000)]
    assert by_posts == sorted(by_posts, reverse=True)
    squares = [{"squares": squares} for squares in (400, 4000, 40_000)]
    widths = [width(only(quantify.adjusted(totals(counted(truth, 400) | one), {"en": MANY}))) for one in squares]
    assert widths == sorted(widths)


def test_under_thirty_scored_posts_there_is_no_share() -> None:
    row = only(quantify.adjusted(totals(row_of(20, 5, 4, unscored=500)), {"en": AUDIT}))
    assert row[[f"{name}_{part}" for name in CLASSES for part in ("share", "low", "high")]].isna().all()
    assert row[["net", "net_low", "net_high", "naive_net", "naive_positive"]].isna().all()
    assert (row["scored"], row["unscored"]) == (29, 500)
    # three languages of ten posts each make a share
    some = [row_of(5, 3, 2, language=language) for language in ("en", "es", "ko")]
    assert only(quantify.adjusted(totals(*some), dict.fromkeys(("en", "es", "ko"), AUDIT)))["net"] > -1


def test_a_language_that_nobody_measured_is_told_and_read_with_less_trust() -> None:
    known, unknown = counted((0.8, 0.1, 0.1), 300), counted((0.8, 0.1, 0.1), 300, language="xx")
    frame = quantify.adjusted(totals(known, unknown), {"en": AUDIT})
    both = only(frame)
    assert both["unadjusted"] == 0.5
    alone = only(quantify.adjusted(totals(unknown), {"en": AUDIT}))
    assert alone["unadjusted"] == 1
    assert width(alone) > 1.5 * width(only(quantify.adjusted(totals(known), {"en": AUDIT})))
    same = only(quantify.adjusted(totals(unknown), {"xx": UNKNOWN}))
    assert (same["net"], same["unadjusted"]) == (alone["net"], 1)


def test_languages_count_by_their_scored_posts_and_by_their_own_confusion() -> None:
    other = np.array([[0.5, 0.4, 0.1], [0.1, 0.8, 0.1], [0.1, 0.4, 0.5]])
    english, korean = (0.7, 0.2, 0.1), (0.1, 0.2, 0.7)
    rows = counted(english, 300_000), row_of(*(np.array(korean) @ other * 100_000), language="ko")
    row = only(quantify.adjusted(totals(*rows), {"en": MANY, "ko": Confusion(other * 1e6)}))
    assert row["net"] == pytest.approx(0.75 * 0.6 - 0.25 * 0.6, abs=0.01)


def test_small_languages_are_read_together_and_not_each_drawn_to_the_middle() -> None:
    languages = [f"l{number}" for number in range(10)]
    rows = [counted((0.9, 0.05, 0.05), 50, language=language) for language in languages]
    row = only(quantify.adjusted(totals(*rows), dict.fromkeys(languages, MANY)))
    assert row["positive_low"] < 0.9 < row["positive_high"]
    assert row["positive_share"] == pytest.approx(0.9, abs=0.06)


def test_a_group_has_the_same_numbers_alone_and_among_others_and_each_time() -> None:
    one = counted((0.5, 0.3, 0.2), 400, title="A")
    alone = quantify.adjusted(totals(one), {"en": AUDIT})
    others = [counted((0.1, 0.3, 0.6), n, title=f"B{n}") for n in (40, 99, 4000)]
    among = quantify.adjusted(totals(*others, one), {"en": AUDIT})
    pd.testing.assert_frame_equal(alone, among[among["title"] == "A"].reset_index(drop=True))
    pd.testing.assert_frame_equal(quantify.adjusted(totals(one), {"en": AUDIT}), alone)


def test_the_columns_of_plain_shares_are_all_there_and_no_rows_make_no_rows() -> None:
    some = totals(counted((0.5, 0.3, 0.2), 400))
    plain, told = sentiment.shares(some), quantify.adjusted(some, {"en": AUDIT})
    assert [*told.columns[: len(plain.columns)]] == [*plain.columns]
    assert quantify.adjusted(some.iloc[:0], {}).empty
    nothing = only(quantify.adjusted(some.iloc[:0], {}, by=()))
    assert nothing["scored"] == 0
    assert np.isnan(nothing["net"])


@settings(max_examples=25, deadline=None)
@given(counts, st.sampled_from([AUDIT, MANY, UNKNOWN, Confusion(np.eye(3) * 100), Confusion(np.ones((3, 3)) * 9)]))
def test_shares_are_a_mix_within_their_intervals_whatever_the_counts(
    drawn: tuple[int, int, int], confusion: Confusion
) -> None:
    row = only(quantify.adjusted(totals(row_of(*drawn)), {"en": confusion}))
    if sum(drawn) < sentiment.FEW:
        assert np.isnan(row["net"])
        return
    assert sum(row[f"{name}_share"] for name in CLASSES) == pytest.approx(1)
    for name in CLASSES:
        assert 0 <= row[f"{name}_low"] <= row[f"{name}_share"] <= row[f"{name}_high"] <= 1
    assert -1 <= row["net_low"] <= row["net"] <= row["net_high"] <= 1


def test_counts_that_contradict_the_confusion_end_at_the_nearest_mix() -> None:
    row = only(quantify.adjusted(totals(row_of(100_000, 0, 0)), {"en": MANY}))
    assert row["positive_share"] > 0.95
    assert row["negative_high"] < 0.05


def test_posts_at_hand_are_drawn_by_their_authors() -> None:
    def posts(authors: int) -> pd.DataFrame:
        classes = np.repeat([*CLASSES], [120, 60, 60])
        same_author = np.arange(240) * authors // 240
        return pd.DataFrame({"title": "A", "language": "en", "sentiment": classes, "author": same_author.astype(str)})

    many, few = (only(quantify.adjusted_posts(posts(authors), {"en": AUDIT})) for authors in (240, 12))
    assert width(few) > 1.5 * width(many)
    as_totals = only(quantify.adjusted(totals(row_of(120, 60, 60, title="A", squares=240)), {"en": AUDIT}))
    assert many["net"] == pytest.approx(as_totals["net"], abs=0.03)
    assert width(many) == pytest.approx(width(as_totals), rel=0.15)
    nameless = posts(240).assign(author=None)
    assert width(only(quantify.adjusted_posts(nameless, {"en": AUDIT}))) == pytest.approx(width(many), rel=0.01)
    unscored = pd.concat([posts(240), posts(240).assign(sentiment="unscored")])
    assert only(quantify.adjusted_posts(unscored, {"en": AUDIT}))["coverage"] == 0.5


def test_the_effect_of_authors_is_one_for_one_post_each_and_grows_with_their_squares() -> None:
    effect = quantify.design_effect(np.array([100.0, 100.0, 100.0]), np.array([100.0, 1000.0, 0.0]), alike=0.2)
    assert effect.tolist() == pytest.approx([1, 1 + 9 * 0.2, 1])
