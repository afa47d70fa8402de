"""Rankings that the user brings: daily or weekly ranks and points in a CSV, such as FlixPatrol's.

Columns are found by name (see COLUMNS), in any order; one row a line. What has no country speaks of the world.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from collector import cells, countries
from collector.duration import Duration
from collector.errors import InputError
from collector.ranking import RankDraft, RankingFile, RankingSettings, SkippedLine, title_key, week_end

if TYPE_CHECKING:
    from collector.http import Http
    from collector.source import Cursor

DEFAULT_PROVIDER = "csv"  # whose ranking it is when the file does not say
DELIMITERS = ",;\t|"
# field -> names of columns that hold it, the first one found wins; compared in lower case, blanks as "_"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "day", "week", "week_end"),
    "title": ("title", "show_title", "name", "movie", "show"),
    "country": ("country_iso2", "country_code", "iso2", "country", "region", "territory", "country_name"),
    "country_name": ("country_name",),
    "category": ("category", "type", "kind"),
    "platform": ("platform", "company", "service"),
    "provider": ("provider", "ranking_provider"),
    "period": ("period",),
    "season": ("season", "season_title"),
    "rank": ("rank", "ranking", "position", "place", "weekly_rank"),
    "points": ("points", "value", "score"),
    "hours": ("hours", "hours_viewed", "weekly_hours_viewed"),
    "views": ("views", "weekly_views"),
    "weeks_in": ("weeks_in", "cumulative_weeks_in_top_10"),
    "no1_countries": ("no1_countries", "countries_no1"),
    "countries_covered": ("countries_covered", "countries_tracked"),
}
FIGURES = ("points", "hours", "views", "weeks_in", "no1_countries", "countries_covered")
PERIODS: Mapping[str, Literal["day", "week"]] = {"day": "day", "daily": "day", "week": "week", "weekly": "week"}


class CsvSettings(RankingSettings):
    """`[rankings.csv]`: files or patterns such as "ranks/*.csv", read again when they change."""

    every: Duration = timedelta(hours=1)
    paths: tuple[str, ...] = ()

    def relative_to(self, folder: Path) -> Self:
        """Return these settings with relative paths taken from this folder, that of the config file."""
        return self.model_copy(update={"paths": tuple(str(folder / Path(path).expanduser()) for path in self.paths)})


class CsvRankings:
    """Reads the files named in the config when they are new or changed."""

    name: ClassVar[str] = "csv"
    Settings: ClassVar[type[RankingSettings]] = CsvSettings

    def __init__(self, settings: CsvSettings, http: "Http") -> None:  # noqa: ARG002 - files need no network
        self._paths = settings.paths

    def fetch(self, cursor: "Cursor", folder: Path) -> Iterator[RankingFile]:  # noqa: ARG002 - read where they lie
        """Yield the files whose size or time changed since the cursor.

        Raises InputError for a file that is not there, after the others.
        """
        missing = []
        for written in self._paths:
            found = _matching(Path(written).expanduser())
            if not found:
                missing.append(written)
            for path in found:
                status = path.stat()
                state = f"{status.st_size} {status.st_mtime_ns}"
                if cursor.get(str(path)) != state:
                    yield RankingFile(str(path), path, {str(path): state})
        if missing:
            raise InputError(f"[rankings.csv] paths: {', '.join(missing)} is not there; mend the path or take it out")

    @staticmethod
    def parse(lines: Iterable[str], label: str) -> Iterator[RankDraft | SkippedLine]:
        """Read a table with a header. Raises InputError when it has no columns for the date and the title."""
        numbered = enumerate(lines, start=1)
        table = Header.read(next(numbered, (1, ""))[1], label)
        first_seen: dict[tuple[object, ...], int] = {}
        for number, line in numbered:
            if not line.strip():
                continue
            try:
                draft = table.row(line)
                _check_once(draft, number, first_seen)
            except (ValueError, csv.Error) as fault:
                yield SkippedLine(number, str(fault))
            else:
                yield draft


class Header:
    """Which column holds what, learned from the first line."""

    def __init__(self, columns: list[str], delimiter: str) -> None:
        self._split = partial(_split, delimiter=delimiter)
        self._width = len(columns)
        self._at = {field: columns.index(found) for field, found in _found(columns).items()}
        self._weekly = "date" in self._at and columns[self._at["date"]].startswith("week")

    @classmethod
    def read(cls, line: str, label: str) -> Self:
        """Find the delimiter and the columns. Raises InputError saying what is missing."""
        line = line.removeprefix("\ufeff")
        if not line.strip():
            raise InputError(f"{label} is empty; a ranking has at least the columns date, title and rank")
        if line.lstrip().startswith("<"):
            raise InputError(f"{label} is a web page and not a table; save the table itself as CSV")
        delimiter = max(DELIMITERS, key=line.count)
        columns = [_column(cell) for cell in _split(line, delimiter=delimiter, strict=False)]
        found = _found(columns)
        lacking = [field for field in ("date", "title") if field not in found]
        if not found.keys() & {"rank", *FIGURES}:
            lacking.append("rank or points")
        if lacking:
            raise InputError(
                f"{label} has no column for {' and '.join(lacking)} in its first line ({', '.join(columns)[:200]}); "
                "docs/rankings.md lists the names that are understood"
            )
        return cls(columns, delimiter)

    def row(self, line: str) -> RankDraft:
        """Read one line. Raises ValueError (csv.Error for an open quote) with the reason to show."""
        values = self._split(line)
        if len(values) != self._width:
            raise ValueError(f"has {len(values)} cells where the header has {self._width}")
        line_of = {field: values[at] for field, at in self._at.items()}
        period = self._period(line_of.get("period", ""))
        figures = {name: _figure(line_of.get(name, ""), name) for name in FIGURES}
        rank = cells.whole(line_of.get("rank", ""), "rank", least=1)
        if rank is None and all(figure is None for figure in figures.values()):
            raise ValueError("has neither a rank nor points nor any other figure")
        code = countries.code_of(line_of.get("country", ""))
        told = cells.maybe_name(line_of.get("country_name", ""), "country_name")
        return RankDraft(
            provider=_provider(line_of.get("provider", "")),
            period=period,
            date=_date(line_of["date"], period),
            country=code,
            country_name=(told or countries.name_of(code)) if code else None,
            category=_category(line_of),
            name=cells.name(line_of["title"], "title"),
            season=cells.maybe_name(line_of.get("season", ""), "season"),
            rank=rank,
            **figures,
        )

    def _period(self, cell: str) -> Literal["day", "week"]:
        if cells.is_absent(cell):
            return "week" if self._weekly else "day"
        found = PERIODS.get(cell.strip().casefold())
        if found is None:
            raise ValueError(f"period is neither day nor week: {cell.strip()[:40]!r}")
        return found


def _column(cell: str) -> str:
    return "_".join(cell.strip().casefold().split())


def _found(columns: list[str]) -> dict[str, str]:
    """Map each field to the column that holds it."""
    return {
        field: column
        for field, names in COLUMNS.items()
        if (column := next((name for name in names if name in columns), None)) is not None
    }


def _split(line: str, *, delimiter: str, strict: bool = True) -> list[str]:
    """Cut one line into cells. Each line by itself, so that an open quote spoils no line but its own."""
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=strict), [])


def _figure(cell: str, name: str) -> int | None:
    return cells.whole(cell, name, most=cells.LARGE if name in {"hours", "views"} else cells.SMALL)


def _date(cell: str, period: str) -> date:
    found = cells.day(cell, "date")
    return week_end(found) if period == "week" else found


def _provider(cell: str) -> str:
    return (cells.maybe_name(cell, "provider") or DEFAULT_PROVIDER).casefold()


def _category(line: Mapping[str, str]) -> str:
    """Return the category, with the platform before it: rank 1 on two platforms are two places."""
    parts = (cells.maybe_name(line.get(field, ""), field) for field in ("platform", "category"))
    return " / ".join(part for part in parts if part)


def _check_once(draft: RankDraft, number: int, first_seen: dict[tuple[object, ...], int]) -> None:
    """Refuse a second title in the same place, or the same title told twice. Raises ValueError."""
    slot = draft.rank if draft.rank is not None else title_key(draft.name)
    place = (draft.provider, draft.period, draft.date, draft.country, draft.category, slot)
    first = first_seen.setdefault(place, number)
    if first != number:
        raise ValueError(f"tells the same place as line {first} once more; the first one is kept")


def _matching(path: Path) -> list[Path]:
    """Return the file itself, or the files that a pattern in its last parts means."""
    if path.is_file():
        return [path]
    return sorted(found for found in Path(path.anchor).glob(str(path.relative_to(path.anchor))) if found.is_file())
