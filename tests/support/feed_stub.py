"""Invented feeds as publishers and Google News write them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Article:
    """One article of a feed; None leaves a field out. `source` is the publisher's name and site, as Google tells it."""

    headline: str | None
    link: str | None = "https://www.paper.example/1"
    guid: str | None = None
    at: datetime | None = None
    source: tuple[str, str] | None = None

    def xml(self) -> str:
        """Write the article as an item of RSS 2.0, with a summary that nobody may keep."""
        source = f'<source url="{self.source[1]}">{self.source[0]}</source>' if self.source else ""
        told = (("title", self.headline), ("link", self.link))
        date = f"<pubDate>{format_datetime(self.at)}</pubDate>" if self.at else ""
        parts = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told if value is not None)
        guid = f'<guid isPermaLink="false">{escape(self.guid)}</guid>' if self.guid is not None else ""
        return f"<item>{guid}{parts}{date}{source}<description>A summary that nobody may keep</description></item>"


def rss(articles: Iterable[Article]) -> bytes:
    """Write a feed, its articles in this order."""
    items = "".join(article.xml() for article in articles)
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>An invented paper</title>'
    return f"{head}{items}</channel></rss>".encode()
