import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event

import orjson
import pytest
from loopback import Loopback, Reply, serving
from pydantic import ValidationError
from x_stub import COUNTS, NOW, SEARCH, XStub, post, post_id, x_server

from collector.errors import AccessError, ConfigError, RetryLater
from collector.http import Http
from collector.source import Coverage, Cursor, Page, PlatformCount, Watch, WatchedTitle
from collector.sources.x import X, XSettings
from collector.x_meter import read_meter

SESAME = XStub().token
HOUR = timedelta(hours=1)
TITLE = WatchedTitle("Squid Game", ("squidgame",))
OTHER = WatchedTitle("Hellbound", ("hellbound",))
REACH = NOW - timedelta(days=7) + timedelta(minutes=5)


@dataclass
class Reader:
    """Collects as the collector does: it remembers each page's cursor once the page is taken."""

    api: str
    stub: XStub
    now: datetime = NOW
    budget: float = 1000.0
    titles: tuple[WatchedTitle, ...] = (TITLE,)
    memory: dict[str, str] = field(default_factory=dict)
    caught: list[Page] = field(default_factory=list)

    def search(self) -> list[Page]:
        return list(self.follow())

    def follow(self) -> Generator[Page, None, None]:
        self.stub.now = self.now
        settings = XSettings(enabled=True, api=self.api, budget_usd_per_month=self.budget, recheck=False)
        source = X(settings, Http(clock=lambda: self.now, timeout=(1, 1)))
        tags = tuple(tag for title in self.titles for tag in title.hashtags)
        self.caught = []
        for page in source.fetch(Watch(tags, self.titles), Cursor(dict(self.memory))):
            self.memory |= {key: value for key, value in page.cursor.items() if value is not None}
            for key in [key for key, value in page.cursor.items() if value is None]:
                self.memory.pop(key, None)
            self.caught.append(page)
            yield page

    def wait(self, **span: float) -> list[Page]:
        self.now += timedelta(**span)
        return self.search()

    def no_counts(self) -> None:
        """Have the next run ask for posts only."""
        self.memory |= {key: self.now.isoformat() for key in self.memory if key.endswith(" counted")}

    @property
    def spent(self) -> int:
        """What the meter shows, reserved money with it, in millionths of a dollar."""
        shown = read_meter(Cursor(self.memory), self.budget, self.now)
        return round((shown.spent + shown.reserved) * 1_000_000)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> XStub:
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", SESAME)
    return XStub()


@pytest.fixture
def server(stub: XStub) -> Iterator[Loopback]:
    with x_server(stub) as running:
        yield running


@pytest.fixture
def reader(stub: XStub, server: Loopback) -> Reader:
    return Reader(server.url, stub)


def ids(pages: list[Page]) -> list[str]:
    return [item["id"] for page in pages for item in page.items]


def told(pages: list[Page]) -> list[tuple[Coverage, datetime | None, datetime | None]]:
    return [(page.coverage, page.since, page.until) for page in pages if page.until]


def asked(server: Loopback, path: str = SEARCH) -> list[dict[str, str]]:
    return [dict(one.params) for one in server.asked if one.path == path]


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


# --- counts


def test_counts_come_first_one_request_for_all_hashtags_of_a_title(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    stub.posts = [post(ago(hours=3, minutes=number), number=number) for number in range(1, 6)]
    stub.posts += [post(ago(hours=2, minutes=1), tag="오징어게임"), post(ago(minutes=-1))]
    reader.titles = (WatchedTitle("Squid Game", ("squidgame", "오징어게임")),)
    pages = reader.search()
    assert [one.path for one in server.asked] == [COUNTS, SEARCH]
    assert asked(server, COUNTS) == [
        {
            "query": "(#squidgame OR #오징어게임) -is:retweet",
            "granularity": "hour",
            "start_time": "2026-03-03T13:00:00Z",
            "end_time": "2026-03-10T11:00:00Z",
        }
    ]
    (page,) = [page for page in pages if page.counts]
    assert (page.title, page.until, len(page.counts)) == ("Squid Game", None, 166)
    assert [count for count in page.counts if count.amount] == [
        PlatformCount("Squid Game", "", NOW - 4 * HOUR, HOUR, 5),
        PlatformCount("Squid Game", "", NOW - 3 * HOUR, HOUR, 1),
    ]


def test_counts_are_asked_every_six_hours(server: Loopback, reader: Reader) -> None:
    for _ in range(13):
        reader.search()
        reader.now += HOUR
    assert len(asked(server, COUNTS)) == 3
    assert len(asked(server)) == 13


def test_hashtags_that_do_not_fit_into_one_query_are_counted_and_read_by_several(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    tags = tuple(f"{'tag' * 10}{number}" for number in range(30))
    stub.posts = [post(ago(hours=2, minutes=number), tag=tags[0], number=number) for number in range(40)]
    stub.posts += [post(ago(hours=2, minutes=number), tag=tags[-1], number=number + 40) for number in range(7)]
    reader.titles = (WatchedTitle("Long", tags),)
    pages = reader.search()
    assert len(asked(server, COUNTS)) == len(asked(server)) == 3
    assert all(len(one.params["query"]) <= 512 for one in server.asked)
    assert sum(count.amount for page in pages for count in page.counts) == 47
    assert set(ids(pages)) == {entry["id"] for entry in stub.posts}
    assert [page.title for page in pages if page.until] == ["Long"]
    assert reader.spent == stub.bill["2026-03"] == (3 + 47) * 5000


# --- reading whole


def test_the_first_search_reads_seven_days_and_remembers_the_newest_id(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    stub.posts = [post(ago(minutes=number)) for number in range(1, 21)]
    pages = reader.search()
    assert ids(pages) == [entry["id"] for entry in stub.posts]
    (search,) = asked(server)
    assert search["query"] == "(#squidgame) -is:retweet"
    assert search.keys() == {"query", "max_results", "start_time", "tweet.fields"}
    assert told(pages) == [(Coverage.COVERED, REACH, ago(seconds=30))]
    assert stub.posts[0]["id"] in reader.memory.values()


def test_the_next_search_asks_for_what_is_newer_and_covers_on(stub: XStub, server: Loopback, reader: Reader) -> None:
    stub.posts = [post(ago(hours=1))]
    reader.search()
    stub.posts.append(post(NOW + timedelta(minutes=30)))
    pages = reader.wait(hours=1)
    assert ids(pages) == [stub.posts[1]["id"]]
    assert asked(server)[1]["since_id"] == stub.posts[0]["id"]
    assert told(pages) == [(Coverage.COVERED, ago(seconds=30), reader.now - timedelta(seconds=30))]


def test_a_title_that_is_added_is_counted_and_read_from_seven_days_back_and_the_other_goes_on(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    stub.posts = [post(ago(hours=1)), post(ago(days=5), tag="hellbound")]
    reader.search()
    reader.titles = (TITLE, WatchedTitle("Hellbound", ("hellbound",)))
    pages = reader.wait(hours=1)
    assert ids(pages) == [stub.posts[1]["id"]]
    covered = {page.title: (page.since, page.until) for page in pages if page.until}
    until = reader.now - timedelta(seconds=30)
    assert covered["Squid Game"] == (ago(seconds=30), until)
    assert covered["Hellbound"] == (REACH + HOUR, until)
    counted = [page for page in pages if page.counts and page.title == "Hellbound"]
    assert [len(page.counts) for page in counted] == [166]


def test_since_id_stays_over_all_pages_and_the_newest_id_is_the_first_pages(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    stub.posts = [post(ago(hours=3))]
    reader.search()
    stub.posts += [post(NOW + timedelta(minutes=number)) for number in range(1, 151)]
    pages = reader.wait(hours=6)
    assert [len(page.items) for page in pages if page.items] == [99, 51]
    assert [one["since_id"] for one in asked(server)[1:]] == [stub.posts[0]["id"]] * 2
    assert "next_token" in asked(server)[2]
    assert post_id(NOW + timedelta(minutes=150)) in reader.memory.values()


def test_an_empty_page_that_names_a_next_one_is_not_the_end(stub: XStub, server: Loopback, reader: Reader) -> None:
    stub.posts = [post(ago(hours=1, minutes=number)) for number in range(1, 31)]
    stub.holes = {0, 1}
    pages = reader.search()
    assert len(ids(pages)) == 30
    assert told(pages) == [(Coverage.COVERED, REACH, ago(seconds=30))]
    assert len(asked(server)) == 3


def test_a_next_token_that_never_ends_is_cut(stub: XStub, server: Loopback, reader: Reader) -> None:
    stub.holes = set(range(1000))
    (page,) = [page for page in reader.search() if page.until]
    assert page.coverage is Coverage.PARTIAL
    assert page.reason.startswith("0 posts read of more")
    assert len(asked(server)) == 6


def test_nothing_found_is_a_covered_zero_and_costs_the_counts_only(stub: XStub, reader: Reader) -> None:
    pages = reader.search()
    assert [page.coverage for page in pages if page.until] == [Coverage.COVERED]
    assert reader.spent == stub.bill["2026-03"] == 5000


def test_titles_that_share_a_hashtag_are_read_by_one_query(stub: XStub, server: Loopback, reader: Reader) -> None:
    reader.titles = (TITLE, WatchedTitle("Squid Game 2", ("squidgame2", "squidgame")), OTHER)
    stub.posts = [post(ago(hours=1), number=1), post(ago(hours=1), tag="hellbound", number=2)]
    pages = reader.search()
    assert [one["query"] for one in asked(server)] == [
        "(#squidgame OR #squidgame2) -is:retweet",
        "(#hellbound) -is:retweet",
    ]
    assert [page.title for page in pages if page.until] == ["Squid Game", "Squid Game 2", "Hellbound"]
    assert len(ids(pages)) == 2


def test_a_post_of_two_searches_is_paid_once_a_day(stub: XStub, server: Loopback, reader: Reader) -> None:
    both = [{"tag": "SquidGame"}, {"tag": "Hellbound"}]
    stub.posts = [post(ago(hours=1, minutes=number), entities={"hashtags": both}) for number in range(30)]
    reader.titles = (TITLE, OTHER)
    assert len(ids(reader.search())) == 60
    assert reader.spent == stub.bill["2026-03"] == (2 + 30) * 5000


def test_other_hashtags_are_another_search_and_the_old_one_is_forgotten(reader: Reader) -> None:
    reader.search()
    before = {key for key in reader.memory if not key.startswith("meter")}
    reader.titles = (WatchedTitle("Squid Game", ("squidgame", "오징어게임")),)
    pages = reader.wait(hours=1)
    assert told(pages) == [(Coverage.COVERED, REACH + HOUR, reader.now - timedelta(seconds=30))]
    assert before.isdisjoint(reader.memory)


# --- reading in part


def busy(stub: XStub, hours: int = 7 * 24, *, each: int = 60, tag: str = "SquidGame", start: int = 0) -> None:
    """Fill the last hours with so many posts each, evenly."""
    gap = HOUR / each
    stub.posts += [post(NOW - (number + 1) * gap, tag=tag, number=start + number) for number in range(hours * each)]


def test_more_than_the_budget_has_room_for_is_sampled_evenly_over_time(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    reader.budget = 4.0
    busy(stub, each=12)
    pages = reader.search()
    # 7 of 28.4 days to the month's end, so a quarter of what is left when all counts to come are paid
    assert 100 < len(ids(pages)) < 200
    parts = [page for page in pages if page.until]
    assert {page.coverage for page in parts} == {Coverage.PARTIAL}
    assert (parts[0].since, parts[-1].until) == (REACH, ago(seconds=30))
    assert all(one.until == other.since for one, other in pairwise(parts))
    assert parts[3].reason == "10 of about 119 posts read: the budget of $4.00 a month has room for no more"
    days = Counter(item["created_at"][:10] for page in pages for item in page.items)
    assert len(days) == 8
    assert min(days[f"2026-03-{day:02}"] for day in range(4, 10)) >= 20
    assert all("end_time" in one for one in asked(server)[:-1])
    assert "end_time" not in asked(server)[-1]
    assert reader.spent == stub.bill["2026-03"]


def test_a_quiet_title_is_read_whole_beside_a_loud_one(stub: XStub, reader: Reader) -> None:
    reader.budget, reader.titles = 5.0, (TITLE, OTHER)
    busy(stub, each=30)
    stub.posts += [post(ago(days=number), tag="Hellbound", number=number) for number in range(1, 7)]
    pages = reader.search()
    known = {page.title: page.coverage for page in pages if page.until}
    assert known == {"Squid Game": Coverage.PARTIAL, "Hellbound": Coverage.COVERED}
    assert {entry["id"] for entry in stub.posts[-6:]} <= set(ids(pages))


def test_a_loud_title_waits_until_ten_posts_can_be_paid_and_loses_nothing_meanwhile(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    reader.budget = 2.0
    busy(stub, each=12)
    reader.search()
    until = ago(seconds=30)
    for hour in range(1, 48):
        stub.posts += [post(NOW + (hour - 1 + n / 12) * HOUR, number=hour * 100 + n) for n in range(12)]
        before = len(asked(server))
        pages = reader.wait(hours=1)
        windows = told(pages)
        assert len(asked(server)) - before == len(windows) <= 1
        if windows:
            assert windows == [(Coverage.PARTIAL, until, reader.now - timedelta(seconds=30))]
            assert len(ids(pages)) == 10
            until = reader.now - timedelta(seconds=30)
        else:
            assert [page.reason for page in pages if page.reason] == [
                "Squid Game: waiting until the budget of $2.00 a month has room for 10 more posts"
            ]
    # 10 posts every 21 hours are what $2 a month buys, when $0.60 of it goes into counts
    assert len(asked(server)) == 7 + 2


def test_a_title_that_grows_louder_than_counted_is_read_as_far_as_was_reserved(stub: XStub, reader: Reader) -> None:
    reader.search()
    stub.posts = [post(NOW + timedelta(minutes=1, seconds=number)) for number in range(500)]
    pages = reader.wait(hours=1)
    assert len(ids(pages)) == 20
    (page,) = [page for page in pages if page.until]
    assert (page.coverage, page.reason[:22]) == (Coverage.PARTIAL, "20 posts read of more:")


def test_after_more_than_seven_days_search_begins_anew_and_the_gap_is_told(stub: XStub, reader: Reader) -> None:
    reader.now = ago(days=8)
    stub.posts = [post(ago(days=9))]
    reader.search()
    stub.posts.append(post(ago(hours=1)))
    pages = reader.wait(days=8)
    assert ids(pages) == [stub.posts[1]["id"]]
    assert told(pages) == [
        (Coverage.NOT_COVERED, ago(days=8, seconds=30), REACH),
        (Coverage.COVERED, REACH, ago(seconds=30)),
    ]
    assert "7 days" in next(page.reason for page in pages if page.coverage is Coverage.NOT_COVERED)


def test_a_title_that_was_silent_for_longer_than_search_reaches_leaves_no_gap(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    reader.now = ago(days=8)
    stub.posts = [post(ago(days=9))]
    reader.search()
    pages = [page for _ in range(4) for page in reader.wait(days=2)]
    assert {page.coverage for page in pages} == {Coverage.COVERED}
    assert "start_time" in asked(server)[-1]


def test_what_x_finds_too_old_is_a_gap_and_the_next_run_goes_on_behind_it(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    stub.posts = [post(ago(days=6))]
    reader.search()
    reader.now += timedelta(days=5)
    refusal = {"errors": [{"message": "'since_id' must be a post id created after 7 days ago"}]}
    reader.no_counts()
    stub.faults = [Reply(refusal, 400)]
    with pytest.raises(RetryLater, match="no longer offers") as caught:
        reader.search()
    begins = ago(seconds=30) + HOUR
    assert told(reader.caught) == [(Coverage.NOT_COVERED, ago(seconds=30), begins)]
    assert caught.value.until == reader.now + timedelta(seconds=30)
    pages = reader.wait(minutes=1)
    assert told(pages) == [(Coverage.COVERED, begins, reader.now - timedelta(seconds=30))]
    assert "since_id" not in asked(server)[-1]


# --- money


def test_money_is_reserved_in_a_page_of_its_own_before_the_request(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    stub.posts = [post(ago(hours=1))]
    running = reader.follow()
    next(running)
    assert (len(server.asked), reader.spent) == (0, 5000)
    next(running)
    assert [one.path for one in server.asked] == [COUNTS]
    assert reader.spent == 5000 + 20 * 5000
    assert [page for page in running if page.until]
    assert reader.spent == stub.bill["2026-03"] == 2 * 5000


def test_a_run_that_dies_at_any_page_counts_too_much_and_never_too_little(stub: XStub, reader: Reader) -> None:
    busy(stub, each=2)
    pages = len(Reader(reader.api, stub).search())
    for death in range(1, pages + 1):
        stub.bill.clear()
        stub.billed.clear()
        one = Reader(reader.api, stub)
        running = one.follow()
        for _ in range(death):
            next(running)
        running.close()
        assert one.spent >= stub.bill["2026-03"]
        one.search()
        assert one.spent >= stub.bill["2026-03"]
        assert len(ids(one.caught)) > 0 or death >= pages - 1


def test_a_budget_that_is_used_up_is_told_and_nothing_is_asked(stub: XStub, server: Loopback, reader: Reader) -> None:
    busy(stub, each=2)
    reader.search()
    asked_before = len(server.asked)
    reader.memory["meter 2026-03 spent"] = "1000000000"
    (page,) = reader.wait(hours=7)
    assert len(server.asked) == asked_before
    assert (page.coverage, page.title) == (Coverage.NOT_COVERED, "Squid Game")
    assert (page.since, page.until) == (ago(seconds=30), reader.now - timedelta(seconds=30))
    assert page.reason == (
        "the budget of $1,000.00 for March is used; raise budget_usd_per_month or wait until 2026-04-01"
    )
    reader.now = datetime(2026, 4, 1, 1, tzinfo=NOW.tzinfo)
    assert [page.coverage for page in reader.search() if page.until] == [Coverage.NOT_COVERED, Coverage.COVERED]


def test_no_budget_is_no_request(server: Loopback, reader: Reader) -> None:
    reader.budget = 0
    (page,) = reader.search()
    assert page.coverage is Coverage.NOT_COVERED
    assert server.asked == []


def test_a_failed_request_is_free_and_one_without_an_answer_is_not_believed_to_be(stub: XStub, reader: Reader) -> None:
    stub.faults = [Reply({}, 500)]
    with pytest.raises(RetryLater):
        reader.search()
    assert reader.spent == 0
    assert reader.caught[-1].coverage is Coverage.FAILED
    stub.faults = [Reply(b"<html>hello</html>")]
    with pytest.raises(RetryLater):
        reader.search()
    assert reader.spent == 5000


def test_at_the_turn_of_a_month_nothing_is_asked(server: Loopback, reader: Reader) -> None:
    turn = datetime(2026, 4, 1, tzinfo=NOW.tzinfo)
    for seconds in (-299, 0, 299):
        reader.now = turn + timedelta(seconds=seconds)
        with pytest.raises(RetryLater) as caught:
            reader.search()
        assert caught.value.until == turn + timedelta(minutes=5)
    assert server.asked == []


def test_after_the_usage_cap_nothing_is_asked_until_it_is_over(stub: XStub, server: Loopback, reader: Reader) -> None:
    stub.faults = [Reply(CAP, 429)]
    with pytest.raises(AccessError, match="nothing is asked before 2026-04-01"):
        reader.search()
    assert reader.spent == 0
    for _ in range(3):
        (page,) = reader.wait(days=5)
        assert page.coverage is Coverage.NOT_COVERED
        assert "cap on posts" in page.reason
    assert len(server.asked) == 1
    reader.now = datetime(2026, 4, 1, 1, tzinfo=NOW.tzinfo)
    assert [page.coverage for page in reader.search() if page.until] == [Coverage.COVERED]
    assert not [key for key in reader.memory if key.startswith("stop")]


def test_a_cap_that_names_its_end_is_waited_for_until_then_and_another_budget_goes_on_at_once(
    stub: XStub, server: Loopback, reader: Reader
) -> None:
    reset = {"x-rate-limit-reset": str(int((NOW + timedelta(days=3)).timestamp()))}
    stub.faults = [Reply(CAP, 429, reset)]
    with pytest.raises(AccessError, match="before 2026-03-13"):
        reader.search()
    reader.search()
    assert len(server.asked) == 1
    reader.budget += 1
    reader.search()
    assert len(server.asked) == 3


# --- no token, and refusals


def test_without_a_token_nothing_is_asked_and_the_pass_is_not_covered(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BUZZ_X_BEARER_TOKEN")
    (page,) = Reader(server.url, XStub()).search()
    assert (page.coverage, page.since) == (Coverage.NOT_COVERED, None)
    assert "BUZZ_X_BEARER_TOKEN, which is not set" in page.reason
    assert server.asked == []


def test_a_token_written_into_the_file_is_refused_without_repeating_it(server: Loopback) -> None:
    settings = XSettings(enabled=True, api=server.url, token="pasted-by-mistake")  # noqa: S106 - invented
    (page,) = X(settings, Http()).fetch(Watch(("a",)), Cursor())
    assert "names an environment variable" in page.reason
    assert "pasted" not in page.reason + repr(settings)


def test_the_token_goes_to_x_and_to_this_machine_only(stub: XStub) -> None:
    for api in ("https://x.example", "http://api.x.com"):
        with pytest.raises(AccessError, match="mend api"):
            Reader(api, stub).search()


def test_it_is_off_until_it_is_enabled() -> None:
    assert XSettings().enabled is False


@pytest.mark.parametrize("api", ["api.x.com", "ftp://api.x.com", "https://me@api.x.com"])
def test_an_address_that_is_none_is_refused(api: str) -> None:
    with pytest.raises(ValidationError, match="an address such as"):
        XSettings(api=api)


CAP = {
    "title": "UsageCapExceeded",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": "https://api.twitter.com/2/problems/usage-capped",
    "status": 429,
}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply({"title": "Unauthorized", "detail": "Unauthorized"}, 401), "does not know the token"),
        (Reply({"title": "CreditsDepleted", "detail": "no credits"}, 402), "no credit left"),
        (Reply({"title": "Client Forbidden", "detail": "enroll"}, 403), "does not allow this token"),
        (Reply({"errors": [{"message": "bad query"}]}, 400), "bad query"),
        (
            Reply({"errors": [{"code": 453, "message": "a different access level"}]}, 403),
            "this access level has no search",
        ),
        (Reply(b"<html>", 403), "does not allow this token"),
        (Reply(CAP, 429), "cap on posts"),
    ],
)
def test_a_refusal_is_one_sentence_that_says_what_to_do(stub: XStub, server: Loopback, reply: Reply, said: str) -> None:
    stub.faults = [reply]
    with pytest.raises(AccessError, match=said) as caught:
        Reader(server.url, stub).search()
    assert SESAME not in str(caught.value)
    assert len(server.asked) == 1


def test_a_rate_limit_waits_until_x_says_and_asks_no_second_time(stub: XStub, server: Loopback) -> None:
    reset = str(int((NOW + timedelta(minutes=7)).timestamp()))
    stub.faults = [Reply({"title": "Too Many Requests"}, 429, {"x-rate-limit-reset": reset})]
    with pytest.raises(RetryLater) as caught:
        Reader(server.url, stub).search()
    assert caught.value.until == NOW + timedelta(minutes=7)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, timedelta(minutes=15)),
        ({"x-rate-limit-reset": "soon"}, timedelta(seconds=30)),
        ({"x-rate-limit-reset": "1"}, timedelta(seconds=30)),
        ({"x-rate-limit-reset": "99999999999"}, timedelta(days=1)),
    ],
)
def test_a_rate_limit_without_a_sensible_time_waits_all_the_same(
    stub: XStub, server: Loopback, headers: dict[str, str], wait: timedelta
) -> None:
    stub.faults = [Reply({"title": "Too Many Requests"}, 429, headers)]
    with pytest.raises(RetryLater) as caught:
        Reader(server.url, stub).search()
    assert caught.value.until == NOW + wait


@pytest.mark.parametrize(
    "reply",
    [
        Reply({}, 500),
        Reply(b"<html>busy</html>", 503),
        Reply(b"<html>hello</html>", 200),
        Reply([], 200),
        Reply({"data": "x", "meta": {}}, 200),
        Reply({"data": [], "meta": []}, 200),
        Reply({"data": [], "meta": 5}, 200),
        Reply({"data": [{}], "meta": {"newest_id": [1]}}, 200),
    ],
)
def test_a_broken_answer_is_tried_again_later(stub: XStub, reader: Reader, reply: Reply) -> None:
    stub.faults = [reply]
    with pytest.raises(RetryLater):
        reader.search()
    reader.search()
    reader.now += HOUR
    reader.no_counts()
    stub.faults = [reply]
    with pytest.raises(RetryLater):
        reader.search()


def test_a_silent_server_does_not_hold_us(stub: XStub) -> None:
    over = Event()
    with serving(lambda _: (over.wait(10), Reply({}))[1]) as server:
        with pytest.raises(RetryLater, match="did not answer in time"):
            Reader(server.url, stub).search()
        over.set()


def test_the_token_is_in_no_log(stub: XStub, server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Reader(server.url, stub).search()
    assert caplog.records
    assert SESAME not in caplog.text


def test_a_missing_variable_is_a_fault_of_the_config() -> None:
    with pytest.raises(ConfigError, match="BUZZ_X_BEARER_TOKEN"):
        X(XSettings(), Http())._client()


@pytest.mark.data
def test_searches_stay_within_xs_own_description(
    stub: XStub, server: Loopback, data_set: Callable[[str], Path]
) -> None:
    described = orjson.loads(data_set("fixtures/x_api_v2/x-openapi.json").read_bytes())
    described_counts = described["paths"]["/2/tweets/counts/recent"]["get"]["parameters"]
    counts = {entry["name"]: entry.get("schema", {}) for entry in described_counts if "name" in entry}
    listed = described["paths"]["/2/tweets/search/recent"]["get"]["parameters"]
    names = {entry.get("name") for entry in listed} | {entry.get("$ref", "").rsplit("/", 1)[-1] for entry in listed}
    sizes = next(entry["schema"] for entry in listed if entry.get("name") == "max_results")
    busy(stub, each=3)
    Reader(server.url, stub).search()
    sampled = Reader(server.url, stub, budget=4.0)
    sampled.search()
    sampled.wait(hours=1)
    assert len(asked(server)) > 5
    for params in asked(server):
        assert set(params) - {"tweet.fields"} <= names
        assert sizes["minimum"] <= int(params["max_results"]) <= sizes["maximum"]
    for params in asked(server, COUNTS):
        assert set(params) <= counts.keys()
        assert params["granularity"] in counts["granularity"]["enum"]
