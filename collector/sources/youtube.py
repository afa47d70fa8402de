"""YouTube through its Data API v3: comments under the videos of a title, inside the free quota of a day.

Off until enabled, and without a key nothing is asked. How the quota is counted is in collector/youtube_quota.py, a run
goes by collector/youtube_run.py, and what is kept of a comment is in collector/youtube_post.py. YouTube lets its data
be kept for 30 days, and figures such as sentiment be derived only by who has accepted its terms for that: then set
`derived_metrics_accepted`.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from collector import youtube_post, youtube_recheck
from collector.address import base_like, host_of, is_loopback, safe_for_token
from collector.config import secret
from collector.duration import Duration, Keep
from collector.errors import AccessError, ConfigError, RetryLater, SkipItem
from collector.reading import Fields
from collector.source import Cursor, Followed, Kind, Page, RecheckSettings, SourceSettings, Terms, Watch
from collector.youtube_post import PLATFORM, Told
from collector.youtube_quota import SEARCHES, UNITS, Quota
from collector.youtube_refusal import CREDENTIALS, REFUSED, refusal
from collector.youtube_run import TARGET, Run, Threads

if TYPE_CHECKING:
    from collector.http import Http

API = "https://www.googleapis.com"
HOSTS = ("www.googleapis.com", "youtube.googleapis.com")  # who may see the key
PATH = "/youtube/v3"
MONTH = timedelta(days=30)
SOON = timedelta(minutes=1)


class YouTubeSettings(RecheckSettings):
    """`[sources.youtube]`: where the key is ("env:NAME"), the quota of a day, how many videos are followed, and how.

    `back` is how old a video may be, `pages` how many times 100 comments of one video are read in one run.
    """

    enabled: bool = False  # its terms must be read first
    every: Duration = timedelta(hours=1)
    key: str = Field(default="env:BUZZ_YOUTUBE_KEY", repr=False)
    api: Annotated[str, AfterValidator(base_like(API))] = API
    units_per_day: Annotated[int, Field(ge=0, le=100_000_000)] = 10_000
    searches_per_day: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    search_every: Duration = timedelta(hours=6)
    videos: Annotated[int, Field(ge=1, le=1000)] = 20
    pages: Annotated[int, Field(ge=1, le=100)] = 5
    back: Duration = MONTH
    derived_metrics_accepted: bool = False
    keep_text: Keep = MONTH
    keep_posts: Keep = MONTH


class YouTube:
    """Comments of the videos that its search finds: what is known of a time is known in part, and never a zero."""

    name: ClassVar[str] = "youtube"
    platform: ClassVar[str] = PLATFORM
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = timedelta(days=3650)  # a comment is as old as its video at most; YouTube says when
    terms: ClassVar[Terms] = Terms(
        kept="text, link, counts, labels: 30 days at most, then all of it goes; raw answer 7 days",
        shown="in the app, with the link",
        exported="ids and labels; texts with `--text all` only",
        derived="language, topics, totals; sentiment only with `derived_metrics_accepted = true`, which says that you "
        "have accepted YouTube's terms for derived metrics",
        deleted="found by asking again, once a day; gone here after 30 days at the latest",
        text_leaves=False,
        longest=MONTH,
        sentiment_if="derived_metrics_accepted",
    )
    Settings: ClassVar[type[SourceSettings]] = YouTubeSettings
    parse = staticmethod(youtube_post.parse)

    def __init__(self, settings: YouTubeSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield the new comments under the videos of each title, as far as the quota of the day goes.

        What a request costs is in the cursor of the page before it. Raises RetryLater when YouTube asks to wait,
        AccessError for a key that is wrong or may not do this.
        """
        try:
            api = self._api()
        except ConfigError as fault:
            yield Page.not_covered(TARGET, reason=str(fault))
            return
        yield from Run(self._settings, self._http.clock, api, self._quota(cursor), cursor).pages(watch.titles)

    def recheck(self, batches: Iterator[Sequence[Followed]], cursor: Cursor) -> Iterator[Page]:
        """Yield which stored comments are gone. Raises as `fetch`; without a key nothing is asked: `fetch` says why."""
        try:
            api = self._api()
        except ConfigError:
            return
        yield from youtube_recheck.pages(batches, api, self._quota(cursor), self._http.clock)

    def _quota(self, cursor: Cursor) -> Quota:
        limits = {SEARCHES: self._settings.searches_per_day, UNITS: self._settings.units_per_day}
        return Quota.open(cursor, limits, self._http.clock())

    def try_out(self) -> None:
        """Ask for something that costs one unit, which the meter does not see. Raises ConfigError and as `fetch`."""
        self._api().look({"part": "id", "chart": "mostPopular", "maxResults": 1})

    def _api(self) -> "_Api":
        """Return what asks with the key. Raises ConfigError, never naming the key, and AccessError for its way."""
        settings = self._settings
        if not settings.key.startswith("env:"):
            raise ConfigError('[sources.youtube] key names an environment variable: key = "env:BUZZ_YOUTUBE_KEY"')
        key, variable = secret(settings.key, "[sources.youtube] key").strip(), settings.key.removeprefix("env:")
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ConfigError(f"{variable} is no key of Google's: copy it from {CREDENTIALS}")
        is_theirs = safe_for_token(settings.api) and urlsplit(settings.api).hostname in HOSTS
        if not (is_theirs or is_loopback(settings.api)):
            raise AccessError(f"the key goes to {API} only, not to {host_of(settings.api)}; mend api")
        return _Api(self._http, settings.api, key, variable)


class _Api:
    """What we ask of YouTube. The key goes in a header, so that no address holds it."""

    def __init__(self, http: "Http", api: str, key: str, variable: str) -> None:
        self._http = http
        self._api = api
        self._key = key
        self._variable = variable

    def search(self, query: str, order: str, since: datetime) -> Sequence[str]:
        """Ask for videos."""
        params: dict[str, str | int] = {"part": "id", "type": "video", "q": query, "order": order, "maxResults": 50}
        told = self._ask("search", {**params, "publishedAfter": f"{since:%Y-%m-%dT%H:%M:%SZ}"})
        return list(dict.fromkeys(found for item in told.entries("items") if (found := _video_id(item))))

    def videos(self, ids: Sequence[str]) -> Sequence[Told]:
        """Ask for videos by id. One that cannot be read is taken for gone."""
        return self.look({"part": "snippet,statistics", "id": ",".join(ids)})

    def look(self, params: Mapping[str, str | int]) -> Sequence[Told]:
        """Ask for videos in any way."""
        found: list[Told] = []
        for item in self._ask("videos", params).entries("items"):
            try:
                found.append(Told.read(item))
            except SkipItem:
                continue
        return found

    def threads(self, video: str, token: str | None) -> Threads:
        """Ask for a page of comments, newest first."""
        params: dict[str, str | int] = {"part": "snippet", "videoId": video, "order": "time", "maxResults": 100}
        following = {"pageToken": token} if token else {}
        told = self._ask("commentThreads", {**params, "textFormat": "plainText", **following})
        return Threads(told.entries("items"), told.maybe_text("nextPageToken") or None)

    def comments(self, ids: Sequence[str]) -> Collection[str]:
        """Ask for comments by id. Returns the ids of those that are there."""
        told = self._ask("comments", {"part": "id", "id": ",".join(ids)})
        return {str(item["id"]) for item in told.entries("items") if isinstance(item, Mapping) and "id" in item}

    def _ask(self, what: str, params: Mapping[str, str | int]) -> Fields:
        """Ask, and return an answer that has a list of items."""
        answer = self._http.get(
            f"{self._api}{PATH}/{what}", params=params, headers={"X-Goog-Api-Key": self._key}, expect=REFUSED
        )
        if answer.status in REFUSED:
            raise refusal(answer, self._variable) or self._http.refusal(answer.url, answer.status, answer.headers)
        try:
            told = Fields(answer.json(), "answer")
            told.maybe_text("nextPageToken")
            told.entries("items")
            told.text("kind")  # what has none is no answer, and must not pass for an empty one
        except SkipItem as fault:
            until = answer.at + SOON
            raise RetryLater(f"YouTube sent something other than we asked for ({fault})", until=until) from fault
        return told


def _video_id(item: object) -> str | None:
    try:
        found = Fields(item).fields("id").maybe_text("videoId")
    except SkipItem:
        return None
    return found if found and re.fullmatch(r"[\w-]{1,64}", found, re.ASCII) else None
