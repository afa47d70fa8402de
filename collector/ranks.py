"""Writes rows of a ranking: what is new is added, what was revised is replaced, the rest is left alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from collector.clock import now, to_seconds
from collector.models import Rank, table
from collector.ranking import RankDraft, title_key
from collector.records import RankCounts
from collector.upsert import insert_or_update

RANK = table(Rank)

KEY = ("provider", "period", "day", "country", "category", "slot")
# told by the file, so a difference in one of them is a revision
VALUES = (
    "rank",
    "name",
    "season",
    "title_key",
    "country_name",
    "points",
    "hours",
    "views",
    "runtime",
    "weeks_in",
    "no1_countries",
    "countries_covered",
)


def save(connection: Connection, label: str, rows: Sequence[RankDraft]) -> RankCounts:
    """Save rows; `label` names the file or address they came from."""
    stamp = to_seconds(now())
    given = {_key(row): row for row in (_row(draft) for draft in rows)}
    known = _known(connection, list(given.values()))
    changed = {key: row for key, row in given.items() if known.get(key) != _values(row)}
    new_rows = [row | {"source_label": label, "stored_at": stamp} for row in changed.values()]
    insert_or_update(connection, RANK, new_rows, key=KEY)
    revised = sum(key in known for key in changed)
    return RankCounts(
        read=len(rows), stored=len(changed) - revised, revised=revised, unchanged=len(rows) - len(changed)
    )


def _row(draft: RankDraft) -> dict[str, Any]:
    return {
        "provider": draft.provider,
        "period": draft.period,
        "day": _first_second(draft.date),
        "country": draft.country,
        "category": draft.category,
        "slot": str(draft.rank) if draft.rank is not None else title_key(draft.name),
        "rank": draft.rank,
        "name": draft.name,
        "season": draft.season,
        "title_key": title_key(draft.name),
        "country_name": draft.country_name,
        "points": draft.points,
        "hours": draft.hours,
        "views": draft.views,
        "runtime": draft.runtime,
        "weeks_in": draft.weeks_in,
        "no1_countries": draft.no1_countries,
        "countries_covered": draft.countries_covered,
    }


@lru_cache(maxsize=4096)  # a file of half a million rows has a few hundred dates
def _first_second(day: date) -> int:
    return to_seconds(datetime.combine(day, time(), UTC))


_key = itemgetter(*KEY)
_values = itemgetter(*VALUES)


def _known(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Read what is stored for the providers, days and countries of these rows."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for provider, period in {(row["provider"], row["period"]) for row in rows}:
        same = [row for row in rows if (row["provider"], row["period"]) == (provider, period)]
        statement = select(*(RANK.c[name] for name in (*KEY, *VALUES))).where(
            RANK.c.provider == provider,
            RANK.c.period == period,
            RANK.c.day.in_(sorted({row["day"] for row in same})),
            RANK.c.country.in_(sorted({row["country"] for row in same})),
        )
        for row in connection.execute(statement):
            found[tuple(row[: len(KEY)])] = tuple(row[len(KEY) :])
    return found
