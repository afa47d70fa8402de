"""How long the database works for the first view of the app, and of a title, at any number of posts.

Runs the app's own screens over a database of two years and 200 titles, notes each statement that they send, and then
asks each of them again on a connection of its own, all rows fetched: the sum of the best times is what is told. So the
time of pandas and Streamlit is not in it, and that of the driver is. With --rows 100000 --rows 5000000 both are
measured and compared.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "benchmarks" / "support")]

import grown
from databases import empty_database
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from collector.engine import open_engine
from collector.store import Store

SCREENS = ("overview", "title")
LEDGER = 100_000  # pages asked for, whatever the number of posts
TIMES = 5
SHOWN = 6  # statements told of a screen
Statement = tuple[str, Any]

_SCREEN = """
import streamlit as st
from ui import app
from ui.views import {view}
desk = app.open_desk()
{view}.show(desk, lambda told: None)
"""


class Asked(NamedTuple):
    """One statement: how often a screen sends it, the milliseconds of all these times together, the rows it brings."""

    text: str
    times: int
    milliseconds: float
    rows: int


def main() -> None:
    """Measure and print; with --ceiling or --ratio end with 1 where a screen is slower, or grows more, than that."""
    asked = _asked()
    results: dict[str, dict[str, dict[int, list[Asked]]]] = {}
    for kind in asked.database or ["sqlite", "postgresql"]:
        for rows in asked.rows:
            with _database(kind, rows, asked.url) as url:
                for screen in asked.screen or SCREENS:
                    results.setdefault(kind, {}).setdefault(screen, {})[rows] = _measure(url, screen)
    sums = {
        kind: {screen: {rows: _sum(found) for rows, found in by.items()} for screen, by in screens.items()}
        for kind, screens in results.items()
    }
    if asked.json:
        print(json.dumps(sums))
    else:
        _show(results)
    _judge(sums, asked.ceiling, asked.ratio)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help="how many posts (default: 20,000); may be repeated")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"], help="one of them only")
    parser.add_argument("--screen", action="append", choices=SCREENS, help="one of them only")
    parser.add_argument("--url", help="a database that is filled already, in place of one that is made")
    parser.add_argument("--ceiling", type=float, help="milliseconds that a screen may take")
    parser.add_argument("--ratio", type=float, help="how many times the smallest the largest may take")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    asked.rows = sorted(asked.rows or [20_000])
    if asked.url:
        asked.database = [asked.url.partition(":")[0]]
    return asked


def _measure(url: str, screen: str) -> list[Asked]:
    """Return what a screen asks, slowest first."""
    sent = Counter(_sent(url, screen))
    engine = open_engine(url, read_only=True)
    try:
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            return sorted(
                (_time(cursor, *one, times) for one, times in sent.items()), key=lambda one: -one.milliseconds
            )
    finally:
        engine.dispose()


def _sent(url: str, screen: str) -> list[tuple[str, str]]:
    """Run a screen in this process and return the statements that it sent, each with its parameters as JSON."""
    os.environ["BUZZ_DB"] = url
    with tempfile.NamedTemporaryFile("w", prefix="buzz-bench-", suffix=".toml") as config:
        config.writelines(f'[[titles]]\nname = "{name}"\nphrases = ["{name}"]\n' for name in grown.NAMES)
        config.flush()
        os.environ["BUZZ_CONFIG"] = config.name
        return _listened(screen)


def _listened(screen: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def note(*given: Any) -> None:  # noqa: ANN401 - the form of the event
        _, _, statement, parameters, _, _ = given
        found.append((statement, json.dumps(parameters)))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        app = AppTest.from_string(_SCREEN.format(view=screen), default_timeout=600).run()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    if app.exception:
        raise SystemExit(f"{screen}: {app.exception[0].message}")
    return found


def _time(cursor: Any, statement: str, parameters: str, times: int) -> Asked:  # noqa: ANN401 - either driver's cursor
    best, rows, given = float("inf"), 0, json.loads(parameters)
    given = given if isinstance(given, dict) else tuple(given)
    for _ in range(TIMES):
        begun = time.perf_counter()
        cursor.execute(statement, given)
        rows = len(cursor.fetchall())
        best = min(best, time.perf_counter() - begun)
    return Asked(" ".join(statement.split()), times, best * times * 1000, rows)


def _sum(found: Sequence[Asked]) -> float:
    return round(sum(one.milliseconds for one in found), 1)


@contextmanager
def _database(kind: str, rows: int, url: str | None) -> Iterator[str]:
    """Hand out the address of a filled database; what was made is gone afterwards."""
    if url:
        yield url
        return
    with empty_database(kind, rows) as made:
        with Store.open(made) as store:
            grown.grow(store, 0, rows, grown.Plan(rows, search=False))
            grown.total(store)
            grown.ask(store, LEDGER)
        yield made


def _show(results: dict[str, dict[str, dict[int, list[Asked]]]]) -> None:
    for kind, screens in results.items():
        for screen, by_rows in screens.items():
            for rows, found in by_rows.items():
                sent = sum(one.times for one in found)
                print(f"{kind}, {screen}, {rows:,} posts: {_sum(found):,.1f} ms in {sent} statements")
                for one in found[:SHOWN]:
                    print(f"  {one.milliseconds:8.1f} ms  {one.times:4} x {one.rows:7,} rows  {one.text[:90]}")


def _judge(sums: dict[str, dict[str, dict[int, float]]], ceiling: float | None, ratio: float | None) -> None:
    faults = []
    for kind, screens in sums.items():
        for screen, by_rows in screens.items():
            least, most = by_rows[min(by_rows)], by_rows[max(by_rows)]
            if ceiling is not None and most > ceiling:
                faults.append(f"{kind}: {screen} takes {most:.0f} ms of the database, more than {ceiling:.0f}")
            if ratio is not None and most > ratio * least:
                faults.append(f"{kind}: {screen} takes {most / least:.1f} times as long, more than {ratio}")
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main()
