"""Bluesky's past: what its search still finds of hashtags that are new, with a login by app password. Off by default.

The stream of [sources.bluesky] reaches back a day and a half. This searches a week, and after that the time since it
searched last, in which the stream may have been away. It finds the same posts, so that none is stored twice. What it
finds need not be all, so its time is known in part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from collector import bluesky_found
from collector.address import base_like, host_of, is_loopback
from collector.bluesky_found import Place
from collector.bluesky_session import Session
from collector.config import secret
from collector.duration import Duration
from collector.errors import AccessError, ConfigError, RetryLater
from collector.source import Coverage, Cursor, JsonObject, Kind, Page, SourceSettings, Terms, Watch

if TYPE_CHECKING:
    from collector.http import Answer, Http

ADDRESS = "https://bsky.social"
TARGET = "Bluesky search"
METHOD = "app.bsky.feed.searchPosts"
RAREST = timedelta(minutes=5)  # a server allows 300 logins a day, should no session be kept


class BlueskySearchSettings(SourceSettings):
    """`[sources.bluesky_search]`: who logs in where ("env:NAME"), how far back, how many pages of 100 posts a run.

    How long posts are kept is said once for the platform, in `[sources.bluesky]`.
    """

    enabled: bool = False
    every: Duration = timedelta(hours=6)
    handle: str = "env:BUZZ_BLUESKY_HANDLE"
    app_password: str = "env:BUZZ_BLUESKY_APP_PASSWORD"  # noqa: S105 - the name of a variable
    address: Annotated[str, AfterValidator(base_like(ADDRESS))] = ADDRESS
    back: Duration = timedelta(days=7)
    pages: Annotated[int, Field(ge=1, le=1000)] = 25

    @model_validator(mode="after")
    def _is_polite(self) -> Self:
        if self.every < RAREST and not is_loopback(self.address):
            raise ValueError('the search is for the past: every = "5m" or longer')
        return self


class BlueskySearch:
    """Each hashtag for itself, newest post first, so many pages a run; what is left is for the next one."""

    name: ClassVar[str] = "bluesky_search"
    platform: ClassVar[str] = "bluesky"
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = timedelta(hours=36)  # between a post's own time and when the network saw it
    terms: ClassVar[Terms] = Terms(
        kept="text, link, counts, hashtags, as long as you want; raw answer 7 days; of authors who want to be seen by "
        "members only hashtags and counts, no words",
        shown="in the app, with the link",
        exported="as stored",
        derived="language, sentiment, topics, totals",
        deleted="posts and accounts: told by the stream of `bluesky`, so keep that one enabled",
    )
    Settings: ClassVar[type[SourceSettings]] = BlueskySearchSettings
    parse = staticmethod(bluesky_found.parse)

    def __init__(self, settings: BlueskySearchSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield what the search finds of each hashtag in the window that is not searched yet, newest first.

        Raises RetryLater when the server asks to wait or is out of order, which ends the run.
        """
        try:
            session = self._session()
        except ConfigError as fault:
            yield Page.not_covered(TARGET, reason=str(fault))
            return
        now, back = self._http.clock(), self._settings.back
        for tag in watch.hashtags:
            try:
                yield from self._tag(session, Place.read(tag, cursor, watch.titles, now, back))
            except (AccessError, ConfigError) as refusal:  # it would be the same for the others
                yield Page.not_covered(TARGET, reason=str(refusal))
                return
            except RetryLater as fault:
                yield Page(f"{TARGET} #{tag}", coverage=Coverage.FAILED, reason=str(fault), hashtag=tag)
                raise

    def _session(self) -> Session:
        """Look up who logs in. Raises ConfigError, never naming the password."""
        if not self._settings.app_password.startswith("env:"):
            raise ConfigError(
                "[sources.bluesky_search] app_password names the variable that holds it, as "
                '"env:BUZZ_BLUESKY_APP_PASSWORD"; do not write it into the file'
            )
        table, told = "[sources.bluesky_search]", self._settings
        handle, password = secret(told.handle, f"{table} handle"), secret(told.app_password, f"{table} app_password")
        return Session(self._http, self._settings.address, handle, password)

    def _tag(self, session: Session, place: Place) -> Iterator[Page]:
        """Yield a hashtag's pages, each before the one before; by the server's mark where times do not part them."""
        target, begun = f"{TARGET} #{place.tag}", place.until
        token: str | None = None
        seen: set[str] = set()
        for _ in range(self._settings.pages):
            posts, token = self._answer(session.get(METHOD, place.question | ({"cursor": token} if token else {})))
            before = place.until
            place, page = place.take(posts, target, has_more=token is not None)
            yield _without(page, seen)
            if place.is_done:
                return
            if place.until < before:
                token = None
        if place.until == begun:
            yield place.given_up(target)[1]

    def _answer(self, answer: "Answer") -> tuple[Sequence[JsonObject], str | None]:
        """Return the posts of an answer, and the mark of what follows. Raises RetryLater for what is no such answer."""
        told = answer.json()
        posts = told.get("posts") if isinstance(told, dict) else None
        if not isinstance(posts, list) or not all(isinstance(post, dict) for post in posts):
            raise RetryLater(
                f"{host_of(self._settings.address)} sent something other than posts; trying again at the next turn",
                until=answer.at + timedelta(minutes=1),
            )
        token = told.get("cursor")
        return posts, token if isinstance(token, str) and token else None


def _without(page: Page, seen: set[str]) -> Page:
    """Leave out what this run had already."""
    fresh = []
    for post in page.items:
        if (uri := str(post.get("uri"))) not in seen:
            seen.add(uri)
            fresh.append(post)
    return replace(page, items=fresh)
