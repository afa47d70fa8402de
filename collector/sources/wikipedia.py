"""Wikipedia: how often the articles of a title were read, a day and language each, no key needed.

Attention, not posts: shown beside the buzz and never added to it. Wikimedia counts a day some hours after it has ended.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import quote

from pydantic import AfterValidator, Field

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
    PlatformCount,
    PostDraft,
    SourceSettings,
    Terms,
    Watch,
)

if TYPE_CHECKING:
    from collector.http import Http

ADDRESS = "https://wikimedia.org/api/rest_v1"
DAY = timedelta(days=1)
BEGINNING = datetime(2015, 7, 1, tzinfo=UTC)  # the first day that Wikimedia has
OK, NOT_FOUND = 200, 404  # 404: nobody read it in these days, or they are not counted yet
SETTLED = timedelta(days=2)  # until then a day may still be missing, or grow


class WikipediaSettings(SourceSettings):
    """`[sources.wikipedia]`: how many days back a title's articles are counted when they are new."""

    every: Duration = timedelta(hours=6)
    address: Annotated[str, AfterValidator(base_like(ADDRESS))] = ADDRESS
    days: Annotated[int, Field(ge=1, le=4000)] = 90


class Wikipedia:
    """Page views by people (no programs), of the articles that `wikipedia = [...]` of a title names."""

    name: ClassVar[str] = "wikipedia"
    platform: ClassVar[str] = "wikipedia"
    kind: ClassVar[Kind] = Kind.COUNTS
    look_back: ClassVar[timedelta] = timedelta(days=4000)
    terms: ClassVar[Terms] = Terms(
        kept="views a day of an article (CC0), as long as you want",
        shown="as attention, beside the buzz",
        exported="not in posts; in the app's plots",
        derived="nothing",
        deleted="nothing: there is nobody in it",
    )
    Settings: ClassVar[type[SourceSettings]] = WikipediaSettings

    def __init__(self, settings: WikipediaSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield one page an article: the days since the last settled one. Raises RetryLater, which ends the run."""
        for title in watch.titles:
            for article in title.articles:
                try:
                    page = self._article(title.name, article, cursor)
                except AccessError as refusal:
                    yield Page.not_covered(article, reason=str(refusal), title=title.name)
                except RetryLater as fault:
                    yield Page(article, coverage=Coverage.FAILED, reason=str(fault), title=title.name)
                    raise
                else:
                    if page is not None:
                        yield page

    def _article(self, title: str, article: str, cursor: Cursor) -> Page | None:
        """Ask for one article; None where no day has ended since the last time."""
        now = self._http.clock()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        known = cursor.get(title, article)
        since = parse_time(known) if known else max(today - self._settings.days * DAY, BEGINNING)
        if since >= today:
            return None
        language, _, name = article.partition(":")
        answer = self._http.get(
            f"{self._settings.address}/metrics/pageviews/per-article/{language}.wikipedia/all-access/user/"
            f"{quote(name.replace(' ', '_'), safe='')}/daily/{since:%Y%m%d}00/{today - DAY:%Y%m%d}00",
            expect={NOT_FOUND},
        )
        counts = self._counts(title, article, answer.json()) if answer.status == OK else []
        settled = today - SETTLED + DAY  # days before this do not change any more
        last = max((count.start + DAY for count in counts), default=since)
        return Page(
            article,
            cursor={f"{title} {article}": max(since, min(last, settled)).isoformat()},
            since=since,
            until=last,
            title=title,
            counts=counts,
            reason="" if counts else "no page views are told of these days; the article may have another name",
            coverage=Coverage.COVERED if counts else Coverage.PARTIAL,
        )

    def _counts(self, title: str, article: str, answer: object) -> list[PlatformCount]:
        try:
            found = [Wikipedia._count(title, article, item) for item in Fields(answer, "answer").list("items")]
        except (SkipItem, ValueError) as fault:
            until = self._http.clock() + timedelta(minutes=1)
            raise RetryLater(
                f"Wikipedia sent something other than page views ({fault}); trying again", until=until
            ) from fault
        if not found:
            raise RetryLater("Wikipedia sent no days; trying again", until=self._http.clock() + timedelta(hours=1))
        return found

    @staticmethod
    def _count(title: str, article: str, item: Fields) -> PlatformCount:
        day = datetime.strptime(item.text("timestamp"), "%Y%m%d%H").replace(tzinfo=UTC)
        views = item.count("views")
        if views is None:
            raise SkipItem("views is missing")
        return PlatformCount(title, article, day, DAY, views)

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Raise SkipItem: there are no posts here."""
        raise SkipItem(f"Wikipedia has page views and no posts: {list(item)[:5]}")
