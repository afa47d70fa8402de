"""A title before it is watched: sources are asked as when collecting, and each tells how far it speaks."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from feed_stub import Article, rss
from loopback import Asked, Loopback, Reply, serving
from mastodon_stub import MastodonStub, status
from only import only

from collector import config as configs
from collector.config import TitleSettings
from collector.http import Http
from collector.preview import Heard, Limits, Wait, listen
from collector.source import Cursor

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TITLE = TitleSettings(
    name="Night Ferry", hashtags=("NightFerry", "밤배"), phrases=("Night Ferry",), wikipedia=("en:Night Ferry",)
)


class Bench:
    """Platforms on the loopback, and what a look at them brings."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.tables: dict[str, str] = {}

    def serve(self, answer: Callable[[Asked], Reply]) -> Loopback:
        return self.stack.enter_context(serving(answer))

    def heard(
        self, limits: Limits | None = None, waits: dict[str, Wait] | None = None, title: TitleSettings = TITLE
    ) -> dict[str, Heard]:
        tables = "".join(f"[sources.{name}]\n{keys}\n" for name, keys in self.tables.items())
        config = configs.parse(tables + only(*self.tables))
        http = Http(clock=lambda: NOW, timeout=(1, 1))
        return {one.source: one for one in listen(config, title, http, limits or Limits(), waits or {})}

    def mastodon(self, *stubs: MastodonStub, **keys: object) -> Sequence[Loopback]:
        servers = [self.serve(stub.answer) for stub in stubs]
        told = {"servers": [server.url for server in servers], **keys}
        self.tables["mastodon"] = "\n".join(f"{key} = {value!r}" for key, value in told.items())
        return servers


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    with made.stack:
        yield made


def statuses(count: int, every: timedelta, *, tag: str = "NightFerry") -> list[dict[str, Any]]:
    return [status(count - n, tag=tag, at=NOW - every * (n + 1)) for n in range(count)]


def test_the_rate_is_of_the_time_in_which_every_hashtag_was_read_to_its_end(bench: Bench) -> None:
    loud, quiet = MastodonStub(), MastodonStub()
    loud.add(*statuses(300, HOUR), tag="nightferry")
    loud.add(*statuses(3, 20 * DAY, tag="밤배"), tag="밤배")
    quiet.add(status(1, tag="NightFerry", at=NOW - 2 * HOUR), tag="nightferry")  # the same post as on the other one
    bench.mastodon(loud, quiet)
    heard = bench.heard(Limits(posts=400))["mastodon"]  # room for two pages of each hashtag, backwards
    # three pages of the loud one were read, the last posts of which may stand in another order; the quiet ones have
    # nothing behind them
    assert heard.since == NOW - 118 * HOUR
    assert heard.until == NOW
    assert len(heard.within) == 118
    assert len(heard.posts) == 123
    assert heard.posts[0].created_at > heard.posts[-1].created_at
    assert heard.notes == []


def test_what_was_read_to_its_end_speaks_for_as_long_as_a_look_reaches(bench: Bench) -> None:
    stub = MastodonStub()
    stub.add(*statuses(3, 3 * DAY), tag="nightferry")
    bench.mastodon(stub, back="5d")
    heard = bench.heard()["mastodon"]
    assert (heard.since, len(heard.posts), len(heard.within)) == (NOW - 5 * DAY, 3, 1)


def test_each_source_that_fails_says_so_and_the_others_go_on(bench: Bench) -> None:
    stub = MastodonStub()
    stub.add(*statuses(2, HOUR), tag="nightferry")
    closed = MastodonStub(preview=False)
    bench.mastodon(stub, closed)
    ill = bench.serve(lambda _: Reply({}, 503))
    feed = rss([Article("Night Ferry is back", "https://a.example/1", at=NOW - DAY), Article("Other", at=NOW)])
    news = bench.serve(lambda _: Reply(feed, headers={"Content-Type": "application/rss+xml"}))
    bench.tables |= {"gdelt": f'address = "{ill.url}"', "wikipedia": f'address = "{ill.url}"'}
    bench.tables["rss"] = f'google_news_address = "{news.url}"'
    heard = bench.heard()
    assert list(heard) == ["mastodon", "rss", "gdelt", "wikipedia"]
    assert len(heard["mastodon"].posts) == 2
    [note] = heard["mastodon"].notes
    assert "closed its tag timelines to visitors" in note
    assert [len(news.asked), news.asked[0].path] == [1, "/rss/search"]  # a feed of everything is not read for this
    assert (heard["rss"].since, heard["rss"].until) == (NOW - 30 * DAY, NOW)  # a search holds all of a month
    assert (heard["rss"].read, [post.text for post in heard["rss"].posts]) == (2, ["Night Ferry is back"])
    for name in ("gdelt", "wikipedia"):
        [said] = heard[name].notes
        assert "has a fault of its own (status 503)" in said
        assert (heard[name].since, heard[name].within) == (None, ())


def test_page_views_are_told_by_article_and_day(bench: Bench) -> None:
    def views(_: Asked) -> Reply:
        return Reply({"items": [{"timestamp": f"202603{day:02}00", "views": day} for day in range(1, 10)]})

    bench.tables["wikipedia"] = f'address = "{bench.serve(views).url}"'
    counts = bench.heard()["wikipedia"].counts
    assert [(told.part, told.amount) for told in counts][-1] == ("en:Night Ferry", 9)


def test_a_full_answer_speaks_since_its_oldest_article_only(bench: Bench) -> None:
    def articles(_: Asked) -> Reply:
        told = [
            {
                "url": f"https://a.example/{n}",
                "title": f"Night Ferry {n}",
                "seendate": f"{NOW - n * HOUR:%Y%m%dT%H%M%SZ}",
            }
            for n in range(1, 251)
        ]
        return Reply({"articles": told})

    bench.tables["gdelt"] = f'address = "{bench.serve(articles).url}"'
    heard = bench.heard()["gdelt"]
    assert (heard.since, len(heard.within)) == (NOW - 250 * HOUR, 250)
    assert "at most 250 articles" in heard.notes[0]


def test_who_asked_to_be_left_alone_is_not_asked(bench: Bench) -> None:
    stub = MastodonStub()
    stub.add(*statuses(1, HOUR), tag="nightferry")
    first, second = bench.mastodon(stub, MastodonStub())
    ill = bench.serve(lambda _: Reply({}, 500))
    bench.tables["gdelt"] = f'address = "{ill.url}"'
    later = (NOW + HOUR).isoformat()
    known = Cursor({f"{second.url} wait": later, f"{first.url} nightferry id": "117020500000001"})
    heard = bench.heard(waits={"gdelt": Wait(NOW + HOUR), "mastodon": Wait(NOW - HOUR, known)})
    assert (ill.asked, second.asked) == ([], [])
    assert heard["gdelt"].notes == ["it asked to be left alone until 2026-03-10 13:00 UTC"]
    assert "is not asked again before 2026-03-10 13:00:00 UTC" in heard["mastodon"].notes[0]
    assert len(heard["mastodon"].posts) == 1  # where the collector stands says nothing to a preview


def test_a_title_without_hashtags_and_articles_gives_some_sources_nothing_to_ask(bench: Bench) -> None:
    [server] = bench.mastodon(MastodonStub())
    bench.tables["wikipedia"] = f'address = "{server.url}"'
    heard = bench.heard(title=TitleSettings(name="Dark", phrases=("Sic Mundus",)))
    for name in ("mastodon", "wikipedia"):
        assert heard[name].notes == ["nothing was asked: the title has no name of the kind that it is asked by"]
        assert heard[name].since is None
    assert server.asked == []


def test_time_that_is_over_ends_the_asking_and_is_told(bench: Bench) -> None:
    stub = MastodonStub()
    stub.add(*statuses(200, HOUR), tag="nightferry")
    [server] = bench.mastodon(stub)
    heard = bench.heard(Limits(seconds=0))["mastodon"]
    assert heard.notes == ["it took too long, so not everything was asked for"]
    assert len(server.asked) == 2


def test_unreadable_forged_and_excluded_posts(bench: Bench) -> None:
    stub = MastodonStub()
    stub.add(
        status(1, tag="NightFerry", at=NOW + 400 * DAY),
        status(2, tag="NightFerry", at=NOW - HOUR, content="<p>a metal band \x00 #NightFerry</p>"),
        status(3, tag="NightFerry", at=NOW - HOUR) | {"uri": None},
        tag="nightferry",
    )
    bench.mastodon(stub)
    heard = bench.heard(title=TITLE.model_copy(update={"exclude": ("metal band",)}))["mastodon"]
    assert (heard.read, heard.unread, [post.created_at for post in heard.posts]) == (3, 1, [NOW])
