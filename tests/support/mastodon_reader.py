"""Polls Mastodon stubs as the collector does: it remembers each page's cursor once the page is taken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loopback import Asked, Loopback
from mastodon_stub import START

from collector.http import Http
from collector.source import Cursor, Page, Watch, WatchedTitle
from collector.sources.mastodon import Mastodon, MastodonSettings

TAG = "squidgame"


@dataclass
class Reader:
    """Reads servers for some titles; `now` is its clock."""

    servers: tuple[str, ...]
    now: datetime = START + timedelta(days=1)
    pages: int = 25
    back: timedelta = timedelta(seconds=1)  # so little that nothing is read backwards
    titles: tuple[WatchedTitle, ...] = ()
    memory: dict[str, str] = field(default_factory=dict)

    def poll(self, *tags: str) -> list[Page]:
        """Make one run."""
        return list(self.follow(*tags))

    def follow(self, *tags: str) -> Iterator[Page]:
        """Make one run page by page, so that it can be broken off."""
        settings = MastodonSettings(servers=self.servers, pages=self.pages, back=self.back)
        source = Mastodon(settings, Http(clock=lambda: self.now, timeout=(1, 2)))
        for page in source.fetch(Watch(tags or (TAG,), self.titles), Cursor(dict(self.memory))):
            yield page
            for key, value in page.cursor.items():
                self.memory.pop(key, None)
                if value is not None:
                    self.memory[key] = value


def numbers(pages: list[Page]) -> list[int]:
    """Return the numbers of the posts of some pages, in the order they came."""
    return [int(item["uri"].rsplit("/", 1)[1]) for page in pages for item in page.items]


def timelines(server: Loopback) -> list[Asked]:
    """Return the requests for timelines."""
    return [asked for asked in server.asked if "timelines" in asked.path]
