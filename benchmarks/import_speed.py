"""How fast posts come in, labels and totals included, beside plain stock VADER over the same texts in the same run.

Reads the real archive found through BUZZ_DATA, else the packaged sample. One process, one core: CPU seconds count,
so that a busy machine matters less; the ratio to the baseline matters least of all on which machine it ran.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from analysis.ahead import Ahead
from analysis.label import label_pending
from analysis.rollup import roll
from collector import config as configs
from collector.archive.importer import Options, import_files
from collector.config import Config
from collector.sample.generate import write_sample
from collector.store import Store
from ui.cli import look_for_cycles_less

SHOWS = Path(__file__).parents[1] / "tests" / "fixtures" / "tv_shows.toml"
ARCHIVE = "posts/tv_posts_2021_2022.tsv"
COLUMNS = {
    "native_id": "post_id",
    "author": "author_key",
    "text": "text",
    "created_at": "created_at",
    "language": "language",
    "likes": "likes",
    "reposts": "reposts",
    "replies": "replies",
}


class Load(NamedTuple):
    """What is imported: a name to print, the files, how to read them, and what is watched."""

    name: str
    files: Sequence[Path]
    options: Options
    config: Config


class Timed(NamedTuple):
    """CPU seconds of one stage and the number of posts, or hours, that it dealt with."""

    seconds: float
    posts: int

    @property
    def rate(self) -> float:
        """Posts a CPU second."""
        return self.posts / self.seconds if self.seconds else float("inf")


def main() -> None:
    """Measure, print, and with --floor end with 1 where the import is slower than that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floor", type=float, default=0, help="posts a second that the whole import must reach")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    look_for_cycles_less()  # as the command does
    with tempfile.TemporaryDirectory(prefix="buzz-bench-") as folder:
        load = _load(Path(folder))
        stages, texts = _import(load, f"sqlite:///{Path(folder, 'bench.db')}")
    stages["stock VADER"] = _baseline(texts)
    whole = Timed(sum(stages[name].seconds for name in ("import", "late labels", "totals")), stages["import"].posts)
    ratio = whole.rate / stages["stock VADER"].rate
    if asked.json:
        rates = {name: round(stage.rate) for name, stage in stages.items()}
        print(json.dumps({"load": load.name, **rates, "whole": round(whole.rate), "ratio": round(ratio, 2)}))
    else:
        _show(load, stages, whole, ratio)
    if whole.rate < asked.floor:
        raise SystemExit(f"the whole import made {whole.rate:,.0f} posts/s; {asked.floor:,.0f} are asked for")


def _load(folder: Path) -> Load:
    data = os.environ.get("BUZZ_DATA")
    if data and (archive := Path(data, ARCHIVE)).is_file():
        config = configs.load(SHOWS)
        return Load(f"real posts ({ARCHIVE})", [archive], Options(platform="x", columns=COLUMNS), config)
    files = [part.path for part in write_sample(folder)]
    return Load("invented sample posts", files, Options(sample=True), configs.parse(configs.template()))


def _import(load: Load, url: str) -> tuple[dict[str, Timed], list[str]]:
    """Return the time of each stage, and the texts that were labelled."""
    os.environ.setdefault("BUZZ_AUTHOR_KEY", "a key for benchmarks only, thirty-two characters long")
    with Store.open(url) as store:
        stages = {
            "import": _timed(lambda: _read(store, load)),
            "late labels": _timed(lambda: label_pending(store, load.config, processes=1)),
            "totals": _timed(lambda: roll(store)),
        }
        with store.engine.connect() as connection:
            texts = list(connection.execute(text("SELECT text FROM post JOIN label ON post_id = id")).scalars())
    return stages, texts


def _read(store: Store, load: Load) -> int:
    with Ahead(store, load.config, processes=0) as ahead:
        return import_files(store, load.config, load.files, options=load.options, prepare=ahead).counts.read


def _baseline(texts: Sequence[str]) -> Timed:
    """Score the same texts with the package as it is, one by one."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - only the baseline needs it

    stock = SentimentIntensityAnalyzer()
    return _timed(lambda: sum(1 for post in texts if stock.polarity_scores(post)))


def _timed(work: Callable[[], int]) -> Timed:
    start = time.process_time()
    posts = work()
    return Timed(time.process_time() - start, posts)


def _show(load: Load, stages: dict[str, Timed], whole: Timed, ratio: float) -> None:
    print(f"{load.name}: posts (of totals: hours) a CPU second")
    for name, stage in stages.items():
        print(f"  {name:12} {stage.rate:>10,.0f}   ({stage.posts:,})")
    print(
        f"  {'whole import':12} {whole.rate:>10,.0f}   ({whole.posts:,} posts read), {ratio:.2f} of stock VADER alone"
    )


if __name__ == "__main__":
    main()
