"""`buzz collect` on its schedule, killed in the middle and started again: nothing lost, nothing twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from loopback import Asked, Loopback, Reply, serving
from only import only
from sqlalchemy import func, select

from collector.models import Label, Mention, Post, TitleHour, table
from collector.store import Store

TAG = "squidgame"
PAGE = 40
CONFIG = """
[[titles]]
name = "Squid Game"
hashtags = ["SquidGame"]
[sources.mastodon]
every = "1s"
servers = ["{url}"]
""" + only("mastodon", "csv")


def recorded(path: Path) -> Mapping[str, Any]:
    """Return a status of a recorded tag timeline."""
    for interaction in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
        if "/timelines/tag/" in interaction["request"]["uri"]:
            statuses = orjson.loads(interaction["response"]["body"]["string"])
            if statuses:
                return dict(statuses[0])
    raise AssertionError(f"no tag timeline in {path}")


class TagTimeline:
    """A server whose tag grows: statuses in the recorded shape, answered a page at a time, newest first."""

    def __init__(self, status: Mapping[str, Any], pause: float) -> None:
        self.status = status
        self.pause = pause
        self.start = datetime.now(UTC) - timedelta(hours=20)
        self.statuses: list[dict[str, Any]] = []

    def grow(self, count: int) -> None:
        for _ in range(count):
            number = len(self.statuses)
            status = deepcopy(dict(self.status))
            status |= {
                "id": str(10_000 + number),
                "uri": f"http://localhost:3000/users/someone/statuses/{number}",
                "created_at": (self.start + timedelta(seconds=30 * number)).isoformat(),
                "content": f"<p>number {number} of <a>#SquidGame</a></p>",
                "tags": [{"name": TAG, "url": f"http://localhost:3000/tags/{TAG}"}],
            }
            self.statuses.append(status)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path != f"/api/v1/timelines/tag/{TAG}":
            return Reply({"error": "Record not found"}, status=404)
        time.sleep(self.pause)
        after = int(asked.params["min_id"]) if "min_id" in asked.params else None
        if after is None:
            return Reply(self.statuses[-PAGE:][::-1])
        return Reply([status for status in self.statuses if int(status["id"]) > after][:PAGE][::-1])


@contextmanager
def collecting(config: Path, database: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-P", "-m", "ui.cli", "collect", "--config", str(config), "--db", database, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def count(store: Store, model: type) -> int:
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table(model))).scalar_one())


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


@pytest.fixture
def config(tmp_path: Path) -> Callable[[Loopback], Path]:
    def write(server: Loopback) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(CONFIG.format(url=server.url), encoding="utf-8")
        return path

    return write


@pytest.mark.data
def test_a_recorded_timeline_collected_on_schedule_survives_being_killed(
    database_url: str, config: Callable[[Loopback], Path], data_set: Callable[[str], Path]
) -> None:
    timeline = TagTimeline(recorded(data_set("fixtures/mastodon/Mastodon.py_test_hashtag_tl.yaml")), pause=0.15)
    timeline.grow(PAGE)
    with serving(timeline) as server, Store.open(database_url) as store:
        file = config(server)
        with collecting(file, database_url):
            wait_for(lambda: count(store, Post) == PAGE)
        timeline.grow(900)  # 22 pages, so that each kill falls between two of them
        for _ in range(3):
            before = len(server.asked)
            with collecting(file, database_url) as process:
                wait_for(lambda: len(server.asked) >= before + 5)  # noqa: B023 - called within this turn
                process.send_signal(signal.SIGKILL)
        assert PAGE < count(store, Post) < len(timeline.statuses)
        with collecting(file, database_url) as process:
            wait_for(lambda: count(store, TitleHour) > 0 and count(store, Label) == 940)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        with store.reading() as connection:
            ids = connection.execute(select(table(Post).c.native_id)).scalars().all()
            mentions = connection.execute(select(func.count()).select_from(table(Mention))).scalar_one()
            totals = connection.execute(select(func.sum(table(TitleHour).c.posts))).scalar_one()
    assert sorted(ids) == sorted(status["uri"] for status in timeline.statuses)
    assert mentions == totals == len(timeline.statuses)


def test_once_runs_each_job_once_and_says_how_it_went(tmp_path: Path, config: Callable[[Loopback], Path]) -> None:
    with serving(lambda _: Reply([])) as server:
        file = config(server)
        with collecting(file, str(tmp_path / "a.db"), "--once", "--json") as process:
            out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err.decode()
    jobs = ("mastodon", "recheck mastodon", "rankings csv", "tidy")
    assert orjson.loads(out) == [{"job": name, "error": None} for name in jobs]


def test_a_second_collector_is_refused_on_sqlite_and_stands_by_on_postgresql(
    database_url: str, database_kind: str, config: Callable[[Loopback], Path]
) -> None:
    with serving(lambda _: Reply([])) as server:
        file = config(server)
        with collecting(file, database_url) as first:
            wait_for(lambda: len(server.asked) > 0)
            with collecting(file, database_url) as second:
                if database_kind == "sqlite":
                    _, err = second.communicate(timeout=60)
                    assert second.returncode == 7
                    assert err.decode().startswith("buzz: another collector already works on this database")
                    return
                assert second.stderr is not None
                assert second.stdout is not None
                assert second.stderr.readline().startswith(b"buzz: Another collector leads (buzz collect ")
                first.send_signal(signal.SIGKILL)
                assert second.stderr.readline() == b"buzz: This collector leads now (epoch 2).\n"
                assert second.stdout.readline().startswith(b"Collecting: mastodon")
                second.send_signal(signal.SIGTERM)
                out, err = second.communicate(timeout=60)
    assert (second.returncode, err) == (0, b"")
    assert out.endswith(b"Collecting has ended; everything gathered is saved.\n")


def test_a_changed_config_is_taken_over_and_a_broken_one_is_not(
    tmp_path: Path, config: Callable[[Loopback], Path]
) -> None:
    with serving(lambda _: Reply([])) as server:
        file = config(server)
        with collecting(file, str(tmp_path / "a.db")) as process:
            wait_for(lambda: any(TAG in asked.path for asked in server.asked))
            good = file.read_text(encoding="utf-8")
            file.write_text("[[titles]\n", encoding="utf-8")
            assert process.stderr is not None
            assert b"the changed config is not taken over" in process.stderr.readline()
            file.write_text(good.replace('["SquidGame"]', '["SquidGame", "Hellbound"]'), encoding="utf-8")
            wait_for(lambda: any("hellbound" in asked.path for asked in server.asked))
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert out.strip().endswith(b"Collecting has ended; everything gathered is saved.")
