"""What is kept of an article of the press: its headline, its link, its time and its publisher. Pure.

The same article is told by several sources. It is known by its link, without what only says who sent the reader.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urlsplit

from collector.errors import SkipItem
from collector.source import PostDraft, Terms
from collector.text import clean, plain_text

PLATFORM = "news"
LONGEST_LINK = 2000  # what browsers and servers take
LONGEST_ID = 400  # an index of PostgreSQL takes no more than 2,700 bytes
REMEMBERED = 300  # items of one feed
PHRASES = 6  # in one search
NEWEST = 3  # of those remembered, any of which shows that nothing fell out in between: one may have been taken back
HOST_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=.+\.)")
TRACKING = re.compile(r"^(?:utm_.+|fbclid|gclid|igshid|mc_[ce]id|oc|ref|rss|cmp|ncid|xtor)$", re.IGNORECASE)
TERMS = Terms(
    kept="headline, link, time and publisher, as long as you want; nothing else of an article",
    shown="headlines with their links, as press",
    exported="as stored",
    derived="language, topics, counts; in no buzz, share or peak",
    deleted="by you: `buzz forget --uri`",
)
SEPARATORS = r"\s+[-–—|]\s+"  # noqa: RUF001 - the dashes between a headline and its publisher


def draft(*, link: str, headline: str, at: datetime, publisher: str = "", guid: str = "") -> PostDraft:
    """Return an article as a post: nothing of it but headline, link and time is kept. Raises SkipItem.

    publisher: a link to its site, where `link` leads through somebody else's; `guid` is then what it is known by.
    """
    words = " ".join(plain_text(headline).split())
    if not words:
        raise SkipItem("title has no words")
    native_id = article_id(link)
    if publisher:
        native_id = _short(site(publisher), f"~{guid or native_id}")
    return PostDraft(platform=PLATFORM, native_id=native_id, uri=link, url=link, created_at=at, text=words)


def site(link: str) -> str:
    """Return the site that a link leads to: "soompi.com" for https://www.soompi.com/article/1. Raises SkipItem."""
    if len(link) > LONGEST_LINK:
        raise SkipItem("link is too long")
    try:
        link.encode()  # half a character is none
        parts = urlsplit(link)
    except ValueError as fault:
        raise SkipItem("link is not an address") from fault
    host = parts.netloc.rpartition("@")[2].casefold()
    if parts.scheme not in {"http", "https"} or not host or not link.isprintable() or " " in link:
        raise SkipItem("link is not an address on the web")
    return HOST_PREFIX.sub("", host)


def article_id(link: str) -> str:
    """Return what an article is known by: its link without scheme, fragment and what only counts readers.

    Raises SkipItem for what is no link on the web.
    """
    host, parts = site(link), urlsplit(link)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.match(key)]
    return _short(host, parts.path.strip("/") + (f"?{urlencode(kept)}" if kept else ""))


def publisher_of(native_id: str) -> str:
    """Return the site of the publisher of an article, by what it is known by."""
    return native_id.partition("/")[0]


def without_publisher(headline: str, publisher: str) -> str:
    """Take the publisher's name off the end of a headline, where it stands there: "Headline - Publisher"."""
    if not publisher.strip():
        return headline
    return re.sub(SEPARATORS + re.escape(publisher.strip()) + r"\s*$", "", headline)


def quoted(phrases: Iterable[str]) -> list[str]:
    """Return phrases as searches of the press take them, each once, the first few of them."""
    plain = dict.fromkeys(phrase.replace('"', " ") for phrase in phrases)
    return [f'"{phrase}"' for phrase in islice(plain, PHRASES)]


def mark(name: str) -> str:
    """Return what to remember in place of a name: eight characters."""
    return blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()


def marks(names: Iterable[str]) -> list[str]:
    """Return what to remember of the items of a feed, the first of them."""
    return [mark(name) for name in islice(names, REMEMBERED)]


def nothing_lost(
    times: Sequence[datetime], present: Iterable[str], remembered: Sequence[str], covered: datetime
) -> bool:
    """Tell whether a list of the newest articles still reaches back to the last reading.

    It does when one of the newest that were remembered is still there, or when enough of it is older than that
    reading; one old article alone may be pinned to its top. times: those known. remembered: marks, newest first.
    """
    if not set(remembered[:NEWEST]).isdisjoint(present):
        return True
    older = sum(time <= covered for time in times)
    return bool(times) and older >= min(NEWEST, len(times))


def _short(host: str, rest: str) -> str:
    name = clean(f"{host}/{rest}")
    if len(name) <= LONGEST_ID:
        return name
    return f"{host[:LONGEST_ID]}/~{blake2b(name.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"
