"""How fast each labeller is on one core, in the batches of the pipeline, beside plain stock VADER over the same texts.

Reads the real posts found through BUZZ_DATA, else the invented ones of synthetic.py. CPU seconds count, and of each
batch the quickest of a few rounds, so that a busy machine matters less. Each round begins with labellers that remember
nothing. Names are read out of a text once for all labellers: that is counted in the first figure only.
"""

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))
import synthetic

from analysis.label import BATCH
from analysis.labeller import LabelInput
from analysis.labellers import LABELLERS
from analysis.labelling import Labelling
from collector import config as configs
from collector.config import Config
from collector.text import clean
from ui.cli import look_for_cycles_less

SHOWS = Path(__file__).parents[1] / "tests" / "fixtures" / "tv_shows.toml"
ARCHIVE = "posts/tv_posts_2021_2022.tsv"
ALL, STOCK = "all labellers", "stock VADER"
Seconds = dict[str, list[float]]  # of each batch, by what was done


def main() -> None:
    """Measure, print, and with --floor end with 1 where all labellers together are slower than that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=8_000, help="at most so many posts (default: 8,000)")
    parser.add_argument("--rounds", type=int, default=3, help="times to measure (default: 3)")
    parser.add_argument("--floor", type=float, default=0, help="posts a CPU second that must be reached")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    look_for_cycles_less()  # as the command does
    name, config, posts = _load(asked.posts)
    rounds = [_round(config, posts) for _ in range(asked.rounds)]
    best = {kind: sum(map(min, *(one[kind] for one in rounds))) for kind in rounds[0]}
    rates = {kind: round(len(posts) / seconds) for kind, seconds in best.items()}
    if asked.json:
        print(json.dumps({"load": name, "posts": len(posts), **rates}))
    else:
        print(f"{name}, {len(posts):,} posts: posts a CPU second on one core")
        for kind, rate in rates.items():
            print(f"  {kind:14} {rate:>9,}")
    if rates[ALL] < asked.floor:
        raise SystemExit(f"all labellers made {rates[ALL]:,} posts/s; {asked.floor:,.0f} are asked for")


def _load(count: int) -> tuple[str, Config, list[LabelInput]]:
    data = os.environ.get("BUZZ_DATA")
    if data and (archive := Path(data, ARCHIVE)).is_file():
        with archive.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        some = rows[:: -(-len(rows) // count)]  # from all shows
        posts = [LabelInput(at, clean(row["text"]), row["language"] or None) for at, row in enumerate(some)]
        return f"real posts ({ARCHIVE})", configs.load(SHOWS), posts
    config = configs.parse(configs.template()).model_copy(update={"titles": tuple(synthetic.titles())})
    invented = synthetic.generate(count, seed=1)
    return "invented posts", config, [LabelInput(post["id"], post["text"], post["lang"]) for post in invented]


def _round(config: Config, posts: Sequence[LabelInput]) -> Seconds:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - only the baseline needs it

    stock, labelling = SentimentIntensityAnalyzer(), Labelling(config)
    alone = {name: LABELLERS[name](config) for name in LABELLERS}
    posts_with_language = [
        LabelInput(post.post_id, post.text, post.platform_language, post.hashtags, label.language)
        for post, label in zip(posts, alone["language"].label(posts), strict=True)
    ]
    seconds: Seconds = {}
    for start in range(0, len(posts), BATCH):
        some, known = posts[start : start + BATCH], posts_with_language[start : start + BATCH]
        _time(seconds, ALL, lambda some=some: labelling.label(some))
        for name, labeller in alone.items():
            _time(seconds, name, lambda known=known, labeller=labeller: labeller.label(known))
        _time(seconds, STOCK, lambda some=some: [stock.polarity_scores(post.text) for post in some])
    return seconds


def _time(seconds: Seconds, kind: str, work: Callable[[], object]) -> None:
    start = time.process_time()
    work()
    seconds.setdefault(kind, []).append(time.process_time() - start)


if __name__ == "__main__":
    main()
