"""Accuracy out of labelled samples: weighted back to all posts, with intervals that hold; agreement; drift."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.audit import estimates
from analysis.audit.agreement import agreements, cohens_kappa
from analysis.audit.sampling import draw
from analysis.confusion import CLASSES
from analysis.frames.audits import ITEMS, LABELS
from analysis.frames.columns import build

START = 1_640_995_200  # 2022-01-01
MONTH = 31 * 86_400
OTHERS = {"positive": "neutral", "neutral": "negative", "negative": "positive"}
DEFAULTS: dict[str, Any] = {
    "platform": "mastodon", "native_id": "1", "url": None, "created_at": START, "invented": False, "text": "a text",
    "language": "en", "given": "positive", "given_by": "now/1", "who": "Ann", "at": START, "said": "positive",
    "sarcasm": False, "unsure": False, "given_then": "positive", "given_then_by": "now/1", "is_current": True,
}  # fmt: skip


def labels(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    told = [DEFAULTS | {"given_then": row.get("given", "positive")} | row for row in rows]
    return build([[row[name] for name in LABELS] for row in told], LABELS)


def items(rows: Sequence[tuple[int, str, str, float]], sample: int = 1) -> pd.DataFrame:
    """rows: post, language and class of the stratum, weight."""
    return build([(sample, post, at, *rest) for at, (post, *rest) in enumerate(rows)], ITEMS)


def plain(said: Sequence[str], given: Sequence[str], **more: Sequence[Any]) -> pd.DataFrame:
    """Posts of one stratum that stands for ten times as many."""
    rows = [
        {"post_id": at, "said": one, "given": other, **{name: values[at] for name, values in more.items()}}
        for at, (one, other) in enumerate(zip(said, given, strict=True))
    ]
    found = items([(at, "en", "positive", 1e9) for at in range(len(rows))])
    return estimates.labelled_posts(labels(rows), found)


def test_accuracy_of_one_stratum_is_the_plain_share_with_wilsons_interval() -> None:
    found = estimates.accuracy(plain(["positive"] * 100, ["positive"] * 80 + ["neutral"] * 20))
    assert (found.posts, found.right, found.share) == (100, 80, pytest.approx(0.8))
    # Source: Wilson's interval of 80 of 100
    assert (found.low, found.high) == (pytest.approx(0.7112, abs=2e-3), pytest.approx(0.8666, abs=2e-3))


def test_a_rare_stratum_counts_for_as_many_posts_as_it_stands_for() -> None:
    # positive posts are all right and stand for 900 posts; negative ones are all wrong and stand for 100
    rows: list[dict[str, Any]] = [{"post_id": at, "given": "positive"} for at in range(50)]
    rows += [{"post_id": at, "given": "negative"} for at in range(50, 100)]
    found = items(
        [(at, "en", "positive", 18.0) for at in range(50)] + [(at, "en", "negative", 2.0) for at in range(50, 100)]
    )
    posts = estimates.labelled_posts(labels(rows), found)
    assert estimates.accuracy(posts).share == pytest.approx(0.9)
    assert estimates.by_given(posts)["negative"].share == 0
    assert estimates.by_said(posts)["positive"].share == pytest.approx(0.9)
    assert estimates.by_said(posts)["neutral"] == estimates.Estimate(0, 0.0, None, None, None)
    counted = estimates.counted(posts)
    assert counted.plain.tolist() == [[50, 0, 50], [0, 0, 0], [0, 0, 0]]
    assert counted.weighted == pytest.approx(np.array([[90, 0, 10], [0, 0, 0], [0, 0, 0]]))


def test_what_is_not_labelled_yet_is_made_up_for_within_its_stratum() -> None:
    rows: list[dict[str, Any]] = [{"post_id": at, "given": "positive"} for at in range(40)]
    rows += [{"post_id": at, "given": "negative"} for at in range(50, 60)]  # ten of fifty
    found = items(
        [(at, "en", "positive", 1.0) for at in range(50)] + [(at, "en", "negative", 1.0) for at in range(50, 100)]
    )
    assert estimates.accuracy(estimates.labelled_posts(labels(rows), found)).share == pytest.approx(0.5)


def test_under_thirty_posts_say_nothing() -> None:
    few = estimates.accuracy(plain(["positive"] * 29, ["positive"] * 29))
    assert few == estimates.Estimate(29, 29.0, None, None, None)
    assert few.is_few
    assert estimates.accuracy(plain(["positive"] * 30, ["positive"] * 30)).share == 1


def test_all_right_is_not_certain() -> None:
    found = estimates.accuracy(plain(["positive"] * 50, ["positive"] * 50))
    assert found.share == 1
    assert found.high == 1
    assert found.low == pytest.approx(0.9287, abs=1e-3)  # Wilson's of 50 of 50


def test_labels_outside_of_samples_of_other_texts_and_unscored_posts_do_not_count() -> None:
    rows: list[dict[str, Any]] = [{"post_id": at} for at in range(40)]
    rows[0]["is_current"] = False
    rows[1]["given"] = "unscored"
    rows[2]["given"] = None
    posts = estimates.labelled_posts(labels(rows), items([(at, "en", "positive", 2.0) for at in range(35)]))
    assert len(posts) == 34
    assert estimates.accuracy(posts).posts == 32


def test_people_who_disagree_have_equal_parts_in_a_post() -> None:
    rows: list[dict[str, Any]] = [{"post_id": at} for at in range(30)]
    rows += [{"post_id": at, "who": "Ben", "said": "neutral"} for at in range(30)]
    posts = estimates.labelled_posts(labels(rows), items([(at, "en", "positive", 2.0) for at in range(30)]))
    assert len(posts) == 30
    assert estimates.accuracy(posts).share == pytest.approx(0.5)
    assert estimates.counted(posts).plain[:, 0].tolist() == [15, 15, 0]


def test_a_post_of_two_samples_counts_in_the_newest_and_samples_by_what_was_labelled() -> None:
    rows: list[dict[str, Any]] = [{"post_id": at} for at in range(60)]
    rows += [{"post_id": at, "said": "neutral"} for at in range(60, 80)]
    of_one = items([(at, "en", "positive", 1000.0) for at in range(60)], sample=1)
    of_two = items([(at, "en", "positive", 1.0) for at in [*range(20), *range(60, 80)]], sample=2)
    posts = estimates.labelled_posts(labels(rows), pd.concat([of_one, of_two]))
    assert posts.groupby("sample_id").size().to_dict() == {1: 40, 2: 40}
    assert posts.groupby("sample_id")["weight"].sum().to_dict() == {1: pytest.approx(40), 2: pytest.approx(40)}
    assert estimates.accuracy(posts).share == pytest.approx(0.75)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """A population of 1,500 in two languages; right by class .9, .5, .7; 120 labels each time."""
    random = np.random.default_rng(1)
    given = random.choice(CLASSES, 1500, p=[0.7, 0.22, 0.08])
    language = random.choice(["en", "ko"], 1500, p=[0.8, 0.2])
    right = random.random(1500) < pd.Series(given).map({"positive": 0.9, "neutral": 0.5, "negative": 0.7}).to_numpy()
    many = [(at, str(language[at]), str(given[at])) for at in range(1500)]
    truth, inside, sums, runs = right.mean(), 0, 0.0, 60
    for seed in range(runs):
        drawn = draw(many, 120, seed).items
        posts = pd.DataFrame(
            {
                "sample_id": 1,
                "stratum_language": [item.language for item in drawn],
                "stratum_given": [item.given for item in drawn],
                "given": [item.given for item in drawn],
                "weight": [item.weight for item in drawn],
            }
        )
        posts["population"] = posts.groupby(estimates.STRATUM)["weight"].transform("sum")
        hit = right[[item.post_id for item in drawn]]
        for name in CLASSES:  # who does not say what is given says another class
            posts[f"said_{name}"] = np.where(hit, posts["given"] == name, posts["given"] == OTHERS[name]).astype(float)
        found = estimates.accuracy(posts)
        inside += (found.low or 0) <= truth <= (found.high or 0)
        sums += found.share or 0
    assert sums / runs == pytest.approx(truth, abs=0.02)
    assert inside / runs >= 0.88  # 0.95 in 1,350 runs; of 60 it is rarely less than this


def test_groups_and_months_come_with_their_own_numbers() -> None:
    months = [START] * 40 + [START + MONTH] * 60
    posts = plain(
        ["positive"] * 100, ["positive"] * 70 + ["neutral"] * 30, created_at=months, language=["en"] * 90 + ["ko"] * 10
    )
    by_language = estimates.by_group(posts, "language")
    assert [(name, one.posts, one.is_few) for name, one in by_language.items()] == [("en", 90, False), ("ko", 10, True)]
    by_month = estimates.by_month(posts, "created_at")
    assert {month: one.share for month, one in by_month.items()} == {"2022-01": 1, "2022-02": pytest.approx(0.5)}


def test_a_trend_is_told_only_where_its_interval_leaves_none_out() -> None:
    months = [START + at % 6 * MONTH for at in range(120)]
    right = ["positive", "neutral"] * 60
    steady = estimates.trend(plain(["positive"] * 120, right, created_at=sorted(months)), "created_at")
    assert steady is not None
    assert not steady.is_one
    worse = ["positive" if at % 6 < 3 else "neutral" for at in range(120)]
    falling = estimates.trend(plain(["positive"] * 120, worse, created_at=months), "created_at")
    assert falling is not None
    assert falling.is_one
    assert falling.slope == pytest.approx(-0.26, abs=0.02)
    assert falling.low < falling.slope < falling.high < 0


def test_one_month_or_few_posts_have_no_trend() -> None:
    assert estimates.trend(plain(["positive"] * 50, ["positive"] * 50), "created_at") is None
    few = plain(["positive"] * 20, ["positive"] * 20, created_at=[START + at * MONTH for at in range(20)])
    assert estimates.trend(few, "created_at") is None


def test_the_adjustment_takes_labels_of_the_labeller_in_force_and_of_no_invented_posts() -> None:
    posts = plain(
        ["positive"] * 8, ["positive"] * 4 + ["negative"] * 4,
        given_by=["now/1"] * 6 + ["old/1"] * 2,
        invented=[True] + [False] * 7,
        language=["en", "en", "en", "ko", "th", "en", "en", "en"],
    )  # fmt: skip
    engines = {"en": "hybrid", "ko": "multilingual"}
    found = estimates.confusions(posts, lambda language: engines.get(language, ""), "now/1")
    assert {key: (one.posts, one.plain.tolist()) for key, one in found.items()} == {
        ("hybrid", "en"): (3, [[2, 0, 1], [0, 0, 0], [0, 0, 0]]),
        ("multilingual", "ko"): (1, [[1, 0, 0], [0, 0, 0], [0, 0, 0]]),
    }


def test_kappa_is_agreement_beyond_chance_and_its_error_that_of_drawing_anew() -> None:
    counts = np.array([[53.0, 5, 2], [11, 14, 5], [1, 6, 3]])
    found = cohens_kappa(counts)
    assert found is not None
    # by hand: .70 agree; by chance .60 x .65 + .30 x .25 + .10 x .10 = .475 would
    assert found[0] == pytest.approx((0.70 - 0.475) / (1 - 0.475))
    drawn = np.random.default_rng(1).multinomial(100, counts.ravel() / 100, size=1000)
    again = [cohens_kappa(one.reshape(3, 3).astype(float)) for one in drawn]
    spread = float(np.std([one[0] for one in again if one]))
    assert (found[0] - found[1]) / 1.96 == pytest.approx(spread, rel=0.08)
    assert cohens_kappa(np.array([[10.0, 0, 0], [0, 0, 0], [0, 0, 0]])) is None


def test_agreement_is_of_the_posts_that_both_labelled() -> None:
    rows: list[dict[str, Any]] = [{"post_id": at, "said": CLASSES[at % 3]} for at in range(40)]
    rows += [{"post_id": at, "who": "Ben", "said": CLASSES[at % 3 if at < 36 else 0]} for at in range(5, 50)]
    rows += [{"post_id": 1, "who": "Cem"}]
    both, other = agreements(labels(rows))
    assert (both.one, both.other, both.posts, both.same) == ("Ann", "Ben", 35, 33)
    assert both.kappa == pytest.approx(0.914, abs=5e-3)
    assert (other.one, other.other, other.posts, other.kappa) == ("Ann", "Cem", 1, None)


def test_nothing_labelled_is_nothing_and_no_fault() -> None:
    posts = estimates.labelled_posts(labels([]), items([]))
    assert estimates.accuracy(posts) == estimates.Estimate(0, 0.0, None, None, None)
    assert estimates.by_group(posts, "language") == {}
    assert estimates.by_month(posts, "at", "given_then") == {}
    assert estimates.trend(posts, "at") is None
    assert estimates.confusions(posts, lambda _: "lexicon", "now/1") == {}
    assert estimates.counted(posts).plain.tolist() == [[0.0] * 3] * 3
    assert agreements(labels([])) == []
