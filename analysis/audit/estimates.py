"""How often are the labellers right? Of labels on stratified samples, weighted back to all posts. Pure.

A sample holds as many posts of rare classes and languages as of common ones, so each label counts as many posts as it
stands for. What is not labelled counts as missing by chance: people are shown a sample in random order.
Where several people labelled a post, each has an equal part in it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.confusion import CLASSES, Key, effective
from analysis.sentiment import FEW, Z, wilson

Values = npt.NDArray[np.float64]
SHARES = [f"said_{name}" for name in CLASSES]
STRATUM = ["sample_id", "stratum_language", "stratum_given"]
MONTH = 365.2425 / 12 * 86_400  # seconds


class Estimate(NamedTuple):
    """A share with its 95 % interval, of so many labelled posts. All None where there are under 30 of them.

    `right` is the sum of posts, those on which people disagree in parts: not weighted.
    """

    posts: int
    right: float
    share: float | None
    low: float | None
    high: float | None

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few posts to say anything."""
        return self.share is None


class Counted(NamedTuple):
    """Labels of one engine and language. Rows: what people said; columns: the class given; order of CLASSES.

    plain: posts as they were labelled, in which rare classes are over-represented. weighted: the same number of posts,
    in the proportions of all posts: what is fit to estimate how each true class is given.
    """

    posts: int
    plain: Values
    weighted: Values

    @property
    def worth(self) -> Values:
        """Return the counts that adjust shares: in the proportions of all posts, worth less where weights differ."""
        return effective(self.plain, self.weighted)


class Trend(NamedTuple):
    """By how much the share that is right changes in a month, with its 95 % interval."""

    slope: float
    low: float
    high: float

    @property
    def is_one(self) -> bool:
        """Tell whether the interval leaves out that nothing changes."""
        return self.low > 0 or self.high < 0


def labelled_posts(labels: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return one row per post of a sample that is labelled, with `weight` and `population` of its stratum.

    labels: analysis.frames.audits.labels; items: analysis.frames.audits.items. A post of several samples counts in the
    newest. Labels of posts outside of samples, and of texts that were edited since, are left out.
    Columns: those of labels that are the post's, `people`, SHARES (what they said, in parts of one), `at` of the last
    label, `sarcasm` and `unsure` (of any), STRATUM, population and weight. The weights of each sample sum up to its
    number of labelled posts, so that samples count by how much was labelled.
    """
    current = labels[labels["is_current"]]
    said = pd.DataFrame({share: (current["said"] == name) for share, name in zip(SHARES, CLASSES, strict=True)})
    frame = pd.concat([current.drop(columns=["text", "who", "said"]), said], axis=1)
    sums = {name: (name, "mean") for name in SHARES} | {"people": ("post_id", "size"), "at": ("at", "max")}
    flags = {name: (name, "max") for name in ("sarcasm", "unsure")}
    same = {name: (name, "last") for name in ("created_at", "invented", "language", "given", "given_by")}
    then = {name: (name, "last") for name in ("given_then", "given_then_by")}
    posts = frame.groupby("post_id").agg(**(sums | flags | same | then)).reset_index()
    newest = items.sort_values("sample_id").drop_duplicates("post_id", keep="last")
    population = items.groupby(STRATUM)["weight"].sum().rename("population").reset_index()
    found = posts.merge(newest.drop(columns="weight"), on="post_id").merge(population, on=STRATUM)
    return weighed(found)


def weighed(posts: pd.DataFrame) -> pd.DataFrame:
    """Return some of these posts with weights as `labelled_posts` makes them, for these posts alone."""
    stands_for = posts["population"] / posts.groupby(STRATUM)["post_id"].transform("size")
    by_sample = posts["sample_id"]
    scale = stands_for.groupby(by_sample).transform("size") / stands_for.groupby(by_sample).transform("sum")
    return posts.assign(weight=stands_for * scale)


def accuracy(posts: pd.DataFrame, given: str = "given") -> Estimate:
    """Return how much of the scored posts is given the class that people say. given: the column of the class."""
    known = _scored(posts, given)
    return _ratio(known, _right(known, given), np.ones(len(known)))


def by_given(posts: pd.DataFrame) -> dict[str, Estimate]:
    """Return for each class how much of what is given it is right (precision)."""
    known = _scored(posts)
    return {name: accuracy(known[known["given"] == name]) for name in CLASSES}


def by_said(posts: pd.DataFrame) -> dict[str, Estimate]:
    """Return for each class how much of what people say is of it is given it (recall)."""
    known = _scored(posts)
    found: dict[str, Estimate] = {}
    for name, share in zip(CLASSES, SHARES, strict=True):
        of = known[share].to_numpy("float64")
        found[name] = _ratio(known, of * (known["given"] == name).to_numpy(), of)
    return found


def by_group(posts: pd.DataFrame, column: str) -> dict[str, Estimate]:
    """Return the accuracy of each group of posts, such as each language, the largest first."""
    groups = _scored(posts).groupby(column, sort=True)
    found = {str(key): accuracy(group) for key, group in groups}
    return dict(sorted(found.items(), key=lambda one: -one[1].posts))


def by_month(posts: pd.DataFrame, moment: str, given: str = "given") -> dict[str, Estimate]:
    """Return the accuracy of each month in UTC, such as 2022-01. moment: the column of the time."""
    known = _scored(posts, given)
    return {str(month): accuracy(group, given) for month, group in known.groupby(known[moment].dt.strftime("%Y-%m"))}


def trend(posts: pd.DataFrame, moment: str, given: str = "given") -> Trend | None:
    """Return how the accuracy changes with time, None under 30 posts or with all in one month.

    A weighted straight line through right and wrong, its error by the sandwich that needs no equal variances.
    Source: White (1980), Econometrica 48, 817-838, with n/(n - 2).
    """
    known = _scored(posts, given)
    if len(known) < FEW or known[moment].dt.strftime("%Y-%m").nunique() < 2:  # noqa: PLR2004 - no change without two
        return None
    weight, right = known["weight"].to_numpy("float64"), _right(known, given)
    months = (known[moment] - known[moment].min()).dt.total_seconds().to_numpy("float64") / MONTH
    apart = months - np.average(months, weights=weight)
    spread = float((weight * apart**2).sum())
    slope = float((weight * apart * right).sum()) / spread
    residual = right - np.average(right, weights=weight) - slope * apart
    variance = float(((weight * apart * residual) ** 2).sum()) / spread**2 * len(known) / (len(known) - 2)
    half = Z * variance**0.5
    return Trend(slope, slope - half, slope + half)


def confusions(posts: pd.DataFrame, engine: Callable[[str], str], labeller: str) -> dict[Key, Counted]:
    """Return the labels that adjust shares, by engine and language.

    Of posts whose class now was given by this labeller (its signature), so that they follow a new one once posts are
    labelled anew; invented posts are left out. engine: what scores a language under it, "" for none.
    """
    known = _scored(posts)
    known = known[(known["given_by"] == labeller) & ~known["invented"]]
    found: dict[Key, Counted] = {}
    for language, group in known.groupby("language"):
        if scored_by := engine(str(language)):
            found[scored_by, str(language)] = counted(group)
    return found


def counted(posts: pd.DataFrame) -> Counted:
    """Count posts by what people said and what they were given."""
    known = weighed(_scored(posts))
    said = known[SHARES].to_numpy("float64")
    is_given = np.array([(known["given"] == name).to_numpy("float64") for name in CLASSES]).reshape(3, -1)
    return Counted(len(known), said.T @ is_given.T, (said * known[["weight"]].to_numpy("float64")).T @ is_given.T)


def _scored(posts: pd.DataFrame, given: str = "given") -> pd.DataFrame:
    return posts[posts[given].isin(CLASSES)]


def _right(posts: pd.DataFrame, given: str) -> Values:
    """Return for each post the part of the people who say what it is given."""
    right: Values = np.zeros(len(posts))
    for share, name in zip(SHARES, CLASSES, strict=True):
        right += posts[share].to_numpy("float64") * (posts[given] == name).to_numpy("float64")
    return right


def _ratio(posts: pd.DataFrame, part: Values, whole: Values) -> Estimate:
    """Return the weighted sum of `part` over that of `whole`, two numbers for each post, with a 95 % interval.

    The variance is that of a ratio in a stratified sample of a finite population, by linearisation; the interval is
    Wilson's for the sample size that would have this variance, never more than the posts there are.
    Source: Cochran (1977), Sampling Techniques, 3rd ed., 5A and 6.11; Korn and Graubard (1998), Survey Methodology 24.
    """
    here = whole > 0
    count, right = int(here.sum()), float(part.sum())
    if count < FEW:
        return Estimate(count, right, None, None, None)
    weight = posts["weight"].to_numpy("float64")
    total = float((weight * whole).sum())
    share = float((weight * part).sum()) / total
    variance = _variance(posts, weight * (part - share * whole)) / total**2
    kish = float((weight * whole).sum() ** 2 / ((weight * whole) ** 2).sum())
    alike = share * (1 - share) / variance if variance > 0 else kish
    of = np.array([min(alike, float(count))])
    low, high = wilson(share * of, of)
    return Estimate(count, right, share, float(low[0]), float(high[0]))


def _variance(posts: pd.DataFrame, residual: Values) -> float:
    """Return the variance of the sum of residuals over the strata; those with one post are taken as one stratum."""
    strata = posts.groupby(STRATUM).ngroup().to_numpy()
    count = np.bincount(strata)[strata]
    strata = np.where(count == 1, strata.max() + 1, strata)
    population = posts["population"].to_numpy("float64")
    total = 0.0
    for stratum in np.unique(strata):
        of = strata == stratum
        if of.sum() == 1:
            total += float(residual[of][0]) ** 2  # as if its mean were zero: more than the variance is
        else:
            stands_for = population[of].sum() if count[of][0] == 1 else population[of][0]
            total += _of_stratum(residual[of], float(stands_for))
    return total


def _of_stratum(residual: Values, population: float) -> float:
    left = max(0.0, 1 - len(residual) / population)
    return left * len(residual) * float(residual.var(ddof=1))


def rounded(matrix: Values, digits: int = 1) -> list[list[float]]:
    """Return a matrix as plain numbers, for people and JSON."""
    return [[round(float(cell), digits) for cell in row] for row in matrix]
