"""The manifest beside an export: what was asked, from which state of the database, what came, and what is not known.

The hours follow the rule of the hourly totals: an hour is covered when it is known as a whole, partial when a part of
it is, and else a gap. Pure but for reading what the database says of itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from analysis import spans
from analysis.cells import Columns, iso
from analysis.exports.files import Written
from analysis.exports.tables import SAMPLE_NOTE
from analysis.exports.wanted import Export
from analysis.frames import facts
from analysis.frames.facts import Covering, Extent
from analysis.frames.reader import Reader
from analysis.spans import Window
from collector import clock
from collector.clock import HOUR
from collector.source import Kind

SUFFIX = ".manifest.json"
FORM = 1  # raised when a field changes its meaning
TYPES = {"text": "text", "term": "text", "int": "integer", "float": "number", "time": "time", "day": "date",
         "names": "list of texts"}  # fmt: skip
KNOWN = {"covered", "partial"}
COUNTED = ("posts", "hours", "topics")  # the tables that stand on posts


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says of itself before an export."""

    schema: str | None
    labellers: dict[str, list[str]]
    coverage: list[dict[str, Any]]


def facts_for(reader: Reader, export: Export) -> Facts:
    """Ask the database what the manifest of this export tells. Raises StoreError."""
    if export.what not in COUNTED:
        return Facts(facts.schema(reader), {}, [])
    only = export.only
    window = (_seconds(only.since), _seconds(only.until))
    # posts are written with the articles of the press, which their platform tells; totals are of posts alone
    kind = only.kind if export.what == "posts" else Kind.POSTS
    windows, hours = facts.coverings(reader, only.title, kind), facts.extents(reader, only.title, kind)
    if only.platform is not None:
        windows = [one for one in windows if one.platform == only.platform]
        hours = [one for one in hours if one.platform == only.platform]
    by = facts.labellers(reader, only if export.what == "posts" else None)
    return Facts(facts.schema(reader), by, coverage(windows, hours, *window))


def manifest(
    export: Export, columns: Columns, files: Sequence[Written], known: Facts, *, samples: int, now: datetime
) -> dict[str, Any]:
    """Return the manifest. samples: rows with invented posts. It is written for a complete export only."""
    options, only = export.options, export.only
    return {
        "manifest": FORM,
        "written_at": iso(clock.to_seconds(now)),
        "buzzchart": version("buzzchart"),
        "schema": known.schema,
        "labellers": known.labellers,
        "query": {
            "what": export.what,
            **{name: getattr(only, name) for name in ("title", "topic", "platform", "language", "sentiment", "search")},
            "from": _iso(only.since),
            "to_before": _iso(only.until),
            "text": options.text if export.what == "posts" else None,
            "pseudonymous": options.pseudonymous,
            "format": options.format,
            "raw": options.raw,
        },
        "complete": True,
        "rows": sum(file.rows for file in files),
        "sample_rows": samples,
        "note": SAMPLE_NOTE if samples else "",
        "columns": [{"name": name, "type": TYPES[kind]} for name, kind in columns.items()],
        "files": [
            {"name": file.path.name, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256} for file in files
        ],
        "coverage": known.coverage,
    }


def coverage(
    windows: Iterable[Covering], posts: Iterable[Extent], since: int | None, until: int | None
) -> list[dict[str, Any]]:
    """Count the hours of [since, until) that are covered, partial and not known, of each title on each platform.

    Without since and until: from the first to the last moment that is known of any platform of the title.
    """
    windows, posts = list(windows), list(posts)
    told = []
    for title in sorted({one.title for one in windows} | {one.title for one in posts}):
        own = [one for one in windows if one.title == title]
        hours = [one for one in posts if one.title == title]
        within = _window(own, hours, since, until)
        if within is not None:
            platforms = sorted({one.platform for one in own} | {one.platform for one in hours})
            told += [_counted(title, name, [one for one in own if one.platform == name], within) for name in platforms]
    return told


def _window(windows: list[Covering], posts: list[Extent], since: int | None, until: int | None) -> Window | None:
    known = [one for one in windows if one.coverage in KNOWN]
    starts = [one.since for one in known] + [one.first for one in posts]
    ends = [one.until for one in known] + [one.last + HOUR for one in posts]
    if not starts and (since is None or until is None):
        return None
    first = since if since is not None else min(starts)
    last = until if until is not None else max(ends)
    first, last = first // HOUR * HOUR, -(-last // HOUR) * HOUR
    return (first, last) if first < last else None


def _counted(title: str, platform: str, windows: list[Covering], within: Window) -> dict[str, Any]:
    covered = spans.count_whole_hours(((one.since, one.until) for one in windows if one.coverage == "covered"), within)
    known = spans.count_touched_hours(((one.since, one.until) for one in windows if one.coverage in KNOWN), within)
    hours = (within[1] - within[0]) // HOUR
    return {
        "title": title,
        "platform": platform,
        "from": iso(within[0]),
        "to_before": iso(within[1]),
        "hours": {"all": hours, "covered": covered, "partial": known - covered, "gaps": hours - known},
    }


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else clock.to_seconds(moment)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(clock.to_seconds(moment))
