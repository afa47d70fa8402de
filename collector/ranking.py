"""What a provider of rankings must offer, and the row it yields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from collector.duration import Duration
from collector.text import fold

if TYPE_CHECKING:
    from collector.http import Http
    from collector.source import Cursor

WORLD = ""  # the country of a row that speaks of the whole world


class RankingSettings(BaseModel):
    """What every `[rankings.<name>]` table has; a provider adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    every: Duration = timedelta(days=1)

    def relative_to(self, folder: Path) -> Self:  # noqa: ARG002 - a provider that names files overrides it
        """Return these settings with relative paths taken from this folder, that of the config file."""
        return self


@lru_cache(maxsize=16_384)
def title_key(name: str) -> str:
    """Return the form in which names of titles are compared: folded, white space collapsed."""
    return " ".join(fold(name).split())


def week_end(day: date) -> date:
    """Return the Sunday that ends the week (Monday to Sunday) of this day: rankings are filed under it."""
    return day + timedelta(days=6 - day.weekday())


@dataclass(frozen=True, slots=True)
class RankDraft:
    """One place in one ranking. `date` is the day, or the Sunday that ends the week.

    `rank` is None where a provider tells only the points. `country` is ISO 3166 alpha-2, or WORLD.
    """

    provider: str  # "netflix", "flixpatrol", ...
    period: Literal["day", "week"]
    date: date
    country: str
    category: str  # as the provider names it, such as "TV (Non-English)"
    name: str  # the title as the provider writes it
    rank: int | None = None
    season: str | None = None
    country_name: str | None = None
    points: int | None = None
    hours: int | None = None
    views: int | None = None
    runtime: float | None = None
    weeks_in: int | None = None
    no1_countries: int | None = None
    countries_covered: int | None = None


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that could not be read: its number in the file (the header is 1) and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class RankingFile:
    """One downloaded file: where it lies, and what to remember once its rows are saved."""

    label: str
    path: Path
    cursor: Mapping[str, str]


class RankingSource(Protocol):
    """One provider. `fetch` is I/O (files to read), `parse` is pure (lines to rows)."""

    name: ClassVar[str]
    Settings: ClassVar[type[RankingSettings]]

    def __init__(self, settings: Any, http: "Http") -> None:  # noqa: ANN401 - each provider has its own settings
        """Take the settings of `[rankings.<name>]` and the one door to the network. Opens nothing."""

    def fetch(self, cursor: "Cursor", folder: Path) -> Iterator[RankingFile]:
        """Yield the files that changed since the cursor, downloaded into `folder`.

        Raises RetryLater when asked to wait, Fatal when the answer is not what it should be (empty, no header).
        """

    @staticmethod
    def parse(lines: Iterable[str], label: str) -> Iterator[RankDraft | SkippedLine]:
        """Read a file's lines, header first. Raises InputError when the header is not this provider's."""
