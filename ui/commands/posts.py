"""`buzz posts`: the posts that answer to a search, to read in a terminal or as JSON."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

COLUMNS = (
    "platform", "native_id", "url", "created_at", "titles", "hashtags", "language", "sentiment", "score", "topics",
    "likes", "reposts", "replies", "text", "sample",
)  # fmt: skip


class Order(StrEnum):
    """Which posts come first."""

    ENGAGEMENT = "engagement"
    NEWEST = "newest"
    OLDEST = "oldest"


def posts(
    query: Annotated[
        list[str] | None, typer.Argument(help="A search such as 'zombie lang:ko'; docs/search.md tells the language.")
    ] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", min=0, max=10_000, help="Show at most so many posts.")] = 20,
    order: Annotated[Order, typer.Option("--order", help="Which come first.")] = Order.ENGAGEMENT,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Search the stored posts: how many answer, and the first of them with their labels.

    With --json the texts of X, YouTube and Reddit are left out, as in an export; docs/export.md says why.
    """
    from analysis.frames.posts import count_posts  # noqa: PLC0415 - pandas would slow every command's start
    from analysis.frames.posts import posts as read  # noqa: PLC0415 - as above

    search = " ".join(query or [])
    console = Console(json=json, quiet=quiet)
    with Workspace.open(config, db, default=True).reader() as reader:
        count = count_posts(reader, search=search)
        invented = count_posts(reader, search=search, sample=True)
        found = read(reader, search=search, order=order.value, limit=limit)
    rows = [_plain(row) for row in found.to_dict("records")]
    told = {"count": count, "sample": invented, "posts": [_allowed(row) for row in rows]} if json else None
    console.result(told, "\n\n".join([_counted(count, len(rows), invented), *map(_said, rows)]))


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a row of the frame as what JSON can hold: None for what is not known."""
    row["created_at"] = f"{row['created_at']:%Y-%m-%dT%H:%M:%SZ}"
    return {name: _known(row[name]) for name in COLUMNS}


def _known(value: Any) -> Any:  # noqa: ANN401 - a cell of a frame
    import pandas as pd  # noqa: PLC0415 - it would slow every command's start

    if isinstance(value, tuple):
        return list(value)
    return None if pd.isna(value) else value


def _allowed(row: dict[str, Any]) -> dict[str, Any]:
    from analysis.export import withheld  # noqa: PLC0415 - pandas would slow every command's start

    return row | {"text": None} if row["platform"] in withheld() and not row["sample"] else row


def _counted(count: int, shown: int, invented: int) -> str:
    said = f"{count:,} {'post' if count == 1 else 'posts'}" + (f", {shown:,} shown" if shown < count else "")
    return f"{said}; {invented:,} of them are invented sample posts." if invented else f"{said}."


def _said(row: dict[str, Any]) -> str:
    counts = [row[name] for name in ("likes", "reposts", "replies") if row[name] is not None]
    score = "" if row["score"] is None else f" {row['score']:+.2f}"
    head = [
        row["created_at"],
        row["platform"],
        row["language"] or "—",
        (row["sentiment"] or "not labelled yet") + score,
        f"{sum(counts):,} engagements" if counts else "engagement unknown",
        ", ".join(row["titles"]) or "no title",
        *row["topics"],
        *(["invented sample post"] if row["sample"] else []),
    ]
    return " · ".join(head) + "\n  " + "\n  ".join(row["text"].splitlines() or ["(its words are not kept)"])
