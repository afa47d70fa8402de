"""Reddit: whose turn it is, what a feed speaks for, its refusals, and one post read from its feeds and its API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from loopback import Asked, Loopback, Reply, serving
from only import only
from pydantic import ValidationError
from reddit_stub import RedditPost, feed

from collector import config as configs
from collector import reddit_post
from collector.errors import RetryLater, SkipItem
from collector.http import Http
from collector.probe import probe
from collector.source import Coverage, Cursor, Page, PostDraft, Watch, WatchedTitle
from collector.sources.reddit import Reddit, RedditSettings

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TITLES = tuple(WatchedTitle(name, (), (name,)) for name in ("Squid Game", "Hellbound"))


@dataclass
class Bench:
    """Asks as the collector does, and remembers each page's cursor."""

    server: Loopback | None = None
    now: datetime = START
    titles: tuple[WatchedTitle, ...] = TITLES[:1]
    subreddits: tuple[str, ...] = ()
    posts: list[RedditPost] = field(default_factory=list)
    reply: Reply | None = None
    memory: dict[str, str] = field(default_factory=dict)

    def answer(self, _: Asked) -> Reply:
        return self.reply or Reply(feed(self.posts), headers={"Content-Type": "application/atom+xml"})

    @property
    def asked(self) -> list[Asked]:
        assert self.server is not None
        return self.server.asked

    def source(self) -> Reddit:
        assert self.server is not None
        settings = RedditSettings(address=self.server.url, subreddits=self.subreddits, every=timedelta(minutes=5))
        return Reddit(settings, Http(clock=lambda: self.now, timeout=(1, 2)))

    def run(self) -> list[Page]:
        return list(self.follow())

    def follow(self) -> Iterator[Page]:
        for page in self.source().fetch(Watch((), self.titles), Cursor(dict(self.memory))):
            self.memory |= {key: value for key, value in page.cursor.items() if value is not None}
            yield page

    def wait(self, span: timedelta = HOUR) -> list[Page]:
        self.now += span
        return self.run()

    def arrive(self, posts: int, *, apart: timedelta = MINUTE) -> None:
        """Let posts come in before now, the last of them a minute ago; the feed holds the newest hundred."""
        first = len(self.posts) and max(post.number for post in self.posts) + 1
        self.posts += [RedditPost(first + n, self.now - MINUTE - (posts - 1 - n) * apart) for n in range(posts)]
        self.posts = self.posts[-100:]


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    with serving(one.answer) as server:
        one.server = server
        yield one


def numbers(pages: list[Page]) -> list[int]:
    return sorted(int(Reddit.parse(item).native_id.removeprefix("t3_inv")) for page in pages for item in page.items)


# --- turns


def test_each_title_and_subreddit_gets_its_turn_one_request_a_run(bench: Bench) -> None:
    bench.titles, bench.subreddits = TITLES, ("kdrama",)
    targets = [bench.wait(5 * MINUTE)[0].target for _ in range(6)]
    assert targets == ["search Squid Game", "search Hellbound", "r/kdrama"] * 2
    assert [asked.path for asked in bench.asked[:3]] == ["/search.rss", "/search.rss", "/r/kdrama/new.rss"]
    assert bench.asked[0].params == {"q": '"Squid Game"', "sort": "new", "type": "link", "limit": "100"}
    assert bench.asked[0].headers["User-Agent"].startswith("buzzchart/")


def test_no_two_requests_are_less_than_a_minute_apart(bench: Bench) -> None:
    bench.titles = TITLES
    assert bench.run()
    assert bench.wait(timedelta(seconds=59)) == []
    assert bench.wait(timedelta(seconds=1))[0].title == "Hellbound"
    assert len(bench.asked) == 2


def test_a_shorter_time_is_refused_except_on_this_machine() -> None:
    with pytest.raises(ValidationError, match="one request a minute"):
        RedditSettings(every=timedelta(seconds=30))
    assert RedditSettings(every=timedelta(seconds=1), address="http://127.0.0.1:1").every == timedelta(seconds=1)


@pytest.mark.parametrize("name", ["r/kdrama", "k drama", "../x", "k", "?q"])
def test_a_subreddit_is_named_by_its_name_alone(name: str) -> None:
    with pytest.raises(ValidationError):
        RedditSettings(subreddits=(name,))


def test_nothing_is_asked_where_nothing_is_watched(bench: Bench) -> None:
    bench.titles = ()
    assert bench.run() == []
    assert bench.asked == []


# --- coverage


def test_the_first_reading_speaks_since_the_oldest_entry_and_the_next_ones_go_on(bench: Bench) -> None:
    bench.arrive(30)
    [first] = bench.run()
    assert (first.coverage, first.since, first.until) == (Coverage.COVERED, START - 30 * MINUTE, START)
    bench.now += HOUR
    bench.arrive(5)
    [second] = bench.run()
    assert (second.coverage, second.since, second.until) == (Coverage.COVERED, START, START + HOUR)
    assert numbers([second]) == [30, 31, 32, 33, 34]
    [third] = bench.wait()
    assert (third.since, third.until, third.items) == (START + HOUR, START + 2 * HOUR, [])


def test_a_feed_that_does_not_reach_back_leaves_a_gap_and_is_known_since_its_oldest_entry(bench: Bench) -> None:
    bench.arrive(100)
    bench.run()
    bench.now += 24 * HOUR
    bench.arrive(100)
    gap, known = bench.run()
    oldest = bench.now - 100 * MINUTE
    assert (gap.coverage, gap.since, gap.until) == (Coverage.PARTIAL, START, oldest)
    assert gap.reason == "the feed holds the newest 100 posts, none of them known: some before may be missing"
    assert (known.coverage, known.since, known.until) == (Coverage.COVERED, oldest, bench.now)
    assert len(numbers([gap, known])) == 100


def test_a_short_list_is_whole_though_nothing_in_it_is_known(bench: Bench) -> None:
    [first] = bench.run()
    assert (first.coverage, first.since, first.until) == (Coverage.COVERED, START, START)
    bench.now += HOUR
    bench.arrive(2)
    [page] = bench.run()
    assert (page.coverage, page.since) == (Coverage.COVERED, START)


def test_a_feed_that_breaks_off_is_known_as_far_as_it_was_read(bench: Bench) -> None:
    bench.arrive(3)
    bench.run()
    bench.now += HOUR
    bench.arrive(10)
    bench.posts = bench.posts[3:]
    bench.reply = Reply(feed(bench.posts)[:-2000])
    gap, known = bench.run()
    assert (gap.coverage, known.since) == (Coverage.PARTIAL, gap.until)
    assert 0 < len(known.items) < 10


def test_a_subreddit_says_nothing_of_what_is_known_of_a_title(bench: Bench) -> None:
    bench.titles, bench.subreddits = (), ("kdrama",)
    bench.arrive(100)
    [page] = bench.run()
    assert (page.since, page.until, page.title, len(page.items)) == (None, None, None, 100)
    bench.now += 24 * HOUR
    bench.arrive(100)
    gap, page = bench.run()
    assert (gap.coverage, gap.since, gap.until) == (Coverage.PARTIAL, None, None)
    assert page.since is None


def test_other_words_are_read_anew(bench: Bench) -> None:
    bench.arrive(30)
    bench.run()
    bench.titles = (WatchedTitle("Squid Game", (), ("Squid Game", "Round Six")),)
    [page] = bench.wait()
    assert (len(page.items), page.since) == (30, START - 30 * MINUTE)
    assert bench.asked[-1].params["q"] == '"Squid Game" OR "Round Six"'


# --- refusals


def test_a_block_page_is_told_and_reddit_is_left_alone_for_an_hour(bench: Bench) -> None:
    bench.titles = TITLES
    bench.reply = Reply(b"<html>You've been blocked by network security.</html>", 403, {"Content-Type": "text/html"})
    [page] = bench.run()
    assert (page.coverage, page.title, page.since) == (Coverage.NOT_COVERED, "Squid Game", None)
    assert "does not let this machine read its feeds (status 403)" in page.reason
    assert bench.wait(59 * MINUTE) == []
    bench.reply = None
    assert bench.wait(MINUTE)[0].title == "Hellbound"
    assert len(bench.asked) == 2


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-reset": "241", "x-ratelimit-remaining": "0"}, timedelta(seconds=241)),
        ({"Retry-After": "90"}, timedelta(seconds=90)),
        ({}, timedelta(minutes=5)),
    ],
)
def test_a_429_is_waited_for_as_long_as_reddit_says(bench: Bench, headers: dict[str, str], wait: timedelta) -> None:
    bench.reply = Reply(b"<html>Too Many Requests</html>", 429, headers)
    run = bench.follow()
    failed = next(run)
    assert (failed.coverage, failed.title) == (Coverage.FAILED, "Squid Game")
    with pytest.raises(RetryLater) as caught:
        next(run)
    assert caught.value.until == START + wait


def test_a_web_page_in_place_of_a_feed_is_tried_again(bench: Bench) -> None:
    bench.reply = Reply(b"<html><body>reddit</body></html>", 200, {"Content-Type": "text/html"})
    with pytest.raises(RetryLater, match="something other than a feed"):
        bench.run()


def test_a_subreddit_that_is_not_there_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.titles, bench.subreddits = TITLES[:1], ("nowhere",)
    bench.run()
    bench.reply = Reply(b"", 404)
    [page] = bench.wait()
    assert (page.target, page.coverage) == ("r/nowhere", Coverage.NOT_COVERED)
    bench.reply = None
    assert bench.wait()[0].title == "Squid Game"


# --- one post


def test_a_post_has_its_title_and_words_and_nothing_of_what_stands_around_them(bench: Bench) -> None:
    words = "<p>It&#39;s <em>good</em>.</p> <div><p>Second</p></div> <p>#SquidGame</p>"
    bench.posts = [RedditPost(1, START, "Squid Game & more", words), RedditPost(2, START, "Only a link")]
    [page] = bench.run()
    drafts = [Reddit.parse(item) for item in page.items]
    assert drafts[0] == PostDraft(
        platform="reddit",
        native_id="t3_inv1",
        created_at=START,
        text="Squid Game & more\nIt's good.\nSecond\n#SquidGame",
        url="https://www.reddit.com/r/invented/comments/inv1/an_invented_post/",
        author="invented_one",
    )
    assert drafts[1].text == "Only a link"
    assert "submitted by" not in str(page.items)


@pytest.mark.parametrize("markup", ["", "<div>", '<div class="md">', "</div></div>", "&lt;div", "<p>no words</p>"])
def test_markup_without_words_has_none(markup: str) -> None:
    assert reddit_post.own_words(markup) == ""


def test_words_that_are_escaped_twice_are_read() -> None:
    assert (
        reddit_post.own_words("&lt;div class=&quot;md&quot;&gt;&lt;p&gt;Hello&lt;/p&gt;&lt;/div&gt; by me") == "Hello"
    )


POST: dict[str, Any] = {
    "name": "t3_inv1", "id": "inv1", "title": "Squid Game &amp; more", "selftext": "Words", "subreddit": "invented",
    "permalink": "/r/invented/comments/inv1/x/", "created_utc": 1772366400.0, "edited": 1772366460.0, "score": 7,
    "num_comments": 2, "author": "invented_one",
}  # fmt: skip


def test_a_post_of_the_api_is_the_same_post() -> None:
    assert reddit_post.parse(POST) == PostDraft(
        platform="reddit",
        native_id="t3_inv1",
        created_at=START,
        edited_at=START + MINUTE,
        text="Squid Game & more\nWords",
        url="https://www.reddit.com/r/invented/comments/inv1/x/",
        likes=7,
        replies=2,
        author="invented_one",
    )


def test_a_comment_of_a_dump_is_named_by_its_kind() -> None:
    comment = {"id": "inv2", "body": "So good", "created_utc": "1772366400", "author": "[deleted]", "edited": False}
    draft = reddit_post.parse(comment)
    assert (draft.native_id, draft.text, draft.author, draft.edited_at) == ("t1_inv2", "So good", None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "", "selftext": ""}, {"title": "[deleted]", "selftext": "[removed]"}, {"created_utc": None},
        {"created_utc": float("nan")}, {"created_utc": float("inf")}, {"created_utc": True}, {"name": "t5_inv1"},
        {"name": 7}, {"title": 1.5}, {"author": []},
    ],
)  # fmt: skip
def test_what_is_no_post_is_left_out(changes: dict[str, Any]) -> None:
    with pytest.raises(SkipItem):
        reddit_post.parse(POST | changes)


def test_a_removed_text_leaves_the_title() -> None:
    assert reddit_post.parse(POST | {"selftext": "[removed]"}).text == "Squid Game & more"


@pytest.mark.parametrize(
    ("native_id", "link", "name"),
    [
        ("t3_a1", "https://www.reddit.com/x", "t3_a1"),
        ("/t3_a1", "https://www.reddit.com/x", "t3_a1"),
        ("", "https://www.reddit.com/r/x/comments/a1/title/", "t3_a1"),
        ("https://www.reddit.com/r/x/comments/a1/title/b2/", "https://www.reddit.com/x", "t1_b2"),
    ],
)
def test_a_post_is_known_by_the_same_name_however_a_feed_writes_it(native_id: str, link: str, name: str) -> None:
    item = {"id": native_id, "link": link, "title": "A title", "seen": START.isoformat()}
    assert reddit_post.parse(item).native_id == name
    with pytest.raises(SkipItem):
        reddit_post.parse(item | {"id": "something", "link": "https://www.reddit.com/x"})


def test_it_is_off_until_it_is_switched_on_and_doctor_tries_one_feed(bench: Bench) -> None:
    assert configs.parse("").sources["reddit"].enabled is False
    assert bench.server is not None
    text = '[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n'
    text += f'[sources.reddit]\nenabled = true\naddress = "{bench.server.url}"\n' + only("reddit")

    def found() -> tuple[str, ...]:
        return dict(probe(configs.parse(text), "postgresql://nowhere/x", Http(clock=lambda: START)))["source reddit"]

    assert found() == ()
    bench.reply = Reply(b"<html>blocked</html>", 403)
    assert "does not let this machine read its feeds" in found()[0]
