"""The meter of X's money: what a month has cost so far, and what is reserved for requests under way. Pure.

Money is counted in millionths of a dollar and reserved before a request is sent, in a page that is saved first; what
the answer cost is settled with the page that brings it. A reservation that nobody settled, because the process died
in between, counts as spent: the meter may say too much, never too little.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from collector.errors import RetryLater
from collector.source import Cursor

MICRO = 1_000_000  # millionths in a dollar
SKEW = timedelta(minutes=5)  # by how much X's clock and ours may differ at the turn of a day or a month
PREFIX = "meter"


def micros(dollars: float) -> int:
    """Turn dollars into millionths."""
    return round(dollars * MICRO)


def month_of(at: datetime) -> str:
    """Return the UTC month of a moment, such as "2026-11"."""
    return f"{at.astimezone(UTC):%Y-%m}"


def next_month(at: datetime) -> datetime:
    """Return the moment at which the next UTC month begins."""
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


class Reading(NamedTuple):
    """What the meter shows, in dollars. `reserved` is not zero while requests are under way, or after a crash.

    Of what is spent, `read` went into posts of a search and `rechecked` into asking for stored ones again; the rest
    into counts, and into reservations that nobody settled.
    """

    month: str
    spent: float
    reserved: float
    budget: float
    read: float = 0.0
    rechecked: float = 0.0

    @property
    def left(self) -> float:
        """Return what may still be spent this month."""
        return max(0.0, self.budget - self.spent - self.reserved)


def read_meter(cursor: Cursor, budget_usd: float, at: datetime) -> Reading:
    """Read the meter of the month of `at` out of what source "x" remembers."""
    month = month_of(at)
    spent, reserved = _remembered(cursor, month)
    parts = (int(cursor.get(PREFIX, month, key) or 0) / MICRO for key in ("read", "rechecked"))
    return Reading(month, spent / MICRO, reserved / MICRO, budget_usd, *parts)


@dataclass(slots=True)
class Meter:
    """The meter of one run. `left` never falls below zero by what we ask for."""

    month: str
    budget: int
    spent: int
    reserved: int = 0
    read: int = 0  # of what is spent: for posts of a search …
    rechecked: int = 0  # … and for asking again
    _billed: set[str] = field(default_factory=set)
    _day: str = ""

    @classmethod
    def open(cls, cursor: Cursor, budget_usd: float, at: datetime) -> Self:
        """Take up the meter; what a run that died had reserved counts as spent."""
        month = month_of(at)
        read, rechecked = (int(cursor.get(PREFIX, month, key) or 0) for key in ("read", "rechecked"))
        return cls(month, micros(budget_usd), sum(_remembered(cursor, month)), read=read, rechecked=rechecked)

    @property
    def left(self) -> int:
        """Return what is neither spent nor reserved."""
        return max(0, self.budget - self.spent - self.reserved)

    @property
    def values(self) -> Mapping[str, str | None]:
        """Return what a page's cursor holds of it."""
        key = f"{PREFIX} {self.month}"
        return {
            f"{key} spent": str(self.spent),
            f"{key} reserved": str(self.reserved) if self.reserved else None,
            f"{key} read": str(self.read) if self.read else None,
            f"{key} rechecked": str(self.rechecked) if self.rechecked else None,
        }

    def reserve(self, amount: int, at: datetime) -> bool:
        """Reserve this much instead of what was reserved; False, and nothing, where less is left. Raises RetryLater."""
        self.reserved = 0
        self.check(at)
        if amount > self.left:
            return False
        self.reserved = amount
        return True

    def release(self) -> None:
        """Give back what is reserved: the answer is there, or X has refused, which is free."""
        self.reserved = 0

    def check(self, at: datetime) -> None:
        """Raise RetryLater where it is not certain which month X bills: at a month's turn nothing is asked."""
        month = month_of(at)
        if month != self.month or month_of(at - SKEW) != month or month_of(at + SKEW) != month:
            turn = next_month(at - SKEW) if month_of(at - SKEW) != month_of(at + SKEW) else at
            raise RetryLater("X begins a new month of its bill; going on after that", until=turn + SKEW)

    def settle(self, cost: int) -> None:
        """Turn this much of what is reserved into spent money."""
        self.spent += cost
        self.reserved = max(0, self.reserved - cost)

    def settle_posts(self, ids: Iterable[str | None], price: int, at: datetime) -> int:
        """Settle the posts of an answer. One that this run paid for already on the same UTC day is free.

        Close to midnight, and where a post has no id, each counts. Returns what they cost.
        """
        day, near = f"{at:%Y-%m-%d}", f"{at - SKEW:%d}" != f"{at + SKEW:%d}"
        if near or day != self._day:
            self._billed.clear()
            self._day = "" if near else day
        cost = 0
        for native_id in ids:
            if native_id is None or native_id not in self._billed:
                cost += price
            if native_id is not None and not near:
                self._billed.add(native_id)
        self.settle(cost)
        return cost


def _remembered(cursor: Cursor, month: str) -> tuple[int, int]:
    """Return what was spent and reserved in a month."""
    spent, reserved = (cursor.get(PREFIX, month, key) or "0" for key in ("spent", "reserved"))
    return int(spent), int(reserved)
