"""A hashtag that is new is read backwards: how far, in how many runs, through which faults, and what that claims."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from loopback import Asked, Loopback, Reply, serving
from mastodon_reader import TAG, Reader, numbers, timelines
from mastodon_stub import START, MastodonStub, mastodon_server, status

from collector import added
from collector.mastodon_feed import Back
from collector.mastodon_post import reaches_back_to
from collector.source import Coverage, Page, WatchedTitle
from collector.sources import mastodon

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = START + DAY


@pytest.fixture
def stub() -> MastodonStub:
    return MastodonStub()


@pytest.fixture
def server(stub: MastodonStub) -> Iterator[Loopback]:
    with mastodon_server(stub) as running:
        yield running


def hourly(stub: MastodonStub, count: int, tag: str = TAG) -> None:
    """Let posts lie on the server, the newest an hour old, each an hour before the next."""
    stub.add(*(status(number, at=NOW - (count - number) * HOUR) for number in range(count)), tag=tag)


def windows(pages: list[Page]) -> list[tuple[datetime | None, datetime | None]]:
    return [(page.since, page.until) for page in pages]


def test_a_new_hashtag_is_read_back_to_its_goal_without_a_hole(stub: MastodonStub, server: Loopback) -> None:
    hourly(stub, 400)
    reader = Reader((server.url,), back=timedelta(days=7))
    pages = reader.poll()
    assert [len(page.items) for page in pages] == [40, 40, 40, 40, 40]  # 168 hours, and what makes the last page full
    assert numbers(pages) == list(range(399, 199, -1))
    assert all(newer.since == older.until for newer, older in pairwise(pages))
    assert pages[0].until == NOW
    assert pages[-1].since == NOW - 198 * HOUR
    assert {(page.coverage, page.hashtag) for page in pages} == {(Coverage.COVERED, TAG)}
    assert not [key for key in reader.memory if " back " in key]
    asked = len(timelines(server))
    reader.now += HOUR
    assert [page.items for page in reader.poll()] == [[]]
    assert len(timelines(server)) == asked + 1


def test_a_run_reads_so_many_pages_back_and_the_next_one_goes_on_after_what_is_new(
    stub: MastodonStub, server: Loopback
) -> None:
    hourly(stub, 400)
    reader = Reader((server.url,), back=timedelta(days=7), pages=2)
    runs = [reader.poll()]
    reader.now += HOUR
    stub.add(status(500, at=NOW + timedelta(minutes=30)))
    runs += [reader.poll(), reader.poll()]
    assert numbers(runs[0]) == list(range(399, 279, -1))
    assert numbers(runs[1]) == [500, *range(279, 199, -1)]
    assert numbers(runs[2]) == []
    first, *others = windows(runs[0])
    assert runs[1][0].since == first[1] == NOW
    back = [others, windows(runs[1])[2:]]
    assert back[0][-1][0] == back[1][0][1]


@pytest.mark.parametrize("taken", [1, 2, 3, 4])
def test_a_run_that_dies_on_its_way_back_goes_on_where_it_was(stub: MastodonStub, server: Loopback, taken: int) -> None:
    hourly(stub, 160)
    reader = Reader((server.url,), back=timedelta(days=6))
    running = reader.follow()
    seen = [next(running) for _ in range(taken)]
    next(running, None)  # fetched, but never saved
    running.close()
    seen += [page for page in reader.poll() if page.items]
    assert sorted(numbers(seen)) == list(range(160))
    assert all(newer.since == older.until for newer, older in pairwise(seen))


def test_what_a_server_does_not_hold_any_more_is_not_claimed(stub: MastodonStub, server: Loopback) -> None:
    hourly(stub, 50)
    pages = Reader((server.url,), back=timedelta(days=7)).poll()
    assert [len(page.items) for page in pages] == [40, 10, 0]
    assert min(page.since for page in pages if page.since) == NOW - 48 * HOUR
    assert (pages[-1].coverage, pages[-1].since) == (Coverage.COVERED, pages[-1].until)


def test_a_server_that_knows_no_way_back_is_asked_once_and_the_time_is_a_gap(
    stub: MastodonStub, server: Loopback
) -> None:
    stub.goes_back = False
    hourly(stub, 100)
    reader = Reader((server.url,), back=timedelta(days=7))
    first, told = reader.poll()
    assert (told.coverage, told.items) == (Coverage.NOT_COVERED, ())
    assert (told.since, told.until) == (NOW - timedelta(days=7), first.since)
    assert "does not give pages before a post" in told.reason
    reader.now += HOUR
    reader.poll()
    assert len(timelines(server)) == 3


def test_a_server_that_asks_to_wait_on_the_way_back_goes_on_later_and_the_others_do_at_once(
    stub: MastodonStub, server: Loopback
) -> None:
    hourly(stub, 100)
    other_stub = MastodonStub()
    hourly(other_stub, 100)
    with mastodon_server(other_stub) as other:
        reader = Reader((server.url, other.url), back=timedelta(days=3))
        running = reader.follow()
        pages = [next(running)]
        stub.faults = [Reply({}, 429, {"Retry-After": "600"})]
        pages += [*running]
        assert [page.coverage for page in pages[:2]] == [Coverage.COVERED, Coverage.FAILED]
        assert numbers(pages[2:]) == list(range(99, 19, -1))
        asked = len(timelines(server))
        reader.now += timedelta(minutes=9)
        reader.poll()
        assert len(timelines(server)) == asked
        reader.now += timedelta(minutes=2)
        assert numbers(reader.poll()) == list(range(59, 19, -1))


def test_all_hashtags_are_read_forward_before_one_is_read_back(
    stub: MastodonStub, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mastodon, "MOST_BACK", 3)
    for tag in ("one", "two"):
        hourly(stub, 200, tag)
    Reader((server.url,), back=timedelta(days=7)).poll("one", "two")
    assert [(asked.path.rpartition("/")[2], "max_id" in asked.params) for asked in timelines(server)] == [
        ("one", False), ("two", False), ("one", True), ("one", True), ("one", True),
    ]  # fmt: skip


def test_a_server_that_shows_a_part_is_covered_in_part_on_the_way_back_too(
    stub: MastodonStub, server: Loopback
) -> None:
    stub.access = {"local": "public", "remote": "authenticated"}
    hourly(stub, 100)
    pages = Reader((server.url,), back=timedelta(days=3)).poll()
    assert {page.coverage for page in pages} == {Coverage.PARTIAL}
    assert len(numbers(pages)) == 80


def test_a_title_that_comes_to_a_known_hashtag_is_read_back_for(stub: MastodonStub, server: Loopback) -> None:
    hourly(stub, 100)
    reader = Reader((server.url,), titles=(WatchedTitle("Squid Game", (TAG,)),))
    reader.poll()
    reader.now += HOUR
    reader.back = timedelta(days=3)
    assert numbers(reader.poll()) == []
    reader.titles = (*reader.titles, WatchedTitle("Squid Game: The Challenge", (TAG, "other")))
    pages = reader.poll(TAG)
    assert sorted(numbers(pages)) == list(range(20, 100))
    assert pages[-1].since is not None
    assert pages[-1].since <= reader.now - timedelta(days=3)
    assert numbers(reader.poll(TAG)) == []


def test_a_hashtag_known_before_there_was_a_way_back_is_not_read_back(stub: MastodonStub, server: Loopback) -> None:
    hourly(stub, 100)
    reader = Reader((server.url,))
    reader.poll()
    assert {key.rpartition(" ")[2] for key in reader.memory} == {"id", "covered"}
    reader.back, reader.titles = timedelta(days=7), (WatchedTitle("Squid Game", (TAG,)),)
    assert numbers(reader.poll()) == []
    assert len(timelines(server)) == 2


def test_a_forged_time_neither_ends_the_way_back_nor_claims_years(stub: MastodonStub, server: Loopback) -> None:
    hourly(stub, 200)
    for number in (130, 160):  # the oldest posts of two pages
        stub.timelines[TAG][number]["created_at"] = "2009-01-01T00:00:00.000Z"
    pages = Reader((server.url,), back=timedelta(days=4)).poll()
    assert len(pages) == 3
    assert pages[-1].since == NOW - 118 * HOUR


def test_the_same_page_under_other_ids_ends_with_the_pages_of_a_run() -> None:
    page = [status(number, at=NOW - timedelta(minutes=50 - number)) for number in range(40, 0, -1)]
    asked: list[Asked] = []

    def answer(request: Asked) -> Reply:
        asked.append(request)
        fresh = [entry | {"id": f"{len(asked)}{entry['id']}"} for entry in page]
        return Reply(fresh if "timelines" in request.path else {})

    with serving(answer) as server:
        pages = Reader((server.url,), back=timedelta(days=7), pages=5).poll()
    assert len(pages) == 6
    assert {page.since for page in pages} == {pages[0].since}


def test_how_far_a_page_reaches_back_is_never_later_than_now() -> None:
    ahead = [status(number, at=NOW + DAY) for number in range(5)]
    assert reaches_back_to(ahead, NOW) == NOW
    assert reaches_back_to([], NOW) == NOW
    assert not Back("1", NOW, NOW - DAY).is_done


def test_what_is_added_is_told_from_what_is_known_and_what_has_gone() -> None:
    title = WatchedTitle("Squid Game", ("squidgame",), ("Squid Game",))
    known = added.words(title)
    assert added.words(WatchedTitle("x", ("squidgame",), ("Squid Game",))) == known
    assert added.is_more(added.words(title._replace(phrases=("Squid Game", "오징어 게임"))), known)
    assert added.is_more(added.words(title._replace(hashtags=("other",))), known)
    assert not added.is_more(added.words(title._replace(phrases=())), known)
    assert not added.is_more(known, None)
