"""A real Bluesky server: what is stored is what it holds, however often the collector is killed in between."""

import base64
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from only import only
from peers import bluesky_server
from sqlalchemy import select

from collector.models import Post, table
from collector.store import Store

TAGS = ("SquidGame", "오징어게임", "イカゲーム", "鱿鱼游戏")  # in four scripts
CONFIG = """
[[titles]]
name = "Squid Game"
hashtags = {tags}
[sources.bluesky]
every = "1s"
back = "36h"
streams = ["{stream}"]
""" + only("bluesky")
ADMIN = "Basic " + base64.b64encode(b"admin:admin-pass").decode()  # what the server's test network is made with


@dataclass
class Network:
    """Accounts on the server, and what each has posted."""

    url: str
    tokens: dict[str, str] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def call(self, name: str, token: str, **body: Any) -> Any:  # noqa: ANN401 - any JSON
        answer = requests.post(
            f"{self.url}/xrpc/{name}", json=body, headers={"Authorization": token} if token else {}, timeout=30
        )
        assert answer.ok, f"{name}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else {}

    def join(self, name: str) -> str:
        made = self.call(
            "com.atproto.server.createAccount",
            "",
            handle=f"{name}.test",
            email=f"{name}@example.org",
            password="a password",  # noqa: S106 - of an account that lives for a minute
        )
        self.tokens[made["did"]] = f"Bearer {made['accessJwt']}"
        return str(made["did"])

    def post(self, did: str, tag: str, text: str = "") -> str:
        body = f"{text or self.chance.choice(['wow', '재밌다', 'すごい', '好看', 'no way'])} #{tag}"
        end = len(body.encode())
        facet = {
            "index": {"byteStart": end - len(f"#{tag}".encode()), "byteEnd": end},
            "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}],
        }
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        record = {"$type": "app.bsky.feed.post", "text": body, "createdAt": now, "facets": [facet]}
        made = self.call(
            "com.atproto.repo.createRecord", self.tokens[did], repo=did, collection="app.bsky.feed.post", record=record
        )
        return str(made["uri"])

    def delete(self, uri: str) -> None:
        did, _, rkey = uri.removeprefix("at://").split("/")
        self.call(
            "com.atproto.repo.deleteRecord", self.tokens[did], repo=did, collection="app.bsky.feed.post", rkey=rkey
        )

    def leave(self, did: str) -> None:
        self.call("com.atproto.admin.deleteAccount", ADMIN, did=did)
        del self.tokens[did]

    def holds(self) -> dict[str, str]:
        """Return the texts of all posts about the title, by their addresses, as the server lists them."""
        found: dict[str, str] = {}
        for did in self.tokens:
            cursor: dict[str, str] = {}
            while cursor is not None:
                answer = requests.get(
                    f"{self.url}/xrpc/com.atproto.repo.listRecords",
                    params={"repo": did, "collection": "app.bsky.feed.post", "limit": "100"} | cursor,
                    timeout=30,
                ).json()
                found |= {one["uri"]: one["value"]["text"] for one in answer["records"]}
                cursor = {"cursor": answer["cursor"]} if answer.get("cursor") else None  # type: ignore[assignment]
        return {uri: text for uri, text in found.items() if any(f"#{tag}" in text for tag in TAGS)}


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with bluesky_server() as url:
        yield Network(url)


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


def stored(store: Store) -> dict[str, str]:
    of = table(Post)
    with store.reading() as connection:
        return {row.native_id: row.text for row in connection.execute(select(of.c.native_id, of.c.text))}


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.2)


def test_what_is_stored_is_what_the_server_holds(network: Network, database_url: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    stream = network.url.replace("http://", "ws://") + "/xrpc/com.atproto.sync.subscribeRepos"
    config.write_text(CONFIG.format(tags=list(TAGS), stream=stream), encoding="utf-8")
    chance = random.Random(11)
    accounts = [network.join(f"person{len(network.tokens)}x{number}") for number in range(4)]
    posts = [network.post(did, tag) for did in accounts for tag in TAGS]
    network.post(accounts[0], "weather")
    with Store.open(database_url) as store:
        for turn in range(4):
            with collecting(config, database_url) as process:
                for _ in range(10):
                    posts.append(network.post(chance.choice(accounts), chance.choice(TAGS)))
                    if chance.random() < 0.4:
                        network.delete(posts.pop(chance.randrange(len(posts))))
                if turn:
                    time.sleep(chance.random() * 3)
                else:
                    wait_for(lambda: len(stored(store)) > 0)
                process.send_signal(signal.SIGKILL)
                process.wait()
            # while nobody collects
            network.delete(posts.pop(chance.randrange(len(posts))))
            posts.append(network.post(accounts[turn], chance.choice(TAGS)))
        gone = accounts.pop()
        network.leave(gone)
        expected = network.holds()
        assert len(expected) > 20
        assert not any(uri.startswith(f"at://{gone}/") for uri in expected)
        with collecting(config, database_url) as process:
            wait_for(lambda: stored(store) == expected, 90)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=60)
            assert process.returncode == 0, err.decode()
        assert stored(store) == expected
