"""The range in which an hour's posts are usual: what a plot draws in grey, and what a peak rises above."""

import numpy as np

from analysis import peaks
from analysis.peaks import Values


def usual_range(posts: Values) -> tuple[Values, Values]:
    """Return the least and the most posts of each hour that would not raise it above the usual.

    posts: one value an hour, NaN where not known. It is the range of log(1 + posts) within peaks.FOOT robust standard
    deviations of what is expected, the same z that tells peaks; NaN where too little is known to expect anything.
    """
    usual = peaks.expected(posts)
    margin = peaks.FOOT * peaks.spread(posts, usual)
    low = np.maximum(np.expm1(np.log1p(usual) - margin), 0)
    return low, np.expm1(np.log1p(usual) + margin)
