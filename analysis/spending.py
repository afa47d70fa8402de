"""What watching a title on X would cost a month. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collector.x_plan import Search

if TYPE_CHECKING:
    from collector.source import WatchedTitle
    from collector.sources.x import XSettings

MONTH = timedelta(days=30)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Spending:
    """A month of 30 days of one title on X, in dollars and posts.

    posts: how many there will be, at the rate that X counted. `all_usd`: reading every one of them, and the counts.
    `counts_usd`: X's hourly counts alone. `read`: how many the budget has room for. `month_usd`: what is spent then.
    """

    posts: float
    counts_usd: float
    all_usd: float
    read: float
    month_usd: float

    @property
    def share(self) -> float:
        """Return which part of the posts is read."""
        return min(1.0, self.read / self.posts) if self.posts else 1.0


def counting_usd(title: "WatchedTitle", settings: "XSettings") -> float:
    """Return what one count of a title costs: a request for each query that its hashtags need."""
    return len(Search((title,)).queries) * settings.price_count_usd


def spending(
    hours: Mapping[datetime, int], title: "WatchedTitle", others: "list[WatchedTitle]", settings: "XSettings"
) -> Spending:
    """Project a month from hourly counts.

    posts = sum of the hours / number of hours * 720
    counts = 30 days / counts_every * queries * price_count, of this title; `others` cost as much each
    room = (budget - counts of all titles) * (1 - recheck_share) / titles / price_post, an equal part for each title
    read = the smaller of posts and room
    month = counts + read * price_post / (1 - recheck_share): rechecks take their share beside what is read

    The collector shares out by need, so a title among quieter ones is read more fully than told here.
    """
    posts = sum(hours.values()) / len(hours) * (MONTH / HOUR) if hours else 0.0
    rounds = MONTH / settings.counts_every
    counts = rounds * counting_usd(title, settings)
    aside = 1 - (settings.recheck_share if settings.recheck else 0.0)
    watched = [title, *(other for other in others if other.hashtags)]
    left = settings.budget_usd_per_month - rounds * sum(counting_usd(one, settings) for one in watched)
    read = min(posts, max(0.0, left) * aside / len(watched) / settings.price_post_usd)
    everything = counts + posts * settings.price_post_usd / aside
    return Spending(posts, counts, everything, read, counts + read * settings.price_post_usd / aside)
