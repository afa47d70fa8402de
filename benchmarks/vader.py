"""VADER here against the package: the same four numbers for every text, and how many times as fast.

Texts are every cell of the data sets found through BUZZ_DATA, and invented ones put together to be awkward: words of
the lexicon, boosters, negations, idioms, emoji, capitals and punctuation in any order. Speed is told as a ratio of CPU
seconds over the same texts in the same run, of real posts (else of the awkward ones) and of floods of emoji.

    python benchmarks/vader.py --awkward 20000
"""

import argparse
import csv
import gc
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import vaderSentiment.vaderSentiment as package  # noqa: N813 - the package spells itself so

from analysis.vader import Vader

SETS = ("sentiment", "posts", "language", "topics", "lexicons", "fixtures")
POSTS = "posts/tv_posts_2021_2022.tsv"
LONGEST = 5000  # characters of a cell; longer ones are whole files
SHOWN = 5
STOCK, OURS = package.SentimentIntensityAnalyzer(), Vader()
OTHERS = [
    "but",
    "no",
    "or",
    "nor",
    "least",
    "at",
    "very",
    "so",
    "this",
    "never",
    "doubt",
    "without",
    "kind",
    "of",
    "n't",
]
MARKS = ["!", "!!!", "?", "??", "...", ",", ")", ":(", ":D", "’", "\u200d", "\ufe0f", "\n", "  ", "İ", "ﬁ"]  # noqa: RUF001 - meant


def main() -> None:
    """Compare, measure, print; end with 1 where a text differs, or a ratio is below what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--awkward", type=int, default=20_000, help="invented texts (default: 20,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--floor", type=float, default=0, help="times as fast as the package on posts, at least")
    asked = parser.parse_args()
    data = os.environ.get("BUZZ_DATA")
    awkward = list(invented(asked.awkward, asked.seed))
    real = list(cells(Path(data))) if data else []
    different = [text for text in (*awkward, *real) if not is_same(text)]
    print(f"{len(real):,} real and {len(awkward):,} invented texts: {len(different)} differ")
    for text in different[:SHOWN]:
        print(f"  {text[:200]!r}: {STOCK.polarity_scores(text)} {OURS.polarity(text)}")
    posts = list(posts_of(Path(data))) if data else awkward
    on_posts = ratio(posts)
    floods = ["😭" * 140 + " ok", "😭❤️🔥 so good " * 20, "💀" * 280] * 20
    print(
        f"times as fast as the package: {on_posts:.2f} on {len(posts):,} posts, {ratio(floods):.0f} on floods of emoji"
    )
    sys.exit(bool(different) or on_posts < asked.floor)


def is_same(text: str) -> bool:
    """Tell whether all four numbers are the package's, to the last digit."""
    return repr(OURS.polarity(text)._asdict()) == repr(STOCK.polarity_scores(text))


def ratio(texts: Sequence[str]) -> float:
    """Return how many times as fast all four numbers are here."""
    return seconds(STOCK.polarity_scores, texts) / seconds(OURS.polarity, texts)


def seconds(score: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return the CPU seconds of the quicker of two rounds."""
    taken = []
    gc.disable()
    for _ in range(2):
        began = time.process_time()
        for text in texts:
            score(text)
        taken.append(time.process_time() - began)
    gc.enable()
    return min(taken)


def invented(count: int, seed: int) -> Iterator[str]:
    """Yield awkward texts."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    words = [sorted(STOCK.lexicon), sorted(package.BOOSTER_DICT), sorted(package.NEGATE), sorted(package.SPECIAL_CASES)]
    kinds = [*words, sorted(STOCK.emojis), OTHERS, MARKS]
    shapes = (str, str, str.upper, str.title, lambda word: f'"{word}",', lambda word: f"({word})")
    for _ in range(count):
        some = [chance.choice(shapes)(chance.choice(chance.choice(kinds))) for _ in range(chance.randint(0, 14))]
        yield "".join(word + chance.choice((" ", " ", " ", "", "  ", "\n")) for word in some)


def posts_of(data: Path) -> Iterator[str]:
    """Yield the texts of the real posts."""
    with (data / POSTS).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield row["text"]


def cells(data: Path) -> Iterator[str]:
    """Yield every different cell of every text file of the data sets."""
    seen: set[str] = set()
    for path in sorted(path for name in SETS for path in (data / name).rglob("*") if path.is_file()):
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            for cell in line.split("\t"):
                if 0 < len(cell) <= LONGEST and cell not in seen:
                    seen.add(cell)
                    yield cell


if __name__ == "__main__":
    main()
