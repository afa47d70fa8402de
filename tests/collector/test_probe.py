"""What `buzz doctor --sources` tries: sources on the loopback, the clock, the disk, the key."""

from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jetstream_stub import JetstreamStub
from loopback import Asked, Reply, serving
from mastodon_stub import MastodonStub
from only import only

from collector import config as configs
from collector import probe as module
from collector.http import Http
from collector.probe import probe

TITLES = '[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame", "Other"]\n'


@pytest.fixture
def served() -> Iterator[Callable[[Callable[[Asked], Reply]], str]]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(serving(answer)).url


def found(text: str, url: str = "postgresql://nowhere/x", ahead: timedelta = timedelta()) -> dict[str, tuple[str, ...]]:
    http = Http(clock=lambda: datetime.now(UTC) + ahead, timeout=(1, 1))
    return dict(probe(configs.parse(TITLES + text), url, http))


Served = Callable[[Callable[[Asked], Reply]], str]


def test_each_server_of_a_source_is_tried_and_told_by_itself(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "long enough for a test")
    stub = MastodonStub()
    good, closed, ill = (
        served(stub.answer),
        served(MastodonStub(preview=False).answer),
        served(lambda _: Reply({}, 500)),
    )
    text = f'[sources.mastodon]\nservers = ["{good}", "{closed}", "{ill}"]\n'
    told = found(text + only("mastodon"))
    assert set(told) == {"source mastodon", "clock", "disk", "key"}
    first, second = told["source mastodon"]
    assert "closed its tag timelines to visitors" in first
    assert "has a fault of its own (status 500)" in second
    assert told["clock"] == told["disk"] == told["key"] == ()


def test_a_stream_is_tried_and_nothing_is_kept(served: Served) -> None:
    stub = JetstreamStub()
    stream = served(stub.answer).replace("http:", "ws:") + "/subscribe"
    told = found(f'[sources.bluesky]\nstreams = ["{stream}"]\n' + only("bluesky"))
    assert told["source bluesky"] == ()
    assert len(stub.asked) == 1


def test_what_costs_money_is_only_looked_at(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Reply:
        asked.append(one)
        return Reply({})

    text = f'[sources.x]\nenabled = true\napi = "{served(answer)}"\n' + only("x")
    [said] = found(text)["source x"]
    assert "BUZZ_X_BEARER_TOKEN, which is not set" in said
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", "a token")
    assert found(text)["source x"] == ()
    assert asked == []


def test_a_wrong_clock_is_told(served: Served) -> None:
    text = f'[sources.mastodon]\nservers = ["{served(MastodonStub().answer)}"]\n' + only("mastodon")
    for hours, way in ((1, "ahead of"), (-1, "behind")):
        [said] = found(text, ahead=timedelta(hours=hours))["clock"]
        assert f"{way} that of a server: set it" in said
    assert found(text, ahead=timedelta(seconds=30))["clock"] == ()


def test_a_full_disk_and_a_bad_key_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil's own
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage(1, 1, 7_000_000))
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "short")
    told = found(only(), f"sqlite:///{tmp_path / 'a.db'}")
    assert told["disk"] == (f"{tmp_path} has 7 MB left: free some space, or name another [store] url",)
    assert "BUZZ_AUTHOR_KEY is too short" in told["key"][0]
