"""One post of Reddit, as its feeds show it or as its own API gives it, read into a draft. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from typing import Any

from collector import feeds
from collector.errors import SkipItem
from collector.reading import Fields
from collector.source import JsonObject, PostDraft
from collector.text import BREAKS, clean, plain_text

PLATFORM = "reddit"
SITE = "https://www.reddit.com"
NAME = re.compile(r"(?:^|/)(t[13]_[0-9a-z]{1,20})$")  # t3: a post, t1: a comment
PERMALINK = re.compile(r"/comments/([0-9a-z]{1,20})(?:/[^/?#]*/([0-9a-z]{1,20}))?")
GONE = frozenset({"[deleted]", "[removed]"})
KEPT = (
    "name", "id", "title", "selftext", "body", "permalink", "created_utc", "edited", "score", "num_comments",
    "subreddit", "author",
)  # fmt: skip


def entry(found: feeds.Entry, url: str, seen: datetime) -> JsonObject:
    """Make an item of an entry of one of Reddit's feeds: an article's fields, and its words, author and subreddit."""
    content = found.get("content") or [{}]
    markup = str(content[0].get("value") or found.get("summary") or "")
    tags = found.get("tags") or [{}]
    told = {
        "words": own_words(markup),
        "author": str(found.get("author") or "").removeprefix("/u/"),
        "subreddit": str(tags[0].get("term") or ""),
    }
    return {**feeds.article(found, url, seen), **{key: value for key, value in told.items() if value}}


class _OwnWords(HTMLParser):
    """Keeps the text inside of `<div class="md">`; around it stand who sent it, and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div" and (self._depth or ("class", "md") in attrs):
            self._depth += 1
        if self._depth and tag in BREAKS and self.parts:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._depth:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.parts.append(data)


def own_words(markup: str) -> str:
    """Return what the author wrote, of the markup that a feed shows; nothing for a mere link."""
    if "<div" not in markup:
        markup = unescape(markup)  # some feeds escape twice
    parser = _OwnWords()
    parser.feed(markup)
    parser.close()
    return clean(re.sub(r"\s*\n\s*", "\n", "".join(parser.parts)))


def parse(item: JsonObject) -> PostDraft:
    """Read one post or comment: an item made by `entry`, or the data of a thing of Reddit's API. Raises SkipItem."""
    return _of_api(item) if "created_utc" in item else _of_feed(item)


def kept(data: Mapping[str, Any]) -> JsonObject:
    """Return of the data of a thing what may be kept."""
    return {key: data[key] for key in KEPT if key in data}


def _of_feed(item: JsonObject) -> PostDraft:
    post = Fields(item, "post")
    link, title = post.text("link"), plain_text(post.text("title"))
    return PostDraft(
        platform=PLATFORM,
        native_id=_name(post.maybe_text("id") or "", link),
        url=link,
        created_at=post.maybe_time("published") or post.time("seen"),
        text=_joined(title, post.maybe_text("words") or ""),
        author=post.maybe_text("author"),
    )


def _of_api(item: JsonObject) -> PostDraft:
    whole = {key: int(value) if _is_whole(value) else value for key, value in item.items()}
    post = Fields(whole, "post")
    title = post.maybe_text("title") or ""
    body = post.maybe_text("selftext" if title else "body") or ""
    author = post.maybe_text("author")
    native_id = post.maybe_text("name") or f"{'t3' if title else 't1'}_{post.text('id')}"
    if not NAME.fullmatch(native_id):
        raise SkipItem("name is not one of Reddit's")
    return PostDraft(
        platform=PLATFORM,
        native_id=native_id,
        url=SITE + permalink if (permalink := post.maybe_text("permalink") or "").startswith("/") else None,
        created_at=post.time("created_utc"),
        edited_at=post.maybe_time("edited") if post.flag("edited") is None else None,
        text=_joined(unescape(title), unescape(body)),
        likes=post.count("score"),
        replies=post.count("num_comments"),
        author=None if author in GONE else author,
    )


def _joined(title: str, body: str) -> str:
    """Return title and words as one text. Raises SkipItem for what has none, or had some and was deleted."""
    words = "\n".join(part.strip() for part in (title, body) if part.strip() and part.strip() not in GONE)
    if not words:
        raise SkipItem("it has no words, or they were deleted")
    return words


def _name(native_id: str, link: str) -> str:
    """Return what Reddit calls a post or comment. Raises SkipItem."""
    if found := NAME.search(native_id):
        return found[1]
    found = PERMALINK.search(native_id) or PERMALINK.search(link)
    if found is None:
        raise SkipItem("id is not one of Reddit's")
    return f"t1_{found[2]}" if found[2] else f"t3_{found[1]}"


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()
