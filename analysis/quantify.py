"""Shares of sentiment that hold: counts of given classes, turned back into true ones, with all that is not known.

A labeller that takes a quarter of the scorn for praise makes a plain share wrong however many posts there are. Here the
counts of each language are solved for the true shares by the confusion of its engine (analysis.solving), many times:
each time with another sample of authors, and another confusion that the labelled posts allow. Pure; the same counts
give the same numbers, whatever else is asked. docs/method.md, "Shares".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import sentiment, solving
from analysis.confusion import CLASSES, UNKNOWN, Confusion, Values
from analysis.sentiment import FEW
from analysis.solving import AT_ONCE, DRAWS, LEAST, MORE, Authors, Rows

TOGETHER = 400  # languages with fewer scored posts than this in a group are read together
# how alike an author's posts are (intraclass correlation): the classes given, as measured; the true ones, as they would
# have to be for that. A sharp labeller shows more of the latter. docs/method.md has both
ALIKE, TRULY_ALIKE = 0.16, 0.6
CROWD = 4.0  # sum of squares of posts by author over posts, where they are not told; four in five real days have less
TAILS = (0.025, 0.975)
SQUARES = "squares"  # an optional column: sum over authors of the square of their scored posts
SMALL = "*"  # the language of languages that are read together

Matrices = Mapping[str, Confusion]  # by language


def adjusted(totals: pd.DataFrame, matrices: Matrices, by: Sequence[str] = ("title",)) -> pd.DataFrame:
    """Return the shares of sentiment of each group, adjusted for the labeller's faults, in the order of the groups.

    totals: rows with language, posts, positive, neutral, negative, unscored, unlabelled and sample, such as hours by
    language; maybe `squares`, the sum over authors of the square of their scored posts, by which the effect of authors
    is reckoned (see `design_effect`), else a usual one is taken. Squares add up over rows, as if each row had authors
    of its own: for long times, hand in those of the whole time. matrices: analysis.confusion.in_force.
    Returns: as analysis.sentiment.shares (columns of `by`, sums, scored, coverage, <name>_share, _low, _high, net,
    net_low, net_high; 95 % intervals), then naive_positive, naive_neutral, naive_negative and naive_net (as counted),
    and unadjusted: the part of scored posts in languages of which nobody ever measured faults. Those are read as if the
    labeller were right three times in five, give or take 0.2, so that intervals are wide.
    Shares are NaN under 30 scored posts, coverage without posts.
    """
    group = _groups(totals, by)
    cells = totals.assign(group=group).groupby(["group", "language"], observed=True)
    counted = cells[[*CLASSES, *([SQUARES] if SQUARES in totals else [])]].sum().reset_index()
    counted = counted[counted[[*CLASSES]].sum(axis=1) > 0]
    scored = counted[[*CLASSES]].sum(axis=1).to_numpy("float64")
    counted[SQUARES] = counted[SQUARES] if SQUARES in counted else CROWD * scored
    return _told(sentiment.shares(totals, by), counted.assign(scored=scored), matrices)


def adjusted_by_day(hours: pd.DataFrame, matrices: Matrices, by: Sequence[str] = ("title",)) -> pd.DataFrame:
    """Return the shares per day in UTC: as `adjusted`, with the column day after those of `by`."""
    return adjusted(hours.assign(day=hours["hour"].dt.floor("D")), matrices, [*by, "day"])


def adjusted_posts(posts: pd.DataFrame, matrices: Matrices, by: Sequence[str] = ("title",)) -> pd.DataFrame:
    """Return the shares of posts at hand, as `adjusted`: the very authors are drawn anew, each with all their posts.

    posts: one row each with language, sentiment (with "unscored"), author (any key; empty or NA for an author of whom
    nothing is known, who is taken for one of their own) and the columns of `by`.
    """
    classes = {name: (posts["sentiment"] == name).astype("int64") for name in (*CLASSES, "unscored")}
    totals = posts.assign(**classes, posts=1, unlabelled=0, sample=posts.get("sample", 0))
    author = posts["author"].astype("string").fillna("")
    single = author.where(author != "", "?" + pd.Series(np.arange(len(posts)).astype(str), index=posts.index))
    per = totals.assign(author=single, group=_groups(totals, by))
    per = per.groupby(["group", "language", "author"], observed=True)[[*CLASSES]].sum().reset_index()
    per["scored"] = per[[*CLASSES]].sum(axis=1)
    per[SQUARES] = per["scored"] ** 2
    counted = per.groupby(["group", "language"], observed=True)[[*CLASSES, "scored", SQUARES]].sum().reset_index()
    counted = counted[counted["scored"] > 0]
    return _told(sentiment.shares(totals, by), counted, matrices, per[per["scored"] > 0])


def design_effect(scored: Values, squares: Values, alike: float | Values = ALIKE) -> Values:
    """Return by how much authors raise the variance of a share above that of as many independent posts.

    An author with m posts, any two of which are correlated by `alike`, adds m + m(m - 1) x alike to the variance of a
    count, in units of that of one post. Summed over authors and divided by the number of posts n, this is
    1 + (sum of m² / n - 1) x alike. Source: Kish (1965), Survey Sampling, 5.4, for clusters of unequal sizes.
    """
    effect: Values = 1 + (np.maximum(squares / np.maximum(scored, 1), 1) - 1) * alike
    return effect


def _groups(totals: pd.DataFrame, by: Sequence[str]) -> Rows:
    """Return for each row the place of its group among all."""
    if not by:
        return np.zeros(len(totals), dtype=np.intp)
    return totals.groupby(list(by), observed=True).ngroup().to_numpy().astype(np.intp)


def _told(
    frame: pd.DataFrame, counted: pd.DataFrame, matrices: Matrices, authors: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Put adjusted shares in the place of plain ones, which are kept under other names."""
    for name in CLASSES:
        frame[f"naive_{name}"] = frame[f"{name}_share"]
    frame["naive_net"] = frame["net"]
    unknown = counted["scored"] * [not matrices.get(language, UNKNOWN).is_known for language in counted["language"]]
    lost = np.bincount(counted["group"], unknown, minlength=len(frame))
    frame["unadjusted"] = lost / frame["scored"].where(frame["scored"] > 0)
    drawn = _drawn(frame["scored"].to_numpy("float64"), counted, matrices, authors)
    for at, name in enumerate(CLASSES):
        _write(frame, f"{name}_share", name, drawn[:, :, at])
    _write(frame, "net", "net", drawn[:, :, 0] - drawn[:, :, 2])
    return frame


def _write(frame: pd.DataFrame, middle: str, ends: str, drawn: Values) -> None:
    """Write the mean and the interval; of very skewed draws the mean may lie beyond it, which is then widened."""
    mean = drawn.mean(axis=1)
    low, high = np.quantile(drawn, TAILS, axis=1)
    frame[middle], frame[f"{ends}_low"], frame[f"{ends}_high"] = mean, np.minimum(low, mean), np.maximum(high, mean)


class _Reading(NamedTuple):
    """Counts of some groups that are solved together, in one language or in several small ones."""

    name: str
    group: Rows
    counts: Values  # groups x 3
    effect: Values
    mixture: Values  # groups x languages: whose confusion is how much in it
    rates: Values  # languages x draws x 3 x 3
    authors: Sequence[Authors] | None = None

    def part(self, rows: Rows) -> "_Reading":
        """Return some of the groups."""
        authors = None if self.authors is None else [self.authors[row] for row in rows]
        some = self._replace(group=self.group[rows], counts=self.counts[rows], effect=self.effect[rows])
        return some._replace(mixture=self.mixture[rows], authors=authors)

    def candidates(self, count: int) -> tuple[Values, Values]:
        """Return groups x draws x 3 true shares, and what each is worth."""
        if self.authors is None:
            given = solving.given_shares(self.counts, self.effect, self.name, count)
        else:
            given = np.stack([solving.resampled_shares(one, self.name, count) for one in self.authors])
        rates = self.rates[:, :count]
        if len(rates) > 1:
            given = given - solving.taste(given, self.mixture, rates)
            rates = np.tensordot(self.mixture, rates, axes=1)
        return solving.true_shares(given, rates)

    def solved(self) -> Values:
        """Return groups x DRAWS x 3: true shares that could be."""
        result = solving.even(*(tried := self.candidates(DRAWS)))
        few = np.flatnonzero(solving.effective_draws(tried[1]) < LEAST)
        if len(few):
            result[few] = solving.even(*self.part(few).candidates(DRAWS * MORE))
        return result


def _drawn(scored: Values, counted: pd.DataFrame, matrices: Matrices, authors: pd.DataFrame | None) -> Values:
    """Return groups x draws x 3: true shares that could be, NaN for groups of too few posts."""
    result = np.zeros((len(scored), DRAWS, 3))
    result[scored < FEW] = np.nan
    counted = counted[scored[counted["group"]] >= FEW]
    for reading in _readings(counted, matrices, authors):
        for start in range(0, len(reading.group), AT_ONCE):
            part = reading.part(np.arange(start, min(start + AT_ONCE, len(reading.group))))
            weight = part.counts.sum(axis=1) / scored[part.group]
            result[part.group] += part.solved() * weight[:, None, None]
    return result


def _readings(counted: pd.DataFrame, matrices: Matrices, authors: pd.DataFrame | None) -> Iterator[_Reading]:
    """Yield each language that is large in its groups, then what is small in each group, read together."""
    is_small = counted["scored"] < TOGETHER
    for language, rows in counted[~is_small].groupby("language", observed=True, sort=True):
        yield _reading(str(language), rows, matrices, authors)
    if is_small.any():
        yield _reading(SMALL, counted[is_small], matrices, authors)


def _reading(name: str, rows: pd.DataFrame, matrices: Matrices, authors: pd.DataFrame | None) -> _Reading:
    languages = sorted(map(str, rows["language"].unique()))
    group, place = np.unique(rows["group"].to_numpy(np.intp), return_inverse=True)
    counts, mixture = np.zeros((len(group), 3)), np.zeros((len(group), len(languages)))
    np.add.at(counts, place, rows[[*CLASSES]].to_numpy("float64"))
    scored = rows["scored"].to_numpy("float64")
    spoken = np.array([languages.index(str(language)) for language in rows["language"]], dtype=np.intp)
    np.add.at(mixture, (place, spoken), scored)
    total = counts.sum(axis=1)
    alike = np.array([max(ALIKE, TRULY_ALIKE * matrices.get(language, UNKNOWN).sharpness) for language in languages])
    effect = design_effect(scored, rows[SQUARES].to_numpy("float64"), alike[spoken])
    effect = np.bincount(place, effect * scored) / total
    rates = np.stack([matrices.get(language, UNKNOWN).draws(DRAWS * MORE, language) for language in languages])
    kinds = None if authors is None else _kinds(rows, authors, group)
    return _Reading(name, group, counts, effect, mixture / total[:, None], rates, kinds)


def _kinds(rows: pd.DataFrame, authors: pd.DataFrame, group: Rows) -> list[Authors]:
    """Return the kinds of authors of each group, in the languages of these rows."""
    mine = authors.merge(rows[["group", "language"]], on=["group", "language"])
    posts = mine.groupby(["group", "author"], observed=True)[[*CLASSES]].sum()
    return [solving.kinds(posts.loc[[one]].to_numpy("float64")) for one in group]
