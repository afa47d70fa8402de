"""Shares of sentiment, each with its number of posts and its interval; what has no score is never "neutral".

The intervals are about chance in the sample of posts only. A labeller's own faults come on top of them:
docs/method.md says how large these were measured.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

FEW = 30  # fewer scored posts than this make no share
Z = 1.959963984540054  # two-sided 95 %
COUNTS = ("positive", "neutral", "negative", "unscored", "unlabelled", "sample")

Values = npt.NDArray[np.float64]


def shares(totals: pd.DataFrame, by: Sequence[str] = ("title",)) -> pd.DataFrame:
    """Return the shares of sentiment of each group, one row each, in the order of the groups.

    totals: rows with posts, positive, neutral, negative, unscored, unlabelled and sample, such as hours and days.
    by: the columns that tell the groups apart; none makes one group of everything.
    Returns: the columns of `by`; the sums; scored (positive + neutral + negative); coverage (scored / posts);
    for positive, neutral and negative <name>_share, <name>_low and <name>_high; net, net_low and net_high in -1..1.
    Shares and net are NaN under 30 scored posts, coverage is NaN without posts.
    """
    columns = ["posts", *COUNTS]
    if by:
        frame = totals.groupby(list(by), observed=True)[columns].sum().reset_index()
    else:
        frame = totals[columns].sum().astype("int64").to_frame().T
    frame["scored"] = frame["positive"] + frame["neutral"] + frame["negative"]
    frame["coverage"] = frame["scored"] / frame["posts"].where(frame["posts"] > 0)
    enough = frame["scored"].where(frame["scored"] >= FEW).to_numpy("float64", na_value=np.nan)
    for name in ("positive", "neutral", "negative"):
        count = frame[name].to_numpy("float64")
        frame[f"{name}_share"] = count / enough
        frame[f"{name}_low"], frame[f"{name}_high"] = wilson(count, enough)
    positive, negative = frame["positive"].to_numpy("float64"), frame["negative"].to_numpy("float64")
    frame["net"] = (positive - negative) / enough
    frame["net_low"], frame["net_high"] = net_interval(positive, negative, enough)
    return frame


def by_day(hours: pd.DataFrame, by: Sequence[str] = ("title",)) -> pd.DataFrame:
    """Return the shares per day in UTC, for the plot: as `shares`, with the column day after those of `by`."""
    return shares(hours.assign(day=hours["hour"].dt.floor("D")), [*by, "day"])


def wilson(count: Values, of: Values) -> tuple[Values, Values]:
    """Return the 95 % score interval of count / of: low and high, in 0..1; NaN where `of` is NaN.

    (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n)
    Source: E. B. Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    share = count / of
    middle = share + Z**2 / (2 * of)
    half = Z * np.sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    scale = 1 + Z**2 / of
    # rounding may leave an end beyond the share itself by a hair
    return (
        np.clip(np.minimum((middle - half) / scale, share), 0, 1),
        np.clip(np.maximum((middle + half) / scale, share), 0, 1),
    )


def net_interval(positive: Values, negative: Values, of: Values) -> tuple[Values, Values]:
    """Return the 95 % interval of (positive - negative) / of: low and high, in -1..1; NaN where `of` is NaN.

    Positive and negative posts come from the same sample, so their shares are not independent. With one post added
    to each: p = (positive + 1)/(of + 2), q = (negative + 1)/(of + 2), p - q ± z·√((p + q - (p - q)²)/(of + 2)).
    Source: Bonett and Price (2012), J. Educ. Behav. Stat. 37, 479-488 (adjusted Wald, paired proportions).
    """
    more, less = (positive + 1) / (of + 2), (negative + 1) / (of + 2)
    half = Z * np.sqrt(np.maximum(more + less - (more - less) ** 2, 0) / (of + 2))
    return np.clip(more - less - half, -1, 1), np.clip(more - less + half, -1, 1)
