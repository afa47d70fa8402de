"""Bluesky's streams: both versions of Jetstream and a server's own; where a run goes on, what it deletes, its gaps."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import libipld
import orjson
import pyarrow as pa
import pytest
from jetstream_stub import STEP, JetstreamStub, account, commit, did, identity, micros, post
from loopback import Asked, Reply, Streamed
from pydantic import ValidationError
from stream_bench import HOUR, MINUTE, NOW, REPOS, V1, V2, Bench

from collector import atproto
from collector.atproto import Event, Jetstream1, Repositories
from collector.errors import RetryLater
from collector.records import Counts
from collector.sources import bluesky
from collector.sources.bluesky import BlueskySettings
from collector.store import Store


@pytest.fixture
def bench(sqlite_template: Path, tmp_path: Path) -> Iterator[Bench]:
    shutil.copy(sqlite_template, tmp_path / "buzz.db")
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        one = Bench(store)
        with one.stack:
            yield one


# --- where a run goes on


@pytest.mark.parametrize("path", [V1, V2])
def test_a_run_reads_up_to_its_own_beginning_and_the_next_one_goes_on_there(bench: Bench, path: str) -> None:
    stub = JetstreamStub([post(1, at=NOW - 2 * HOUR), post(2, at=NOW - HOUR), post(3, at=NOW + MINUTE)])
    bench.add(stub.answer, path)
    assert bench.run() == Counts(read=2, stored=2, matched=2)
    bench.now += HOUR
    stub.events.append(post(4, at=NOW + 2 * MINUTE))
    assert bench.run() == Counts(read=2, stored=2, matched=2)
    assert bench.stored() == ["r1", "r2", "r3", "r4"]
    assert bench.known() == [("covered", NOW - 3 * HOUR, NOW + HOUR)]
    cursors = [int(asked.params["cursor"]) for asked in stub.asked]
    last_read = micros(NOW - HOUR) // (1 if path == V1 else STEP)
    assert cursors == [micros(NOW - 3 * HOUR), last_read]
    collections = {"wantedCollections", "collections"} & stub.asked[0].params.keys()
    assert {stub.asked[0].params[name] for name in collections} == {"app.bsky.feed.post"}


def test_a_long_backlog_is_saved_page_by_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "PAGE", 10)
    stub = JetstreamStub([post(number, at=NOW - HOUR + number * MINUTE) for number in range(35)])
    bench.add(stub.answer)
    pages = bench.pages()
    assert [len(page.items) for page in pages] == [10, 10, 10, 5]
    assert [page.since for page in pages[1:]] == [page.until for page in pages[:-1]]
    assert bench.run().stored == 35
    assert len(bench.known()) == 1


def test_events_of_one_moment_are_never_parted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "PAGE", 2)
    stub = JetstreamStub([post(number, at=NOW - HOUR) for number in range(5)] + [post(9, at=NOW - MINUTE)])
    bench.add(stub.answer)
    assert [len(page.items) for page in bench.pages()] == [5, 1]


def test_a_run_that_takes_too_long_leaves_and_says_how_far_it_came(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky, "LONGEST_RUN", 0.0)
    bench.add(JetstreamStub([post(1, at=NOW - HOUR)]).answer)
    assert bench.run() == Counts()
    assert bench.known() == [("covered", NOW - 3 * HOUR, NOW - 3 * HOUR)]
    monkeypatch.undo()
    assert bench.run().stored == 1


def test_a_cursor_that_is_too_old_leaves_a_gap_and_the_rest_is_read(bench: Bench) -> None:
    stub = JetstreamStub([post(1, at=NOW - HOUR)])
    bench.add(stub.answer, V2)
    bench.run()
    bench.now += timedelta(days=4)
    stub.oldest = bench.now - 36 * HOUR
    stub.events += [identity(stub.oldest), post(2, at=bench.now - HOUR)]
    assert bench.run().stored == 1
    assert [int(asked.params["cursor"]) for asked in stub.asked[1:]] == [
        micros(NOW - HOUR) // STEP,  # refused
        micros(NOW - bluesky.REWIND),
    ]
    assert bench.known() == [
        ("covered", NOW - 3 * HOUR, NOW),
        ("not covered", NOW, stub.oldest),
        ("covered", stub.oldest, bench.now),
    ]


def test_version_1_moves_an_old_cursor_without_a_word_and_the_gap_is_seen(bench: Bench) -> None:
    stub = JetstreamStub([post(1, at=NOW - HOUR)])
    bench.add(stub.answer)
    bench.run()
    bench.now += timedelta(days=4)
    stub.oldest = bench.now - 36 * HOUR
    stub.events += [identity(stub.oldest + timedelta(seconds=1))]
    bench.run()
    assert [told for told, _, _ in bench.known()] == ["covered", "not covered", "covered"]
    [(reason,)] = bench.ask("SELECT reason FROM ledger WHERE coverage = 'not covered'")
    assert "reaches back to 2026-03-13 00:00 UTC only" in reason


@pytest.mark.parametrize("name", ["OutdatedCursor", "FutureCursor"])
def test_what_the_stream_says_of_the_cursor_is_understood(bench: Bench, name: str) -> None:
    notice = {"$type": "message", "payload": {"$type": "network.bsky.jetstream.subscribeEvents#info", "name": name}}
    posts = [post(1, at=NOW - HOUR), post(2, at=NOW + HOUR)]
    stub = JetstreamStub(posts)
    notices: list[str] = []
    bench.add(lambda asked: _noticing(stub, asked, notices), V2)
    bench.run()
    bench.now += 2 * HOUR
    notices.append(orjson.dumps(notice).decode())
    assert bench.run().stored == 1
    lost = [told for told, _, _ in bench.known()]
    # another beginning is no loss: from the time of it everything is told again
    assert lost == (["covered", "not covered", "covered"] if name == "OutdatedCursor" else ["covered"])


def _noticing(stub: JetstreamStub, asked: Asked, notices: Sequence[str]) -> Reply:
    """Answer a number with these notices first; a time is never misunderstood."""
    reply = stub.answer(asked)
    assert reply.stream is not None
    is_number = int(asked.params["cursor"]) < 10**15
    return Reply(stream=Streamed([*notices, *reply.stream.frames] if is_number else reply.stream.frames))


def test_the_second_stream_goes_on_where_the_first_one_broke_off(bench: Bench) -> None:
    events = [post(number, at=NOW - HOUR + number * MINUTE) for number in range(6)]
    first = JetstreamStub(events[:3], then="cut", goes_on=False)
    second = JetstreamStub(events)
    broken, _ = bench.add(first.answer), bench.add(second.answer, V2)
    assert bench.run().stored == 6
    assert bench.known()[0][0] == "covered"
    assert {told for told, _, _ in bench.known()} == {"covered"}
    rewound = events[2]["time_us"] - bluesky.REWIND // timedelta(microseconds=1)
    assert int(second.asked[0].params["cursor"]) == rewound
    assert (broken, "failed") in bench.ask("SELECT target, coverage FROM ledger")
    # each knows its own cursor; the one that is behind is asked by the time, which means the same everywhere
    bench.now += HOUR
    first.then, first.goes_on = "hang", True
    bench.run()
    assert int(first.asked[-1].params["cursor"]) == micros(NOW - bluesky.REWIND)


def test_a_stream_that_asked_to_wait_is_left_alone_while_another_one_answers(bench: Bench) -> None:
    asked: list[datetime] = []

    def busy(_: Asked) -> Reply:
        asked.append(bench.now)
        return Reply({}, 429, {"Retry-After": "600"})

    bench.add(busy)
    bench.add(JetstreamStub([post(1, at=NOW - HOUR), post(2, at=NOW + 5 * MINUTE)]).answer)
    bench.run()
    bench.now += 9 * MINUTE
    assert bench.run().stored == 1
    bench.now += 2 * MINUTE
    bench.run()
    assert asked == [NOW, NOW + 11 * MINUTE]


# --- what passes by


def test_hashtags_are_those_of_facets_and_tags_in_every_script(bench: Bench) -> None:
    bench.add(
        JetstreamStub(
            [
                post(1, at=NOW - HOUR, text="드디어 봤다 #오징어게임", tag="오징어게임"),
                post(2, at=NOW - HOUR, text="nothing here", facets=[], tags=["SquidGame"]),
                post(3, at=NOW - HOUR, text="no tag but Squid Game itself", facets=[]),
                post(4, at=NOW - HOUR, text="the weather", facets=[]),
            ]
        ).answer
    )
    assert bench.run() == Counts(read=4, stored=3, matched=3)


def test_deletions_edits_and_accounts_that_go_are_followed(bench: Bench) -> None:
    stub = JetstreamStub(
        [
            *(
                post(number, at=NOW - 2 * HOUR, author=author)
                for number, author in enumerate(["ann", "bo", "cy", "di"])
            ),
            commit("delete", "r0", at=NOW - HOUR),
            post(1, at=NOW - 2 * HOUR, author="bo", text="other words #SquidGame")
            | {"time_us": micros(NOW - HOUR)}
            | {"commit": post(1, at=NOW, text="other words #SquidGame")["commit"] | {"operation": "update"}},
            account("cy", at=NOW - HOUR, status="deleted"),
            account("di", at=NOW - HOUR, status="deactivated"),
        ]
    )
    bench.add(stub.answer)
    bench.run()
    assert bench.ask("SELECT native_id, text FROM post ORDER BY native_id") == [
        (f"at://{did('bo')}/app.bsky.feed.post/r1", "other words #SquidGame"),
        (f"at://{did('di')}/app.bsky.feed.post/r3", "post 3 #SquidGame"),
    ]
    bench.store.remember("bluesky", dict.fromkeys(bench.store.cursor("bluesky").values))
    bench.run()  # all is told again
    assert bench.stored() == ["r1", "r3"]


def test_forged_times_are_bounded_by_when_the_network_saw_the_post(bench: Bench) -> None:
    seen = NOW - HOUR
    bench.add(
        JetstreamStub(
            [
                post(1, at=seen, createdAt="2031-01-01T00:00:00Z"),
                post(2, at=seen, createdAt="2009-01-01T00:00:00Z"),
                post(3, at=seen, createdAt="some day"),
                post(4, at=seen, createdAt=(seen - 5 * HOUR).isoformat()),
            ]
        ).answer
    )
    bench.run()
    at = [datetime.fromtimestamp(row[0], UTC) for row in bench.ask("SELECT created_at FROM post ORDER BY native_id")]
    assert at == [seen, seen, seen, seen - 5 * HOUR]


def test_what_cannot_be_read_is_counted_and_the_rest_goes_on(bench: Bench) -> None:
    odd = ["not json", "[1]", "7", "{}", b"\xff\xfe", '{"time_us": "x", "kind": "commit"}', "null"]
    bench.add(JetstreamStub([post(1, at=NOW - HOUR), post(2, at=NOW - HOUR)], extra=odd).answer)
    assert bench.run() == Counts(read=9, stored=2, skipped=7, matched=2)


def test_a_frame_of_five_megabytes_is_no_post_and_ends_nothing(bench: Bench) -> None:
    large = orjson.dumps({"time_us": micros(NOW - HOUR), "kind": "x" * 5_000_000}).decode()
    bench.add(JetstreamStub([post(1, at=NOW - HOUR)], extra=[large]).answer)
    assert bench.run().stored == 1


# --- faults


@pytest.mark.parametrize(
    ("then", "said"), [("cut", "broke off the stream"), ("close", "broke off the stream"), ("hang", "fell silent")]
)
def test_a_stream_that_ends_early_keeps_what_came_and_covers_no_more(bench: Bench, then: str, said: str) -> None:
    stub = JetstreamStub([post(1, at=NOW - 2 * HOUR), post(2, at=NOW - HOUR)], then=then, goes_on=False)
    bench.add(stub.answer)
    with pytest.raises(RetryLater, match=said) as caught:
        bench.run()
    assert caught.value.until > NOW
    assert bench.known() == [("covered", NOW - 3 * HOUR, NOW - HOUR)]
    stub.then, stub.goes_on = "hang", True
    bench.now += 2 * MINUTE
    assert bench.run() == Counts(read=1, known=1, matched=1)
    assert bench.known() == [("covered", NOW - 3 * HOUR, bench.now)]


@pytest.mark.parametrize(
    ("path", "frame"),
    [
        (V2, orjson.dumps({"$type": "error", "error": "ConsumerTooSlow"}).decode()),
        (REPOS, libipld.encode_dag_cbor({"op": -1}) + libipld.encode_dag_cbor({"error": "ConsumerTooSlow"})),
    ],
)
def test_a_stream_may_end_itself_in_words(bench: Bench, path: str, frame: str | bytes) -> None:
    bench.add(lambda _: Reply(stream=Streamed([frame])), path)
    with pytest.raises(RetryLater, match=r"ended the stream \(ConsumerTooSlow\)"):
        bench.run()


@pytest.mark.parametrize(
    "address",
    [
        "https://jetstream2.us-east.bsky.network/subscribe",
        "ws://example.org/subscribe",
        "wss://example.org/other",
        "wss://me:word@example.org/subscribe",
        "wss://example.org/subscribe?cursor=1",
    ],
)
def test_an_address_that_is_no_stream_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="its path is one of /subscribe"):
        BlueskySettings(streams=(address,))


# --- a server's own stream


def repository_frame(kind: str, number: int, at: datetime, **body: object) -> bytes:
    told = {"seq": number, "time": at.isoformat().replace("+00:00", "Z")} | body
    return libipld.encode_dag_cbor({"op": 1, "t": f"#{kind}"}) + libipld.encode_dag_cbor(told)


def test_a_server_that_falls_quiet_has_told_everything(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "QUIET", 0.2)
    gone = repository_frame("account", 5, NOW - HOUR, did=did("ann"), active=False, status="deleted")
    asked: list[str] = []

    def answer(request: Asked) -> Reply:
        asked.append(request.params["cursor"])
        return Reply(stream=Streamed([gone]))

    host = bench.add(answer, REPOS)
    [page] = bench.pages()
    assert (page.gone_authors, page.since, page.until) == ({did("ann"): NOW - HOUR}, NOW - 3 * HOUR, NOW)
    bench.run()
    bench.run()
    assert asked == ["0", "0", "5"]
    assert bench.store.cursor("bluesky").get(host, "cursor") == "5"


def frames_of(path: Path) -> Sequence[bytes]:
    """Read recorded frames: each after its length in four bytes."""
    content = pa.input_stream(pa.BufferReader(path.read_bytes()), compression="zstd").read()
    frames, place = [], 0
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "little")
        frames.append(content[place + 4 : place + 4 + length])
        place += 4 + length
    return frames


@pytest.mark.data
def test_recorded_frames_and_recorded_events_tell_the_same_posts(data_set: Callable[[str], Path]) -> None:
    own = [
        event
        for frame in frames_of(data_set("fixtures/bluesky/jetstream_frames.bin.zst"))
        for event in Repositories.read(frame)
    ]
    lines = data_set("fixtures/bluesky/jetstream_expected_v1.jsonl").read_bytes().splitlines()
    theirs = [event for line in lines for event in Jetstream1.read(line)]
    assert (len(own), len(lines)) == (152, 152)
    assert [*_told(own)] == [*_told(theirs)]
    assert len([*_told(own)]) == 18
    for event in theirs:
        if event.post is not None:
            draft, glimpse = atproto.parse(event.post), atproto.glance(event.post)
            assert glimpse is not None
            assert (draft.text, {*draft.hashtags}) == (glimpse[0], {*glimpse[1]})


def _told(events: Sequence[Event]) -> Iterator[tuple[object, ...]]:
    for event in events:
        if event.post is not None:
            draft = atproto.parse(event.post)
            yield (draft.native_id, draft.text, draft.hashtags, draft.language, draft.edited_at is None)
        elif event.deleted or event.gone:
            yield (event.deleted, event.gone)
