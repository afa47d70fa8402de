"""What posts speak of: the top topics of a title, and those that stand out in a stretch of time."""

from datetime import datetime

import numpy as np
import pandas as pd

from analysis import sentiment
from analysis.frames.columns import TEXT
from analysis.sentiment import Values

OUTSTANDING = 6  # topics that explain a peak; more would explain nothing
LEAST_POSTS = 3  # of a topic within a peak, below which its share is chance
LEAST_TIMES = 1.2  # a topic must be this much more common than otherwise to stand out
LEAST_SURPRISE = 6.63  # G that chance alone reaches once in a hundred (chi-squared, one degree of freedom)


def top_topics(topic_hours: pd.DataFrame, hours: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """Return the topics of each title with the most posts.

    topic_hours, hours: of the same titles and time, as analysis.frames reads them. A post with two topics counts for
    both, so the shares do not add up to one.
    Returns: title, topic, posts, share (of the title's posts), of (the title's posts), then as sentiment.shares.
    """
    frame = sentiment.shares(topic_hours.assign(unlabelled=0), ["title", "topic"])
    whole = hours.groupby("title", observed=True)["posts"].sum()
    frame["of"] = frame["title"].map(whole).astype("float64")
    frame["share"] = frame["posts"] / frame["of"]
    frame = frame.sort_values(["title", "posts", "topic"], ascending=[True, False, True])
    first = ["title", "topic", "posts", "share", "of"]
    rest = [name for name in frame.columns if name not in {*first, "unlabelled"}]
    return frame.groupby("title", observed=True).head(most)[[*first, *rest]].reset_index(drop=True)


def outstanding(
    topic_hours: pd.DataFrame, hours: pd.DataFrame, start: datetime, end: datetime, most: int = OUTSTANDING
) -> pd.DataFrame:
    """Return the topics that are more common in [start, end) than in the rest of the time, by how surprising that is.

    topic_hours, hours: of one title, in and around that stretch.
    Returns: topic, posts, share (of the posts inside), share_else (of those outside), times, surprise. Shares have half
    a post added outside, so that a topic never seen before is not infinitely more common. Surprise is the G of the
    log-likelihood ratio, Dunning (1993), Computational Linguistics 19, 61-74.
    """
    inside, outside = _split(hours, start, end)
    posts_in, posts_out = int(inside["posts"].sum()), int(outside["posts"].sum())
    topic_in, topic_out = _split(topic_hours, start, end)
    counts = pd.DataFrame(
        {
            "posts": topic_in.groupby("topic", observed=True)["posts"].sum(),
            "other": topic_out.groupby("topic", observed=True)["posts"].sum(),
        }
    ).fillna(0)
    counts = counts[counts["posts"] >= LEAST_POSTS]
    frame = counts.rename_axis("topic").reset_index().astype({"topic": TEXT, "posts": "int64"})
    frame["share"] = frame["posts"] / posts_in if posts_in else np.nan
    frame["share_else"] = (frame["other"] + 0.5) / (posts_out + 1)
    frame["times"] = frame["share"] / frame["share_else"]
    seen, other = frame["posts"].to_numpy("float64"), frame["other"].to_numpy("float64")
    frame["surprise"] = _surprise(seen, posts_in, other, posts_out)
    frame = frame[(frame["times"] >= LEAST_TIMES) & (frame["surprise"] >= LEAST_SURPRISE)]
    frame = frame.sort_values(["surprise", "topic"], ascending=[False, True], ignore_index=True)
    return frame[["topic", "posts", "share", "share_else", "times", "surprise"]].head(most)


def _split(frame: pd.DataFrame, start: datetime, end: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    inside = (frame["hour"] >= pd.Timestamp(start)) & (frame["hour"] < pd.Timestamp(end))
    return frame[inside], frame[~inside]


def _surprise(inside: Values, of_inside: int, outside: Values, of_outside: int) -> Values:
    common = (inside + outside) / max(of_inside + of_outside, 1)
    terms = (
        (inside, of_inside * common),
        (of_inside - inside, of_inside * (1 - common)),
        (outside, of_outside * common),
        (of_outside - outside, of_outside * (1 - common)),
    )
    return np.asarray(2 * sum(_term(seen, expected) for seen, expected in terms), dtype=np.float64)


def _term(seen: Values, expected: Values) -> Values:
    ratio = np.where(seen > 0, seen, 1) / np.where(expected > 0, expected, 1)
    return np.where(seen > 0, seen * np.log(ratio), 0.0)
