"""How fast posts go into an archive, out of the database, and through the labellers again.

Measured in CPU seconds of this process and those it started, on invented posts:

- write: from SQLite into Parquet, nothing there before; again: the same once more, nothing to write
- drop: the proof, the totals from the files, the deletion from the database
- label: every partition anew on the local engine, beside the labellers alone on the same posts
- totals: from the files, as after each labelling

Bytes a post are given for SQLite and Parquet. `python benchmarks/relabel.py [--posts 50000] [--json]`
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "tests" / "support")]

import invented_posts
import synthetic_archive

from analysis.archive import totals
from analysis.archive.archiving import archive
from analysis.archive.files import Archive
from analysis.archive.format import read
from analysis.engines.local import Local
from analysis.labeller import LabelInput
from analysis.labelling import Labelling
from analysis.relabel import relabel_archive
from collector import config as configs
from collector.clock import now
from collector.store import Store

BATCH = 500


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="buzz-bench-") as folder:
        told = archiving(Path(folder), asked.posts) | labelling(Path(folder), asked.posts, asked.workers)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told["peak MB"] = peak // 1024
    print(json.dumps(told) if asked.json else "\n".join(f"{name:34} {value:>12,}" for name, value in told.items()))


def archiving(folder: Path, posts: int) -> dict[str, int]:
    """Archive a store twice, then drop everything."""
    database = folder / "write.db"
    invented_posts.fill(f"sqlite:///{database}", posts)
    size = database.stat().st_size
    with Store.open(f"sqlite:///{database}") as store:
        rates = {
            "archive: write, posts/s": rate(posts, lambda: archive(store, folder / "write", now())),
            "archive: again, posts/s": rate(posts, lambda: archive(store, folder / "write", now())),
            "archive: drop, posts/s": rate(posts, lambda: archive(store, folder / "write", now(), drop=True)),
        }
    files = sum(path.stat().st_size for path in (folder / "write").rglob("*.parquet"))
    return {**rates, "bytes a post, SQLite": size // posts, "bytes a post, Parquet": files // posts}


def labelling(folder: Path, posts: int, workers: int) -> dict[str, int]:
    """Label an archive anew, and the same posts by the labellers alone."""
    config = configs.parse(configs.template())
    with Store.open(f"sqlite:///{folder / 'label.db'}") as store:
        own = synthetic_archive.make(store, folder / "label", posts)
        inputs = [
            LabelInput(post.native_id, post.text, post.platform_language, tuple(post.hashtags))
            for partition in own.partitions()
            for post in read(partition.file())
        ]
        alone = rate(posts, lambda: alone_on(inputs, Labelling(config)))
        start = time.monotonic()
        through = rate(posts, lambda: relabel_archive(store, own.folder, config, Local(workers)))
        seconds = time.monotonic() - start
        return {
            "labellers alone, posts/s": alone,
            "relabel: posts/s of a core": through,
            f"relabel: posts/s, {workers} workers": round(posts / seconds),
            "totals from files, posts/s": rate(posts, lambda: sum_up(own)),
        }


def alone_on(inputs: list[LabelInput], labelling: Labelling) -> None:
    """Label without reading, writing or totals."""
    for start in range(0, len(inputs), BATCH):
        labelling.label(inputs[start : start + BATCH])


def sum_up(own: Archive) -> None:
    """Compute the totals of every partition."""
    for partition in own.partitions():
        totals.of_file(partition.file())


def rate(posts: int, work: Callable[[], object]) -> int:
    """Return posts per CPU second, that of started processes included."""
    start = cpu()
    work()
    return round(posts / (cpu() - start))


def cpu() -> float:
    """Return the CPU seconds used so far, also by processes that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
