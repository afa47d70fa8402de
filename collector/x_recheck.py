"""Asks X again for posts whose words are kept, inside the part of the budget that is set aside for it.

A post asked for costs what a post read costs; what is spent on it follows what is spent on reading, and stands in the
meter beside it. As in collector/x_run.py, each request is paid
by a page that is saved before it is sent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from collector.errors import BuzzError
from collector.reading import Fields
from collector.source import Coverage, Followed, JsonObject, Page
from collector.x_meter import Meter, micros
from collector.x_run import id_of, stop_values

if TYPE_CHECKING:
    from collector.sources.x import XSettings

TARGET = "re-check"
GONE = ("/resource-not-found", "/not-authorized-for-resource")  # deleted; or protected, or its author suspended


class Found(NamedTuple):
    """X's answer: posts as they are now, and the ids of those that are not shown any more."""

    posts: Sequence[JsonObject]
    gone: Sequence[str]

    @classmethod
    def read(cls, answer: object) -> "Found":
        """Read it. Raises SkipItem when it is not one."""
        fields = Fields(answer, "answer")
        faults = [fault for fault in fields.list("errors") if (fault.maybe_text("type") or "").endswith(GONE)]
        gone = [fault.maybe_text("resource_id") or fault.maybe_text("value") for fault in faults]
        return cls(fields.entries("data"), [native_id for native_id in gone if native_id])


class LooksUp(Protocol):
    """The question to X. Raises RetryLater and AccessError, CappedError among them."""

    def look_up(self, ids: Sequence[str]) -> Found:
        """Ask for posts by id, at most 100; those that are there cost what a post read costs."""


class Recheck:
    """One run."""

    def __init__(self, settings: "XSettings", clock: Callable[[], datetime], api: LooksUp, meter: Meter) -> None:
        self._settings, self._clock, self._api, self._meter = settings, clock, api, meter
        self._price = micros(settings.price_post_usd)

    def pages(self, batches: Iterator[Sequence[Followed]]) -> Iterator[Page]:
        """Yield what became of the posts. Raises what X refuses, after it is told."""
        held: Page | None = None
        for batch in batches:
            cost = len(batch) * self._price
            if cost > self._allowed() or not self._meter.reserve(cost, self._clock()):
                break
            yield self._told(held or Page(TARGET))
            try:
                held = self._asked([post.native_id for post in batch])
            except BuzzError as fault:
                stop = stop_values(fault, self._settings)
                yield self._told(Page(TARGET, coverage=Coverage.FAILED, reason=str(fault), cursor=stop))
                raise
        if held is not None:
            yield self._told(held)

    def _allowed(self) -> float:
        """Return what may be spent on asking again: its share beside what has been spent on reading this month."""
        share = self._settings.recheck_share
        return self._meter.read * share / (1 - share) - self._meter.rechecked

    def _asked(self, ids: Sequence[str]) -> Page:
        found = self._api.look_up(ids)
        self._meter.rechecked += self._meter.settle_posts(map(id_of, found.posts), self._price, self._clock())
        self._meter.release()
        asked = set(ids)
        return Page(TARGET, items=found.posts, deleted=[native_id for native_id in found.gone if native_id in asked])

    def _told(self, page: Page) -> Page:
        return replace(page, cursor={**page.cursor, **self._meter.values})
