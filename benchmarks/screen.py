"""How fast X's pages are screened on one core: JSON read, each post looked at for 200 titles, what matches made ready.

Nothing is stored. Measured with 1 % and with all of the posts speaking of a title. CPU seconds count.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson

sys.path.insert(0, str(Path(__file__).parent / "support"))
import synthetic

from collector.author import AuthorKeys
from collector.clock import from_seconds
from collector.collect import Origin, Saver
from collector.source import Page
from collector.sources.x import X

if TYPE_CHECKING:
    from collector.store import Store

KEY = b"a key for benchmarks only, thirty-two characters long"
PAGE = 100  # posts in an answer of X
SHARES = (0.01, 1.0)


class Screened(NamedTuple):
    """How many posts were screened, how many matched, and how long it took, in CPU seconds."""

    share: float
    posts: int
    matched: int
    reading: float
    screening: float

    @property
    def rate(self) -> float:
        """Posts a CPU second, JSON and all."""
        return self.posts / (self.reading + self.screening)


def main() -> None:
    """Measure and print; with --floor end with 1 where a stream of which 1 % matches is screened slower than that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000, help="how many posts (default: 20,000)")
    parser.add_argument("--rounds", type=int, default=3, help="times to measure, the quickest of which counts")
    parser.add_argument("--floor", type=float, default=0, help="posts a second that must be screened")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked, _ = parser.parse_known_args()
    results = [_measure(share, asked.posts, asked.rounds) for share in SHARES]
    if asked.json:
        print(json.dumps({f"{found.share:.0%} matching": round(found.rate) for found in results}))
    else:
        print(f"screened, {len(synthetic.titles())} titles: posts a CPU second")
        for found in results:
            reading = found.posts / found.reading
            print(f"  {found.share:4.0%} matching {found.rate:>10,.0f}   (JSON alone {reading:,.0f})")
    if results[0].rate < asked.floor:
        raise SystemExit(f"{results[0].rate:,.0f} posts/s were screened; {asked.floor:,.0f} are asked for")


class _NoStore:
    """Stands for the store, of which screening asks only the titles' ids."""

    def title_ids(self, names: Sequence[str]) -> dict[str, int]:
        return {name: number for number, name in enumerate(names, start=1)}


def _measure(share: float, count: int, rounds: int) -> Screened:
    posts = synthetic.posts(count, seed=7, matching=share)
    answers = [orjson.dumps({"data": posts[at : at + PAGE]}) for at in range(0, count, PAGE)]
    seen = from_seconds(int(synthetic.START.timestamp())) + timedelta(days=7)
    saver = Saver(cast("Store", _NoStore()), synthetic.titles(), AuthorKeys(KEY), clock=lambda: seen)
    origin = Origin("x", "x", X.parse, X.glance, look_back=X.look_back)
    return min((_screen(saver, origin, answers, share) for _ in range(rounds)), key=lambda found: -found.rate)


def _screen(saver: Saver, origin: Origin, answers: Sequence[bytes], share: float) -> Screened:
    reading = screening = 0.0
    posts = matched = 0
    for answer in answers:
        start = time.process_time()
        items: Sequence[Any] = orjson.loads(answer)["data"]
        between = time.process_time()
        counts = saver.screen(origin, Page("recent search", items)).counts
        screening += time.process_time() - between
        reading += between - start
        posts, matched = posts + counts.read, matched + counts.matched
    return Screened(share, posts, matched, reading, screening)


if __name__ == "__main__":
    main()
