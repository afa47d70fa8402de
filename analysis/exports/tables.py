"""The tables that can be exported: their columns, and their rows some hundred at a time.

What leaves here is what the platforms allow to leave: see collector.source.Terms, docs/terms.md and docs/export.md.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from analysis import pseudonyms
from analysis.cells import Chunk, Columns
from analysis.exports.wanted import Export, Options, Text
from analysis.frames.facts import title_names
from analysis.frames.posts import PostFilter
from analysis.frames.reader import Reader
from analysis.frames.streams import ROWS, stream_posts, stream_ranks, stream_topic_hours
from collector.sources import terms

SAMPLE_NOTE = "invented sample posts"
NOTE = "note"
IDENTIFYING = frozenset({"native_id", "uri", "url"})
FEW_SCORED = 30  # fewer scored posts make no net sentiment, here as in analysis.sentiment

POST_COLUMNS: Columns = {
    "platform": "term",
    "native_id": "text",
    "uri": "text",
    "url": "text",
    "created_at": "time",
    "collected_at": "time",
    "titles": "names",
    "hashtags": "names",
    "language": "term",
    "sentiment": "term",
    "score": "float",
    "raw_score": "float",
    "topics": "names",
    "likes": "int",
    "reposts": "int",
    "replies": "int",
    "author_key": "text",
    "text": "text",
    NOTE: "term",
}
FEELINGS: Columns = {"positive": "int", "neutral": "int", "negative": "int", "unscored": "int"}
HOUR_COLUMNS: Columns = {
    "title": "term",
    "platform": "term",
    "hour": "time",
    "covered": "term",
    "posts": "int",
    "gathered": "int",
    **FEELINGS,
    "unlabelled": "int",
    "net": "float",
    NOTE: "term",
}
TOPIC_COLUMNS: Columns = {
    "title": "term",
    "platform": "term",
    "hour": "time",
    "topic": "term",
    "posts": "int",
    **FEELINGS,
    "net": "float",
    NOTE: "term",
}
RANKING_COLUMNS: Columns = {
    "provider": "term",
    "period": "term",
    "date": "day",
    "country": "term",
    "country_name": "term",
    "category": "term",
    "rank": "int",
    "name": "term",
    "season": "term",
    "points": "int",
    "hours": "int",
    "views": "int",
    "runtime": "float",
    "weeks_in": "int",
    "no1_countries": "int",
    "countries_covered": "int",
    "source_label": "term",
    "stored_at": "time",
}


class Table(NamedTuple):
    """Columns, and chunks of rows that come as they are asked for."""

    columns: Columns
    chunks: Iterator[Chunk]


def table(reader: Reader, export: Export) -> Table:
    """Return the rows of an export, none of them read yet."""
    only = export.only
    match export.what:
        case "posts":
            columns = post_columns(export.options)
            return Table(columns, _in_order(_posts(reader, export), columns))
        case "hours":
            return Table(HOUR_COLUMNS, _chunked(_hours(reader, only)))
        case "topics":
            found = stream_topic_hours(reader, title=only.title, topic=only.topic, since=only.since, until=only.until)
            return Table(TOPIC_COLUMNS, _in_order(map(_topics, found), TOPIC_COLUMNS))
        case "rankings":
            ranks = stream_ranks(reader, keys=export.rank_names, since=only.since, until=only.until)
            dated = ({**chunk, "date": chunk["day"]} for chunk in ranks)
            return Table(RANKING_COLUMNS, _in_order(dated, RANKING_COLUMNS))


def post_columns(options: Options) -> Columns:
    """Return the columns of an export of posts."""
    dropped = IDENTIFYING if options.pseudonymous else frozenset[str]()
    return {name: kind for name, kind in POST_COLUMNS.items() if name not in dropped}


def _posts(reader: Reader, export: Export) -> Iterator[Mapping[str, Sequence[Any]]]:
    left = allowance(export.options.text)
    for chunk in stream_posts(reader, export.only):
        yield {**chunk, "text": leaving(chunk, export.options, left), NOTE: _notes(chunk["sample"])}


def withheld() -> frozenset[str]:
    """Return the platforms whose texts leave only when they are asked for."""
    return frozenset(platform for platform, found in terms().items() if not found.text_leaves)


def allowance(text: Text) -> dict[str, int]:
    """Return how many texts of one export may leave, for each platform that limits them."""
    limits = {platform: found.most_texts for platform, found in terms().items()}
    most = {platform: limit for platform, limit in limits.items() if limit is not None}
    return most | dict.fromkeys(withheld(), 0) if text == "allowed" else most


def leaving(chunk: Mapping[str, Sequence[Any]], options: Options, left: dict[str, int]) -> Sequence[str]:
    """Return the texts that leave, of posts with text, platform and sample, taking from what is left of those that may.

    left: see `allowance`.
    """
    texts, platforms = chunk["text"], chunk["platform"]
    if options.text == "none":
        return [""] * len(texts)
    if not left.keys().isdisjoint(platforms):
        rows = zip(texts, platforms, chunk["sample"], strict=True)
        texts = [text if sample or _may_leave(text, platform, left) else "" for text, platform, sample in rows]
    return list(map(pseudonyms.mask, texts)) if options.pseudonymous else texts


def _may_leave(text: str, platform: str, left: dict[str, int]) -> bool:
    if platform not in left or not text:
        return True
    left[platform] -= 1
    return left[platform] >= 0


def _topics(chunk: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
    feelings = zip(chunk["positive"], chunk["neutral"], chunk["negative"], strict=True)
    return {**chunk, "net": [_net(*counts) for counts in feelings], NOTE: _notes(chunk["sample"])}


def _notes(samples: Sequence[Any]) -> Sequence[str]:
    return [SAMPLE_NOTE if sample else "" for sample in samples]


def _hours(reader: Reader, only: PostFilter) -> Iterator[tuple[Any, ...]]:
    """Yield the complete grid of one title after another: what is not known is empty, never zero."""
    from analysis import volume  # noqa: PLC0415 - only this table needs pandas, which is larger than all the rest
    from analysis.frames.health import covered  # noqa: PLC0415 - as above
    from analysis.frames.hours import hours  # noqa: PLC0415 - as above

    for title in [only.title] if only.title is not None else title_names(reader):
        grid = volume.buzz(
            hours(reader, title=title, since=only.since, until=only.until),
            covered(reader, title=title),
            since=only.since,
            until=only.until,
        )
        if only.platform is not None:
            grid = grid[grid["platform"] == only.platform]
        covered_as = {volume.COVERED: "yes", volume.PARTIAL: "partly", volume.NOT_COVERED: "no"}
        yield from (_hour(row, covered_as[str(row.coverage)]) for row in grid.itertuples(index=False))


def _hour(row: Any, covered: str) -> tuple[Any, ...]:  # noqa: ANN401 - a row of volume.buzz, whose fields pandas does not declare
    known = not math.isnan(row.posts)
    feelings = (row.positive, row.neutral, row.negative, row.unscored, row.unlabelled)
    return (
        row.title,
        row.platform,
        int(row.hour.timestamp()),
        covered,
        int(row.posts) if known else None,
        row.gathered,
        *(feelings if known else (None,) * len(feelings)),
        _net(row.positive, row.neutral, row.negative) if known else None,
        SAMPLE_NOTE if row.sample else "",
    )


def _net(positive: int, neutral: int, negative: int) -> float | None:
    scored = positive + neutral + negative
    return round((positive - negative) / scored, 4) if scored >= FEW_SCORED else None


def _in_order(chunks: Iterable[Mapping[str, Sequence[Any]]], columns: Columns) -> Iterator[Chunk]:
    for chunk in chunks:
        yield [chunk[name] for name in columns]


def _chunked(rows: Iterator[tuple[Any, ...]]) -> Iterator[Chunk]:
    while some := list(islice(rows, ROWS)):
        yield list(zip(*some, strict=True))
