"""Where a title stood: per date, per country, and as steps to draw. Pure frames in, frames out.

The ranks of a frame are those of one title, as analysis.frames.ranks.ranks(names=...) gives them. The world's rows have
the country "". Not in the Top 10 is a rank of 11 or more that nobody told: it is missing here, never 0 or 11.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from collector.config import TitleSettings
from collector.ranking import WORLD, title_key

TOP = 10  # places that count, by the rule of points and in every ranking named so
# Netflix ranked by hours up to the week before, and by views (hours / runtime) from this week on: a break in the series
NETFLIX_RANKED_BY_VIEWS_SINCE = date(2023, 6, 18)
EDITION = ["provider", "period", "date"]
KINDS = {
    "show": {"tv", "show", "shows", "series"},
    "film": {"film", "films", "movie", "movies"},
}
IN_TOP, NOT_IN_TOP = "in the Top 10", "not in the Top 10"
NOT_COVERED, NOT_RELEASED = "not covered", "not released yet"
NOT_TOLD = "not told"  # the provider covers more countries than the rows at hand name, and this may be one of them


def names_of(title: TitleSettings) -> set[str]:
    """Return the names under which rankings may list a title, folded: its own and those of `ranked_as`.

    They are compared whole and exactly, as near names are remakes and sequels.
    """
    return {title_key(name) for name in (title.name, *title.ranked_as)}


def kind_of(category: str) -> str | None:
    """Tell from a category as published whether it ranks shows or films; None when it does not say."""
    words = set(re.findall(r"[a-z]+", category.casefold()))
    return next((kind for kind, signs in KINDS.items() if words & signs), None)


def of_kind(ranks: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Keep the show or the film where one name stands for both; leave the frame alone where it does not.

    kind: "show" or "film". Rows whose category does not tell are kept.
    """
    kinds = ranks["category"].map(kind_of)
    if set(kinds.dropna()) != set(KINDS):
        return ranks
    return ranks[kinds.isna() | (kinds == kind)]


def best_by_country(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (edition, country): a title with two seasons in a Top 10 stands at the better place.

    Columns: provider, period, date, country, country_name, rank, category, season.
    """
    columns = [*EDITION, "country", "country_name", "rank", "category", "season"]
    told = ranks[(ranks["country"] != WORLD) & ranks["rank"].notna()]
    return told.sort_values([*EDITION, "country", "rank"])[columns].drop_duplicates([*EDITION, "country"])


def points(rank: "pd.Series[int]") -> "pd.Series[int]":
    """Return what each rank earns: No. 1 earns 10, No. 10 earns 1, lower places nothing.

    Source: flixpatrol.com, "About points".
    """
    return (TOP + 1 - rank).clip(lower=0)


def weekly(ranks: pd.DataFrame) -> pd.DataFrame:
    """Sum a title up over the countries: one row per (provider, period, date) on which it was listed anywhere.

    Returns: no1_countries, top10_countries, countries_covered, best_rank (in any country), points (10 for No. 1 ... 1
    for No. 10, summed over countries), points_possible (10 x countries covered), stated_points (as the provider tells
    for the world), basis, world_rank, world_category, hours, views (summed over the seasons listed for the world) and
    ranked_by. Basis is "country ranks" (counted here), "stated" (the provider's own sums, where its ranks by country
    are not at hand or not complete) or "world rank only".
    """
    table = _from_countries(ranks).join(_from_world(ranks), how="outer")
    counted = table["own_no1"].notna() & ~_states_more(table)
    stated = table[["stated_no1", "stated_points"]].notna().any(axis=1)
    table["basis"] = _basis(counted, stated)
    table["top10_countries"] = table["top10_countries"].where(counted)
    table["no1_countries"] = table["own_no1"].where(counted, table["stated_no1"])
    table["countries_covered"] = table[["listed", "stated_covered"]].max(axis=1)
    table["points"] = table["own_points"].where(counted, table["stated_points"])
    table["points_possible"] = TOP * table["countries_covered"]
    table = table.reset_index()
    ranked_by = [_ranked_by(*edition) for edition in table[EDITION].itertuples(index=False)]
    table["ranked_by"] = pd.Series(ranked_by, index=table.index, dtype="string")
    return table[[*EDITION, *WEEKLY]].sort_values(EDITION, ignore_index=True)


WEEKLY = [
    "no1_countries",
    "top10_countries",
    "countries_covered",
    "best_rank",
    "points",
    "points_possible",
    "stated_points",
    "basis",
    "world_rank",
    "world_category",
    "hours",
    "views",
    "ranked_by",
]


def _from_countries(ranks: pd.DataFrame) -> pd.DataFrame:
    """Count over the countries of each edition. Index: EDITION."""
    best = best_by_country(ranks)
    best = best.assign(no1=best["rank"] == 1, top=best["rank"] <= TOP, points=points(best["rank"]), counted=1)
    summed = best.groupby(EDITION).agg(
        own_no1=("no1", "sum"),
        top10_countries=("top", "sum"),
        own_points=("points", "sum"),
        best_rank=("rank", "min"),
    )
    listed = ranks[ranks["country"] != WORLD].groupby(EDITION)["countries_covered"].max().rename("listed")
    return summed.join(listed).astype("Int64")


def _from_world(ranks: pd.DataFrame) -> pd.DataFrame:
    """Read the world's rows of each edition. Index: EDITION."""
    world = ranks[ranks["country"] == WORLD].sort_values([*EDITION, "rank"])
    by_edition = world.groupby(EDITION)
    numbers = pd.DataFrame(
        {
            "world_rank": by_edition["rank"].min(),
            "hours": by_edition["hours"].sum(min_count=1),
            "views": by_edition["views"].sum(min_count=1),
            "stated_points": by_edition["points"].max(),
            "stated_no1": by_edition["no1_countries"].max(),
            "stated_covered": by_edition["countries_covered"].max(),
        }
    ).astype("Int64")
    return numbers.assign(world_category=world.drop_duplicates(EDITION).set_index(EDITION)["category"])


def _states_more(table: pd.DataFrame) -> "pd.Series[bool]":
    """Tell where the provider's own sums show that the ranks by country at hand are not all there are."""
    higher = table["stated_no1"] > table["own_no1"]
    unconfirmed = table["stated_no1"].isna() & (table["stated_covered"] > table["listed"])
    return (higher | unconfirmed).fillna(value=False).astype(bool)


def _basis(counted: "pd.Series[bool]", stated: "pd.Series[bool]") -> "pd.Series[str]":
    basis = pd.Series("world rank only", index=counted.index, dtype="string")
    return basis.mask(stated, "stated").mask(counted, "country ranks")


def _ranked_by(provider: str, period: str, day: pd.Timestamp) -> str | None:
    if provider != "netflix" or period != "week":
        return None
    return "views" if day.date() >= NETFLIX_RANKED_BY_VIEWS_SINCE else "hours"


def countries(ranks: pd.DataFrame, listed: pd.DataFrame, day: date, *, released: date | None = None) -> pd.DataFrame:
    """Say for every country that a ranking ever listed where a title stood on one date.

    ranks: of one title. listed: as analysis.frames.ranks.listed gives it; both of one provider and period, of as many
    dates as are to be known. Returns: country, country_name, rank, state, by rank and country. State is one of "in the
    Top 10", "not in the Top 10", "not covered" (the ranking does not list this country then), "not told" (not listed
    either, but the provider says that it covers more countries than are listed) and "not released yet" (the date, or
    the whole week, lies before the release).
    """
    own = ranks[ranks["date"] == pd.Timestamp(day, tz="UTC")]
    best = best_by_country(own).set_index("country")
    every = listed.drop_duplicates("country", keep="last").set_index("country")["country_name"]
    table = pd.DataFrame({"country_name": best["country_name"].reindex(every.index.union(best.index)).fillna(every)})
    table["rank"] = best["rank"].reindex(table.index)
    then = set(listed.loc[listed["date"] == pd.Timestamp(day, tz="UTC"), "country"]) | set(best.index)
    absent = NOT_RELEASED if released is not None and day < released else NOT_IN_TOP
    unlisted = _unlisted(own["countries_covered"].max(), len(then), len(table), absent)
    state = pd.Series(unlisted, index=table.index).mask(table.index.isin(then), absent)
    table["state"] = state.mask(table["rank"].le(TOP).fillna(value=False), IN_TOP)
    return table.rename_axis("country").reset_index().sort_values(["rank", "country"], ignore_index=True)


def _unlisted(stated: Any, listed: int, known: int, absent: str) -> str:  # noqa: ANN401 - an integer or pandas' NA
    """Return the state of a country without any row, by how many countries the provider says it covers."""
    if pd.isna(stated) or stated <= listed:
        return NOT_COVERED
    return absent if stated >= known else NOT_TOLD


def steps(ranks: pd.DataFrame, codes: Iterable[str] | None = None) -> pd.DataFrame:
    """Return ranks as spans to draw: a week is 7 days long (Monday 00:00 to the next Monday 00:00), a day one.

    codes: the countries wanted, WORLD ("") for the world's own rank; all countries when None. Returns one row per
    (edition, country): provider, period, start, end, country, country_name, rank. Between two spans there is nothing:
    the title was not in the Top 10, or the country not covered.
    """
    world = ranks[(ranks["country"] == WORLD) & ranks["rank"].notna()]
    world = world.sort_values([*EDITION, "rank"]).drop_duplicates(EDITION)
    table = pd.concat([world[best.columns], best]) if len(best := best_by_country(ranks)) else world
    if codes is not None:
        table = table[table["country"].isin(list(codes))]
    a_day = pd.Timedelta(days=1)
    length = table["period"].map({"week": 7 * a_day, "day": a_day})
    end = table["date"] + a_day
    table = table.assign(start=end - length, end=end)
    columns = ["provider", "period", "start", "end", "country", "country_name", "rank"]
    return table[columns].sort_values(["provider", "period", "country", "start"], ignore_index=True)
