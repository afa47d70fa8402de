"""`buzz title preview` as a user meets it: platforms on the loopback, and nothing is written."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from feed_stub import Article, rss
from filling import Posted, fill
from loopback import Asked, Reply, serving
from mastodon_stub import MastodonStub, status
from only import only
from x_stub import NOW, XStub, post

from collector.http import Http
from collector.lock import only_collector
from collector.store import Store
from collector.x_meter import read_meter
from ui import previewing
from ui.cli import main

Run = Callable[..., tuple[int, str, str]]
HOUR = timedelta(hours=1)
NAMES = '[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\npeople = ["Gi-hun"]\n'


class World:
    """What there is: a Mastodon server, a search of the news, X; and the folder of the user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.mastodon, self.x = MastodonStub(), XStub(now=self.now)
        self.asked: list[Asked] = []
        self.stack = ExitStack()

    def open(self) -> None:
        url = self.stack.enter_context(serving(self._answer)).url
        tables = f'[sources.mastodon]\nservers = ["{url}"]\n[sources.rss]\ngoogle_news_address = "{url}"\n'
        tables += f'[sources.wikipedia]\naddress = "{url}"\n[sources.x]\nenabled = true\napi = "{url}"\n'
        (self.folder / "config.toml").write_text(NAMES + tables + only("mastodon", "rss", "wikipedia", "x", "bluesky"))

    def _answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.path.startswith("/2/"):
            return self.x.answer(asked)
        if asked.path == "/rss/search":
            articles = [Article("Night Ferry returns", at=self.now - HOUR), Article("Else", "https://b.example/2")]
            return Reply(rss(articles), headers={"Content-Type": "application/rss+xml"})
        if asked.path.startswith("/metrics"):
            return Reply({"title": "Not found."}, 404)
        return self.mastodon.answer(asked)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUZZ_X_BEARER_TOKEN", XStub().token)
    monkeypatch.setattr(previewing, "Http", lambda: Http(clock=lambda: NOW))
    made = World(tmp_path)
    with made.stack:
        made.open()
        yield made


@pytest.fixture
def buzz(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["buzz", "title", "preview", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def fill_mastodon(world: World) -> None:
    texts = [("netflix season", 30), ("guitar album", 30), ("", 10)]
    many = [f"{text} word{n} \x1b[31m" for text, count in texts for n in range(count)]
    for n, text in enumerate(many):
        content = f"<p>{text} number{n} #NightFerry</p>"
        world.mastodon.add(status(n, tag="NightFerry", at=world.now - n * HOUR, content=content), tag="nightferry")


def test_volume_samples_and_meanings_are_told_and_nothing_is_written(buzz: Run, world: World) -> None:
    fill_mastodon(world)
    code, out, err = buzz("Night Ferry")
    assert (code, err) == (0, "")
    assert out.startswith(
        'Night Ferry: #NightFerry, "Night Ferry"\n\nVolume now:\n  mastodon: 0.41 posts an hour (n = 69, '
    )
    assert "70 of 70 read have a name of the title" in out
    assert "rss: " in out
    assert "bluesky: not asked; its stream passes by" in out
    assert "X:\n  — (--x asks for its hourly counts of 7 days: $0.005)" in out
    assert "Night Ferry: 42% look like something else (31%–54%), 58% at most; 30 of 71 texts show the title" in out
    assert "words that point elsewhere, for exclude: album (30), guitar (30)" in out
    assert "  rss " in out
    assert "buzzchart.db is not there yet" in out
    assert "\x1b" not in out
    assert out.endswith("Nothing of this was saved.\n")
    assert [path.name for path in world.folder.iterdir()] == ["config.toml"]
    assert not any(asked.path.startswith("/2/") for asked in world.asked)


def test_what_is_tried_is_tried(buzz: Run, world: World) -> None:
    fill_mastodon(world)
    told = json.loads(buzz("Night Ferry", "--exclude", "guitar", "--hashtag", "#Fähre", "--json", "--quiet")[1])
    assert told["names"] == {"hashtags": ["Fähre", "NightFerry"], "phrases": ["Night Ferry"], "exclude": ["guitar"]}
    source = told["sources"][0]
    assert (source["read"], source["matched"], source["unreadable"]) == (70, 40, 0)
    assert told["meanings"][0]["elsewhere"] == 0
    assert [one["source"] for one in told["samples"]] == ["mastodon"] * 3 + ["rss"]
    code, _, err = buzz("Night Ferry", "--hashtag", "two words")
    assert (code, "hashtags is wrong" in err) == (3, True)


def test_a_watched_title_is_taken_with_its_names_and_page_views_that_are_lacking_are_told(
    buzz: Run, world: World
) -> None:
    told = json.loads(buzz("squid game", "--article", "en:Squid Game", "--json")[1])
    assert (told["title"], told["names"]["hashtags"]) == ("Squid Game", ["SquidGame"])
    views = told["sources"][2]
    assert (views["source"], views["views_a_day"]) == ("wikipedia", {})
    assert "the article may have another name" in views["notes"][0]
    assert world.asked[0].path == "/api/v2/instance"


def test_what_is_stored_already_is_told_and_no_text_of_x_leaves(buzz: Run, world: World) -> None:
    with Store.open(f"sqlite:///{world.folder / 'buzzchart.db'}") as store:
        fill(
            store,
            Posted("secret words of Night Ferry", platform="x", titles=("Squid Game",)),
            Posted("about #NightFerry", titles=()),
        )
    before = (world.folder / "buzzchart.db").read_bytes()
    code, out, _ = buzz("Night Ferry")
    assert code == 0
    assert "2 posts (1 on " in out
    assert "1 of Squid Game; 1 of no title" in out
    assert "secret words" not in out
    assert (world.folder / "buzzchart.db").read_bytes() == before


def test_x_is_asked_when_wished_what_it_costs_is_said_before_and_stands_on_the_meter(buzz: Run, world: World) -> None:
    world.x.posts = [post(world.now - 2 * HOUR - n * HOUR, tag="NightFerry", number=n) for n in range(100)]
    code, out, _ = buzz("Night Ferry", "--x")
    assert code == 0
    assert out.startswith("X: asking for hourly counts costs $0.005, which the budget's meter will show.\n")
    assert "about 434 posts a month (n = 166 counted hours); all of them would cost $3.31 a month; " in out
    with Store.open(f"sqlite:///{world.folder / 'buzzchart.db'}") as store:
        assert read_meter(store.cursor("x"), 10, world.now).spent == 0.005
        with only_collector(store):  # two would lose count
            told = json.loads(buzz("Night Ferry", "--x", "--json")[1])
    assert "another collector already works on this database" in told["x"]["note"]
    assert told["x"]["month"] is None
    assert len([asked for asked in world.asked if asked.path.startswith("/2/")]) == 1
