"""GDELT: the world's online press by full text (DOC 2.0), no key needed; headlines and links, one title a run."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator

from collector import press
from collector.address import base_like
from collector.duration import Duration
from collector.errors import AccessError, RetryLater, SkipItem
from collector.reading import Fields, parse_time
from collector.source import (
    Coverage,
    Cursor,
    JsonObject,
    Kind,
    Page,
    PostDraft,
    SourceSettings,
    Terms,
    Watch,
    WatchedTitle,
)

if TYPE_CHECKING:
    from collector.http import Answer, Http

ADDRESS = "https://api.gdeltproject.org"
FULL = 250  # the most that one request gives
FIRST = timedelta(days=80)  # it searches the last three months
LATE = timedelta(hours=6)  # an article enters some time after it was seen
SHORTEST = 4  # characters of a phrase; it refuses shorter ones
LONGEST_ANSWER = 200  # characters of what it says in place of JSON
KEPT = ("url", "title", "seendate")
PAUSE = timedelta(minutes=1)
APART = timedelta(seconds=5)  # it allows one request in five seconds


class GdeltSettings(SourceSettings):
    """`[sources.gdelt]`: how often one title has its turn, and the address."""

    every: Duration = timedelta(minutes=15)
    address: Annotated[str, AfterValidator(base_like(ADDRESS))] = ADDRESS


class Gdelt:
    """It allows one request in five seconds: so each run asks for one title, the one that has waited longest."""

    name: ClassVar[str] = "gdelt"
    platform: ClassVar[str] = press.PLATFORM
    kind: ClassVar[Kind] = Kind.NEWS
    look_back: ClassVar[timedelta] = timedelta(days=100)
    terms: ClassVar[Terms] = press.TERMS
    Settings: ClassVar[type[SourceSettings]] = GdeltSettings

    def __init__(self, settings: GdeltSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield one page about one title. Whatever becomes of it, the next run asks for another one.

        Nothing where the last request is less than five seconds ago: the next run asks.

        Raises RetryLater when it asks to wait or is out of order.
        """
        now = self._http.clock()
        turns = [_last_turn(one, cursor) for one in watch.titles]
        if not watch.titles or any(told and timedelta(0) <= now - parse_time(told) < APART for told in turns):
            return
        title = min(watch.titles, key=lambda one: _last_turn(one, cursor))
        key = press.mark(title.name)
        turn = Page(f"GDELT {title.name}", cursor={f"{key} failed": now.isoformat()}, title=title.name)
        try:
            page = self._ask(title, cursor, now)
        except AccessError as refusal:
            yield replace(turn, coverage=Coverage.NOT_COVERED, reason=str(refusal))
        except RetryLater as fault:
            yield replace(turn, coverage=Coverage.FAILED, reason=str(fault))
            raise
        else:
            yield replace(page, target=turn.target, title=turn.title)

    def _ask(self, title: WatchedTitle, cursor: Cursor, now: datetime) -> Page:
        """Ask for what was published since the last time this title was known, and a little before."""
        key, query, words = press.mark(title.name), _query(title), press.mark(repr((title.hashtags, title.phrases)))
        # other words are another question, which begins anew: also for what was found already and matched by no word
        is_same = cursor.get(key, "query") == press.mark(query) and cursor.get(key, "words") in {None, words}
        told = cursor.get(key, "covered") if is_same else None
        since = max(parse_time(told), now - FIRST) if told else now - FIRST
        params: dict[str, str | int] = {
            "query": query,
            "mode": "artlist",
            "maxrecords": FULL,
            "format": "json",
            "sort": "datedesc",
            "startdatetime": f"{max(since - LATE, now - FIRST):%Y%m%d%H%M%S}",
            "enddatetime": f"{now:%Y%m%d%H%M%S}",
        }
        answer = self._http.get(f"{self._settings.address}/api/v2/doc/doc", params=params)
        articles = _articles(answer)
        names = {press.mark(str(article.get("url") or article.get("title"))): article for article in articles}
        known = set((cursor.get(key, "known") or "").split()) if is_same else set()
        reason = _missing(articles, since)
        memory = {"covered": now.isoformat(), "query": press.mark(query), "words": words, "known": " ".join(names)}
        return Page(
            query,
            items=[article for mark, article in names.items() if mark not in known],
            cursor={f"{key} {name}": value for name, value in memory.items()},
            coverage=Coverage.PARTIAL if reason else Coverage.COVERED,
            since=since,
            until=now,
            reason=reason,
        )

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one article; its time is when GDELT first saw it. Raises SkipItem."""
        article = Fields(item, "article")
        return press.draft(link=article.text("url"), headline=article.text("title"), at=article.time("seendate"))


def _last_turn(title: WatchedTitle, cursor: Cursor) -> str:
    """Return when a title was asked for last, with or without an answer: a time as text, or nothing."""
    return max(cursor.get(press.mark(title.name), name) or "" for name in ("covered", "failed"))


def _articles(answer: "Answer") -> Sequence[JsonObject]:
    """Return the articles, with what may be kept of them. Raises RetryLater with GDELT's words, which are no JSON."""
    try:
        told: Any = answer.json()
    except RetryLater as fault:
        said = " ".join(answer.body[: LONGEST_ANSWER * 4].decode("utf-8", "replace").split())[:LONGEST_ANSWER]
        if not said or said.startswith("<"):
            raise
        raise RetryLater(f"GDELT says: {said}", until=fault.until) from fault
    found = told.get("articles", []) if isinstance(told, dict) else None
    if not isinstance(found, list) or not all(isinstance(article, dict) for article in found):
        raise RetryLater("GDELT sent something other than articles; trying again", until=answer.at + PAUSE)
    return [{name: article[name] for name in KEPT if name in article} for article in found]


def _missing(articles: Sequence[JsonObject], since: datetime) -> str:
    """Say from when on articles are known where there were too many for one answer; nothing where all came."""
    oldest = min(filter(None, map(_time, articles)), default=since)
    if len(articles) < FULL or oldest <= since:
        return ""
    return f"GDELT gives at most {FULL} articles at once, here back to {oldest:%Y-%m-%d %H:%M} UTC"


def _query(title: WatchedTitle) -> str:
    """Return the phrases to look for, any of them: those in Latin letters, for it translates what it reads."""
    wanted = [phrase for phrase in title.phrases if phrase.isascii() and len(phrase) >= SHORTEST] or [title.name]
    quoted = press.quoted(wanted)
    return quoted[0] if len(quoted) == 1 else f"({' OR '.join(quoted)})"


def _time(article: JsonObject) -> datetime | None:
    try:
        return Fields(article).maybe_time("seendate")
    except SkipItem:
        return None
