"""Where one title stood on one date, as a document for programs and people. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analysis.rankings import IN_TOP, NOT_COVERED, NOT_IN_TOP, NOT_RELEASED, NOT_TOLD, TOP, countries, weekly

Document = Mapping[str, Any]
FIGURES = (
    "no1_countries",
    "top10_countries",
    "countries_covered",
    "points",
    "points_possible",
    "stated_points",
    "basis",
)

ABSENT = {
    "not_in_top10": "Not in the Top 10",
    "not_covered": "Not covered",
    "not_told": "Not told (in the Top 10 or covered, the rows at hand do not say)",
}


@dataclass(frozen=True, slots=True)
class Question:
    """Which title, in whose ranking, on which date (for weeks the Sunday that ends it)."""

    title: str
    provider: str
    period: str
    day: date
    released: date | None = None


def standing(question: Question, ranks: pd.DataFrame, listed: pd.DataFrame) -> Document:
    """Answer with the world's rank, the sums over countries, and each country's rank or why it has none.

    ranks: of this title, of any provider and date. listed: the countries of each edition (frames.ranks.listed).
    Returns plain values: title, provider, period, date, state, world (None when not listed there), FIGURES, ranked_by,
    countries, not_in_top10, not_released, not_covered, not_told. What nobody told is None.
    """
    own = ranks[(ranks["provider"] == question.provider) & (ranks["period"] == question.period)]
    known = listed[(listed["provider"] == question.provider) & (listed["period"] == question.period)]
    summed = weekly(own[own["date"] == pd.Timestamp(question.day, tz="UTC")])
    places = countries(own, known, question.day, released=question.released)
    sums = _plain(summed.iloc[0]) if len(summed) else _absent(places)
    return {
        "title": question.title,
        "provider": question.provider,
        "period": question.period,
        "date": question.day.isoformat(),
        "state": _state(question, listed_anywhere=len(summed) > 0),
        "world": _world(sums),
        **{name: sums.get(name) for name in FIGURES},
        "ranked_by": sums.get("ranked_by"),
        "countries": _records(places, IN_TOP, ["country", "country_name", "rank"]),
        "not_in_top10": _records(places, NOT_IN_TOP, ["country", "country_name"]),
        "not_released": _records(places, NOT_RELEASED, ["country", "country_name"]),
        "not_covered": _records(places, NOT_COVERED, ["country", "country_name"]),
        "not_told": _records(places, NOT_TOLD, ["country", "country_name"]),
    }


def _state(question: Question, *, listed_anywhere: bool) -> str:
    if listed_anywhere:
        return IN_TOP
    return NOT_RELEASED if question.released is not None and question.day < question.released else NOT_IN_TOP


def _absent(places: pd.DataFrame) -> Document:
    """Return the sums of a title that is listed nowhere: zeros where countries are covered, else nothing is known."""
    covered = int((~places["state"].isin([NOT_COVERED, NOT_TOLD])).sum())
    if not covered:
        return {"basis": "world rank only"}
    zeros = dict.fromkeys(("no1_countries", "top10_countries", "points"), 0)
    return {**zeros, "countries_covered": covered, "points_possible": TOP * covered, "basis": "country ranks"}


def _world(sums: Document) -> Document | None:
    if sums.get("world_rank") is None:
        return None
    world = {"rank": sums["world_rank"], "category": sums["world_category"], "hours": sums["hours"]}
    return world | {"views": sums["views"]}


def _records(places: pd.DataFrame, state: str, columns: Sequence[str]) -> list[Document]:
    rows = places.loc[places["state"] == state, list(columns)]
    return [_plain(row) for _, row in rows.iterrows()]


def plain_rows(frame: pd.DataFrame) -> list[Document]:
    """Turn a frame into plain values, row by row: dates as 2022-01-30, None for what is missing."""
    return [_plain(row) for _, row in frame.iterrows()]


def _plain(row: "pd.Series[Any]") -> dict[str, Any]:
    """Turn a row into plain Python values, None for what is missing."""
    return {str(name): None if pd.isna(value) else _scalar(value) for name, value in row.items()}


def _scalar(value: Any) -> Any:  # noqa: ANN401 - any cell
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return value.item() if hasattr(value, "item") else value


def sentences(document: Document) -> list[str]:
    """Tell the document in words, one line a statement, each with its basis."""
    of = "the week to Sunday" if document["period"] == "week" else "the day"
    lines = [
        f"{document['title']} in the rankings of {document['provider']}, {of} {document['date']}: {document['state']}"
    ]
    lines += [_world_sentence(document)] if document["world"] else []
    lines += [_country_sentence(document)]
    lines += [_points_sentence(document)] if document["points"] is not None else []
    by_rank: dict[int, list[str]] = {}
    for place in document["countries"]:
        by_rank.setdefault(place["rank"], []).append(place["country_name"] or place["country"])
    lines += [f"No. {rank}: {', '.join(sorted(names))}" for rank, names in sorted(by_rank.items())]
    for key, title in ABSENT.items():
        names = sorted(place["country_name"] or place["country"] for place in document[key])
        lines += [f"{title}: {', '.join(names)}"] if names and document["countries"] else []
    return lines


def _world_sentence(document: Document) -> str:
    world = document["world"]
    figures = [f"{world[name]:,} {name}" for name in ("hours", "views") if world[name] is not None]
    category = f" in {world['category']}" if world["category"] else ""
    ranked_by = f" (ranked by {document['ranked_by']})" if document["ranked_by"] else ""
    return f"World: No. {world['rank']}{category}" + "".join(f", {figure}" for figure in figures) + ranked_by


def _country_sentence(document: Document) -> str:
    if document["no1_countries"] is None:
        return "Countries: no ranks by country at hand for this date"
    of = f" of {document['countries_covered']}" if document["countries_covered"] is not None else ""
    top = document["top10_countries"]
    in_top = f", in the Top 10 of {top}{of}" if top is not None else of
    return f"Countries: No. 1 in {document['no1_countries']}{in_top} (basis: {document['basis']})"


def _points_sentence(document: Document) -> str:
    possible = f" of {document['points_possible']} possible" if document["points_possible"] is not None else ""
    if document["basis"] != "country ranks":
        return f"Points: {document['points']}{possible}, as {document['provider']} states them"
    stated = f"; {document['provider']} states {document['stated_points']}" if document["stated_points"] else ""
    return f"Points: {document['points']}{possible}, counted from ranks (No. 1 = 10 … No. 10 = 1){stated}"
