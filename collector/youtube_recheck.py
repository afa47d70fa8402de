"""Asks YouTube again for stored comments, by id, to find those that were deleted; inside the quota of the day.

It costs one unit for a batch, and only while half of the day's units are left: reading goes first. As in
collector/youtube_run.py, each request is paid by a page that is saved before it is sent.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Protocol

from collector.errors import AccessError, BuzzError
from collector.source import Coverage, Followed, Page
from collector.youtube_quota import UNITS, Quota
from collector.youtube_run import UsedUpError

TARGET = "re-check"
MOST = 100  # batches in one run: 2,000 comments
MANY = 5  # comments, none of which is shown any more: that many are not believed to be deleted at once


class LooksUp(Protocol):
    """The question to YouTube. Raises RetryLater (UsedUpError among them) and AccessError."""

    def comments(self, ids: Sequence[str]) -> Collection[str]:
        """Ask for comments by id, at most 50. Returns the ids of those that are there. Costs one unit."""


def pages(
    batches: Iterator[Sequence[Followed]], api: LooksUp, quota: Quota, clock: Callable[[], datetime]
) -> Iterator[Page]:
    """Yield what became of comments. Raises what YouTube refuses, after it is told."""
    held = Page(TARGET)
    for batch in islice(batches, MOST):
        if quota.left(UNITS) <= quota.limits[UNITS] // 2 or not quota.reserve(UNITS, clock()):
            break
        yield replace(held, cursor=quota.values)
        ids = [post.native_id for post in batch]
        try:
            held = _outcome(ids, api.comments(ids))
        except BuzzError as fault:
            if isinstance(fault, AccessError | UsedUpError):
                quota.settle(UNITS)
            if isinstance(fault, UsedUpError):
                quota.use_up(UNITS)
            yield Page(TARGET, coverage=Coverage.FAILED, reason=str(fault), cursor=quota.values)
            raise
        quota.settle(UNITS)
    yield replace(held, cursor=quota.values)


def _outcome(ids: Sequence[str], there: Collection[str]) -> Page:
    gone = [native_id for native_id in ids if native_id not in there]
    if len(gone) >= MANY and len(gone) == len(ids):
        reason = f"YouTube shows none of {len(gone)} comments any more, which is not believed: none is deleted here"
        return Page(TARGET, coverage=Coverage.FAILED, reason=reason)
    return Page(TARGET, deleted=gone)
