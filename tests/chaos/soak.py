"""A soak on the loopback: every platform, a seeded mix of faults, the collector killed in between.

Posts keep coming in on two Mastodon servers, Jetstream, X, YouTube, Reddit, a news feed and GDELT, some of them are
deleted again, and each server answers a part of its requests with a fault. `buzz collect` runs as it does for a user
and is killed (SIGKILL) and started again three times. At the end the faults stop, and what is stored is held against
what there is.

    python tests/chaos/soak.py --minutes 10 --seed 1
"""

import argparse
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from feed_stub import Article, rss
from jetstream_stub import JetstreamStub, commit, did
from jetstream_stub import post as event_of
from loopback import Asked, Loopback, Reply, Streamed, serving
from mastodon_stub import MastodonStub, status
from only import only
from reddit_stub import RedditPost, feed
from sqlalchemy import text
from x_stub import XStub
from x_stub import post as x_post
from youtube_stub import KEY, StubVideo, YouTubeStub, comment

from analysis.rollup import verify
from collector.press import article_id
from collector.store import Store

FAULTY = 0.12  # of the requests
PACE = 0.25  # seconds between two new posts on each platform
PLATFORMS = ("mastodon", "bluesky", "x", "news", "youtube", "reddit")
SEEN = "%Y%m%dT%H%M%SZ"  # as GDELT writes a time
EARLY = 0.5  # seconds by which clocks may differ
SETTLING = 420.0  # seconds for all that is left to come in; a 429 without a time is waited for five minutes
CAP_AT = 0.7  # of the time: X's cap on posts is used up
CONFIG = """
[[titles]]
name = "Squid Game"
hashtags = ["SquidGame"]
phrases = ["Squid Game"]
wikipedia = ["en:Squid Game"]
[sources.mastodon]
every = "5s"
servers = ["{first}", "{second}"]
pages = 200
[sources.bluesky]
every = "2s"
back = "1h"
streams = ["{stream}", "{other}"]
[sources.x]
enabled = true
every = "10s"
counts_every = "1h"
api = "{x}"
budget_usd_per_month = 1000000
[sources.rss]
every = "1m"
feeds = ["{feed}/feed"]
google_news = false
[sources.gdelt]
every = "10s"
address = "{gdelt}"
[sources.youtube]
enabled = true
every = "3s"
api = "{youtube}"
search_every = "20s"
units_per_day = 1000000
searches_per_day = 1000000
pages = 100
[sources.reddit]
enabled = true
every = "3s"
address = "{reddit}"
[sources.wikipedia]
every = "5s"
address = "{views}"
""" + only("mastodon", "bluesky", "x", "rss", "gdelt", "youtube", "reddit", "wikipedia")


@dataclass
class Guarded:
    """A server that now and then answers with a fault, and watches that it is left alone when it asked for that."""

    name: str
    inner: Callable[[Asked], Reply]
    chance: random.Random
    streams: bool = False
    spared: tuple[str, ...] = ()  # faults that it does not show
    is_faulty: bool = True
    not_before: float = 0.0
    capped: bool = False
    faults: Counter[str] = field(default_factory=Counter)
    early: list[str] = field(default_factory=list)
    asked: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def __call__(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked += 1
            if time.time() < self.not_before - EARLY:
                self.early.append(f"{self.name} was asked {self.not_before - time.time():.1f} s too early")
            if self.capped:
                self.early.append(f"{self.name} was asked after its cap was used up")
            if self.is_faulty and self.chance.random() < FAULTY:
                able = [*FAULTS, *(STREAM_FAULTS if self.streams else ())]
                name = self.chance.choice([name for name in able if name not in self.spared])
                self.faults[name] += 1
                return {**FAULTS, **STREAM_FAULTS}[name](self, asked)
        return self.inner(asked)

    def cap(self) -> Reply:
        """Say that the month's posts are used up."""
        self.capped = True
        self.faults["usage cap"] += 1
        kind = "https://api.twitter.com/2/problems/usage-capped"
        return Reply({"title": "UsageCapExceeded", "type": kind, "detail": "Usage cap exceeded"}, 429)


def _wait(server: Guarded, status: int) -> Reply:
    seconds = server.chance.randint(3, 12)
    server.not_before = time.time() + seconds
    at = str(int(server.not_before) + 1)
    return Reply({"title": "wait"}, status, {"Retry-After": str(seconds), "x-rate-limit-reset": at})


def _cut(server: Guarded, asked: Asked) -> Reply:
    whole = server.inner(asked)
    body = whole.encoded() if whole.stream is None else b"{}"
    return Reply(body[: len(body) // 2], whole.status, {"Content-Length": str(len(body) + 10)})


def _surrogate(server: Guarded, asked: Asked) -> Reply:
    whole = server.inner(asked)
    return (
        whole
        if whole.stream is not None
        else Reply(whole.encoded().replace(b"nvented", b"nv\\ud800ented"), whole.status)
    )


def _twice(server: Guarded, asked: Asked) -> Reply:
    server.inner(asked)
    return server.inner(asked)


BOMB = gzip.compress(b"\x00" * 60_000_000)
FAULTS: dict[str, Callable[[Guarded, Asked], Reply]] = {
    "429 with a time": lambda server, _: _wait(server, 429),
    "503 with a time": lambda server, _: _wait(server, 503),
    "429 without a time": lambda *_: Reply({"title": "Too Many Requests"}, 429),
    "500": lambda *_: Reply({"error": "oh"}, 500),
    "502": lambda *_: Reply(b"<html>bad gateway</html>", 502),
    "HTML with 200": lambda *_: Reply(b"<html>hello</html>", 200, {"Content-Type": "text/html"}),
    "broken JSON": lambda *_: Reply(b'[{"id": "1", "uri": '),
    "an empty body": lambda *_: Reply(b""),
    "a body cut off": _cut,
    "lone surrogates": _surrogate,
    "asked twice": _twice,
    "25 MB": lambda *_: Reply(b"[" + b" " * 25_000_000 + b"]"),
    "a gzip bomb": lambda *_: Reply(BOMB, 200, {"Content-Encoding": "gzip"}),
    "a redirect loop": lambda _, asked: Reply(b"", 302, {"Location": f"{asked.raw_path}?{asked.query}"}),
    "403 once": lambda *_: Reply({"title": "Forbidden"}, 403),
}


def _stream(
    server: Guarded, asked: Asked, *, odd: tuple[str | bytes, ...] = (), then: str = "hang", share: float = 1
) -> Reply:
    whole = server.inner(asked)
    if whole.stream is None:
        return whole
    frames = [*whole.stream.frames]
    frames = frames[: int(len(frames) * share)]
    return Reply(stream=Streamed([*frames[:3], *odd, *frames[3:]], then))


STREAM_FAULTS: dict[str, Callable[[Guarded, Asked], Reply]] = {
    "cut in mid-frame": lambda server, asked: _stream(server, asked, then="cut", share=0.5),
    "closed early": lambda server, asked: _stream(server, asked, then="close", share=0.3),
    "frames that are no JSON": lambda server, asked: _stream(server, asked, odd=("{", b"\xff\xfe", "null", "7")),
    "a frame of 5 MB": lambda server, asked: _stream(server, asked, odd=("x" * 5_000_000,)),
}


@dataclass
class World:
    """What the platforms hold: posts come in, and some are deleted again."""

    chance: random.Random
    mastodon: tuple[MastodonStub, MastodonStub] = field(default_factory=lambda: (MastodonStub(), MastodonStub()))
    jetstream: JetstreamStub = field(default_factory=JetstreamStub)
    x: XStub = field(default_factory=XStub)
    articles: list[Article] = field(default_factory=list)
    youtube: YouTubeStub = field(default_factory=lambda: YouTubeStub({"film1": StubVideo(published=datetime.now(UTC))}))
    reddit: list[RedditPost] = field(default_factory=list)
    found: list[dict[str, str]] = field(default_factory=list)  # by GDELT
    number: int = 0
    expected: dict[str, dict[str, datetime]] = field(default_factory=lambda: {name: {} for name in PLATFORMS})
    deleted: set[str] = field(default_factory=set)

    def grow(self) -> None:
        """Let one post come in everywhere; one in three of Bluesky is about something else."""
        self.number += 1
        now = datetime.now(UTC)
        entry = status(self.number, at=now)
        servers = self.chance.choice([self.mastodon[:1], self.mastodon[1:], self.mastodon])
        for server in servers:
            server.add(entry)
        self.expected["mastodon"][entry["uri"]] = now
        self._on_bluesky(now)
        told = x_post(now, number=self.number)
        self.x.posts.append(told)
        self.x.now = now
        self.expected["x"][told["id"]] = now
        self.youtube.videos["film1"].comments.append(comment(self.number, now))
        self.expected["youtube"][f"Ugx{self.number}"] = now
        if self.number % 40 == 11:
            self.reddit.append(RedditPost(self.number, now, "Invented, on #SquidGame"))
            self.expected["reddit"][self.reddit[-1].name] = now
        if self.number % 40 == 1:
            link = f"https://www.paper.example/articles/{self.number}"
            self.articles.append(
                Article(f"Invented article {self.number} about #SquidGame", link, f"paper-{self.number}", now)
            )
            self.expected["news"][article_id(link)] = now
        if self.number % 40 == 21:
            link = f"https://www.gazette.example/{self.number}"
            self.found.append(
                {"url": link, "title": f"Gazette {self.number} on #SquidGame", "seendate": f"{now:{SEEN}}"}
            )
            self.expected["news"][article_id(link)] = now

    def _on_bluesky(self, now: datetime) -> None:
        is_ours = self.chance.random() < 0.66
        author = f"a{self.number % 50}"
        self.jetstream.events.append(
            event_of(self.number, at=now, author=author, tag="SquidGame" if is_ours else "rain")
        )
        uri = f"at://{did(author)}/app.bsky.feed.post/r{self.number}"
        if is_ours:
            self.expected["bluesky"][uri] = now
        if self.expected["bluesky"] and self.chance.random() < 0.1:
            gone = self.chance.choice(list(self.expected["bluesky"]))
            del self.expected["bluesky"][gone]
            self.deleted.add(gone)
            name, key = gone.removeprefix("at://did:plc:").split("/")[0], gone.rpartition("/")[2]
            self.jetstream.events.append(commit("delete", key, at=now + timedelta(milliseconds=1), author=name))

    def feed(self, asked: Asked) -> Reply:
        """Answer as a publisher does."""
        tag = f'"{len(self.articles)}"'
        if asked.headers.get("If-None-Match") == tag:
            return Reply(b"", 304)
        return Reply(rss(self.articles[:-51:-1]), headers={"Content-Type": "application/rss+xml", "ETag": tag})

    def subreddits(self, asked: Asked) -> Reply:
        """Answer as Reddit's search by feed does."""
        if asked.path != "/search.rss":
            return Reply(b"", 404)
        return Reply(feed(self.reddit[-int(asked.params["limit"]) :]))

    def gdelt(self, asked: Asked) -> Reply:
        """Answer as GDELT's search does."""
        ends = (asked.params["startdatetime"], asked.params["enddatetime"])
        since, until = (f"{at[:8]}T{at[8:]}Z" for at in ends)
        inside = [article for article in reversed(self.found) if since <= article["seendate"] <= until]
        return Reply({"articles": inside[: int(asked.params["maxrecords"])]} if inside else {})


def views(asked: Asked) -> Reply:
    """Answer with page views of yesterday."""
    day = asked.path.rpartition("/")[2]
    return Reply({"items": [{"timestamp": day, "views": 77}]})


@dataclass
class Collector:
    """`buzz collect`, killed and started again."""

    folder: Path
    url: str
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self) -> None:
        self.starts += 1
        command = [
            sys.executable,
            "-P",
            "-m",
            "ui.cli",
            "collect",
            "--db",
            self.url,
            "--config",
            self.folder / "config.toml",
        ]
        log = (self.folder / "log").open("ab")
        keys = {"BUZZ_X_BEARER_TOKEN": XStub().token, "BUZZ_YOUTUBE_KEY": KEY}
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | keys
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env=environment)

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(120)

    def said(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


def stored(store: Store) -> dict[str, set[str]]:
    """Return the ids of all posts, by platform."""
    found: dict[str, set[str]] = {name: set() for name in PLATFORMS}
    with store.reading() as connection:
        for platform, native_id in connection.execute(text("SELECT platform, native_id FROM post")):
            found.setdefault(platform, set()).add(native_id)
    return found


def lost(store: Store, world: World, *, whole: bool) -> list[str]:
    """Return what should be stored and is not: all, or what lies in a time that is told to be covered."""
    there = stored(store)
    if whole:
        whole_ones = [name for name in PLATFORMS if name != "x"]  # which is sampled
        return [native_id for name in whole_ones for native_id in world.expected[name] if native_id not in there[name]]
    with store.reading() as connection:
        query = "SELECT platform, since, until FROM covered WHERE coverage = 'covered' AND platform = 'x'"
        windows = [tuple(row) for row in connection.execute(text(query))]
    missing = []
    for name, since, until in windows:
        for native_id, at in world.expected[name].items():
            if since + 1 <= at.timestamp() < until - 1 and native_id not in there[name]:
                missing.append(native_id)
    return missing


@contextmanager
def platforms(world: World, seed: int) -> Iterator[tuple[list[Guarded], dict[str, str]]]:
    """Serve them all; gives the servers and their addresses."""
    inner: dict[str, tuple[Callable[[Asked], Reply], bool]] = {
        "first": (world.mastodon[0].answer, False),
        "second": (world.mastodon[1].answer, False),
        "stream": (world.jetstream.answer, True),
        "other": (world.jetstream.answer, True),
        "x": (world.x.answer, False),
        "feed": (world.feed, False),
        "gdelt": (world.gdelt, False),
        "youtube": (world.youtube.answer, False),
        "reddit": (world.subreddits, False),
        "views": (views, False),
    }
    with ExitStack() as stack:
        servers, addresses = [], {}
        for number, (name, (answer, streams)) in enumerate(inner.items()):
            chance = random.Random(seed * 100 + number)
            # Reddit is left alone for an hour after a refusal
            guarded = Guarded(name, answer, chance, streams, ("403 once",) if name == "reddit" else ())
            server: Loopback = stack.enter_context(serving(guarded))
            servers.append(guarded)
            addresses[name] = server.url
        addresses["stream"] = addresses["stream"].replace("http:", "ws:") + "/subscribe"
        path = "/xrpc/network.bsky.jetstream.subscribeEvents"
        addresses["other"] = addresses["other"].replace("http:", "ws:") + path
        yield servers, addresses


def soak(minutes: float, seed: int, kills: int) -> list[str]:
    """Run it and print the figures. Returns the promises that were broken."""
    chance = random.Random(seed)
    world = World(chance)
    with tempfile.TemporaryDirectory(prefix="buzz-soak-") as made, platforms(world, seed) as (servers, addresses):
        folder = Path(made)
        (folder / "config.toml").write_text(CONFIG.format(**addresses), encoding="utf-8")
        url = f"sqlite:///{folder / 'buzz.db'}"
        Store.open(url).close()
        collector = Collector(folder, url)
        collector.start()
        try:
            _days(world, servers, collector, minutes * 60, kills)
            with Store.open(url) as store:
                return _judged(world, servers, collector, store)
        finally:
            if collector.process is not None and collector.process.poll() is None:
                collector.process.kill()
                collector.process.wait()


def _days(world: World, servers: list[Guarded], collector: Collector, seconds: float, kills: int) -> None:
    """Let posts come in for so long, and kill the collector in between."""
    began = time.monotonic()
    due = [seconds * (number + 1) / (kills + 1) for number in range(kills)]
    x = next(server for server in servers if server.name == "x")
    answer, used_up = x.inner, threading.Event()

    def capped(asked: Asked) -> Reply:
        return x.cap() if used_up.is_set() else answer(asked)

    x.inner = capped
    while (elapsed := time.monotonic() - began) < seconds:
        world.grow()
        if elapsed > seconds * CAP_AT:
            used_up.set()
        if due and elapsed > due[0]:
            due.pop(0)
            collector.end(signal.SIGKILL)
            collector.start()
        time.sleep(PACE)


def _judged(world: World, servers: list[Guarded], collector: Collector, store: Store) -> list[str]:
    """Stop the faults, wait until all is in, and compare."""
    for server in servers:
        server.is_faulty = False
    settling = time.monotonic()
    while lost(store, world, whole=True) and time.monotonic() - settling < SETTLING:
        time.sleep(1)
    time.sleep(5)  # the last deletions
    code = collector.end(signal.SIGTERM)
    there = stored(store)
    everything = {native_id for ids in world.expected.values() for native_id in ids}
    figures: dict[str, Any] = {
        "posts on the platforms": {name: len(ids) for name, ids in world.expected.items()},
        "stored": {name: len(ids) for name, ids in there.items()},
        "requests": sum(server.asked for server in servers),
        "faults": dict(sum((server.faults for server in servers), Counter())),
        "collector started": collector.starts,
        "lost": len(lost(store, world, whole=True)),
        "lost where X is told to be covered": len(lost(store, world, whole=False)),
        "wrongly stored": len({one for ids in there.values() for one in ids} - everything - world.deleted),
        "deletions not applied": len(there["bluesky"] & world.deleted),
        "deletions": len(world.deleted),
        "asked before its time or after a cap": len([one for server in servers for one in server.early]),
        "wrong totals": len(verify(store)),
        "internal faults": collector.said().count("internal fault") + collector.said().count("Traceback"),
        "exit code": code,
    }
    with store.reading() as connection:
        query = "SELECT COUNT(*) - COUNT(DISTINCT post_id || ' ' || title_id) FROM mention"
        figures["twice"] = connection.execute(text(query)).scalar_one()
    print(json.dumps(figures, indent=2))
    print(*lost(store, world, whole=True)[:20])
    for server in servers:
        for one in server.early[:5]:
            print(one)
    none = (
        "lost", "lost where X is told to be covered", "wrongly stored", "deletions not applied", "twice",
        "asked before its time or after a cap", "wrong totals", "internal faults", "exit code",
    )  # fmt: skip
    broken = [name for name in none if figures[name]]
    if broken:
        print(collector.said()[-6000:])
    return broken


def main() -> None:
    """Run the soak; end with 1 where a promise was broken."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--minutes", type=float, default=2)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--kills", type=int, default=3)
    given = asked.parse_args()
    broken = soak(given.minutes, given.seed, given.kills)
    print("every promise was kept" if not broken else f"FAULT: {', '.join(broken)}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
