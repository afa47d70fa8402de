from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from loopback import Asked, Loopback, Reply, serving
from mastodon_reader import TAG, Reader, numbers, timelines
from mastodon_stub import START, MastodonStub, account, mastodon_server, status
from pydantic import ValidationError
from sqlalchemy import text

from collector.author import AuthorKeys
from collector.collect import Saver, collect
from collector.config import TitleSettings
from collector.errors import RetryLater, SkipItem
from collector.http import Http
from collector.records import Counts
from collector.source import Coverage
from collector.sources.mastodon import Mastodon, MastodonSettings
from collector.store import Store


@pytest.fixture
def stub() -> MastodonStub:
    return MastodonStub()


@pytest.fixture
def server(stub: MastodonStub) -> Iterator[Loopback]:
    with mastodon_server(stub) as running:
        yield running


# --- polling


def test_the_first_contact_reads_the_newest_page_and_speaks_for_what_it_holds(
    stub: MastodonStub, server: Loopback
) -> None:
    stub.add(*(status(number) for number in range(100)))
    reader = Reader((server.url,))
    (page,) = reader.poll()
    assert numbers([page]) == list(range(99, 59, -1))
    assert (page.coverage, page.hashtag, page.target) == (Coverage.COVERED, TAG, f"{server.host} #{TAG}")
    # the third oldest decides how far back: the time of one post alone may be forged
    assert (page.since, page.until) == (START + timedelta(minutes=62), reader.now)


def test_a_first_page_that_is_empty_speaks_for_this_moment_only(stub: MastodonStub, server: Loopback) -> None:
    stub.add()
    reader = Reader((server.url,))
    (page,) = reader.poll()
    assert (page.items, page.since, page.until) == ([], reader.now, reader.now)


def test_after_an_empty_first_page_the_next_poll_speaks_for_the_time_between(
    stub: MastodonStub, server: Loopback
) -> None:
    stub.add()
    reader = Reader((server.url,))
    reader.poll()
    first, reader.now = reader.now, reader.now + timedelta(minutes=15)
    stub.add(status(1, at=first + timedelta(minutes=3)))
    (page,) = reader.poll()
    assert (numbers([page]), page.since, page.until) == ([1], first, reader.now)


def test_later_polls_go_forward_until_an_empty_page_and_cover_without_a_gap(
    stub: MastodonStub, server: Loopback
) -> None:
    stub.add(status(0))
    reader = Reader((server.url,))
    reader.poll()
    before, reader.now = reader.now, reader.now + timedelta(days=1)
    stub.add(*(status(number, at=before + timedelta(minutes=number)) for number in range(1, 101)))
    pages = reader.poll()
    assert [len(page.items) for page in pages] == [40, 40, 20, 0]
    assert sorted(numbers(pages)) == list(range(1, 101))
    assert [page.since for page in pages] == [before, *(page.until for page in pages[:-1])]
    assert pages[-1].until == reader.now
    assert [asked.params.get("min_id") for asked in timelines(server)][1:] == [
        status(number)["id"] for number in (0, 40, 80, 100)
    ]


def test_a_poll_without_news_asks_once_and_moves_the_covered_time(stub: MastodonStub, server: Loopback) -> None:
    stub.add(status(0))
    reader = Reader((server.url,))
    reader.poll()
    before, reader.now = reader.now, reader.now + timedelta(minutes=15)
    (page,) = reader.poll()
    assert (page.items, page.since, page.until) == ([], before, reader.now)
    assert len(timelines(server)) == 2


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_a_run_that_dies_goes_on_with_the_next_page(stub: MastodonStub, server: Loopback, taken: int) -> None:
    stub.add(status(0))
    reader = Reader((server.url,))
    reader.poll()
    reader.now += timedelta(days=1)
    stub.add(*(status(number) for number in range(1, 101)))
    running = reader.follow()
    seen = [next(running) for _ in range(taken)]
    next(running)  # fetched, but never saved
    running.close()
    seen += reader.poll()
    assert sorted(set(numbers(seen))) == list(range(1, 101))
    assert len(numbers(seen)) == 100


def test_a_post_that_arrives_late_behind_newer_ids_is_still_found(stub: MastodonStub, server: Loopback) -> None:
    reader = Reader((server.url,), now=START + timedelta(minutes=60))
    stub.add(*(status(number) for number in range(50, 60)))
    reader.poll()
    stub.add(status(54, uri="https://slow.example/54", id=status(54)["id"] + "5"))
    reader.now += timedelta(minutes=5)
    assert "https://slow.example/54" in [item["uri"] for page in reader.poll() for item in page.items]


def test_the_bound_on_pages_ends_a_run_and_the_next_one_goes_on(stub: MastodonStub, server: Loopback) -> None:
    stub.add(status(0))
    reader = Reader((server.url,), pages=2)
    reader.poll()
    reader.now += timedelta(days=1)
    stub.add(*(status(number) for number in range(1, 101)))
    first, second = reader.poll(), reader.poll()
    assert sorted(numbers(first)) == list(range(1, 81))
    assert first[-1].until == START + timedelta(days=1)  # not to the end, but never behind what was covered
    assert sorted(numbers(second)) == list(range(81, 101))


def test_a_server_that_ignores_min_id_does_not_hold_us_for_ever() -> None:
    page = [status(number) for number in range(40, 0, -1)]

    def answer(asked: Asked) -> Reply:
        return Reply(page if "timelines" in asked.path else {})

    with serving(answer) as server:
        reader = Reader((server.url,))
        reader.poll()
        reader.poll()
    assert len(timelines(server)) == 2


def test_tags_of_any_script_are_asked_by_their_quoted_name(stub: MastodonStub, server: Loopback) -> None:
    stub.add(status(1, tag="오징어게임"), tag="오징어게임")
    pages = Reader((server.url,)).poll("오징어게임")
    assert numbers(pages) == [1]
    assert timelines(server)[0].raw_path == "/api/v1/timelines/tag/%EC%98%A4%EC%A7%95%EC%96%B4%EA%B2%8C%EC%9E%84"
    assert timelines(server)[0].params["limit"] == "40"


def test_a_tag_that_nobody_used_is_a_covered_zero(server: Loopback) -> None:
    (page,) = Reader((server.url,)).poll()
    assert (page.coverage, page.items) == (Coverage.COVERED, [])
    assert page.until is not None


# --- servers that are closed, that fail, that ask to wait


def test_a_closed_server_counts_as_not_covered_and_never_as_zero(stub: MastodonStub, server: Loopback) -> None:
    stub.access = {"local": "authenticated", "remote": "disabled"}
    stub.add(status(1))
    (page,) = Reader((server.url,)).poll()
    assert (page.coverage, page.items, page.since) == (Coverage.NOT_COVERED, (), None)
    assert "closed its tag timelines to visitors" in page.reason
    assert "[sources.mastodon] servers" in page.reason
    assert timelines(server) == []


def test_a_server_that_shows_a_part_is_covered_in_part(stub: MastodonStub, server: Loopback) -> None:
    stub.access = {"local": "public", "remote": "authenticated"}
    stub.add(status(1))
    (page,) = Reader((server.url,)).poll()
    assert (page.coverage, numbers([page])) == (Coverage.PARTIAL, [1])
    assert "only a part" in page.reason


def test_a_server_without_a_public_preview_is_not_covered(stub: MastodonStub, server: Loopback) -> None:
    stub.preview = False
    pages = Reader((server.url,)).poll("one", "two")
    assert [(page.coverage, page.hashtag) for page in pages] == [
        (Coverage.NOT_COVERED, "one"),
        (Coverage.NOT_COVERED, "two"),
    ]


@pytest.mark.parametrize("code", [401, 403])
def test_a_server_that_lets_nobody_in_is_not_covered(stub: MastodonStub, server: Loopback, code: int) -> None:
    stub.instance = Reply({"error": "no"}, code)
    stub.faults = [Reply({"error": "no"}, code)]
    (page,) = Reader((server.url,)).poll()
    assert page.coverage is Coverage.NOT_COVERED


def test_a_host_that_is_no_mastodon_is_not_covered() -> None:
    with serving(lambda _: Reply({"error": "?"}, 404)) as server:
        (page,) = Reader((server.url,)).poll()
    assert page.coverage is Coverage.NOT_COVERED
    assert "404" in page.reason


def test_an_older_server_without_the_description_is_read_all_the_same(stub: MastodonStub, server: Loopback) -> None:
    stub.instance = Reply({"error": "?"}, 404)
    stub.add(status(1))
    assert numbers(Reader((server.url,)).poll()) == [1]


def test_one_failing_server_does_not_stop_the_others(stub: MastodonStub, server: Loopback) -> None:
    stub.add(status(1))
    with serving(lambda _: Reply({}, 500)) as broken:
        pages = Reader((broken.url, server.url)).poll()
    assert [page.coverage for page in pages] == [Coverage.FAILED, Coverage.COVERED]
    assert broken.host in pages[0].reason
    assert (pages[0].since, pages[0].until) == (None, None)
    assert numbers(pages) == [1]


def test_a_server_that_asks_to_wait_is_left_alone_until_then_and_the_others_go_on(
    stub: MastodonStub, server: Loopback
) -> None:
    busy = MastodonStub(faults=[Reply({}, 429, {"Retry-After": "3600"})])
    busy.add(status(2))
    stub.add(status(1))
    with mastodon_server(busy) as other:
        reader = Reader((other.url, server.url))
        assert [page.coverage for page in reader.poll()] == [Coverage.FAILED, Coverage.COVERED]
        reader.now += timedelta(minutes=59)
        pages = reader.poll()
        assert [page.coverage for page in pages] == [Coverage.FAILED, Coverage.COVERED]
        assert "is not asked again before 2026-03-02 13:00:00 UTC" in pages[0].reason
        assert len(timelines(other)) == 1
        reader.now += timedelta(minutes=2)
        assert numbers(reader.poll()) == [2]


def test_after_a_fault_the_other_tags_of_that_server_are_told_and_not_asked(
    stub: MastodonStub, server: Loopback
) -> None:
    stub.faults = [Reply({}, 503)]
    with mastodon_server(MastodonStub()) as other:
        pages = Reader((server.url, other.url)).poll("one", "two", "three")
    told = [(page.hashtag, page.coverage) for page in pages if page.target.startswith(server.host)]
    assert told == [("one", Coverage.FAILED), ("two", Coverage.FAILED), ("three", Coverage.FAILED)]
    assert len(timelines(server)) == 1


def test_when_every_server_failed_the_run_is_put_off_until_the_first_may_be_asked() -> None:
    def busy(seconds: str) -> Callable[[Asked], Reply]:
        return lambda _: Reply({}, 429, {"Retry-After": seconds})

    with serving(busy("900")) as slow, serving(busy("600")) as quick:
        reader = Reader((slow.url, quick.url))
        running = reader.follow()
        assert [next(running).coverage for _ in range(2)] == [Coverage.FAILED, Coverage.FAILED]
        with pytest.raises(RetryLater) as caught:
            next(running)
    assert caught.value.until == reader.now + timedelta(minutes=10)


@pytest.mark.parametrize("body", [{"error": "later"}, [1, 2], ["text"], [{"no": "id"}], b"<html>", 7])
def test_something_other_than_a_timeline_is_a_failure_and_moves_no_cursor(
    stub: MastodonStub, server: Loopback, body: object
) -> None:
    stub.faults = [Reply(body)]
    reader = Reader((server.url,))
    running = reader.follow()
    assert next(running).coverage is Coverage.FAILED
    with pytest.raises(RetryLater):
        next(running)
    assert [key for key in reader.memory if not key.endswith(" wait")] == []


# --- settings


@pytest.mark.parametrize("name", ["mastodon.social", "https://mastodon.social/", "http://127.0.0.1:3000"])
def test_a_server_is_a_name_or_an_address(name: str) -> None:
    assert MastodonSettings(servers=(name,)).servers == (name.rstrip("/"),)


@pytest.mark.parametrize("name", ["", "ftp://a.example", "a b", "https://", "https://user@a.example"])
def test_what_is_no_server_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="a server such as"):
        MastodonSettings(servers=(name,))


# --- parsing


def test_a_status_becomes_a_post() -> None:
    draft = Mastodon.parse(status(7, edited_at="2026-03-01T13:00:00.000Z"))
    assert draft.native_id == draft.uri == "https://far.example/users/someone/statuses/7"
    assert draft.url == "https://far.example/@someone/7"
    assert draft.created_at == START + timedelta(minutes=7)
    assert draft.edited_at == datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert draft.text == "Post 7 & more #SquidGame"
    assert (draft.language, draft.hashtags) == ("en", frozenset({"SquidGame"}))
    assert (draft.likes, draft.reposts, draft.replies) == (3, 2, 1)
    assert draft.author == "https://far.example/users/someone"


def test_a_content_warning_is_part_of_the_words() -> None:
    assert Mastodon.parse(status(1, spoiler_text="finale", content="<p>oh</p>")).text == "finale\noh"


def test_a_reblog_is_read_as_the_post_it_repeats() -> None:
    assert Mastodon.parse(status(9, reblog=status(3))) == Mastodon.parse(status(3))


@pytest.mark.parametrize(
    "author",
    [
        account(indexable=False),
        account(noindex=True),
        account(note="<p>Hi. <a href='/tags/nobot'>#<span>NoBot</span></a></p>"),
        account(note="#nobots please"),
    ],
)
def test_who_does_not_want_to_be_read_is_counted_without_words(author: dict[str, Any]) -> None:
    draft = Mastodon.parse(status(1, account=author, spoiler_text="finale"))
    assert (draft.text, draft.hashtags) == ("", frozenset({"SquidGame"}))


@pytest.mark.parametrize("note", ["<p>I build robots</p>", "nobot", "#nobotany"])
def test_who_only_mentions_bots_keeps_the_words(note: str) -> None:
    assert Mastodon.parse(status(1, account=account(note=note))).text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"uri": None}, "uri"),
        ({"uri": ""}, "uri"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"created_at": None}, "created_at"),
        ({"created_at": "9999-12-31T23:59:59Z"}, "created_at"),
        ({"visibility": "private"}, "visibility"),
        ({"visibility": "direct"}, "visibility"),
        ({"tags": "x"}, "tags"),
        ({"tags": ["x"]}, "tags"),
        ({"account": [1]}, "account"),
        ({"content": 1.5}, "content"),
    ],
)
def test_what_is_missing_or_wrong_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(SkipItem, match=named):
        Mastodon.parse(status(1, **change))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(changes=st.dictionaries(st.sampled_from(sorted(status(1))), json_values, max_size=4))
def test_whatever_a_server_sends_is_a_post_or_a_skipped_item(changes: dict[str, Any]) -> None:
    try:
        draft = Mastodon.parse(status(1) | changes)
    except SkipItem:
        return
    assert draft.native_id
    assert draft.created_at.utcoffset() == timedelta(0)


# --- real answers


def recorded(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the address and the answer of each recorded request."""
    for interaction in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["interactions"]:
        yield interaction["request"]["uri"], interaction["response"]["body"]["string"]


@pytest.mark.data
def test_recorded_statuses_are_read_whole(data_set: Callable[[str], Path]) -> None:
    drafts = []
    for path in sorted(data_set("fixtures/mastodon").glob("*.yaml")):
        for uri, body in recorded(path):
            answer = orjson.loads(body)
            if "/timelines/" in uri:
                drafts += [Mastodon.parse(item) for item in answer]
    assert len(drafts) == 25
    assert all(draft.native_id.startswith("http") for draft in drafts)


@pytest.mark.data
def test_a_recorded_tag_timeline_is_collected(data_set: Callable[[str], Path]) -> None:
    path = data_set("fixtures/mastodon/Mastodon.py_test_hashtag_tl.yaml")
    timeline = next(orjson.loads(body) for uri, body in recorded(path) if "/timelines/tag/" in uri)
    stub = MastodonStub()
    stub.add(*timeline, tag="hoot")
    with mastodon_server(stub) as server:
        (page,) = Reader((server.url,), now=datetime(2026, 8, 2, tzinfo=UTC)).poll("hoot")
    drafts = [Mastodon.parse(item) for item in page.items]
    assert [draft.hashtags for draft in drafts] == [frozenset({"hoot"})]
    assert all("#hoot" in draft.text for draft in drafts)


def test_the_words_of_who_does_not_want_to_be_read_are_stored_nowhere(
    stub: MastodonStub, server: Loopback, store: Store
) -> None:
    stub.add(status(1, account=account(indexable=False), content="<p>a secret thought</p>"), status(2))
    source = Mastodon(MastodonSettings(servers=(server.url,)), Http(clock=lambda: START + timedelta(days=1)))
    title = TitleSettings(name="Squid Game", hashtags=("SquidGame",))
    counts = collect(Saver(store, [title], AuthorKeys(b"a secret for tests")), source)
    assert counts == Counts(read=2, stored=2, matched=2)
    with store.reading() as connection:
        kept = connection.execute(text("SELECT text FROM post UNION ALL SELECT payload FROM raw_post")).scalars().all()
    assert len(kept) == 3
    assert "secret thought" not in " ".join(kept)
