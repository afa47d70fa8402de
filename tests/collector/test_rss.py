from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from feed_stub import Article, rss
from loopback import Asked, Loopback, Reply, serving
from pydantic import ValidationError

from collector.errors import RetryLater
from collector.http import Http
from collector.source import Coverage, Cursor, Page, Watch, WatchedTitle
from collector.sources.rss import Rss, RssSettings

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TITLE = WatchedTitle("Squid Game", ("squidgame",), ("Squid Game", "오징어 게임"))


@dataclass
class Paper:
    """Publishers on the loopback: what lies at each path, and what was asked of them."""

    feeds: dict[str, Reply] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.feeds.get(asked.path, Reply(b"no such feed", 404))

    def has(self, path: str, *articles: Article, **headers: str) -> None:
        self.feeds[path] = Reply(rss(articles), headers={"Content-Type": "application/rss+xml", **headers})


@dataclass
class Reader:
    """Reads feeds as the collector does: it remembers each page's cursor once the page is taken."""

    server: Loopback
    paths: tuple[str, ...] = ("/feed",)
    google: bool = False
    now: datetime = START
    memory: dict[str, str] = field(default_factory=dict)
    titles: tuple[WatchedTitle, ...] = (TITLE,)
    editions: tuple[str, ...] = ("US:en",)

    def read(self) -> list[Page]:
        return list(self.follow())

    def follow(self) -> Iterator[Page]:
        settings = RssSettings(
            feeds=tuple(self.server.url + path for path in self.paths),
            google_news=self.google,
            google_news_editions=self.editions,
            google_news_address=self.server.url,
        )
        source = Rss(settings, Http(clock=lambda: self.now, timeout=(1, 2)))
        for page in source.fetch(Watch((), self.titles), Cursor(dict(self.memory))):
            yield page
            for key, value in page.cursor.items():
                self.memory.pop(key, None)
                if value is not None:
                    self.memory[key] = value


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def reader(paper: Paper) -> Iterator[Reader]:
    with serving(paper.answer) as server:
        yield Reader(server)


def article(number: int, **changes: Any) -> Article:  # noqa: ANN401 - the fields of Article
    told: dict[str, Any] = {
        "headline": f"Invented headline {number}",
        "link": f"https://www.paper.example/{number}",
        "guid": f"paper-{number}",
        "at": START - timedelta(minutes=100 - number),
    }
    return Article(**(told | changes))


def numbers(page: Page) -> list[int]:
    return [int(item["id"].rsplit("-", 1)[1]) for item in page.items]


# --- one feed


def test_the_first_contact_speaks_since_the_oldest_article_that_has_a_date(paper: Paper, reader: Reader) -> None:
    paper.has("/feed", article(9), article(8, at=None), article(7))
    (page,) = reader.read()
    assert numbers(page) == [9, 7, 8]
    assert (page.coverage, page.since, page.until) == (Coverage.COVERED, article(7).at, START)
    assert page.target == f"{reader.server.host}/feed"
    assert (page.title, page.hashtag) == (None, None)


def test_only_what_is_new_is_read_and_a_feed_with_a_known_article_lost_none(paper: Paper, reader: Reader) -> None:
    paper.has("/feed", article(3), article(2), article(1))
    reader.read()
    reader.now += HOUR
    paper.has("/feed", article(105), article(104), article(3))
    (page,) = reader.read()
    assert numbers(page) == [105, 104]
    assert (page.coverage, page.since, page.until) == (Coverage.COVERED, START, START + HOUR)


def test_a_feed_in_which_nothing_is_known_any_more_may_have_lost_articles(paper: Paper, reader: Reader) -> None:
    paper.has("/feed", article(3), article(2))
    reader.read()
    reader.now += HOUR
    paper.has("/feed", article(105), article(104))
    (page,) = reader.read()
    assert (page.coverage, page.since, page.until) == (Coverage.PARTIAL, START, START + HOUR)
    assert page.reason.endswith("/feed holds the newest 2 articles, none of them known: some in between may be missing")


def test_an_old_article_pinned_to_the_top_does_not_stand_for_the_others(paper: Paper, reader: Reader) -> None:
    pinned = article(1, at=START - timedelta(days=300))
    paper.has("/feed", pinned, article(5), article(4), article(3))
    reader.read()
    reader.now += HOUR
    paper.has("/feed", pinned, article(107), article(106), article(105))
    (page,) = reader.read()
    assert (page.coverage, numbers(page)) == (Coverage.PARTIAL, [107, 106, 105])


def test_articles_that_were_taken_back_are_made_up_for_by_enough_that_are_older(paper: Paper, reader: Reader) -> None:
    paper.has("/feed", *(article(number) for number in (9, 8, 7, 6, 5, 4)))
    reader.read()
    reader.now += HOUR
    paper.has("/feed", article(105), article(6), article(5), article(4))
    (page,) = reader.read()
    assert (page.coverage, numbers(page)) == (Coverage.COVERED, [105])


def test_what_has_not_changed_is_not_sent_again_and_is_covered(paper: Paper, reader: Reader) -> None:
    changed = "Sun, 01 Mar 2026 11:00:00 GMT"
    paper.has("/feed", article(1), ETag='"one"', **{"Last-Modified": changed})
    reader.read()
    reader.now += HOUR
    paper.feeds["/feed"] = Reply(b"", 304)
    (page,) = reader.read()
    assert (page.coverage, page.items, page.since, page.until) == (Coverage.COVERED, [], START, START + HOUR)
    sent = paper.asked[1].headers
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == ('"one"', changed)
    reader.now += HOUR
    paper.has("/feed", article(201), article(1))
    (page,) = reader.read()
    assert (page.coverage, numbers(page)) == (Coverage.COVERED, [201])


def test_a_feed_that_breaks_off_is_read_as_far_as_it_goes_and_asked_for_again(paper: Paper, reader: Reader) -> None:
    whole = rss([article(3), article(2), article(1)])
    cut = whole[: whole.index(b"headline 1")]
    paper.feeds["/feed"] = Reply(cut, headers={"ETag": '"cut"', "Content-Type": "application/rss+xml"})
    (page,) = reader.read()
    assert numbers(page) == [3, 2]
    assert (page.coverage, page.reason) == (Coverage.PARTIAL, f"{page.target} broke off; what came before was read")
    reader.now += HOUR
    paper.feeds["/feed"] = Reply(whole, headers={"Content-Type": "application/rss+xml"})
    (page,) = reader.read()
    assert numbers(page) == [1]
    assert "If-None-Match" not in paper.asked[1].headers


def test_a_title_that_is_added_is_filled_from_what_the_feed_still_holds(paper: Paper, reader: Reader) -> None:
    paper.has("/feed", article(3), article(2), ETag='"one"')
    reader.read()
    reader.now += HOUR
    reader.titles = (TITLE, WatchedTitle("Hellbound"))
    (page,) = reader.read()
    assert numbers(page) == [3, 2]
    assert (page.coverage, page.since) == (Coverage.COVERED, article(2).at)
    assert "If-None-Match" not in paper.asked[1].headers
    reader.now += HOUR
    (page,) = reader.read()
    assert numbers(page) == []


# --- several feeds


def test_a_feed_that_fails_does_not_hold_up_the_others_and_its_wait_is_kept(paper: Paper, reader: Reader) -> None:
    reader.paths = ("/slow", "/feed", "/gone")
    paper.has("/feed", article(1))
    paper.feeds["/slow"] = Reply(b"", 429, {"Retry-After": "7200"})
    slow, read, gone = reader.read()
    assert [page.coverage for page in (slow, read, gone)] == [
        Coverage.FAILED, Coverage.COVERED, Coverage.NOT_COVERED,
    ]  # fmt: skip
    assert slow.reason == f"{reader.server.host} asks us to wait until 2026-03-01 14:00:00 UTC"
    assert "does not know what we asked for (status 404)" in gone.reason
    reader.now += HOUR
    paper.asked.clear()
    assert [page.target.rsplit("/", 1)[1] for page in reader.read()] == ["feed", "gone", "slow"]
    assert [asked.path for asked in paper.asked] == ["/feed", "/gone"]
    reader.now += HOUR
    paper.has("/slow", article(2))
    assert [page.coverage for page in reader.read()] == [Coverage.COVERED, Coverage.NOT_COVERED, Coverage.COVERED]
    assert not [key for key in reader.memory if key.endswith(" wait")]


def test_when_all_fail_it_is_tried_again_at_the_first_time_that_one_allows(paper: Paper, reader: Reader) -> None:
    reader.paths = ("/one", "/two")
    paper.feeds = {
        "/one": Reply(b"", 429, {"Retry-After": "7200"}),
        "/two": Reply(b"<html>a page</html>", headers={"Content-Type": "text/html"}),
    }
    with pytest.raises(RetryLater, match="/two sent something other than a feed") as caught:
        reader.read()
    assert caught.value.until == START + timedelta(minutes=1)


def test_a_server_that_failed_twice_is_not_asked_for_its_other_feeds_in_this_run(paper: Paper, reader: Reader) -> None:
    reader.paths = ("/a", "/b", "/c", "/d")
    paper.feeds = {path: Reply(b"", 503) for path in reader.paths}
    with pytest.raises(RetryLater):
        reader.read()
    assert [asked.path for asked in paper.asked] == ["/a", "/b"]


def test_a_feed_of_ten_megabytes_is_not_read(paper: Paper, reader: Reader) -> None:
    paper.feeds["/feed"] = Reply(b"<rss>" + b" " * 10_000_000)
    with pytest.raises(RetryLater, match="more than 5,000,000 bytes"):
        reader.read()


# --- Google News


def test_each_title_is_searched_by_its_phrases_and_the_answer_speaks_for_it_alone(paper: Paper, reader: Reader) -> None:
    reader.paths, reader.google, reader.editions = (), True, ("US:en", "KR:ko")
    paper.has("/rss/search", article(1))
    pages = reader.read()
    assert [(page.target, page.title) for page in pages] == [
        (f"{reader.server.host} US:en Squid Game", "Squid Game"),
        (f"{reader.server.host} KR:ko Squid Game", "Squid Game"),
    ]
    assert [dict(asked.params) for asked in paper.asked] == [
        {"q": '"Squid Game" OR "오징어 게임" when:30d', "hl": "en-US", "gl": "US", "ceid": "US:en"},
        {"q": '"Squid Game" OR "오징어 게임" when:30d', "hl": "ko", "gl": "KR", "ceid": "KR:ko"},
    ]


@pytest.mark.parametrize(("passed", "days"), [(HOUR, 1), (timedelta(days=3), 7), (timedelta(days=90), 30)])
def test_a_search_looks_back_no_further_than_it_must(
    paper: Paper, reader: Reader, passed: timedelta, days: int
) -> None:
    reader.paths, reader.google = (), True
    paper.has("/rss/search")
    reader.read()
    reader.now += passed
    (page,) = reader.read()
    assert paper.asked[1].params["q"].endswith(f" when:{days}d")
    assert (page.coverage, page.since) == (Coverage.COVERED, max(START, reader.now - timedelta(days=days)))


def test_a_search_that_is_full_is_known_in_part(paper: Paper, reader: Reader) -> None:
    reader.paths, reader.google = (), True
    paper.has("/rss/search", *(article(number) for number in range(100)))
    (page,) = reader.read()
    assert (page.coverage, len(page.items)) == (Coverage.PARTIAL, 100)
    assert page.reason.endswith("a search gives at most 100 articles")


def test_what_google_tells_is_kept_under_its_publisher_and_without_its_name(paper: Paper, reader: Reader) -> None:
    reader.paths, reader.google = (), True
    link = "https://news.google.com/rss/articles/CBMiabc?oc=5"
    told = article(
        1, headline="Squid Game returns - The Paper", link=link, guid="CBMiabc", source=("The Paper", "https://www.paper.example")
    )  # fmt: skip
    paper.has("/rss/search", told)
    (page,) = reader.read()
    draft = Rss.parse(page.items[0])
    assert (draft.text, draft.native_id, draft.url) == ("Squid Game returns", "paper.example/~CBMiabc", link)
    assert "summary" not in str(page.items)


def test_a_search_begins_anew_where_its_title_has_gained_a_word_that_is_not_searched_for(
    paper: Paper, reader: Reader
) -> None:
    reader.paths, reader.google = (), True
    paper.has("/rss/search", article(1))
    reader.read()
    reader.now += HOUR
    assert reader.read()[0].items == []
    reader.titles = (TITLE._replace(hashtags=("squidgame", "squidgame3")),)
    (page,) = reader.read()
    assert (numbers(page), paper.asked[-1].params["q"][-3:]) == ([1], "30d")


# --- settings


@pytest.mark.parametrize("feed", ["soompi", "ftp://soompi.com/feed", "https://me:secret@soompi.com/feed"])
def test_what_is_no_address_of_a_feed_is_refused(feed: str) -> None:
    with pytest.raises(ValidationError, match="an address such as"):
        RssSettings(feeds=(feed,))


def test_publishers_are_not_asked_more_than_once_a_minute() -> None:
    with pytest.raises(ValidationError, match="no more than one request a minute"):
        RssSettings(every="10s")  # type: ignore[arg-type] # as config.toml has it
    assert RssSettings(every="10s", feeds=("http://127.0.0.1:1/feed",), google_news=False)  # type: ignore[arg-type]


def test_a_key_in_the_address_of_a_feed_is_in_no_sentence(paper: Paper, reader: Reader) -> None:
    reader.paths = ("/feed?key=secret",)
    paper.has("/feed", article(1))
    (page,) = reader.read()
    assert "secret" not in str((page.target, page.reason, page.cursor))
    assert paper.asked[0].params["key"] == "secret"
