"""X's count before a title is watched: one request, on the meter to the cent, and no post is ever read for it."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from loopback import Loopback, Reply
from x_stub import COUNTS, NOW, XStub, post, x_server

from collector.config import TitleSettings
from collector.errors import AccessError, BuzzError, RetryLater
from collector.http import Http
from collector.preview_x import count
from collector.sources.x import XSettings
from collector.store import Store
from collector.x_meter import Reading, read_meter

TITLE = TitleSettings(name="Squid Game", hashtags=("SquidGame",))


class Bench:
    """X on the loopback, a store, and what a count gives."""

    def __init__(self, store: Store, stub: XStub, server: Loopback) -> None:
        self.store, self.stub, self.server = store, stub, server

    def count(self, budget: float = 10.0, title: TitleSettings = TITLE) -> int:
        settings = XSettings(api=self.server.url, budget_usd_per_month=budget)
        found = count(self.store, settings, title, Http(clock=lambda: NOW, timeout=(1, 1)))
        assert len(found) == 166  # hours that lie whole within 7 days
        return sum(found.values())

    @property
    def meter(self) -> Reading:
        return read_meter(self.store.cursor("x"), 10.0, NOW)


@pytest.fixture
def bench(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    shutil.copy(sqlite_template, tmp_path / "buzz.db")
    stub = XStub(posts=[post(NOW - timedelta(minutes=7 * n), number=n) for n in range(1, 200)])
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", stub.token)
    with x_server(stub) as server, Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store:
        yield Bench(store, stub, server)


def test_it_costs_one_request_which_the_meter_shows_and_nothing_else_is_kept(bench: Bench) -> None:
    bench.store.remember("x", {"abc covered": "2026-03-01T00:00:00+00:00", f"meter {NOW:%Y-%m} spent": "1000000"})
    assert bench.count() == 191  # of whole hours
    assert [asked.path for asked in bench.server.asked] == [COUNTS]
    assert bench.stub.bill[f"{NOW:%Y-%m}"] == 5000
    assert (bench.meter.spent, bench.meter.reserved) == (1.005, 0)
    assert set(bench.store.cursor("x").values) == {"abc covered", f"meter {NOW:%Y-%m} spent"}
    assert bench.count() == 191  # asked again it is paid again
    assert bench.meter.spent == 1.01


def test_without_room_in_the_budget_nothing_is_asked(bench: Bench) -> None:
    with pytest.raises(AccessError, match="has no room for a count; raise budget_usd_per_month"):
        bench.count(budget=0.004)
    assert bench.count(budget=0.005) == 191
    with pytest.raises(AccessError, match="has no room"):
        bench.count(budget=0.005)
    assert len(bench.server.asked) == 1


def test_what_x_refuses_is_free_and_raised(bench: Bench) -> None:
    for fault, kind in ((Reply({}, 429), RetryLater), (Reply({}, 402), AccessError), (Reply({}, 503), RetryLater)):
        bench.stub.faults = [fault]
        with pytest.raises(kind):
            bench.count()
        assert (bench.meter.spent, bench.meter.reserved) == (0, 0)


def test_after_the_usage_cap_nothing_is_asked_by_this_or_by_the_collector(bench: Bench) -> None:
    bench.stub.faults = [Reply({"type": "https://api.twitter.com/2/problems/usage-capped"}, 429)]
    for _ in range(2):
        with pytest.raises(AccessError, match="the cap on posts of this project is used up"):
            bench.count()
    assert len(bench.server.asked) == 1
    assert "stop until" in bench.store.cursor("x").values


def test_no_token_and_no_hashtag_are_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AccessError, match="the title has none"):
        bench.count(title=TitleSettings(name="x", phrases=("x y",)))
    monkeypatch.delenv("BUZZ_X_BEARER_TOKEN")
    with pytest.raises(BuzzError, match="BUZZ_X_BEARER_TOKEN, which is not set"):
        bench.count()
    assert bench.server.asked == []
