"""When people speak of what: six weeks from a trailer to an award show, as waves that rise and fall. Pure.

All times are hours since START. The shape is invented; the dates it turns on are facts: All of Us Are Dead was released
on 2022-01-28 at 08:00 UTC, Netflix publishes its weekly list on Tuesdays, the SAG Awards were on Sunday 2022-02-27.
"""

import math
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

START = datetime(2022, 1, 21, tzinfo=UTC)
END = datetime(2022, 2, 28, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = (END - START) // HOUR
RELEASE = datetime(2022, 1, 28, 8, tzinfo=UTC)
WEEKEND = (5, 6)
# how much is written at each hour of the local day, from midnight on
RHYTHM = (6, 4, 3, 2, 2, 2, 3, 4, 5, 6, 6, 7, 8, 8, 7, 7, 8, 9, 10, 11, 13, 14, 12, 9)

ALIVE, SQUID, HELL = "All of Us Are Dead", "Squid Game", "Hellbound"


@dataclass(frozen=True, slots=True)
class Wave:
    """So many posts about one theme of one title: rising to `top` over `rise` hours, falling over `fall` hours.

    `calm` is how far the local time of day shapes it (0: not at all). `minutes` is the part of the hour it falls into.
    """

    title: str
    theme: str
    posts: int
    top: datetime
    rise: float
    fall: float
    since: datetime = START
    until: datetime = END
    calm: float = 1.0
    minutes: int = 60

    def height(self, hour: int) -> float:
        """Return the relative height at an hour since START."""
        if not self.since <= START + hour * HOUR < self.until:
            return 0.0
        away = hour - (self.top - START) / HOUR
        return math.exp(away / self.rise if away < 0 else -away / self.fall)


def _at(written: str) -> datetime:
    return datetime.fromisoformat(f"2022-{written}+00:00")


STORY = (
    Wave(ALIVE, "anticipation", 300, RELEASE, 60, 1, until=RELEASE),
    Wave(ALIVE, "premiere", 760, _at("01-28 10:00"), 1.5, 6, since=RELEASE, calm=0.4),
    Wave(ALIVE, "premiere", 330, _at("01-29 15:00"), 5, 7, since=RELEASE),
    Wave(ALIVE, "binge", 520, _at("01-30 14:00"), 4, 6, since=_at("01-28 16:00"), calm=0.6),
    Wave(ALIVE, "binge", 900, _at("01-30 16:00"), 22, 70, since=_at("01-28 14:00")),
    Wave(ALIVE, "binge", 180, _at("02-05 18:00"), 10, 14, since=_at("02-04 16:00")),
    Wave(ALIVE, "choreography", 90, _at("01-29 18:00"), 8, 30, since=_at("01-28 12:00")),
    # a making-of clip goes round
    Wave(ALIVE, "choreography", 690, _at("02-01 14:00"), 0.9, 2.8, since=_at("02-01 11:00"), calm=0.2),
    Wave(ALIVE, "choreography", 320, _at("02-01 18:00"), 3, 30, since=_at("02-01 13:00")),
    Wave(ALIVE, "ending", 660, _at("01-31 02:00"), 20, 110, since=_at("01-29 06:00")),
    Wave(ALIVE, "season 2", 400, _at("02-02 12:00"), 30, 160, since=_at("01-30 00:00")),
    Wave(ALIVE, "dubbing", 280, _at("01-29 20:00"), 12, 120, since=_at("01-28 09:00")),
    Wave(ALIVE, "pacing", 280, _at("01-30 20:00"), 15, 110, since=_at("01-29 00:00")),
    Wave(ALIVE, "violence", 290, _at("01-29 16:00"), 20, 150, since=_at("01-28 10:00")),
    Wave(ALIVE, "acting", 420, _at("01-30 12:00"), 18, 130, since=_at("01-28 14:00")),
    Wave(ALIVE, "comparison", 280, _at("01-31 00:00"), 20, 150, since=_at("01-28 14:00")),
    Wave(ALIVE, "background", 560, _at("02-08 00:00"), 120, 260, since=_at("01-30 00:00")),
    Wave(ALIVE, "news", 90, _at("02-01 20:00"), 2, 50, since=_at("02-01 19:00")),
    Wave(ALIVE, "second week", 60, _at("02-08 20:00"), 2, 50, since=_at("02-08 19:00")),
    Wave(ALIVE, "copies", 36, _at("02-03 18:00"), 0.1, 0.1, since=_at("02-03 18:00"), calm=0, minutes=9),
    Wave(ALIVE, "hostile", 30, _at("02-03 12:00"), 120, 300, since=_at("01-28 09:00")),
    Wave(SQUID, "background", 420, _at("02-08 00:00"), 600, 600),
    Wave(SQUID, "awards", 160, _at("02-27 21:00"), 14, 20, since=_at("02-24 00:00")),
    Wave(SQUID, "hostile", 2, _at("02-03 12:00"), 300, 300),
    Wave(HELL, "background", 280, _at("02-02 00:00"), 500, 500),
    Wave(HELL, "hostile", 2, _at("02-03 12:00"), 300, 300),
)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """One post to be: when, in which language, about what."""

    at: datetime
    title: str
    theme: str
    language: str


def moments(zones: Mapping[tuple[str, str], Mapping[str, tuple[int, float]]], chance: Random) -> list[Moment]:
    """Draw every moment of the story, in the order of time.

    zones: by (title, theme), the languages that have something to say about it, each with its hours from UTC and
    weight.
    """
    return sorted(moment for wave in STORY for moment in _draw(wave, zones[wave.title, wave.theme], chance))


def _draw(wave: Wave, zones: Mapping[str, tuple[int, float]], chance: Random) -> Iterator[Moment]:
    heights = [(hour, height) for hour in range(HOURS) if (height := wave.height(hour))]
    cells = [(hour, language) for hour, _ in heights for language in zones]
    weights = [
        height * weight * rhythm(hour, zone) ** wave.calm for hour, height in heights for zone, weight in zones.values()
    ]
    totals = list(accumulate(weights))
    for _ in range(wave.posts):
        hour, language = cells[bisect(totals, chance.random() * totals[-1])]
        within = timedelta(milliseconds=int(chance.random() * wave.minutes * 60_000))
        yield Moment(START + hour * HOUR + within, wave.title, wave.theme, language)


def rhythm(hour: int, zone: int) -> float:
    """Return how much is written at an hour since START, `zone` hours from UTC; weekends are livelier."""
    local = hour + zone
    return RHYTHM[local % 24] / 7 * (1.2 if (START.weekday() + local // 24) % 7 in WEEKEND else 1.0)
