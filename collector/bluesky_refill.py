"""Reads a stream once more for titles that are added: for which, from where, and what its pages speak for. Pure.

A refill always comes after the stream itself has caught up, and reads up to where that stands then. So what was deleted
meanwhile is told within it, after the post: nothing that the stream has passed over as unknown can come back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from collector import added
from collector.bluesky_reading import Reading
from collector.reading import parse_time
from collector.source import Cursor, Page, WatchedTitle

KNOWN = "titles"  # this key tells that titles are remembered at all; a cursor of before has none
REMEMBERED = "remembered"


@dataclass
class Refill:
    """The titles to read for, each since when; `values` is what to remember of all titles from now on."""

    since: dict[str, datetime] = field(default_factory=dict)
    values: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def read(cls, titles: Sequence[WatchedTitle], cursor: Cursor, now: datetime, back: timedelta) -> Self:
        """Find the titles that are new since the last run, or have gained a word, and those not read for yet.

        What the stream itself has not read yet it will read for them as well.
        """
        covered, start = cursor.get("covered"), now - back
        is_within_reach = covered is not None and parse_time(covered) > start
        since: dict[str, datetime] = {}
        is_any_new = False
        values: dict[str, str | None] = {KNOWN: REMEMBERED}
        for title in titles:
            mark, words = added.mark(title.name), added.words(title)
            told, unfinished = cursor.get("title", mark), cursor.get("refill", mark)
            if cursor.get(KNOWN) and (told is None or added.is_more(words, told)):
                is_any_new = True
                if is_within_reach:
                    since[title.name] = start
            elif unfinished:
                since[title.name] = parse_time(unfinished)
            values[f"title {mark}"] = words
            if title.name in since:
                values[f"refill {mark}"] = since[title.name].isoformat()
        gone = {key for key in cursor.values if key.startswith(("title ", "refill "))} - values.keys()
        if is_any_new:
            gone |= {key for key in cursor.values if key.endswith(" refill")}  # a place that is too late for it
        changed = {key: value for key, value in values.items() if cursor.values.get(key) != value}
        return cls(since, {**changed, **dict.fromkeys(gone)})

    def credited(self, page: Page, end: datetime) -> Iterator[Page]:
        """Yield a page once for each title that it speaks for; the last one remembers how far they have come."""
        until = page.until or end
        mine = [name for name, since in self.since.items() if since <= until]
        cursor = dict(page.cursor)
        for number, name in enumerate(mine, start=1):
            since, self.since[name] = self.since[name], until
            cursor[f"refill {added.mark(name)}"] = until.isoformat() if until < end else None
            part = replace(page, title=name, since=max(page.since or since, since), cursor={})
            if number > 1:
                part = replace(part, items=(), deleted=(), gone_authors={})
            yield replace(part, cursor=cursor) if number == len(mine) else part


class Rereading(Reading):
    """A stream that is read once more: where the stream itself stands is not touched."""

    __slots__ = ()

    def values(self) -> Mapping[str, str]:
        """Return what to remember: how far the titles have come, or of a stream without times its own number."""
        return {f"{self.host} refill": str(self.position)} if self.is_exact else {}
