"""Stored posts are asked for again: a round over all of them, what is gone goes here too, money and rules are kept."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback import Loopback, Reply
from mastodon_stub import MastodonStub, mastodon_server, status
from sqlalchemy import text
from x_stub import LOOK_UP, XStub, post, post_id, x_server

from collector.author import AuthorKeys
from collector.collect import Saver, collect
from collector.config import Config, TitleSettings
from collector.errors import AccessError, RetryLater
from collector.http import Http
from collector.recheck import recheck
from collector.records import Counts
from collector.retention import care_for
from collector.source import Source
from collector.sources.mastodon import Mastodon, MastodonSettings
from collector.sources.x import X, XSettings
from collector.store import Store
from collector.x_meter import read_meter

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TITLE = TitleSettings(name="Squid Game", hashtags=("SquidGame",))


@dataclass
class Bench:
    """A source with its settings, the store, and a clock."""

    store: Store
    settings: MastodonSettings | XSettings
    now: datetime = NOW
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = "x" if isinstance(self.settings, XSettings) else "mastodon"

    @property
    def source(self) -> Source:
        http = Http(clock=lambda: self.now, timeout=(1, 1))
        if isinstance(self.settings, XSettings):
            return X(self.settings, http)
        return Mastodon(self.settings, http)

    @property
    def saver(self) -> Saver:
        return Saver(self.store, [TITLE], AuthorKeys(b"a secret for tests"), clock=lambda: self.now)

    def collect(self) -> Counts:
        return collect(self.saver, self.source, follow=True)

    def recheck(self, **later: float) -> Counts:
        self.now += timedelta(**later)
        care = care_for(Config(sources={self.name: self.settings}), self.name)
        return recheck(self.saver, self.source, care)

    def stored(self) -> list[str]:
        with self.store.reading() as connection:
            return [*connection.execute(text("SELECT native_id FROM post ORDER BY id")).scalars()]

    def ledger(self) -> list[tuple[str, str]]:
        query = text("SELECT coverage, reason FROM ledger WHERE target LIKE '%re-check' ORDER BY id")
        with self.store.reading() as connection:
            return [(row.coverage, row.reason) for row in connection.execute(query)]


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """One database will do: what is asked of it here is in no dialect."""
    shutil.copy(sqlite_template, tmp_path / "buzz.db")
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as opened:
        yield opened


# --- Mastodon


@pytest.fixture
def stub() -> MastodonStub:
    held = MastodonStub()
    held.add(*(status(number, at=NOW - 2 * HOUR + timedelta(minutes=number)) for number in range(30)))
    return held


@pytest.fixture
def server(stub: MastodonStub) -> Iterator[Loopback]:
    with mastodon_server(stub) as running:
        yield running


@pytest.fixture
def bench(store: Store, server: Loopback) -> Bench:
    bench = Bench(store, MastodonSettings(servers=(server.url,)))
    assert bench.collect().stored == 30
    return bench


def uri(number: int) -> str:
    return f"https://far.example/users/someone/statuses/{number}"


def drop(stub: MastodonStub, *numbers: int) -> None:
    held = stub.timelines["squidgame"]
    held[:] = [entry for entry in held if entry["uri"] not in set(map(uri, numbers))]


def lookups(server: Loopback) -> list[str]:
    return [asked.path for asked in server.asked if asked.path.startswith("/api/v1/statuses")]


def test_what_is_gone_from_a_server_goes_here_and_the_rest_stays(
    stub: MastodonStub, server: Loopback, bench: Bench
) -> None:
    drop(stub, 3, 17, 29)
    assert bench.recheck(hours=2) == Counts(read=27, known=27, matched=27, deleted=3)
    assert bench.stored() == [uri(number) for number in reversed(range(30)) if number not in {3, 17, 29}]
    assert lookups(server).count("/api/v1/statuses") == 2  # twenty at once
    assert len(lookups(server)) == 5  # and each of those that are missing by itself


def test_a_deleted_post_does_not_come_back(stub: MastodonStub, bench: Bench) -> None:
    gone = stub.timelines["squidgame"][-1]
    drop(stub, 29)
    bench.recheck(hours=2)
    stub.add(gone)
    bench.collect()
    assert uri(29) not in bench.stored()


def test_an_edit_is_taken_over(stub: MastodonStub, bench: Bench) -> None:
    edited = stub.timelines["squidgame"][5]
    edited |= {"content": "<p>Quite another thought #SquidGame</p>", "edited_at": "2026-03-20T13:00:00.000Z"}
    bench.recheck(hours=2)
    with bench.store.reading() as connection:
        texts = connection.execute(text("SELECT text FROM post WHERE edited_at IS NOT NULL")).scalars().all()
    assert texts == ["Quite another thought #SquidGame"]


def test_a_round_is_made_once_a_day_and_leaves_out_what_has_only_just_come(server: Loopback, bench: Bench) -> None:
    assert bench.recheck(minutes=30) == Counts()
    bench.now += DAY
    assert bench.recheck().read == 30
    assert bench.recheck(hours=6) == Counts()
    assert bench.recheck(hours=18).read == 30
    assert bench.recheck(days=31) == Counts()  # older than recheck_for
    assert lookups(server).count("/api/v1/statuses") == 4


def test_an_older_server_is_asked_post_by_post(stub: MastodonStub, server: Loopback, bench: Bench) -> None:
    stub.takes_many = False
    drop(stub, 4)
    assert bench.recheck(hours=2) == Counts(read=29, known=29, matched=29, deleted=1)
    assert len(lookups(server)) == 32


def test_a_server_that_knows_none_of_many_is_not_believed(stub: MastodonStub, bench: Bench) -> None:
    stub.timelines.clear()
    assert bench.recheck(hours=2) == Counts()
    assert len(bench.stored()) == 30
    assert {coverage for coverage, _ in bench.ledger()} == {"failed"}
    assert "knows none of 20 posts any more" in bench.ledger()[0][1]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Reply({"error": "no"}, 401), "does not show single posts to visitors"),
        (Reply({"error": "no"}, 422), "does not show single posts to visitors"),
        (Reply({"error": "no"}, 500), "fault of its own"),
        (Reply({"error": "no"}, 429, {"Retry-After": "60"}), "asks us to wait"),
        (Reply(b"<html>"), "other than JSON"),
        (Reply({"not": "a list"}), "other than posts"),
        (Reply([7, None, {"id": 1}, {"no": "id"}]), ""),
    ],
)
def test_a_server_that_refuses_or_fails_deletes_nothing(
    stub: MastodonStub, bench: Bench, fault: Reply, said: str
) -> None:
    stub.lookup_faults = [fault]
    with suppress(RetryLater):  # where it is the only server
        bench.recheck(hours=2)
    assert len(bench.stored()) == 30
    assert said in bench.ledger()[0][1]


def test_a_page_of_a_web_server_is_no_word_of_mastodon(stub: MastodonStub, bench: Bench) -> None:
    drop(stub, 29)
    stub.lookup_faults = [Reply([]), *[Reply(b"<h1>404</h1>", 404)] * 20]
    with pytest.raises(RetryLater, match="other than JSON"):
        bench.recheck(hours=2)
    assert len(bench.stored()) == 30


def test_a_run_that_was_cut_short_goes_on_where_it_was(stub: MastodonStub, server: Loopback, bench: Bench) -> None:
    drop(stub, 1)
    stub.lookup_faults = [
        Reply([entry for entry in stub.timelines["squidgame"] if entry["uri"] in set(map(uri, range(10, 30)))]),
        Reply({"error": "no"}, 503),
    ]
    with pytest.raises(RetryLater):
        bench.recheck(hours=2)
    assert len(bench.stored()) == 30
    server.asked.clear()
    assert bench.recheck(minutes=5).deleted == 1
    assert lookups(server).count("/api/v1/statuses") == 1


def test_one_server_that_fails_does_not_hold_up_another(stub: MastodonStub, server: Loopback, store: Store) -> None:
    other = MastodonStub()
    other.add(*(status(number, at=NOW - HOUR) for number in range(100, 105)))
    with mastodon_server(other) as second:
        bench = Bench(store, MastodonSettings(servers=(server.url, second.url)))
        assert bench.collect().stored == 35
        stub.lookup_faults = [Reply({"error": "no"}, 500)]
        drop(other, 102)
        assert bench.recheck(hours=2).deleted == 1
    assert len(bench.stored()) == 34


# --- X


@pytest.fixture
def x_stub(monkeypatch: pytest.MonkeyPatch) -> XStub:
    stub = XStub(now=NOW)
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", stub.token)
    stub.posts = [post(NOW - 3 * HOUR + timedelta(minutes=number)) for number in range(50)]
    return stub


@pytest.fixture
def x_bench(x_stub: XStub, store: Store) -> Iterator[Bench]:
    with x_server(x_stub) as server:
        settings = XSettings(enabled=True, api=server.url, budget_usd_per_month=20, recheck_share=0.9)
        bench = Bench(store, settings)
        assert bench.collect().stored == 50
        yield bench


def spent(bench: Bench) -> float:
    return read_meter(bench.store.cursor("x"), 20, bench.now).spent


def test_x_posts_that_are_deleted_or_protected_go_here_too(x_stub: XStub, x_bench: Bench) -> None:
    taken, hidden = x_stub.posts.pop(7), x_stub.posts[11]
    x_stub.protected.add(hidden["id"])
    before = spent(x_bench)
    x_stub.now = NOW + DAY
    assert x_bench.recheck(days=1) == Counts(read=48, known=48, matched=48, deleted=2)
    assert {taken["id"], hidden["id"]}.isdisjoint(x_bench.stored())
    assert len(x_bench.stored()) == 48
    assert round(spent(x_bench) - before, 6) == 48 * 0.005
    assert round(x_stub.bill["2026-03"] / 1e6, 6) == round(spent(x_bench), 6)


def test_asking_again_keeps_to_its_part_of_the_budget(x_stub: XStub, x_bench: Bench) -> None:
    x_bench.settings = x_bench.settings.model_copy(update={"recheck_share": 0.45})  # $0.2045 beside $0.25
    before = spent(x_bench)
    x_stub.now = NOW + HOUR * 2
    assert x_bench.recheck(hours=2).read == 40
    assert round(spent(x_bench) - before, 6) == 40 * 0.005
    assert x_bench.recheck(hours=1) == Counts()
    x_bench.settings = x_bench.settings.model_copy(update={"recheck_share": 0.5})  # $0.25 beside $0.25
    assert x_bench.recheck(hours=1).read == 10
    assert round(spent(x_bench) - before, 6) == 0.25


def test_nothing_is_asked_of_x_after_the_cap_nor_without_a_token(
    x_stub: XStub, x_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    x_stub.faults = [
        Reply({"title": "UsageCapExceeded", "type": "https://api.twitter.com/2/problems/usage-capped"}, 429)
    ]
    with pytest.raises(AccessError, match="cap on posts"):
        x_bench.recheck(hours=2)
    assert x_bench.recheck(hours=2) == Counts()
    assert len(x_bench.ledger()) == 2  # the reservation, and the refusal
    monkeypatch.delenv("BUZZ_X_BEARER_TOKEN")
    x_bench.now += 15 * DAY
    assert x_bench.recheck() == Counts()
    assert len(x_bench.stored()) == 50


def test_reading_new_posts_does_not_begin_the_round_anew(x_stub: XStub, x_bench: Bench) -> None:
    assert x_bench.recheck(hours=2).read == 50
    x_stub.now = x_bench.now = NOW + 3 * HOUR
    x_bench.collect()
    assert x_bench.recheck() == Counts()


def test_a_reservation_stands_in_the_store_before_x_is_asked(x_stub: XStub, x_bench: Bench) -> None:
    shown: list[float] = []
    answer = x_stub.answer

    def watch(asked: object) -> Reply:
        shown.append(read_meter(x_bench.store.cursor("x"), 20, x_bench.now).reserved)
        return answer(asked)  # type: ignore[arg-type]

    with x_server(x_stub) as server:
        server.answer = watch  # type: ignore[method-assign]
        x_bench.settings = x_bench.settings.model_copy(update={"api": server.url})
        x_bench.recheck(hours=2)
        assert [asked.path for asked in server.asked] == [LOOK_UP] * 3
    assert shown == [0.1, 0.1, 0.05]


def test_an_x_post_in_no_part_of_the_answer_stays(x_stub: XStub, x_bench: Bench) -> None:
    x_stub.faults = [Reply({"data": [], "errors": [{"type": "https://api.x.com/2/problems/resource-unavailable"}]})] * 3
    assert x_bench.recheck(hours=2) == Counts()
    assert len(x_bench.stored()) == 50


def test_x_is_never_believed_about_posts_that_were_not_asked_for(x_stub: XStub, x_bench: Bench) -> None:
    other = post_id(NOW - 3 * HOUR)  # stored last, as X tells the newest first
    told = {"type": "https://api.x.com/2/problems/resource-not-found", "resource_id": other}
    x_stub.faults = [Reply({"errors": [told]})]
    assert x_bench.recheck(hours=2) == Counts(read=30, known=30, matched=30)
    assert len(x_bench.stored()) == 50
