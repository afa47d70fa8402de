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

from collector import author
from collector import config as configs
from collector import probe as module
from collector.http import Http
from collector.probe import probe
from collector.probe_rankings import SIP, Sipping

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
    assert set(told) == {"source mastodon", "clock", "key"}  # the database's disk is that of a server
    first, second = told["source mastodon"]
    assert "closed its tag timelines to visitors" in first
    assert "has a fault of its own (status 500)" in second
    assert told["clock"] == told["key"] == ()


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
    assert "clock" not in found(only())  # nobody told the time


def test_a_full_disk_and_a_bad_key_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil's own
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage(1, 1, 7_000_000))
    monkeypatch.setenv("BUZZ_AUTHOR_KEY", "short")
    told = found(only(), f"sqlite:///{tmp_path / 'a.db'}")
    assert told["disk"] == (f"{tmp_path} has 7 MB left: free some space, or name another [store] url",)
    assert "BUZZ_AUTHOR_KEY is too short" in told["key"][0]


def test_a_key_that_others_can_read_is_told_and_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUZZ_AUTHOR_KEY", raising=False)
    monkeypatch.setattr(author, "user_config_path", lambda _: tmp_path)
    assert found(only())["key"] == ()
    assert list(tmp_path.iterdir()) == []
    author.AuthorKeys.load()
    assert found(only())["key"] == ()
    (tmp_path / "author.key").chmod(0o644)
    path = tmp_path / "author.key"
    assert found(only())["key"] == (f"{path} can be read by others on this machine: chmod 600 {path}",)


HEADER = "week\tcategory\tweekly_rank\tshow_title\tseason_title\tweekly_hours_viewed\n"
ROW = "2026-03-01\tTV\t1\tNight Ferry\tN/A\t1000\n"


def test_netflix_is_tried_with_the_beginning_of_its_files(served: Served) -> None:
    def answer(one: Asked) -> Reply:
        if one.path == "/long":
            body = HEADER + ROW * 200_000  # 8 MB
            return Reply(body.encode(), headers={"Content-Type": "text/tab-separated-values"})
        return Reply(b"<!doctype html>", headers={"Content-Type": "text/html"})

    url = served(answer)
    good = f'[rankings.netflix]\nglobal_url = "{url}/long"\ncountries_url = "{url}/long"\n' + only("netflix")
    assert found(good)["ranking netflix"] == ()
    ill = good.replace(f'countries_url = "{url}/long"', f'countries_url = "{url}/page"')
    [said] = found(ill)["ranking netflix"]
    assert said == f"{url}/page is a web page and not Netflix's table; nothing was taken over"
    assert found(ill)["clock"] == ()  # a ranking's server tells the time as well


def test_of_a_long_file_whole_lines_of_its_beginning_are_taken(served: Served, tmp_path: Path) -> None:
    url = served(lambda _: Reply((HEADER + ROW * 200_000).encode()))
    Sipping(Http(timeout=(1, 1))).download(url, tmp_path / "some.tsv")
    taken = (tmp_path / "some.tsv").read_text()
    assert 60_000 < len(taken) <= SIP
    assert taken.endswith(ROW)


def test_files_of_ones_own_are_tried_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("date,title,rank\n2026-03-01,Night Ferry,1\n")
    (tmp_path / "ill.csv").write_text("date,title,rank\nsome day,Night Ferry,1\n")
    text = '[rankings.csv]\npaths = ["good.csv", "ill.csv", "gone.csv"]\n' + only("csv")
    told = dict(probe(configs.parse(text), "postgresql://nowhere/x", Http(), tmp_path))["ranking csv"]
    assert told[0].startswith(f"{tmp_path / 'ill.csv'}: none of its first lines can be read; line 2 ")
    assert told[1] == f"[rankings.csv] paths: {tmp_path / 'gone.csv'} is not there; mend the path or take it out"
