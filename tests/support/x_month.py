"""Weeks of collecting from X in an instant: a clock that is moved, invented posts, a server that bills, runs that die.

X's bill is the server's own: $0.005 for a post once a UTC day, $0.005 for a request for counts.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Loopback
from sqlalchemy import text
from x_stub import XStub, post, x_server

from collector.author import AuthorKeys
from collector.clock import HOUR, to_seconds
from collector.collect import Saver, collect
from collector.config import TitleSettings
from collector.errors import RetryLater
from collector.http import Http
from collector.recheck import recheck
from collector.retention import Care
from collector.sources.x import X, XSettings
from collector.store import Store
from collector.x_meter import micros, month_of, read_meter

TITLES = (
    TitleSettings(name="Quiet", hashtags=("quiet",)),
    TitleSettings(name="Loud", hashtags=("loud", "louder")),
    TitleSettings(name="Bursting", hashtags=("bursting",)),
)
CARE = Care("x", "x", keep_text=timedelta(days=7), keep_posts=None, recheck_for=timedelta(days=7))
SHARED = 0.2  # of the posts name a second title


class DeathError(Exception):
    """The process is gone: what it had not saved is lost."""


@dataclass
class DyingSaver(Saver):
    """Saves pages until its time has come; it dies before or after saving the last one."""

    lives: int = 10**9
    dies_first: bool = False

    def save(self, origin: Any, page: Any) -> Any:  # noqa: ANN401 - as Saver's
        """Save a page, or die."""
        self.lives -= 1
        if self.lives < 0 and self.dies_first:
            raise DeathError
        saved = super().save(origin, page)
        if self.lives < 0:
            raise DeathError
        return saved


@dataclass
class Month:
    """The simulation. `posts_an_hour` is for the loud title; the others have less, but for a day of a burst."""

    store: Store
    start: datetime
    days: float
    budget: float = 10.0
    every: timedelta = timedelta(hours=1)
    counts_every: timedelta = timedelta(hours=6)
    posts_an_hour: float = 30.0
    deaths: float = 0.1  # of the runs
    strikes: float = 0.0  # seconds within which SIGKILL strikes a process that collects; 0: runs die within this one
    seed: int = 1
    stub: XStub = field(default_factory=XStub)
    runs: int = 0
    died: int = 0
    found: list[str] = field(default_factory=list)
    _all: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> None:
        """Let the time pass."""
        chance = random.Random(self.seed)
        self._all = sorted(self._posts(chance), key=lambda entry: entry["created_at"])
        self.stub.held = {str(entry["id"]): entry for entry in self._all}
        with x_server(self.stub) as server:
            now = self.start
            while now < self.start + timedelta(days=self.days):
                self._offer(now)
                if self.strikes:
                    self._collect_struck(server, now, chance)
                else:
                    self._collect(server, now, chance)
                now += self.every * chance.uniform(0.6, 1.4)

    def _posts(self, chance: random.Random) -> Iterator[dict[str, Any]]:
        """Invent the posts of the whole time and of the week before it."""
        hours = int(self.days * 24) + 8 * 24
        burst = hours // 2
        number = 0
        for hour in range(hours):
            rates = {
                "quiet": self.posts_an_hour / 40,
                "loud": self.posts_an_hour / 2,
                "louder": self.posts_an_hour / 2,
                "bursting": self.posts_an_hour * (4 if burst <= hour < burst + 24 else 0.1),
            }
            for tag, rate in rates.items():
                for _ in range(int(rate + chance.random())):
                    at = self.start - timedelta(days=8) + timedelta(hours=hour, seconds=chance.randrange(3600))
                    second = [chance.choice(list(rates))] if chance.random() < SHARED else []
                    tags = [{"tag": name} for name in dict.fromkeys([tag, *second])]
                    number += 1
                    yield post(at, number=number, entities={"hashtags": tags}, author_id=str(number % 97))

    def _offer(self, now: datetime) -> None:
        """Let X have what was posted in the days before this moment."""
        first, last = _written(now - timedelta(days=7, hours=2)), _written(now - timedelta(seconds=20))
        self.stub.posts = [entry for entry in self._all if first <= entry["created_at"] < last]
        self.stub.now = now

    def _collect_struck(self, server: Loopback, now: datetime, chance: random.Random) -> None:
        """Do one run in a process of its own, which SIGKILL may strike at any moment."""
        import tweepy  # noqa: F401, PLC0415 - so that not every child has to

        self.store.close()
        child = os.fork()
        if child == 0:
            try:
                with Store.open(self.store.url) as store:
                    replace(self, store=store, strikes=0.0, deaths=0.0)._collect(server, now, chance)
            finally:
                os._exit(0)
        self.runs += 1
        if chance.random() < self.deaths:
            time.sleep(chance.uniform(0, self.strikes))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        self.died += os.WIFSIGNALED(status)
        self.found += self._badly_metered()

    def _collect(self, server: Loopback, now: datetime, chance: random.Random) -> None:
        """Do one run; a second or two pass with each look at the clock."""
        moment = now

        def clock() -> datetime:
            nonlocal moment
            moment += timedelta(seconds=1)
            self.stub.now = moment
            return moment

        settings = XSettings(
            enabled=True, api=server.url, budget_usd_per_month=self.budget, counts_every=self.counts_every
        )
        saver = DyingSaver(self.store, TITLES, AuthorKeys(b"a secret for tests"), clock=clock)
        if chance.random() < self.deaths:
            saver.lives, saver.dies_first = chance.randrange(4), chance.random() < 0.5
        self.runs += 1
        try:
            collect(saver, X(settings, Http(clock=clock, timeout=(5, 5))), follow=True)
            recheck(saver, X(settings, Http(clock=clock, timeout=(5, 5))), CARE)
        except DeathError:
            self.died += 1
        except RetryLater:
            if month_of(now - timedelta(minutes=10)) == month_of(now + timedelta(minutes=10)):
                raise

    # --- what came of it

    def faults(self) -> list[str]:
        """Return what is not as it must be: the bill, the meter, the volume, what is told to be covered."""
        found = [*self.found, *self._badly_metered()]
        told = self._told()
        found += [
            f"{key}: told {told[key]}, true is {many}" for key, many in self._true(told).items() if many != told[key]
        ]
        found += self._badly_covered()
        return found

    def _badly_metered(self) -> Iterator[str]:
        """Yield the months whose bill is more than the meter shows, or the meter more than the budget."""
        for month, billed in list(self.stub.bill.items()):
            at = datetime.fromisoformat(f"{month}-15T00:00:00+00:00")
            shown = read_meter(self.store.cursor("x"), self.budget, at)
            metered = micros(shown.spent) + micros(shown.reserved)
            if not billed <= metered <= micros(self.budget):
                yield f"{month}: X bills {billed}, the meter shows {metered}, the budget is {self.budget}"

    def _told(self) -> dict[tuple[str, int], int]:
        """Return the volume that is stored, by title and hour."""
        rows = self._ask(
            "SELECT title.name, start, amount, length FROM platform_count JOIN title ON title.id = title_id"
        )
        assert {row[3] for row in rows} == {HOUR}
        return {(name, start): amount for name, start, amount, _ in rows}

    def _true(self, told: dict[tuple[str, int], int]) -> dict[tuple[str, int], int]:
        """Return the volume that there was, for every hour of the simulation up to the last one that is told."""
        last = {title.name: max(start for name, start in told if name == title.name) for title in TITLES}
        first = to_seconds(self.start - timedelta(days=6))
        true = {(name, hour): 0 for name, end in last.items() for hour in range(first - first % HOUR, end + 1, HOUR)}
        for (name, hour), many in self._posts_by_hour().items():
            if (name, hour) in true:
                true[name, hour] = many
        return true

    def _posts_by_hour(self) -> Counter[tuple[str, int]]:
        counted: Counter[tuple[str, int]] = Counter()
        for entry in self._all:
            at = to_seconds(datetime.fromisoformat(entry["created_at"]))
            tags = {tag["tag"] for tag in entry["entities"]["hashtags"]}
            counted.update((title.name, at - at % HOUR) for title in TITLES if not tags.isdisjoint(title.hashtags))
        return counted

    def _badly_covered(self) -> Iterator[str]:
        """Yield the whole hours that are told to be covered and of which not every post is stored."""
        true = self._posts_by_hour()
        stored = Counter(
            (name, at - at % HOUR)
            for name, at in self._ask(
                "SELECT title.name, post.created_at FROM mention JOIN post ON post.id = post_id "
                "JOIN title ON title.id = title_id"
            )
        )
        for name, since, until in self._ask(
            "SELECT title.name, since, until FROM covered JOIN title ON title.id = title_id WHERE coverage = 'covered'"
        ):
            for hour in range(since - since % -HOUR, until - HOUR + 1, HOUR):
                if stored[name, hour] != true[name, hour]:
                    yield f"{name} {hour}: covered with {stored[name, hour]} of {true[name, hour]} posts"

    def rechecked(self) -> float:
        """Return what asking again has cost by the meter, in dollars."""
        values = self.store.cursor("x").values
        return sum(int(value) for key, value in values.items() if key.endswith(" rechecked")) / 1_000_000

    def used(self) -> dict[str, float]:
        """Return X's bill of each month in dollars."""
        return {month: billed / 1_000_000 for month, billed in sorted(self.stub.bill.items())}

    def _ask(self, sql: str) -> list[Any]:
        with self.store.reading() as connection:
            return list(connection.execute(text(sql)))


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
