"""Bytes of a feed (RSS, RDF, Atom) into items with what may be kept: headline, link, id, time, publisher. Pure.

A source that may keep something else says what it makes of an entry.

feedparser reads what others wrote badly: wrong encodings, unclosed tags, a dozen forms of dates. It gets bytes only and
never an address, which it would fetch by itself.
"""

from calendar import timegm
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urljoin

from collector.press import without_publisher
from collector.reading import EARLIEST, LATEST
from collector.source import JsonObject

ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>")
TAIL = 2000  # bytes in which the end is looked for: comments may follow it
WEB = ("https://", "http://")


Entry = Mapping[str, Any]  # as feedparser gives it


class Feed(NamedTuple):
    """What a feed held, in its own order. `is_cut`: it breaks off, so that items may be missing at its end."""

    items: Sequence[JsonObject]
    is_cut: bool


def article(entry: Entry, url: str, seen: datetime) -> JsonObject:
    """Make an item of an entry of the feed at `url`.

    It has id, title, link, published (ISO 8601) and publisher (a link to its site, where the feed names one beside the
    link), as far as they are there, and `seen`, the time of this reading.
    """
    # as a dict: feedparser's own `get` of the one answers with the other, and warns
    published = _time(entry.get("published_parsed")) or _time(dict(entry).get("updated_parsed"))
    source = entry.get("source") or {}
    site, name = str(source.get("href") or ""), str(source.get("title") or "")
    told = {
        "id": str(entry.get("id") or ""),
        # feeds of proxies say where the article really is
        "link": _link(str(entry.get("feedburner_origlink") or entry.get("link") or ""), url),
        "title": without_publisher(str(entry.get("title") or ""), name),
        "published": published.isoformat() if published else "",
        "publisher": site if site.startswith(WEB) else "",
    }
    return {key: value for key, value in told.items() if value} | {"seen": seen.isoformat()}


def read(
    body: bytes,
    *,
    content_type: str,
    url: str,
    seen: datetime,
    item_of: Callable[[Entry, str, datetime], JsonObject] = article,
) -> Feed | None:
    """Read a feed as far as it goes, each entry made an item; None for what is no feed at all."""
    import feedparser  # noqa: PLC0415 - most of a start goes without it

    # not sanitized: nothing of the content is kept, and the headline is made plain text when it is read
    found = feedparser.parse(
        BytesIO(body),
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={"content-type": content_type or "application/xml", "content-location": url},
    )
    if not found.get("version") and not found.entries:  # an empty answer has no version at all
        return None
    is_cut = not any(end in body[-TAIL:].lower() for end in ENDS)
    whole = found.entries[:-1] if is_cut else found.entries  # the last one lacks we do not know what
    return Feed([item_of(entry, url, seen) for entry in whole], is_cut)


def name_of(item: JsonObject) -> str:
    """Return what an item is known by in its feed."""
    return str(item.get("id") or item.get("link") or item.get("title") or "")


def time_of(item: JsonObject) -> str:
    """Return an item's time as it is written here: in UTC, so that texts are in the order of times; or nothing."""
    return str(item.get("published") or "")


def _link(written: str, url: str) -> str:
    try:
        return urljoin(url, written.strip().replace(" ", "%20")) if written.strip() else ""
    except ValueError:
        return written


def _time(moment: Any) -> datetime | None:  # noqa: ANN401 - feedparser's struct_time in UTC, or None
    """Return a time; none where the feed's is one that no article can have."""
    if moment is None:
        return None
    try:
        told = datetime.fromtimestamp(timegm(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return told if EARLIEST <= told < LATEST else None
