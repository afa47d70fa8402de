"""Netflix's own Top 10: weekly, worldwide and by country, keyless.

A week is Monday to Sunday, filed under the Sunday; it is published on the Tuesday after, and rows are revised later.
Countries have ranks only, the world has hours (and views, the measure it is ranked by, since June 2023).
Format: https://www.netflix.com/tudum/top10/about
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from collector import cells
from collector.errors import BuzzError, Fatal, InputError
from collector.ranking import WORLD, RankDraft, RankingFile, RankingSettings, SkippedLine

if TYPE_CHECKING:
    from datetime import date

    from collector.http import Http
    from collector.source import Cursor

ADDRESS = "https://www.netflix.com/tudum/top10/data/"
FORMER_ADDRESS = "https://top10.netflix.com/data/"  # where the files lay until 2023; still redirects
MAX_BYTES = 100_000_000  # the country file has 30 MB
NEEDED = ("week", "category", "weekly_rank", "show_title")  # the rest came and went over the years
NOT_MODIFIED = 304
SUNDAY = 6


class NetflixSettings(RankingSettings):
    """`[rankings.netflix]`: where the two files are."""

    global_url: str = ADDRESS + "all-weeks-global.tsv"
    countries_url: str = ADDRESS + "all-weeks-countries.tsv"


class Netflix:
    """Downloads the two files when they changed, and reads their rows."""

    name: ClassVar[str] = "netflix"
    Settings: ClassVar[type[RankingSettings]] = NetflixSettings

    def __init__(self, settings: NetflixSettings, http: "Http") -> None:
        self._files = {"countries": settings.countries_url, "global": settings.global_url}
        self._http = http

    def fetch(self, cursor: "Cursor", folder: Path) -> Iterator[RankingFile]:
        """Yield the files that changed since the cursor. One that fails does not keep the other from being read.

        Raises RetryLater when asked to wait, Fatal when no address gives Netflix's table.
        """
        faults = []
        for key, url in self._files.items():
            try:
                file = self._download(key, url, cursor, folder)
            except BuzzError as fault:
                faults.append(fault)
                continue
            if file is not None:
                yield file
        if faults:
            raise faults[0]

    def _download(self, key: str, url: str, cursor: "Cursor", folder: Path) -> RankingFile | None:
        """Return the file from the first address that has it, or None when it is the one we know."""
        faults = []
        for address in _addresses(url):
            try:
                return self._ask(key, address, cursor, folder)
            except Fatal as fault:
                faults.append(fault)
        raise faults[0]

    def _ask(self, key: str, url: str, cursor: "Cursor", folder: Path) -> RankingFile | None:
        path = folder / f"netflix-{key}.tsv"
        headers = _conditions(key, url, cursor)
        answer = self._http.download(url, path, headers=headers, max_bytes=MAX_BYTES)
        if answer.status == NOT_MODIFIED and headers:
            return None
        if not path.is_file():
            raise InputError(f"{url} answered with status {answer.status} and no table; nothing was taken over")
        check_whole(path, url)
        known = {"address": url, "etag": answer.headers.get("ETag"), "modified": answer.headers.get("Last-Modified")}
        return RankingFile(url, path, {f"{key} {name}": value or "" for name, value in known.items()})

    @staticmethod
    def parse(lines: Iterable[str], label: str) -> Iterator[RankDraft | SkippedLine]:
        """Read the world's or the countries' file. Raises InputError when the header is neither's."""
        numbered = enumerate(lines, start=1)
        columns = read_header(next(numbered, (1, ""))[1], label)
        for number, line in numbered:
            values = line.rstrip("\r\n").split("\t")
            if values == [""]:
                continue
            if len(values) != len(columns):
                yield SkippedLine(number, f"has {len(values)} cells where the header has {len(columns)}")
                continue
            try:
                yield _row(dict(zip(columns, values, strict=True)))
            except ValueError as fault:
                yield SkippedLine(number, str(fault))


def is_header(columns: Iterable[str]) -> bool:
    """Tell whether these are the columns of one of the two files."""
    return set(NEEDED) <= set(columns)


def read_header(line: str, label: str) -> list[str]:
    """Return the names of the columns. Raises InputError saying what the file is instead."""
    columns = line.removeprefix("\ufeff").rstrip("\r\n").split("\t")
    if is_header(columns):
        return columns
    if not line.strip():
        raise InputError(f"{label} is empty, which is never Netflix's ranking; nothing was taken over")
    if line.lstrip("\ufeff \t").startswith("<"):
        raise InputError(f"{label} is a web page and not Netflix's table; nothing was taken over")
    if "rank" in columns and any(column.startswith("hours_viewed_first_") for column in columns):
        raise InputError(
            f"{label} is Netflix's list of the most popular titles ever, which tells no week, so its ranks have no "
            "place in time; import all-weeks-global.tsv or all-weeks-countries.tsv"
        )
    lacking = ", ".join(name for name in NEEDED if name not in columns)
    raise InputError(f"{label} does not begin with Netflix's header: it lacks {lacking}")


def check_whole(path: Path, label: str) -> None:
    """Refuse a download without rows, of another header, or whose last line was cut off. Raises InputError."""
    with path.open("rb") as file:
        columns = read_header(file.readline().decode("utf-8", "replace"), label)
        start = file.tell()
        size = file.seek(0, 2)
        if size == start:
            raise InputError(f"{label} has a header and no rows; nothing was taken over")
        file.seek(max(start, size - 10_000))
        last = file.read().rstrip(b"\r\n").rpartition(b"\n")[2]
    if last.count(b"\t") + 1 != len(columns):
        raise InputError(f"{label} was cut off in the middle of a line; nothing was taken over, try again later")


def _addresses(url: str) -> list[str]:
    """Return where to look: an address the user chose is the only one, Netflix's own has a former host behind it."""
    former = [FORMER_ADDRESS + url.removeprefix(ADDRESS)] if url.startswith(ADDRESS) else []
    return [url, *former]


def _conditions(key: str, url: str, cursor: "Cursor") -> dict[str, str]:
    """Return the headers that ask for the file only if it changed since the one we know from this address."""
    if cursor.get(key, "address") != url:
        return {}
    known = {"If-None-Match": cursor.get(key, "etag"), "If-Modified-Since": cursor.get(key, "modified")}
    return {name: value for name, value in known.items() if value}


def _row(line: Mapping[str, str]) -> RankDraft:
    """Read one line by the names of its columns. Raises ValueError naming the column that is wrong."""
    rank = cells.whole(line["weekly_rank"], "weekly_rank", least=1)
    if rank is None:
        raise ValueError("weekly_rank is empty")
    country = line.get("country_iso2", WORLD).strip().upper()
    if "country_iso2" in line and not (len(country) == 2 and country.isascii() and country.isalpha()):  # noqa: PLR2004
        raise ValueError(f"country_iso2 is not a two-letter code: {country[:20]!r}")
    return RankDraft(
        provider=Netflix.name,
        period="week",
        date=_week(line["week"]),
        country=country,
        country_name=cells.maybe_name(line.get("country_name", ""), "country_name"),
        category=cells.name(line["category"], "category"),
        name=cells.name(line["show_title"], "show_title"),
        season=cells.maybe_name(line.get("season_title", ""), "season_title"),
        rank=rank,
        hours=cells.whole(line.get("weekly_hours_viewed", ""), "weekly_hours_viewed", most=cells.LARGE),
        views=cells.whole(line.get("weekly_views", ""), "weekly_views", most=cells.LARGE),
        runtime=cells.decimal(line.get("runtime", ""), "runtime"),
        weeks_in=cells.whole(line.get("cumulative_weeks_in_top_10", ""), "cumulative_weeks_in_top_10"),
    )


@lru_cache(maxsize=4096)
def _week(cell: str) -> "date":
    found = cells.day(cell, "week")
    if found.weekday() != SUNDAY:
        raise ValueError(f"week is {found}, which is no Sunday")
    return found
