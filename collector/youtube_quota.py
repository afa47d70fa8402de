"""The meter of YouTube's quota: how many searches and units a day has used so far. Pure.

A day is one in California, as YouTube counts. Searches have a limit of their own; every other request costs one unit.
One is reserved before it is sent, in a page that is saved first, and settled with the page that brings its answer. What
nobody settled, because the process died or no answer came, counts as used: the meter may say too much, never too
little.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from collector.errors import RetryLater
from collector.source import Cursor

SEARCHES, UNITS = "searches", "units"
PREFIX = "quota"
WHERE = "America/Los_Angeles"
SKEW = timedelta(minutes=5)  # by how much YouTube's clock and ours may differ at the turn of a day
AHEAD = timedelta(days=2)  # a meter of a day that is no further ahead is kept: our clock was set back


def day_of(at: datetime) -> str:
    """Return the day of the quota, such as "2026-11-23"."""
    return f"{at.astimezone(ZoneInfo(WHERE)):%Y-%m-%d}"


def next_day(at: datetime) -> datetime:
    """Return the moment, in UTC, at which YouTube begins to count anew."""
    tomorrow = at.astimezone(ZoneInfo(WHERE)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(WHERE)).astimezone(UTC)


@dataclass(slots=True)
class Quota:
    """The meter of one run. `day` is whose it is, `today` what our clock says: later only after it was set back."""

    day: str
    today: str
    limits: Mapping[str, int]
    used: dict[str, int]
    reserved: dict[str, int] = field(default_factory=lambda: {SEARCHES: 0, UNITS: 0})

    @classmethod
    def open(cls, cursor: Cursor, limits: Mapping[str, int], at: datetime) -> Self:
        """Take up the meter; what a run that died had reserved counts as used."""
        today, told = day_of(at), cursor.get(PREFIX, "day") or ""
        used = {kind: _remembered(cursor, kind) if told >= today else 0 for kind in (SEARCHES, UNITS)}
        return cls(told if today < told <= day_of(at + AHEAD) else today, today, limits, used)

    @property
    def values(self) -> dict[str, str | None]:
        """Return what a page's cursor holds of it."""
        told: dict[str, str | None] = {f"{PREFIX} day": self.day}
        for kind, used in self.used.items():
            told[f"{PREFIX} {kind}"] = str(used)
            told[f"{PREFIX} {kind} reserved"] = str(self.reserved[kind]) if self.reserved[kind] else None
        return told

    def left(self, kind: str) -> int:
        """Return how many requests of a kind are neither used nor reserved."""
        return max(0, self.limits[kind] - self.used[kind] - self.reserved[kind])

    def reserve(self, kind: str, at: datetime) -> bool:
        """Reserve one request; False where none is left. Raises RetryLater at the turn of a day.

        Then it is not certain on which day YouTube counts it.
        """
        if {day_of(at), day_of(at - SKEW), day_of(at + SKEW)} != {self.today}:
            turn = next_day(at - SKEW) if day_of(at - SKEW) != day_of(at + SKEW) else at
            raise RetryLater("YouTube begins to count a new day; going on after that", until=turn + SKEW)
        if not self.left(kind):
            return False
        self.reserved[kind] += 1
        return True

    def settle(self, kind: str) -> None:
        """Count the request that is reserved: an answer is there, and YouTube charges for refusals too."""
        self.reserved[kind] -= 1
        self.used[kind] += 1

    def use_up(self, kind: str) -> None:
        """Ask nothing more of this kind on this day: YouTube says that nothing is left."""
        self.used[kind] = max(self.used[kind], self.limits[kind])


def _remembered(cursor: Cursor, kind: str) -> int:
    return sum(int(cursor.get(PREFIX, *key) or 0) for key in ((kind,), (kind, "reserved")))
