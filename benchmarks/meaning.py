"""How well `buzz title preview` tells which share of a name's posts means something else.

Needs BUZZ_DATA. Posts about a show whose name is replaced by an invented word are mixed with posts about airlines, or
about anything, to which that word is added; what is known is which are which. Prints one row for each number of posts
and share of wrong ones, over two shows, two kinds of other posts and five draws.
"""

import csv
import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.meaning import Said, meanings
from collector.config import TitleSettings

WORD = "Zork"
SEEDS = 5
SHOWS = {
    "lucifer": (r"lucifer", ("Tom Ellis", "Chloe", "Maze", "Amenadiel", "Lauren German", "Deckerstar")),
    "squidgame": (r"squid ?game", ("Lee Jung-jae", "Gi-hun", "Jung Ho-yeon")),
}


class Result(NamedTuple):
    """What was told of one mixture, and the truth, as shares of the different texts."""

    truth: float
    least: float
    low: float
    most: float


def main() -> None:
    """Measure and print."""
    folder = os.environ.get("BUZZ_DATA")
    if not folder:
        print("BUZZ_DATA does not say where the real data lies")
        return
    posts, others = _posts(Path(folder)), _others(Path(folder))
    started = time.process_time()
    print("| posts | truly wrong | told: at least | told: at most | truth within |\n|---|---|---|---|---|")
    for n in (100, 400, 1500):
        for share in (0.0, 0.1, 0.3, 0.6):
            results = [
                measured(posts[show], names, other, n, share, seed)
                for show, (_, names) in SHOWS.items()
                for other in others
                for seed in range(SEEDS)
            ]
            print(_row(n, [result for result in results if result]))
    print(f"\n{time.process_time() - started:.1f} CPU seconds")


def measured(
    right: Sequence[str], people: tuple[str, ...], wrong: Sequence[str], n: int, share: float, seed: int
) -> Result | None:
    """Mix posts and ask what their name means; None where that could not be told."""
    draw = random.Random(seed)  # noqa: S311 - the same draws each time
    strange = [Said(f"{text} #{WORD}", language="en") for text in draw.sample(wrong, round(n * share))]
    proper = [Said(text, language="en") for text in draw.sample(right, min(len(right), n - len(strange)))]
    title = TitleSettings(name=WORD, hashtags=(WORD,), phrases=(WORD,), people=people)
    [told] = meanings(title, [*strange, *proper])
    if told.elsewhere is None or told.low is None:
        return None
    different = meanings(title, strange)[0].n if strange else 0
    return Result(different / told.n, told.elsewhere / told.n, told.low, (told.elsewhere + told.unclear) / told.n)


def _row(n: int, results: Sequence[Result]) -> str:
    within = sum(round(low, 2) <= round(truth, 2) <= round(most, 2) for truth, _, low, most in results)
    truth = sum(result.truth for result in results) / len(results)
    spans = [_span([result.least for result in results]), _span([result.most for result in results])]
    return f"| {n:,} | {truth:.0%} | {' | '.join(spans)} | {within} of {len(results)} |"


def _span(shares: Sequence[float]) -> str:
    return f"{sum(shares) / len(shares):.0%} ({min(shares):.0%} to {max(shares):.0%})"


def _posts(folder: Path) -> dict[str, list[str]]:
    """Return English posts about each show, its name replaced."""
    found: dict[str, list[str]] = {show: [] for show in SHOWS}
    for row in _rows(folder / "posts/tv_posts_2021_2022.tsv"):
        if row["show"] in found and row["language"] == "en":
            text, many = re.subn(SHOWS[row["show"]][0], WORD, row["text"], flags=re.IGNORECASE)
            if many:
                found[row["show"]].append(text)
    return {show: [text for text in texts if re.search(rf"\b{WORD}\b", text)] for show, texts in found.items()}


def _others(folder: Path) -> list[list[str]]:
    airlines = [row["text"] for row in _rows(folder / "topics/airline_reasons.csv")]
    return [airlines, (folder / "sentiment/tweeteval_en/val_text.txt").read_text(encoding="utf-8").splitlines()]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        if path.suffix == ".tsv":
            yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        else:
            yield from csv.DictReader(file)


if __name__ == "__main__":
    main()
