"""Wikipedia's page views: which days are asked for, what is told of them, and what a fault leaves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from loopback import Asked, Reply, serving
from pydantic import ValidationError

from collector.collect import watch_of
from collector.config import TitleSettings
from collector.errors import RetryLater
from collector.http import Http
from collector.source import Coverage, Cursor, Page
from collector.sources.wikipedia import Wikipedia, WikipediaSettings

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = datetime(2026, 3, 10, tzinfo=UTC)
TITLE = TitleSettings(name="Squid Game", hashtags=("SquidGame",), wikipedia=("en:Squid Game", "ko:오징어 게임"))


def items(*views: int, first: datetime) -> Reply:
    days = [first + number * DAY for number in range(len(views))]
    return Reply(
        {"items": [{"timestamp": f"{day:%Y%m%d}00", "views": told} for day, told in zip(days, views, strict=True)]}
    )


def pages(
    answer: Callable[[Asked], Reply], cursor: dict[str, str] | None = None, now: datetime = NOW
) -> tuple[list[Page], list[Asked]]:
    with serving(answer) as server:
        source = Wikipedia(WikipediaSettings(address=server.url, days=5), Http(clock=lambda: now))
        return list(source.fetch(watch_of([TITLE]), Cursor(cursor or {}))), server.asked


def test_each_article_is_asked_for_its_days_and_yesterday_is_asked_for_again() -> None:
    found, asked = pages(lambda _: items(7, 9, first=TODAY - 2 * DAY))
    korean = "%EC%98%A4%EC%A7%95%EC%96%B4_%EA%B2%8C%EC%9E%84"
    assert [one.raw_path for one in asked] == [
        f"/metrics/pageviews/per-article/{article}/daily/2026030500/2026030900"
        for article in ("en.wikipedia/all-access/user/Squid_Game", f"ko.wikipedia/all-access/user/{korean}")
    ]
    page = found[0]
    assert [(count.title, count.part, count.start, count.length, count.amount) for count in page.counts] == [
        ("Squid Game", "en:Squid Game", TODAY - 2 * DAY, DAY, 7),
        ("Squid Game", "en:Squid Game", TODAY - DAY, DAY, 9),
    ]
    assert (page.since, page.until, page.coverage) == (TODAY - 5 * DAY, TODAY, Coverage.COVERED)
    assert page.cursor == {"Squid Game en:Squid Game": (TODAY - DAY).isoformat()}
    remembered = {key: str(value) for one in found for key, value in one.cursor.items()}
    _, again = pages(lambda _: items(9, first=TODAY - DAY), remembered, NOW + timedelta(hours=6))
    assert again[0].raw_path.endswith("/daily/2026030900/2026030900")


def test_a_day_that_is_not_counted_yet_is_asked_for_until_it_is() -> None:
    found, _ = pages(lambda _: items(7, first=TODAY - 4 * DAY))
    assert found[0].until == TODAY - 3 * DAY
    assert found[0].cursor == {"Squid Game en:Squid Game": (TODAY - 3 * DAY).isoformat()}


def test_an_article_that_nobody_knows_is_told_and_the_next_one_is_asked() -> None:
    found, asked = pages(lambda one: Reply({}, 404) if "/en." in one.path else items(1, first=TODAY - DAY))
    assert [page.coverage for page in found] == [Coverage.PARTIAL, Coverage.COVERED]
    assert "may have another name" in found[0].reason
    assert found[0].since == found[0].until
    assert len(asked) == 2


def test_a_wait_is_kept_and_what_came_before_it_stays() -> None:
    def answer(asked: Asked) -> Reply:
        return items(1, first=TODAY - DAY) if "/en." in asked.path else Reply({}, 429, {"Retry-After": "90"})

    with serving(answer) as server:
        source = Wikipedia(WikipediaSettings(address=server.url), Http(clock=lambda: NOW))
        coming = source.fetch(watch_of([TITLE]), Cursor())
        found = [next(coming), next(coming)]
        with pytest.raises(RetryLater) as caught:
            next(coming)
    assert [page.coverage for page in found] == [Coverage.COVERED, Coverage.FAILED]
    assert caught.value.until == NOW + timedelta(seconds=90)


def test_a_title_that_is_added_is_counted_from_as_many_days_back_as_the_first_one_was() -> None:
    added = TitleSettings(name="Hellbound", hashtags=("hellbound",), wikipedia=("en:Hellbound",))
    known = {f"Squid Game {article}": TODAY.isoformat() for article in TITLE.wikipedia}
    with serving(lambda _: items(1, first=TODAY - DAY)) as server:
        source = Wikipedia(WikipediaSettings(address=server.url), Http(clock=lambda: NOW))
        (page,) = source.fetch(watch_of([TITLE, added]), Cursor(known))
    assert (page.title, page.since) == ("Hellbound", TODAY - 90 * DAY)
    assert [asked.path.rpartition("daily/")[2] for asked in server.asked] == ["2025121000/2026030900"]


def test_an_address_must_be_one() -> None:
    with pytest.raises(ValidationError, match="an address such as"):
        WikipediaSettings(address="wikimedia")
