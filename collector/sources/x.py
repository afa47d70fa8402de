"""X: recent search by hashtag through its API v2 (tweepy). It costs money: a post read is $0.005.

Without a token nothing is asked and the hours count as not covered. Reposts are left out: a post is counted once,
how often it was reposted stands in its counts.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from collector.clock import from_seconds
from collector.config import secret
from collector.duration import Duration
from collector.errors import AccessError, ConfigError, RetryLater, SkipItem
from collector.reading import EARLIEST, LATEST, Fields, parse_time
from collector.source import Coverage, Cursor, JsonObject, Kind, Page, PostDraft, SourceSettings, Watch
from collector.text import unescape

if TYPE_CHECKING:
    import tweepy

    from collector.http import Http

API = "https://api.x.com"
TARGET = "recent search"
MAX_QUERY = 512  # characters
WITHOUT = " -is:retweet"
REACH = timedelta(days=7)  # how far recent search looks back
MARGIN = timedelta(minutes=5)  # an id this close to the end of the reach may have left it when the question arrives
LAG = timedelta(seconds=30)  # search ends this long before now
SMALLEST, LARGEST = 10, 100  # posts a page
SPARE_PAGES = 5  # for empty pages that name a next one
RATE_WINDOW = timedelta(minutes=15)
HOSTS = ("api.x.com", "api.twitter.com")  # who may see the token; tweepy asks the second, which is the first
EPOCH_MS = 1_288_834_974_657  # ids count milliseconds since this moment, above 22 bits of something else
LONGEST_ID = 19  # digits
UNUSUAL = frozenset({"note_tweet", "note_post", "referenced_posts", "edit_history_post_ids"})
ABSENT: dict[str, Any] = {}
REPOSTED = {"retweeted", "reposted"}
NO_LANGUAGE = {"und", "qam", "qct", "qht", "qme", "qst", "zxx", "art"}
FIELDS = [
    "author_id", "created_at", "edit_history_tweet_ids", "entities", "lang", "note_tweet", "public_metrics",
    "referenced_tweets",
]  # fmt: skip


def _address(written: str) -> str:
    address = written.strip().rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError(f'an address such as "{API}"')
    return address


class XSettings(SourceSettings):
    """`[sources.x]`: where the token is ("env:NAME"), the address, and how many posts a run may read."""

    enabled: bool = False  # a token alone must not begin to cost money
    every: Duration = timedelta(hours=1)
    token: str = Field(default="env:BUZZ_X_BEARER_TOKEN", repr=False)
    api: Annotated[str, AfterValidator(_address)] = API
    limit: Annotated[int, Field(ge=SMALLEST, le=100_000)] = 100


@dataclass(frozen=True, slots=True)
class Question:
    """One search: the hashtags that fit into a query of X's length, any of which makes a post fit."""

    tags: tuple[str, ...]

    @property
    def query(self) -> str:
        """Return it in X's own words."""
        return "(" + " OR ".join(f"#{tag}" for tag in self.tags) + ")" + WITHOUT

    @property
    def key(self) -> str:
        """Return what its cursor is kept under: other hashtags are another question, which begins anew."""
        return hashlib.blake2b(self.query.encode(), digest_size=8).hexdigest()


def questions(tags: Sequence[str]) -> Iterator[Question]:
    """Cut the hashtags into as few queries as their order and X's length allow."""
    some: tuple[str, ...] = ()
    for tag in tags:
        if some and len(Question((*some, tag)).query) > MAX_QUERY:
            yield Question(some)
            some = ()
        some = (*some, tag)
    if some:
        yield Question(some)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One page of a search."""

    posts: Sequence[JsonObject]
    newest: str | None
    is_last: bool

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> "_Answer":
        """Read X's answer, which has no data where nothing was found. Raises SkipItem when it is not one."""
        meta, posts = Fields(answer).fields("meta"), answer.get("data") or []
        if not isinstance(posts, list):
            raise SkipItem("data is not a list")
        return cls(posts, meta.maybe_text("newest_id"), is_last=not meta.maybe_text("next_token"))


@dataclass(slots=True)
class _Run:
    """How far one question got: the newest id, the oldest post read, how many may still be read."""

    question: Question
    since_id: str | None
    begins: datetime
    ends: datetime
    rest: int
    oldest: datetime | None = None
    is_whole: bool = False

    def take(self, posts: Sequence[JsonObject], *, is_last: bool) -> Sequence[JsonObject]:
        """Take what the limit allows of a page."""
        taken = posts[: self.rest]
        self.rest -= len(taken)
        self.oldest = min((time for time in map(_time, taken) if time), default=self.oldest)
        self.is_whole = is_last and len(taken) == len(posts)
        return taken


class X:
    """Recent search. Off until enabled; while its token is missing, its hours are not covered."""

    name: ClassVar[str] = "x"
    platform: ClassVar[str] = "x"
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = REACH + timedelta(days=1)
    Settings: ClassVar[type[SourceSettings]] = XSettings

    def __init__(self, settings: XSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield what was posted since the cursor, newest first within a question, at most `limit` posts a run.

        The cursor comes with a question's last page only: a run that dies asks again, and X bills a post once a day.
        Raises RetryLater for a rate limit, AccessError for a wrong key, no credit or the usage cap.
        """
        try:
            client = self._client()
        except ConfigError as fault:
            yield Page.not_covered(TARGET, reason=str(fault))
            return
        asked = list(questions(watch.hashtags))
        for question in asked:
            yield from self._search(client, question, cursor, max(SMALLEST, self._settings.limit // len(asked)))

    def _client(self) -> "tweepy.Client":
        """Return a client whose every request goes through our adapter. Raises ConfigError, never naming the token."""
        if not self._settings.token.startswith("env:"):
            raise ConfigError('[sources.x] token names an environment variable: token = "env:BUZZ_X_BEARER_TOKEN"')
        token = secret(self._settings.token, "[sources.x] token")
        import tweepy  # noqa: PLC0415 - slow to import, and most people have no token

        from collector.http import ApiAdapter  # noqa: PLC0415 - as above

        # tweepy writes its headers to the debug log, so it never sees the token: the adapter adds it
        client = tweepy.Client(return_type=dict, wait_on_rate_limit=False)
        adapter = ApiAdapter(self._http, self._settings.api, token=token, hosts=HOSTS)
        client.session.mount("https://", adapter)
        client.session.mount("http://", adapter)
        return client

    def _search(self, client: "tweepy.Client", question: Question, cursor: Cursor, limit: int) -> Iterator[Page]:
        """Yield the pages of one question, then what they speak for together with the cursor."""
        now = self._http.clock()
        reach = now - REACH + MARGIN
        covered = _maybe_time(cursor.get(question.key, "covered"))
        run = _Run(question, cursor.get(question.key, "since_id"), max(covered or reach, reach), now - LAG, limit)
        if covered and covered < reach:
            yield from _spoken(question, Coverage.NOT_COVERED, covered, reach, "recent search reaches back 7 days only")
        place: dict[str, object] = {"start_time": min(run.begins, now - 2 * LAG)}
        if run.since_id and (_posted_at(run.since_id) or reach) > reach:
            place = {"since_id": run.since_id}
        newest: str | None = None
        for number, answer in enumerate(self._answers(client, question, limit, place)):
            if number == 0:
                # newest_id stands on the first page only; a later one would skip what came in while we paged
                newest = answer.newest
            items = run.take(answer.posts, is_last=answer.is_last)
            if items:
                yield Page(TARGET, items=items)
            if run.rest == 0:
                break
        yield from _told(run, newest, limit)

    def _answers(
        self, client: "tweepy.Client", question: Question, limit: int, place: Mapping[str, object]
    ) -> Iterator["_Answer"]:
        """Yield X's answers page by page. An empty page that names a next one is not the end."""
        import tweepy  # noqa: PLC0415 - see _client

        size = min(LARGEST, max(SMALLEST, limit))
        pages = tweepy.Paginator(
            client.search_recent_tweets,
            question.query,
            limit=ceil(limit / size) + SPARE_PAGES,
            max_results=size,
            tweet_fields=FIELDS,
            **place,
        )
        with _sentences(self._http):
            for answer in pages:
                yield _Answer.read(answer)

    @staticmethod
    def glance(item: JsonObject) -> tuple[str, Sequence[str]] | None:
        """Return text and hashtags of a post of the usual form, as `parse` does at ten times the cost, else None."""
        try:
            return _glance(item) if type(item) is dict else None
        except (TypeError, ValueError, KeyError, AttributeError, IndexError):
            return None

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one post, as search and twarc give it. Raises SkipItem, also for a repost."""
        post = Fields(item, "post")
        # X is renaming its fields, "tweet" to "post": both are understood
        others = (*post.list("referenced_tweets"), *post.list("referenced_posts"))
        if any(other.maybe_text("type") in REPOSTED for other in others):
            raise SkipItem("it is a repost; the original counts")
        note = post.fields("note_tweet" if "note_tweet" in item else "note_post")
        counts = post.fields("public_metrics")
        native_id, created_at = post.text("id"), post.time("created_at")
        versions = (*post.texts("edit_history_tweet_ids"), *post.texts("edit_history_post_ids"))
        first = versions[0] if versions else native_id
        first_at = _posted_at(first) if first != native_id else None
        language = post.maybe_text("lang")
        return PostDraft(
            platform="x",
            # each edit has an id of its own; the first one names the post
            native_id=first if first_at else native_id,
            url=f"https://x.com/i/web/status/{native_id}",
            created_at=first_at or created_at,
            edited_at=created_at if first_at else None,
            text=unescape(note.maybe_text("text") or post.text("text")),
            language=None if language in NO_LANGUAGE else language,
            hashtags=frozenset(
                tag.text("tag") for part in (post, note) for tag in part.fields("entities").list("hashtags")
            ),
            likes=counts.count("like_count"),
            reposts=_first_of(counts.count("retweet_count"), counts.count("repost_count")),
            replies=counts.count("reply_count"),
            author=post.maybe_text("author_id"),
        )


def _glance(item: dict[str, Any]) -> tuple[str, Sequence[str]] | None:
    """Look at a post field by field: whatever `parse` might refuse, or read otherwise, is not of the usual form."""
    native_id, created_at, text = item["id"], item["created_at"], item["text"]
    if not (
        type(native_id) is type(text) is type(item.get("lang", "")) is type(item.get("author_id", "")) is str
        and native_id
        and text
        and UNUSUAL.isdisjoint(item)
        and item.get("edit_history_tweet_ids", [native_id]) == [native_id]
        and type(item.get("public_metrics", ABSENT)) is dict
        and created_at[-1] == "Z"
        and EARLIEST <= datetime.fromisoformat(created_at) < LATEST
    ):
        return None
    for other in item.get("referenced_tweets", ()):
        if type(other["type"]) is not str or other["type"] in REPOSTED:
            return None
    tags = [entry["tag"] for entry in item.get("entities", ABSENT).get("hashtags", ())]
    if tags and not all(type(tag) is str and tag for tag in tags):
        return None
    return (unescape(text) if "&" in text else text), tags


def _told(run: _Run, newest: str | None, limit: int) -> Iterator[Page]:
    """Say what a question's pages speak for; the last of these pages carries the cursor."""
    since = run.begins
    if not run.is_whole and run.oldest:
        reason = f"more than {limit} posts since the last run: raise [sources.x] limit, or run more often"
        yield from _spoken(run.question, Coverage.PARTIAL, since, run.oldest, reason)
        since = run.oldest
    *others, last = _spoken(run.question, Coverage.COVERED, since, max(since, run.ends))
    yield from others
    values = {"since_id": newest or run.since_id, "covered": max(since, run.ends).isoformat()}
    yield replace(last, cursor={f"{run.question.key} {key}": value for key, value in values.items() if value})


def _spoken(
    question: Question, coverage: Coverage, since: datetime, until: datetime, reason: str = ""
) -> Iterator[Page]:
    """Say for each hashtag of a question how a window of time is known."""
    for tag in question.tags:
        yield Page(f"#{tag}", coverage=coverage, since=since, until=until, reason=reason, hashtag=tag)


@contextmanager
def _sentences(http: "Http") -> Iterator[None]:
    """Turn tweepy's and the network's errors into ours."""
    import requests  # noqa: PLC0415 - see X._client
    import tweepy  # noqa: PLC0415

    try:
        yield
    except tweepy.TooManyRequests as fault:
        if "usage-capped" in fault.response.text or "UsageCapExceeded" in fault.response.text:
            raise AccessError("X: the cap on posts of this project is used up; raise it at console.x.com") from fault
        until = http.clock() + RATE_WINDOW
        if fault.reset_time:
            until = min(max(from_seconds(fault.reset_time), http.clock() + LAG), http.clock() + timedelta(days=1))
        raise RetryLater(f"X asks us to wait until {until:%Y-%m-%d %H:%M:%S} UTC", until=until) from fault
    except tweepy.TwitterServerError as fault:
        raise RetryLater(f"X has a fault of its own ({fault}); trying again", until=http.clock() + LAG) from fault
    except tweepy.HTTPException as fault:
        raise AccessError(_refusal(fault.response.status_code, fault.api_messages)) from fault
    except requests.RequestException as fault:
        raise http.unreachable(API, fault) from fault
    except (SkipItem, ValueError, TypeError, AttributeError) as fault:
        # what tweepy trips over when an answer is not shaped as X's are, such as a reset time that is no number
        raise RetryLater("X gave a broken answer; trying again", until=http.clock() + LAG) from fault


def _refusal(status: int, messages: Sequence[str]) -> str:
    said = " ".join(str(message) for message in messages)[:200]
    known = {
        400: "X does not understand the question",
        401: "X does not know the token: check BUZZ_X_BEARER_TOKEN",
        402: "X: the account has no credit left: add some at console.x.com",
        403: "X does not allow this token to search: the app needs pay-per-use or a higher access level",
    }
    return known.get(status, f"X refuses with status {status}") + (f" ({said})" if said else "")


def _first_of(*found: int | None) -> int | None:
    return next((number for number in found if number is not None), None)


def _time(item: JsonObject) -> datetime | None:
    try:
        return Fields(item).maybe_time("created_at")
    except SkipItem:
        return None


def _maybe_time(written: str | None) -> datetime | None:
    return parse_time(written) if written else None


def _posted_at(native_id: str) -> datetime | None:
    """Return the time that an id holds, None for what is no id of X."""
    if not (native_id.isdecimal() and len(native_id) <= LONGEST_ID):
        return None
    return datetime.fromtimestamp(((int(native_id) >> 22) + EPOCH_MS) / 1000, UTC)
