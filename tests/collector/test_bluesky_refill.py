"""A title that is added is read for once more: from where, up to where, through kills and deletions, and its claims."""

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import libipld
import pytest
from jetstream_stub import JetstreamStub, account, commit, did, identity, micros, post
from loopback import Asked, Reply, Streamed
from stream_bench import HOUR, MINUTE, NOW, REPOS, TITLE, V1, V2, Bench

from collector.author import AuthorKeys
from collector.collect import Origin, Saver, watch_of
from collector.config import TitleSettings
from collector.source import Coverage
from collector.sources import bluesky
from collector.sources.bluesky import Bluesky
from collector.store import Store

ADDED = TitleSettings(name="Hellbound", hashtags=("Hellbound",))
OTHER = TitleSettings(name="Moving", hashtags=("Moving",))


@pytest.fixture
def bench(sqlite_template: Path, tmp_path: Path) -> Iterator[Bench]:
    shutil.copy(sqlite_template, tmp_path / "buzz.db")
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        one = Bench(store)
        with one.stack:
            yield one


def of(number: int, at: datetime, tag: str = "Hellbound", author: str = "ann") -> dict[str, object]:
    return post(number, at=at, tag=tag, author=author)


def windows(bench: Bench, title: TitleSettings) -> list[tuple[str, datetime, datetime]]:
    rows = bench.ask(
        "SELECT c.coverage, c.since, c.until FROM covered c JOIN title t ON t.id = c.title_id"
        f" WHERE t.name = '{title.name}' ORDER BY c.since, c.until"
    )
    return [(told, datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for told, a, b in rows]


def run_and_die(bench: Bench, pages: int, **settings: object) -> None:
    """Save so many pages of a run; the next one is fetched, but never saved."""
    saver = Saver(bench.store, bench.titles, AuthorKeys(b"a secret for tests"), clock=lambda: bench.now)
    origin = Origin("bluesky", "bluesky", Bluesky.parse, Bluesky.glance, look_back=Bluesky.look_back)
    running = bench.source(**settings).fetch(watch_of(bench.titles), bench.store.cursor("bluesky"))
    for page in islice(running, pages):
        saver.save(origin, page)
    next(running, None)


@pytest.mark.parametrize("path", [V1, V2])
def test_a_title_that_is_added_is_read_for_as_far_back_as_is_set(bench: Bench, path: str) -> None:
    old = [of(1, NOW - 150 * MINUTE), of(2, NOW - 90 * MINUTE), of(3, NOW - HOUR, "SquidGame")]
    stub = JetstreamStub([*old, of(4, NOW + 30 * MINUTE)])
    host = bench.add(stub.answer, path)
    bench.run()
    assert bench.stored() == ["r3"]
    bench.now += HOUR
    bench.titles.append(ADDED)
    bench.run()
    assert bench.stored() == ["r2", "r3", "r4"]
    assert windows(bench, ADDED) == [("covered", NOW - 2 * HOUR, NOW + HOUR)]
    assert windows(bench, TITLE) == [("covered", NOW - 3 * HOUR, NOW + HOUR)]
    assert bench.ask(f"SELECT DISTINCT target FROM covered WHERE target <> '{host}'") == []
    asked = len(stub.asked)
    bench.now += HOUR
    bench.run()
    assert len(stub.asked) == asked + 1
    assert windows(bench, ADDED) == [("covered", NOW - 2 * HOUR, NOW + 2 * HOUR)]


def test_an_account_that_came_back_keeps_what_it_posted_since(bench: Bench) -> None:
    """The live stream brings the newer post first; only then is the suspension read again."""
    before, gone, again = NOW - 100 * MINUTE, NOW - 90 * MINUTE, NOW + 20 * MINUTE
    stub = JetstreamStub(
        [
            of(1, before),
            account("ann", at=gone, status="suspended"),
            account("ann", at=NOW + 10 * MINUTE, status=None),
            of(2, again),
        ]
    )
    bench.add(stub.answer)
    bench.run()
    bench.titles.append(ADDED)
    bench.now += HOUR
    bench.run()
    assert bench.stored() == ["r2"]


def test_a_hashtag_that_is_added_is_read_for_and_one_that_is_taken_away_is_not(bench: Bench) -> None:
    stub = JetstreamStub([of(1, NOW - HOUR, "SquidGame3"), of(2, NOW - HOUR, "SquidGame")])
    bench.add(stub.answer)
    bench.run()
    bench.titles = [TITLE.model_copy(update={"hashtags": (*TITLE.hashtags, "SquidGame3")})]
    bench.now += MINUTE
    bench.run()
    assert bench.stored() == ["r1", "r2"]
    asked = len(stub.asked)
    bench.titles = [TITLE]
    bench.now += MINUTE
    bench.run()
    assert len(stub.asked) == asked + 1


def test_a_database_from_before_titles_were_remembered_is_not_read_for_anew(bench: Bench) -> None:
    stub = JetstreamStub([of(1, NOW - HOUR)])
    bench.add(stub.answer)
    bench.run()
    old = bench.store.cursor("bluesky").values
    bench.store.remember("bluesky", dict.fromkeys(key for key in old if key.startswith("title")))
    bench.titles.append(ADDED)
    for _ in range(2):
        bench.now += MINUTE
        bench.run()
    assert (len(stub.asked), bench.stored()) == (3, [])
    bench.titles.append(OTHER)
    bench.run()
    assert len(stub.asked) == 5


def test_what_the_stream_has_not_read_yet_is_not_read_twice(bench: Bench) -> None:
    stub = JetstreamStub([of(1, NOW + HOUR)])
    bench.add(stub.answer)
    bench.run()
    bench.now += 5 * HOUR
    bench.titles.append(ADDED)
    bench.run()
    assert (len(stub.asked), bench.stored()) == (2, ["r1"])


def test_a_title_that_was_taken_away_and_comes_back_is_read_for(bench: Bench) -> None:
    stub = JetstreamStub([of(1, NOW + 30 * MINUTE)])
    bench.add(stub.answer)
    bench.titles.append(ADDED)
    bench.run()
    bench.titles = [TITLE]
    bench.now += HOUR
    bench.run()
    bench.titles = [TITLE, ADDED]
    bench.now += HOUR
    bench.run()
    assert bench.stored() == ["r1"]


# --- deletions


def test_what_was_deleted_since_does_not_come_back(bench: Bench) -> None:
    stub = JetstreamStub(
        [
            *(of(number, NOW - 2 * HOUR, author=author) for number, author in enumerate(["ann", "ann", "bo", "cy"])),
            commit("delete", "r0", at=NOW - HOUR),  # before the title was added
            commit("delete", "r1", at=NOW + 30 * MINUTE),  # passes by in the very run that reads for it
            account("bo", at=NOW + 40 * MINUTE, status="deleted"),
        ]
    )
    bench.add(stub.answer)
    bench.run()
    bench.now += HOUR
    bench.titles.append(ADDED)
    bench.run()
    assert bench.stored() == ["r3"]


def test_what_is_deleted_between_two_parts_of_a_refill_does_not_come_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky, "PAGE", 2)
    stub = JetstreamStub([of(number, NOW - 2 * HOUR + number * MINUTE) for number in range(6)])
    bench.add(stub.answer)
    bench.run()
    bench.titles.append(ADDED)
    bench.now += MINUTE
    run_and_die(bench, 2)  # the stream's own page and the first of the refill
    assert bench.stored() == ["r0", "r1"]
    stub.events += [commit("delete", f"r{number}", at=NOW + 2 * MINUTE) for number in (0, 5)]
    bench.now += 10 * MINUTE
    bench.run()  # the stream passes over the deletion of r5, which is not here yet
    assert bench.stored() == ["r1", "r2", "r3", "r4"]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_when_the_stored_posts_are_those_of_the_network(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(bluesky, "PAGE", chance.choice([1, 3, 7]))
    stub = JetstreamStub()
    bench.add(stub.answer, chance.choice([V1, V2]))
    alive: set[str] = set()
    for number in range(60):
        at = NOW - 2 * HOUR + number * 3 * MINUTE + timedelta(seconds=chance.randrange(60))
        alive.add(f"r{number}")
        stub.events.append(of(number, at, chance.choice(["Hellbound", "SquidGame"])))
        if chance.random() < 0.5:
            gone = chance.choice(sorted(alive))
            alive.remove(gone)
            stub.events.append(commit("delete", gone, at=at + MINUTE))
    bench.run()
    bench.titles.append(ADDED)
    while bench.now < NOW + 2 * HOUR:
        bench.now += chance.randrange(1, 30) * MINUTE
        run_and_die(bench, chance.randrange(0, 6))
    bench.run()
    bench.run()
    assert bench.stored() == sorted(alive)
    assert windows(bench, ADDED)[0][1] <= NOW
    assert {told for told, _, _ in windows(bench, ADDED)} == {"covered"}


# --- several runs, several titles


@pytest.mark.parametrize("pages", [1, 2, 3, 4, 5])
def test_a_refill_that_dies_goes_on_where_it_was(bench: Bench, monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    monkeypatch.setattr(bluesky, "PAGE", 2)
    stub = JetstreamStub([of(number, NOW - 2 * HOUR + number * MINUTE) for number in range(8)])
    bench.add(stub.answer)
    bench.run()
    bench.titles.append(ADDED)
    run_and_die(bench, pages)
    bench.now += 10 * MINUTE
    bench.run()
    assert len(bench.stored()) == 8
    assert windows(bench, ADDED) == [("covered", NOW - 3 * HOUR, bench.now)]
    begun = [int(asked.params["cursor"]) for asked in stub.asked]
    assert begun[-1] >= begun[2]
    assert not [key for key in bench.store.cursor("bluesky").values if key.startswith("refill")]


def test_titles_that_are_added_one_after_the_other_are_credited_each_for_its_own_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky, "PAGE", 2)
    tags = ["Hellbound", "Moving"] * 4
    stub = JetstreamStub([of(number, NOW - 2 * HOUR + number * MINUTE, tag) for number, tag in enumerate(tags)])
    bench.add(stub.answer)
    bench.run()
    bench.titles.append(ADDED)
    run_and_die(bench, 3)
    assert bench.stored() == ["r0", "r2"]
    bench.titles.append(OTHER)
    bench.now += 10 * MINUTE
    pages = bench.pages()
    assert sum(len(page.items) for page in pages if page.title) == 8
    bench.run()
    assert len(bench.stored()) == 8
    assert windows(bench, ADDED) == [("covered", NOW - 3 * HOUR, bench.now)]
    assert windows(bench, OTHER) == [("covered", NOW - 3 * HOUR + 10 * MINUTE, bench.now)]


def test_a_run_whose_time_is_used_up_leaves_the_refill_to_the_next_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.add(JetstreamStub([of(1, NOW - HOUR)]).answer)
    bench.run()
    bench.titles.append(ADDED)
    bench.now += MINUTE
    monkeypatch.setattr(bluesky, "LONGEST_RUN", 0.0)
    bench.run()
    assert bench.stored() == []
    monkeypatch.undo()
    bench.run()
    assert bench.stored() == ["r1"]


# --- faults


def test_what_the_stream_does_not_hold_any_more_is_a_gap_of_the_added_title_alone(bench: Bench) -> None:
    stub = JetstreamStub([of(1, NOW - 30 * HOUR), of(2, NOW - HOUR)])
    bench.add(stub.answer)
    bench.run()
    stub.oldest = NOW - 20 * HOUR
    stub.events.append(identity(stub.oldest))
    bench.titles.append(ADDED)
    bench.run(back="36h")
    assert bench.stored() == ["r2"]
    assert windows(bench, ADDED) == [("not covered", NOW - 36 * HOUR, stub.oldest), ("covered", stub.oldest, NOW)]
    assert windows(bench, TITLE) == [("covered", NOW - 3 * HOUR, NOW)]


def test_a_stream_that_refuses_so_old_a_time_is_asked_for_what_it_surely_has(bench: Bench) -> None:
    stub = JetstreamStub([of(1, NOW - 30 * HOUR), of(2, NOW - HOUR)])

    def answer(asked: Asked) -> Reply:
        if int(asked.params["cursor"]) < micros(NOW - 25 * HOUR):
            return Reply({"error": "CursorTooOld", "message": "too old"}, 400)
        return stub.answer(asked)

    bench.add(answer)
    bench.run()
    bench.titles.append(ADDED)
    bench.run(back="36h")
    bench.run(back="36h")
    assert bench.stored() == ["r2"]
    day = NOW - 24 * HOUR
    assert windows(bench, ADDED) == [("not covered", NOW - 36 * HOUR, day), ("covered", day, NOW)]


@pytest.mark.parametrize("then", ["cut", "hang"])
def test_a_stream_that_breaks_off_in_a_refill_is_told_and_the_rest_follows(bench: Bench, then: str) -> None:
    stub = JetstreamStub([of(1, NOW - 2 * HOUR), of(2, NOW - HOUR)])
    broken = JetstreamStub(stub.events[:1], then=then, goes_on=False)

    def answer(asked: Asked) -> Reply:
        is_refill = len(stub.asked) == 2 and not broken.asked
        return (broken if is_refill else stub).answer(asked)

    host = bench.add(answer)
    bench.run()
    bench.titles.append(ADDED)
    bench.run()
    assert bench.stored() == ["r1"]
    assert windows(bench, ADDED)[0] == ("covered", NOW - 3 * HOUR, NOW - 2 * HOUR)
    assert (host, "failed") in bench.ask("SELECT target, coverage FROM ledger")
    bench.now += 10 * MINUTE
    bench.run()
    assert bench.stored() == ["r1", "r2"]
    assert windows(bench, ADDED) == [("covered", NOW - 3 * HOUR, bench.now)]


def test_the_stream_that_has_caught_up_is_the_one_that_is_read_once_more(bench: Bench) -> None:
    stub = JetstreamStub([of(1, NOW - HOUR)])
    bench.add(lambda _: Reply({}, 503))
    second = bench.add(stub.answer)
    bench.run()
    bench.titles.append(ADDED)
    bench.now += 10 * MINUTE
    bench.run()
    assert bench.stored() == ["r1"]
    assert bench.ask("SELECT DISTINCT target FROM covered") == [(second,)]


# --- a server's own stream


def test_a_stream_without_times_is_read_once_more_from_its_beginning(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky, "QUIET", 0.2)
    told = {"seq": 5, "time": (NOW - HOUR).isoformat(), "did": did("ann"), "active": False, "status": "deleted"}
    frame = libipld.encode_dag_cbor({"op": 1, "t": "#account"}) + libipld.encode_dag_cbor(told)
    asked: list[str] = []

    def answer(request: Asked) -> Reply:
        asked.append(request.params["cursor"])
        return Reply(stream=Streamed([frame]))

    host = bench.add(answer, REPOS)
    bench.run()
    bench.titles.append(ADDED)
    bench.run()
    assert asked == ["0", "5", "0"]
    assert windows(bench, ADDED) == [("covered", NOW - 3 * HOUR, NOW)]
    assert bench.store.cursor("bluesky").get(host, "refill") == "5"
    bench.titles.append(OTHER)
    bench.run()
    assert asked[3:] == ["5", "0"]


def test_sync_events_are_told_in_the_ledger(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "QUIET", 0.2)
    told = {"seq": 7, "time": (NOW - HOUR).isoformat(), "did": did("ann"), "rev": "3k", "blocks": b""}
    frame = libipld.encode_dag_cbor({"op": 1, "t": "#sync"}) + libipld.encode_dag_cbor(told)
    bench.add(lambda _: Reply(stream=Streamed([frame, frame])), REPOS)
    [page] = bench.pages()
    assert page.reason == "accounts that were reset: 2; which of their posts are gone is not told"
    assert (page.coverage, page.items) == (Coverage.COVERED, [])
