"""Do the printed intervals hold the truth? Shows are made of real labelled posts in mixes that are known. Pure.

Each show draws a mix of its own, all mixes being equally likely, and authors, most of whom write one post and some very
many; the posts of one author are in one language and of like sentiment. Posts that tell the confusion (the calibration)
and posts of shows are never the same. What is then printed is compared with the mix, and beside it with the posts that
happened to be written; and so are the plain shares with the intervals that they would have.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import quantify
from analysis.confusion import CLASSES, Confusion, Values
from analysis.sentiment import net_interval, wilson

SHOWS, POSTS = 500, 400
TOGETHER = 5  # shows that share a calibration
# an author's own mix is Dirichlet(ALIKE x the show's), so that the true classes of two of their posts are correlated by
# 1 / (1 + ALIKE), and the given ones about as much as on real posts (quantify.ALIKE)
ALIKE = 0.67
SAME_TASTE = 30.0  # of several languages, the mix of each is Dirichlet(SAME_TASTE x the show's)
NOUGHT = 1e-3  # the least that a Dirichlet is drawn with
TAIL = 2.5  # exponent of Zipf's law of posts per author: sum of squares over sum is 3.8, as on real shows' busy days
MOST = 15  # posts of one author in a show
SHARES = ("positive", "negative", "net")

Indices = npt.NDArray[np.intp]
Authors = Literal["posts", "squares", "untold"]  # what the estimate is told of authors


class Pool(NamedTuple):
    """Real posts of one language, each with its true class and the class given, as places in CLASSES."""

    true: Indices
    given: Indices

    def part(self, rows: Indices) -> "Pool":
        """Return some of the posts."""
        return Pool(self.true[rows], self.given[rows])

    @property
    def counts(self) -> Values:
        """3 x 3 counts: rows true, columns given."""
        cells = np.bincount(self.true * 3 + self.given, minlength=9)
        return cells.astype(np.float64).reshape(3, 3)


class Plan(NamedTuple):
    """How shows are made. calibration: posts of each pool that are labelled for it, as many as a random draw brings."""

    calibration: int = 450
    authors: Authors = "untold"
    shows: int = SHOWS
    posts: int = POSTS
    seed: int = 20220128


class Figure(NamedTuple):
    """Of one share over all shows: how often the interval held the truth, how far off and how wide it was.

    held_posts is of the posts as they were written, in place of the mix behind them.
    """

    held: float
    held_posts: float
    error: float
    width: float
    naive_held: float
    naive_error: float


def simulated(pools: Mapping[str, Pool], plan: Plan, known: Mapping[str, Confusion] | None = None) -> pd.DataFrame:
    """Return one row per show: for each of SHARES <share>, _low, _high, _true, _posts (of the posts written), _naive*.

    pools: by language; the posts of a show are of all of them, in random parts. known: confusions that are there
    already; the calibration's posts are joined to them. Five shows share a calibration, as a user's titles do.
    """
    random = np.random.default_rng(plan.seed)
    rounds = [_round(pools, plan, known or {}, random) for _ in range(-(-plan.shows // TOGETHER))]
    return pd.concat(rounds, ignore_index=True).iloc[: plan.shows]


def figures(shows: pd.DataFrame) -> dict[str, Figure]:
    """Return the figures of each share."""
    return {name: _figure(shows, name) for name in SHARES}


def _figure(shows: pd.DataFrame, name: str) -> Figure:
    truth, low, high = (shows[f"{name}_{part}"] for part in ("true", "low", "high"))
    written, naive = shows[f"{name}_posts"], shows[f"{name}_naive"]
    return Figure(
        held=float(truth.between(low, high).mean()),
        held_posts=float(written.between(low, high).mean()),
        error=float((shows[name] - truth).abs().mean()),
        width=float((high - low).mean()),
        naive_held=float(truth.between(shows[f"{name}_naive_low"], shows[f"{name}_naive_high"]).mean()),
        naive_error=float((naive - truth).abs().mean()),
    )


def _round(
    pools: Mapping[str, Pool], plan: Plan, known: Mapping[str, Confusion], random: np.random.Generator
) -> pd.DataFrame:
    """Label a calibration, make some shows of the other posts, and estimate their shares."""
    matrices: dict[str, Confusion] = {}
    rest: dict[str, Pool] = {}
    for language, pool in pools.items():
        order = random.permutation(len(pool.true))
        labelled, rest[language] = pool.part(order[: plan.calibration]), pool.part(order[plan.calibration :])
        nothing = Confusion(np.zeros((3, 3)), is_known=False)
        matrices[language] = known.get(language, nothing).joined(labelled.counts)
    shows = [_show(rest, plan.posts, random) for _ in range(TOGETHER)]
    posts = pd.concat([show.posts for show in shows], keys=range(TOGETHER), names=["show", "post"]).reset_index("show")
    told = _estimate(posts, matrices, plan.authors)
    return pd.DataFrame([_compared(row, show) for row, show in zip(told.to_dict("records"), shows, strict=True)])


class _Show(NamedTuple):
    """The posts of a show (language, sentiment as given, author), the mix behind them, and the mix that was written."""

    posts: pd.DataFrame
    mix: Values
    written: Values


def _show(pools: Mapping[str, Pool], posts: int, random: np.random.Generator) -> _Show:
    parts = random.dirichlet(np.ones(len(pools)))
    mixes = random.dirichlet(np.ones(3), size=1)
    if len(pools) > 1:
        mixes = random.dirichlet(np.maximum(SAME_TASTE * mixes[0], NOUGHT), size=len(pools))
    author = _authors(posts, random)
    language_of = random.choice(len(pools), size=author.max() + 1, p=parts)
    own = np.stack([random.dirichlet(np.maximum(ALIKE * mixes[at], NOUGHT)) for at in language_of])
    languages = language_of[author]
    true = (random.random(posts)[:, None] > own[author].cumsum(axis=1)[:, :2]).sum(axis=1)
    given = np.zeros(posts, dtype=np.intp)
    for at, pool in enumerate(pools.values()):
        for each in range(3):
            mine = (languages == at) & (true == each)
            if mine.any():
                given[mine] = random.choice(pool.given[pool.true == each], size=int(mine.sum()))
    frame = pd.DataFrame(
        {"language": np.array([*pools])[languages], "sentiment": np.array(CLASSES)[given], "author": author}
    )
    return _Show(frame, parts @ mixes, np.bincount(true, minlength=3) / posts)


def _authors(posts: int, random: np.random.Generator) -> Indices:
    """Return the author of each post."""
    sizes = np.minimum(random.zipf(TAIL, size=posts), MOST)
    return np.repeat(np.arange(posts), sizes)[:posts]


def _estimate(posts: pd.DataFrame, matrices: Mapping[str, Confusion], told: Authors) -> pd.DataFrame:
    if told == "posts":
        return quantify.adjusted_posts(posts, matrices, by=["show"])
    keys = ["show", "language"]
    totals = pd.get_dummies(posts["sentiment"]).reindex(columns=[*CLASSES], fill_value=False).astype("int64")
    totals = pd.concat([posts[keys], totals], axis=1).groupby(keys).sum().reset_index()
    totals = totals.assign(posts=totals[[*CLASSES]].sum(axis=1), unscored=0, unlabelled=0, sample=0)
    if told == "squares":
        squares = (posts.groupby([*keys, "author"]).size() ** 2).groupby(keys).sum()
        totals[quantify.SQUARES] = squares.reindex(pd.MultiIndex.from_frame(totals[keys])).to_numpy()
    return quantify.adjusted(totals, matrices, by=["show"])


def _compared(row: Mapping[Any, Any], show: _Show) -> dict[str, float]:
    """Put the estimate of a share beside the truth and the plain share."""
    count = np.array([[row["positive"]], [row["negative"]]], dtype=np.float64)
    scored = np.array([row["scored"]], dtype=np.float64)
    plain = {"positive": wilson(count[0], scored), "negative": wilson(count[1], scored)}
    plain["net"] = net_interval(count[0], count[1], scored)
    told: dict[str, float] = {}
    for name, of in (("positive", (1, 0, 0)), ("negative", (0, 0, 1)), ("net", (1, 0, -1))):
        low, high = plain[name]
        told |= {
            name: row["net" if name == "net" else f"{name}_share"],
            f"{name}_low": row[f"{name}_low"],
            f"{name}_high": row[f"{name}_high"],
            f"{name}_true": float(show.mix @ of),
            f"{name}_posts": float(show.written @ of),
            f"{name}_naive": row[f"naive_{name}"],
            f"{name}_naive_low": float(low[0]),
            f"{name}_naive_high": float(high[0]),
        }
    return told
