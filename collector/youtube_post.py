"""YouTube's videos and comments: what is kept of a comment, and what is remembered of a video. Pure.

Comments under a trailer seldom name the film. A video is about the titles that its own title and description name; a
comment under it is given a hashtag of each, one that the video carries where it carries one, and so is about them too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

import orjson

from collector.errors import SkipItem
from collector.match import TitleMatcher
from collector.press import mark
from collector.reading import Fields, parse_time
from collector.source import JsonObject, PostDraft, WatchedTitle
from collector.text import fold, hashtags

PLATFORM = "youtube"
WATCH = "https://www.youtube.com/watch"


class Told(NamedTuple):
    """What YouTube tells of a video. `comments` is None where they are switched off."""

    native_id: str
    published: datetime
    words: str  # its title and description
    comments: int | None

    @classmethod
    def read(cls, item: object) -> Self:
        """Read one item of videos.list. Raises SkipItem."""
        video = Fields(item, "video")
        snippet = video.fields("snippet")
        words = f"{snippet.maybe_text('title') or ''}\n{snippet.maybe_text('description') or ''}"
        comments = video.fields("statistics").count("commentCount")
        return cls(video.text("id"), snippet.time("publishedAt"), words, comments)


@dataclass(frozen=True, slots=True)
class Video:
    """What is remembered of a video: up to where its comments are read.

    `count` is how many comments it had then, replies included; `newest` the time of the newest one read, `known` marks
    of those read of that second.
    """

    native_id: str
    count: int = 0
    newest: datetime | None = None
    known: tuple[str, ...] = ()
    read: datetime | None = None

    @classmethod
    def remembered(cls, native_id: str, written: str) -> Self:
        """Read what `written` wrote."""
        told = orjson.loads(written)
        newest, read = (parse_time(told[key]) if told[key] else None for key in ("newest", "read"))
        return cls(native_id, told["count"], newest, tuple(told["known"]), read)

    @property
    def written(self) -> str:
        """Return it as a text."""
        told = {name: getattr(self, name) for name in ("count", "newest", "known", "read")}
        return orjson.dumps(told).decode()

    def is_new(self, item: JsonObject) -> bool:
        """Tell whether a comment came after the newest one read. One without a time always counts as new."""
        at = published_at(item)
        if at is None or self.newest is None or at > self.newest:
            return True
        return at == self.newest and mark(str(item.get("id"))) not in self.known

    def is_behind(self, items: Sequence[JsonObject]) -> bool:
        """Tell whether a page, newest comment first, reaches back to what was read."""
        at = published_at(items[-1]) if items else None
        return at is not None and self.newest is not None and at < self.newest


def about(words: str, titles: Sequence[WatchedTitle], matcher: TitleMatcher) -> dict[str, str | None]:
    """Return the titles that a video speaks of, by the mark of their names, each with the hashtag for its comments.

    None where a title has no hashtag at all: then its comments must name it themselves.
    """
    carried = {fold(tag): tag for tag in reversed(hashtags(words))}
    found: dict[str, str | None] = {}
    for title in (titles[index] for index in matcher.match(words)):
        own = [carried[fold(tag)] for tag in title.hashtags if fold(tag) in carried]
        found[mark(title.name)] = next(iter([*own, *title.hashtags]), None)
    return found


def item_of(thread: object, tags: Collection[str]) -> JsonObject:
    """Return of a thread of comments what may be kept of its first one; what is not there is left out."""
    snippet = _part(thread, "snippet")
    comment = _part(snippet, "topLevelComment")
    told = _part(comment, "snippet")
    found = {
        "id": comment.get("id"),
        "video": told.get("videoId") or snippet.get("videoId"),
        "text": told.get("textOriginal") or told.get("textDisplay"),
        "published": told.get("publishedAt"),
        "updated": told.get("updatedAt"),
        "likes": told.get("likeCount"),
        "replies": snippet.get("totalReplyCount"),
        "author_id": _part(told, "authorChannelId").get("value"),
        "hashtags": sorted(tags),
    }
    return {key: value for key, value in found.items() if value is not None}


def published_at(item: JsonObject) -> datetime | None:
    """Return when a comment was made, None where that cannot be told."""
    try:
        return Fields(item).maybe_time("published")
    except SkipItem:
        return None


def parse(item: JsonObject) -> PostDraft:
    """Read one comment, as `item_of` makes it. Raises SkipItem."""
    comment = Fields(item, "comment")
    native_id, video, at = comment.text("id"), comment.text("video"), comment.time("published")
    edited = comment.maybe_time("updated")
    return PostDraft(
        platform=PLATFORM,
        native_id=native_id,
        url=f"{WATCH}?{urlencode({'v': video, 'lc': native_id}, errors='replace')}",
        created_at=at,
        edited_at=edited if edited and edited > at else None,
        text=comment.text("text"),
        hashtags=frozenset(tag for tag in comment.texts("hashtags") if tag),
        likes=comment.count("likes"),
        replies=comment.count("replies"),
        author=comment.maybe_text("author_id"),
    )


def _part(whole: object, key: str) -> Mapping[str, Any]:
    found = whole.get(key) if isinstance(whole, Mapping) else None
    return found if isinstance(found, Mapping) else {}
