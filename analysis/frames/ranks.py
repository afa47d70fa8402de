"""Places in rankings, which countries a ranking covers, and which titles and dates it knows.

A date is the day, or the Sunday that ends the week; its first second, UTC. The country of the world's rows is "".
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, and_, distinct, func, or_, select

from analysis.frames.clauses import within
from analysis.frames.columns import TEXT, Columns, empty
from analysis.frames.reader import Reader
from collector import countries
from collector.models import metadata
from collector.ranking import WORLD, title_key

RANK = metadata.tables["rank"]
RANKS: Columns = {
    "provider": "text",
    "period": "text",
    "date": "time",
    "country": "text",
    "country_name": "text",
    "category": "text",
    "rank": "maybe_int",
    "name": "text",
    "season": "text",
    "points": "maybe_int",
    "hours": "maybe_int",
    "views": "maybe_int",
    "weeks_in": "maybe_int",
    "no1_countries": "maybe_int",
    "countries_covered": "maybe_int",
    "runtime": "float",
    "source": "text",
}
LISTED: Columns = {
    "provider": "text",
    "period": "text",
    "date": "time",
    "country": "text",
    "country_name": "text",
    "category": "text",
}
DATES: Columns = {"provider": "text", "period": "text", "date": "time", "countries": "int", "rows": "int"}
NAMES: Columns = {
    "provider": "text",
    "period": "text",
    "name": "text",
    "category": "text",
    "best_rank": "maybe_int",
    "first": "time",
    "last": "time",
}
EDITIONS: Columns = {
    "provider": "text",
    "period": "text",
    "date": "time",
    "category": "text",
    "countries": "maybe_int",
}
# what makes two rows belong to the same edition of a ranking
EDITION = (RANK.c.provider, RANK.c.period, RANK.c.day, RANK.c.category)


def ranks(
    reader: Reader,
    *,
    names: Collection[str] | None = None,
    provider: str | None = None,
    period: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """Return every place, of the titles called so or of all: columns RANKS, by provider, period, date, country, rank.

    names: folded (see analysis.rankings.names_of); a row is meant by its title or by its season, whole and exactly.
    Dates in [since, until). `countries_covered` is what the provider tells; where it tells nothing, the number of
    countries listed in the same edition (provider, date and category), also those without this title.
    """
    wanted = _wanted(reader, names)
    if wanted is None:
        return empty(RANKS)
    scope = [*wanted, *_scope(provider, period, since, until)]
    return _read(reader, scope, RANKS)


def ranks_of(
    reader: Reader,
    names: Mapping[str, Collection[str]],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, pd.DataFrame]:
    """Return for each title what `ranks` gives for its names, in a few queries however many titles there are."""
    keys = {title: {title_key(name) for name in own} for title, own in names.items()}
    every = set[str]().union(*keys.values())
    if not every:
        return {title: empty(RANKS) for title in keys}
    known = _known(reader, every)
    seasons = _seasons(reader, every - known)
    wanted = sorted(every | {key for key, _ in seasons})
    scope = [RANK.c.title_key.in_(wanted), *_scope(None, None, since, until)]
    frame = _read(reader, scope, {**RANKS, "title_key": "text"})
    return {
        title: _of_title(frame, own, [pair for pair in seasons if title_key(pair[1]) in own - known])
        for title, own in keys.items()
    }


def _of_title(frame: pd.DataFrame, keys: Collection[str], seasons: Sequence[tuple[str, str]]) -> pd.DataFrame:
    meant = frame["title_key"].isin(keys)
    if seasons:
        of_titles, called = zip(*seasons, strict=True)
        meant |= frame["title_key"].isin(of_titles) & frame["season"].isin(called)
    return frame[meant].drop(columns="title_key").reset_index(drop=True)


def _read(reader: Reader, scope: Sequence[ColumnElement[bool]], columns: Columns) -> pd.DataFrame:
    order = (RANK.c.provider, RANK.c.period, RANK.c.day, RANK.c.country, RANK.c.rank, RANK.c.category, RANK.c.slot)
    frame = reader.frame(select(*(_column(name) for name in columns)).where(*scope).order_by(*order), columns)
    if frame.empty:
        return frame
    counted = frame.merge(_countries_listed(reader, scope), how="left", on=["provider", "period", "date", "category"])
    filled = counted["countries_covered"].fillna(counted["countries"].where(counted["country"] != WORLD))
    return frame.assign(countries_covered=filled.astype("Int64"))


def _countries_listed(reader: Reader, scope: Sequence[ColumnElement[bool]]) -> pd.DataFrame:
    """Count the countries of each edition that these rows are of, also those where other titles stand."""
    editions = select(*EDITION).where(*scope).distinct().subquery()
    same = and_(*(column == editions.c[column.name] for column in EDITION))
    query = (
        select(*EDITION, func.count(distinct(RANK.c.country)))
        .select_from(RANK.join(editions, same))
        .where(RANK.c.country != WORLD)
        .group_by(*EDITION)
    )
    return reader.frame(query, EDITIONS)


def listed(
    reader: Reader,
    *,
    provider: str | None = None,
    period: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """Return the countries that each edition lists, whoever stands in it: columns LISTED.

    Names are the usual English ones.
    A country that is absent here was not covered, which is not the same as a title not being in its Top 10.
    """
    columns = [_column(name) for name in LISTED if name != "country_name"]
    conditions = [RANK.c.country != WORLD, *_scope(provider, period, since, until)]
    query = select(*columns).where(*conditions).distinct().order_by(*columns)
    frame = reader.frame(query, {name: kind for name, kind in LISTED.items() if name != "country_name"})
    frame.insert(4, "country_name", frame["country"].map(_named(frame["country"])).astype(TEXT))
    return frame


def _named(codes: "pd.Series[str]") -> dict[str, str]:
    return {code: countries.name_of(code) or code for code in codes.unique()}


def dates(reader: Reader, *, provider: str | None = None, period: str | None = None) -> pd.DataFrame:
    """Return the dates that each ranking has, with the number of countries and of rows: columns DATES."""
    edition = (RANK.c.provider, RANK.c.period, RANK.c.day)
    countries = func.count(distinct(func.nullif(RANK.c.country, WORLD)))
    query = (
        select(*edition, countries, func.count())
        .where(*_scope(provider, period, None, None))
        .group_by(*edition)
        .order_by(*edition)
    )
    return reader.frame(query, DATES)


def ranked_names(reader: Reader, *, provider: str | None = None) -> pd.DataFrame:
    """Return every title that was ever ranked, by provider, period and category: columns NAMES."""
    of = (RANK.c.provider, RANK.c.period, RANK.c.name, RANK.c.category)
    span = (func.min(RANK.c.rank), func.min(RANK.c.day), func.max(RANK.c.day))
    query = select(*of, *span).where(*_scope(provider, None, None, None)).group_by(*of).order_by(*of)
    return reader.frame(query, NAMES)


def _column(name: str) -> ColumnElement[Any]:
    renamed = {"date": "day", "source": "source_label"}
    return RANK.c[renamed.get(name, name)]


def _scope(
    provider: str | None, period: str | None, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    conditions = within(RANK.c.day, since, until)
    if provider is not None:
        conditions.append(RANK.c.provider == provider)
    if period is not None:
        conditions.append(RANK.c.period == period)
    return conditions


def _wanted(reader: Reader, names: Collection[str] | None) -> Sequence[ColumnElement[bool]] | None:
    """Return the condition for rows of these titles; none for all of them, None when no row can be meant."""
    if names is None:
        return []
    if not names:
        return None
    keys = {title_key(name) for name in names}
    conditions: list[ColumnElement[bool]] = [RANK.c.title_key.in_(sorted(keys))]
    if found := _seasons(reader, keys - _known(reader, keys)):
        of_titles = {key for key, _ in found}
        seasons = {season for _, season in found}
        # the title is named as well, as it has an index and the season has none
        conditions.append(and_(RANK.c.title_key.in_(sorted(of_titles)), RANK.c.season.in_(sorted(seasons))))
    return [or_(*conditions)]


def _known(reader: Reader, keys: Collection[str]) -> set[str]:
    """Return those of the keys that are a title's."""
    return {key for (key,) in reader.stream(select(RANK.c.title_key).where(RANK.c.title_key.in_(keys)).distinct())}


def _seasons(reader: Reader, keys: Collection[str]) -> Sequence[tuple[str, str]]:
    """Return (title's key, season) of the seasons called so, asked for only where no title is: it reads every row.

    They are folded here and not in SQL, so that they are compared just as titles are.
    """
    if not keys:
        return []
    told = select(RANK.c.title_key, RANK.c.season).where(RANK.c.season.is_not(None)).distinct()
    return [(row.title_key, row.season) for row in reader.stream(told) if title_key(row.season) in keys]
