"""Stored comments are asked for again, inside the quota: what is gone there goes here."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback import Reply, serving
from sqlalchemy import text
from youtube_stub import COMMENTS, KEY, NOW, StubVideo, YouTubeStub, comment, refusal

from collector import config as configs
from collector.author import AuthorKeys
from collector.collect import Saver, collect
from collector.errors import AccessError, RetryLater
from collector.http import Http
from collector.recheck import recheck
from collector.records import Counts
from collector.retention import care_for
from collector.sources import SOURCES
from collector.store import Store
from collector.tidy import tidy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Bench:
    """YouTube on the loopback, the store, and a clock that the test moves."""

    def __init__(self, store: Store, stub: YouTubeStub, url: str) -> None:
        self.store, self.stub, self.url = store, stub, url
        self.now: datetime = NOW
        self.units = 10_000

    @property
    def config(self) -> configs.Config:
        told = f'[sources.youtube]\nenabled = true\napi = "{self.url}"\nunits_per_day = {self.units}\n'
        return configs.parse('[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n' + told)

    def source(self) -> Any:  # noqa: ANN401 - any source
        return SOURCES["youtube"](self.config.sources["youtube"], Http(clock=lambda: self.now))

    def saver(self) -> Saver:
        return Saver(self.store, self.config.titles, AuthorKeys(b"a secret for tests"), clock=lambda: self.now)

    def gather(self) -> Counts:
        return collect(self.saver(), self.source(), follow=True)

    def recheck(self) -> int:
        """Ask again. Returns how many requests that took."""
        before = self.asked()
        recheck(self.saver(), self.source(), care_for(self.config, "youtube"))
        return self.asked() - before

    def asked(self) -> int:
        return sum(asked.path == COMMENTS for asked in self.stub.asked)

    def stored(self) -> int:
        with self.store.reading() as connection:
            return int(connection.execute(text("SELECT COUNT(*) FROM post")).scalar_one())


@pytest.fixture
def bench(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("BUZZ_YOUTUBE_KEY", KEY)
    shutil.copy(sqlite_template, tmp_path / "buzz.db")
    comments = [comment(number, NOW - timedelta(minutes=number)) for number in range(50)]
    stub = YouTubeStub({"film1": StubVideo(comments=comments)})
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as store, serving(stub.answer) as server:
        one = Bench(store, stub, server.url)
        assert one.gather().stored == 50
        one.now += 2 * HOUR
        yield one


def test_what_is_gone_there_goes_here_and_does_not_come_back(bench: Bench) -> None:
    comments = bench.stub.videos["film1"].comments
    taken = [comments.pop(40), comments.pop(3)]
    assert bench.recheck() == 3  # 20 at once
    assert bench.stored() == 48
    comments += taken
    bench.now += HOUR
    bench.gather()
    assert bench.stored() == 48


def test_each_is_asked_for_once_a_day_though_comments_are_gathered_in_between(bench: Bench) -> None:
    assert bench.recheck() == 3
    for _ in range(3):
        bench.now += 6 * HOUR
        bench.gather()
        assert bench.recheck() == 0
    bench.now += 7 * HOUR
    assert bench.recheck() == 3


def test_that_none_of_many_is_there_any_more_is_not_believed(bench: Bench) -> None:
    bench.stub.videos["film1"].comments.clear()
    bench.recheck()
    assert bench.stored() == 50
    with bench.store.reading() as connection:
        reasons = connection.execute(text("SELECT reason FROM ledger WHERE coverage = 'failed'")).scalars().all()
    assert "YouTube shows none of 20 comments any more, which is not believed: none is deleted here" in reasons


def test_it_leaves_half_of_the_units_to_reading_and_goes_on_where_it_stopped(bench: Bench) -> None:
    bench.units = 6  # of which gathering has used two
    assert bench.recheck() == 1
    bench.now += DAY
    assert bench.recheck() == 2


def test_after_the_quota_is_used_up_nothing_is_asked_that_day(bench: Bench) -> None:
    bench.stub.refusals[COMMENTS] = [refusal(403, "quotaExceeded")]
    with pytest.raises(RetryLater, match="used up"):
        bench.recheck()
    assert bench.recheck() == 0
    bench.now += DAY
    assert bench.recheck() == 3
    assert bench.stored() == 50


@pytest.mark.parametrize("reply", [refusal(403, "accessNotConfigured"), Reply({}, 401)])
def test_a_refusal_deletes_nothing(bench: Bench, reply: Reply) -> None:
    bench.stub.refusals[COMMENTS] = [reply]
    with pytest.raises(AccessError):
        bench.recheck()
    assert bench.stored() == 50


def test_a_broken_answer_deletes_nothing(bench: Bench) -> None:
    bench.stub.refusals[COMMENTS] = [Reply({}), Reply({"kind": "x"}), Reply([])]
    with pytest.raises(RetryLater):
        bench.recheck()
    assert bench.stored() == 50


def test_without_a_key_nothing_is_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUZZ_YOUTUBE_KEY")
    assert bench.recheck() == 0


def test_nothing_is_kept_beyond_thirty_days_whatever_the_config_says(bench: Bench) -> None:
    told = configs.parse('[sources.youtube]\nkeep_text = "forever"\nkeep_posts = "forever"\n')
    tidy(bench.store, told, NOW + 29 * DAY)
    assert bench.stored() == 50
    assert tidy(bench.store, told, NOW + 30 * DAY + HOUR).purged == 50
    assert bench.stored() == 0
