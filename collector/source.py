"""What a platform must offer, and the records that pass between fetching, parsing and saving."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from collector.duration import Duration, Keep

if TYPE_CHECKING:
    from collector.http import Http

JsonObject = Mapping[str, Any]


class Coverage(StrEnum):
    """How well a window of time is known for one target. Only COVERED may be drawn as a zero."""

    COVERED = "covered"
    PARTIAL = "partial"  # a limit or a sample cut it short
    NOT_COVERED = "not covered"  # the platform does not offer it to us
    FAILED = "failed"  # we asked and got an error


class SourceSettings(BaseModel):
    """What every `[sources.<name>]` table has; a platform adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    every: Duration = timedelta(minutes=15)


class PostsSettings(SourceSettings):
    """Settings of a source of posts: how long the words of a post are kept, and how long all of it; None: for ever."""

    keep_text: Keep = None
    keep_posts: Keep = None


class RecheckSettings(PostsSettings):
    """Settings of a source that asks for stored posts again, because it hears of deletions in no other way."""

    recheck: bool = True
    recheck_every: Duration = timedelta(hours=6)
    recheck_for: Duration = timedelta(days=30)


class Kind(StrEnum):
    """What a source brings. Only POSTS are buzz; the others stand beside it and are never added to it."""

    POSTS = "posts"
    NEWS = "news"  # articles of the press: headlines and links
    COUNTS = "counts"  # figures that a platform tells of a title, such as page views


class WatchedTitle(NamedTuple):
    """One title to look for, as the config has it; hashtags without '#', folded."""

    name: str
    hashtags: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()  # of Wikipedia, as "language:article"
    exclude: tuple[str, ...] = ()  # phrases that show that something else is meant


@dataclass(frozen=True, slots=True)
class Watch:
    """What to look for: hashtags without '#', folded, each once, in the order of the config; and the titles."""

    hashtags: tuple[str, ...]
    titles: tuple[WatchedTitle, ...] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a source remembers between two runs: short strings by key. The store keeps it."""

    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, *key: str) -> str | None:
        """Return what was remembered under this key (its parts are joined by a space), or None."""
        return self.values.get(" ".join(key))


class PostDraft(NamedTuple):  # made for every post: a frozen dataclass takes five times as long
    """One post as its platform tells it, before matching. Times are aware and in UTC."""

    platform: str
    native_id: str  # unique within the platform, as text
    created_at: datetime
    text: str  # plain text, no markup
    uri: str | None = None
    url: str | None = None
    language: str | None = None  # the platform's own tag, a prior and not a label
    hashtags: frozenset[str] = (
        frozenset()
    )  # without '#', as written; those in the text are found by the matcher as well
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    author: str | None = None  # hashed with a key before it is stored, never kept as it is
    edited_at: datetime | None = None
    seen_at: datetime | None = None  # when the platform itself first saw it, where it tells that
    local_id: str = ""  # its id on the server that showed it, where that is another than native_id


class PlatformCount(NamedTuple):
    """A figure that a platform tells of a title for a stretch of time; one told again replaces the older."""

    title: str  # its name in the config
    part: str  # of what it is a part, such as a language's article; "" for all
    start: datetime
    length: timedelta
    amount: int


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a source, saved in one transaction together with its cursor and its ledger row.

    `target` names what was asked, such as "mastodon.social #squidgame". `since` and `until` are the window of
    time that this answer speaks for (None: it says nothing about completeness). `hashtag` is the tag asked for, so
    that coverage is credited to the right titles, or `title` the name of the title; without both it is all of them.
    `cursor` holds what to remember once the page is saved (None forgets a key). `deleted` are native ids that the
    platform has taken away, `gone_authors` authors (as in PostDraft) of whom it has taken away everything up to a
    moment (None: all of it). `server` is who showed the items, where a platform is many.
    """

    target: str
    items: Sequence[JsonObject] = ()
    cursor: Mapping[str, str | None] = field(default_factory=dict)
    coverage: Coverage = Coverage.COVERED
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    hashtag: str | None = None
    title: str | None = None
    deleted: Sequence[str] = ()
    gone_authors: Mapping[str, datetime | None] = field(default_factory=dict)
    counts: Sequence[PlatformCount] = ()
    server: str = ""

    @classmethod
    def not_covered(cls, target: str, *, reason: str, hashtag: str | None = None, title: str | None = None) -> "Page":
        """Say that this target is not offered to us, which is not the same as nothing being there."""
        return cls(target, coverage=Coverage.NOT_COVERED, reason=reason, hashtag=hashtag, title=title)


class Followed(NamedTuple):
    """A stored post to ask a platform for again: its id, and on which server it is known by which one."""

    native_id: str
    server: str
    local_id: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a platform lets us do with what it shows: in words for docs/terms.md, and as rules where a rule can hold.

    `text_leaves`: whether an export holds texts unless asked otherwise; `most_texts`: how many one export may hold at
    all. `longest`: how long anything of it may be kept, whatever the config says. `sentiment_if`: the setting of the
    source that must be true before sentiment may be derived.
    """

    kept: str
    shown: str
    exported: str
    derived: str
    deleted: str
    text_leaves: bool = True
    most_texts: int | None = None
    longest: timedelta | None = None
    sentiment_if: str = ""


class Source(Protocol):
    """One platform. `fetch` is I/O, `parse` is pure. A new one is a file, a fixture and a line in the registry.

    `look_back` is how old a post may be when a live platform first shows it; outside of
    [seen - look_back, seen + 5 min] its own time is not believed.
    """

    name: ClassVar[str]
    platform: ClassVar[str]
    kind: ClassVar[Kind]
    look_back: ClassVar[timedelta]
    terms: ClassVar[Terms]
    Settings: ClassVar[type[SourceSettings]]

    def __init__(self, settings: Any, http: "Http") -> None:  # noqa: ANN401 - each source has its own settings
        """Take the settings of `[sources.<name>]` and the one door to the network. Opens nothing."""

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield what is new since the cursor, oldest first.

        Raises RetryLater when the platform asks to wait, Fatal when it refuses us. Never sleeps.
        """

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one item. Raises SkipItem naming the field that is missing or wrong."""
