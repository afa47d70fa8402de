"""Jetstream catch-up: hours of backlog at the whole network's rate, read over a websocket, matched and stored.

Prints events a second by the clock and by the collector's CPU time, beside the same frames only received and parsed as
JSON, in the same run. The server is a process of its own. Events are made from recorded ones where BUZZ_DATA is set
(their records, with new keys and times), else from invented ones; one in a hundred has a watched hashtag.

    python benchmarks/catch_up.py --hours 36
"""

import argparse
import json
import multiprocessing
import os
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import orjson
from jetstream_stub import commit, post
from loopback import Asked, greet, wire_frame
from sqlalchemy import text
from websockets.sync.client import connect

from collector.author import AuthorKeys
from collector.collect import Saver, collect
from collector.config import TitleSettings
from collector.http import Http
from collector.sources.bluesky import Bluesky, BlueskySettings
from collector.store import Store
from ui.cli import look_for_cycles_less

RATE = 100  # posts a second: the whole network
DELETED = 8  # of a hundred events, as recorded on the network
WATCHED = 1  # of a hundred posts
TITLES = 200
START = datetime(2026, 7, 4, tzinfo=UTC)


def records() -> list[dict[str, Any]]:
    """Return the records of recorded posts, or invented ones."""
    folder = os.environ.get("BUZZ_DATA")
    if folder is None:
        return [
            post(number, at=START, text=f"invented post {number} about the weather #rain", tag="rain")["commit"][
                "record"
            ]
            for number in range(17)
        ]
    lines = Path(folder, "fixtures/bluesky/jetstream_expected_v1.jsonl").read_bytes().splitlines()
    commits = [event["commit"] for event in map(orjson.loads, lines) if event["kind"] == "commit"]
    return [one["record"] for one in commits if one["collection"] == "app.bsky.feed.post" and "record" in one]


def frames(hours: float, since: int) -> Iterator[bytes]:
    """Yield the frames of a backlog from a time on, in microseconds, as they go over the wire; then one of later."""
    step = 1_000_000 // RATE
    first = int(START.timestamp()) * 1_000_000
    count = int(hours * 3600 * RATE)
    bodies = [json.dumps(record, separators=(",", ":"), ensure_ascii=False) for record in records()]
    told = post(0, at=START)["commit"]["record"]
    watched = json.dumps(told, separators=(",", ":"))
    for number in range(max(0, (since - first) // step), count):
        at = first + number * step
        kind = number % 100
        head = f'{{"did":"did:plc:a{number % 50_000}","time_us":{at},"kind":"commit","commit":{{"rev":"3k","operation":'
        where = f'"collection":"app.bsky.feed.post","rkey":"r{number}"'
        if kind < DELETED:
            yield wire_frame(f'{head}"delete",{where.replace(str(number), str(max(0, number - 500)))}}}}}')
        else:
            body = watched if kind == DELETED else bodies[number % len(bodies)]
            yield wire_frame(f'{head}"create",{where},"record":{body}}}}}')
    yield wire_frame(json.dumps(commit("delete", "end", at=START + timedelta(days=365))))


def serve(server: socket.socket, hours: float) -> None:
    """Answer each connection with the backlog from its cursor on."""
    while True:
        connection, _ = server.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            first, *lines = head.decode().split("\r\n")
            query = {name: values[0] for name, values in parse_qs(urlsplit(first.split()[1]).query).items()}
            headers = dict(line.split(": ", 1) for line in lines if ": " in line)
            greet(Asked("", "", query, headers), connection)
            try:
                batch = bytearray()
                for frame in frames(hours, int(query["cursor"])):
                    batch += frame
                    if len(batch) > 1 << 18:
                        connection.sendall(batch)
                        batch.clear()
                connection.sendall(batch)
                connection.recv(4096)
            except OSError:
                continue


def cpu() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def bare(url: str) -> tuple[float, float]:
    """Receive and parse the same frames and do nothing with them. Returns seconds by the clock and of the CPU."""
    began, used = time.perf_counter(), cpu()
    end = START + timedelta(days=300)
    with connect(f"{url}/subscribe?cursor=0", proxy=None, max_queue=1024) as stream:
        while orjson.loads(stream.recv(decode=False))["time_us"] < end.timestamp() * 1_000_000:
            pass
    return time.perf_counter() - began, cpu() - used


def titles() -> list[TitleSettings]:
    """Return 200 titles, of which one is spoken of."""
    others = [
        TitleSettings(name=f"Title {n}", hashtags=(f"Title{n}Show",), phrases=(f"The Title {n}",))
        for n in range(TITLES - 1)
    ]
    return [TitleSettings(name="Squid Game", hashtags=("SquidGame",), phrases=("Squid Game",)), *others]


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--hours", type=float, default=1.0)
    hours = asked.parse_args().hours
    look_for_cycles_less()  # as the command does
    server = socket.create_server(("127.0.0.1", 0))
    url = f"ws://127.0.0.1:{server.getsockname()[1]}"
    process = multiprocessing.get_context("fork").Process(target=serve, args=(server, hours), daemon=True)
    process.start()
    events = int(hours * 3600 * RATE)
    sample = min(hours, 1.0)
    plain_clock, plain_cpu = bare(url) if sample == hours else (0.0, 0.0)
    with tempfile.TemporaryDirectory(prefix="buzzchart-") as folder, Store.open(f"sqlite:///{folder}/buzz.db") as store:
        now = START + timedelta(hours=hours)
        source = Bluesky(
            BlueskySettings(streams=(f"{url}/subscribe",), back=timedelta(hours=min(hours, 36))),
            Http(clock=lambda: now),
        )
        saver = Saver(store, titles(), AuthorKeys(b"a secret for measuring"), clock=lambda: now)
        began, used = time.perf_counter(), cpu()
        runs, read = 0, 0
        while runs == 0 or _known_until(store) < int(now.timestamp()):
            read += collect(saver, source).read
            runs += 1
        clock, spent = time.perf_counter() - began, cpu() - used
        with store.reading() as connection:
            stored = connection.execute(text("SELECT COUNT(*) FROM post")).scalar_one()
    process.terminate()
    expected = sum(1 for number in range(events) if number % 100 == DELETED)
    print(f"{events:,} events in {runs} runs, {read:,} posts read, {stored:,} of {expected:,} watched ones stored")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  whole: {events / clock:,.0f} events/s, {events / spent:,.0f} a CPU second; {peak:.0f} MB")
    if plain_clock:
        print(
            f"  received and parsed only: {events / plain_clock:,.0f} events/s, {events / plain_cpu:,.0f} a CPU second"
        )
    if stored != expected:
        sys.exit("posts are missing")


def _known_until(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(text("SELECT COALESCE(MAX(until), 0) FROM covered")).scalar_one())


if __name__ == "__main__":
    main()
