"""Labels partitions in processes of this machine."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from analysis.partition_labels import relabel_partition
from analysis.workers import share_processors
from collector.config import Config
from collector.errors import Fatal

ATTEMPTS = 3  # a process that was killed takes the pool with it; what was done by then stays done
KILLED = (
    "the labelling processes are killed again and again, as happens when memory runs out: "
    "what is done is kept, run the same command again with fewer --workers"
)


class Local:
    """A pool of processes, one for each processor this program may use; with one, this very process does the work."""

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [None] * 2)

    def run(self, folders: Sequence[Path], config: Config) -> Iterator[Path]:
        """Label anew every partition that needs it, those whose process was killed once more."""
        left = list(folders)
        if min(self._workers, len(left)) == 1:
            for folder in left:
                yield _done(folder, config)
            return
        fruitless = 0
        while left:
            before = len(left)
            try:
                for folder in self._run_once(list(left), config):
                    left.remove(folder)
                    yield folder
            except BrokenProcessPool as fault:
                fruitless = 0 if len(left) < before else fruitless + 1
                if fruitless == ATTEMPTS:
                    raise Fatal(KILLED) from fault

    def _run_once(self, folders: Sequence[Path], config: Config) -> Iterator[Path]:
        # spawned, not forked: the same on each system, and no thread of ours is cut in half
        context = multiprocessing.get_context("spawn")
        share_processors()
        with ProcessPoolExecutor(min(self._workers, len(folders)), mp_context=context) as pool:
            jobs = [pool.submit(_done, folder, config) for folder in folders]
            try:
                for job in as_completed(jobs):
                    yield job.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _done(folder: Path, config: Config) -> Path:
    relabel_partition(folder, config)
    return folder
