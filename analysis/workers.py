"""Labels batches of posts, here or in worker processes. Only the caller writes; memory stays flat.

At most two batches a worker are under way. A worker that is killed costs nothing but time: what was under way is
labelled once more by fresh workers, and where these are killed as well, by this process.
"""

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from analysis.labeller import LabelInput
from analysis.labelling import Kept, Labelling
from analysis.pending import Pending
from collector.config import Config

log = logging.getLogger(__name__)

Batch = Sequence[Pending]
UNDER_WAY = 2  # batches a worker: one at work, one at hand
POOLS = 2  # the first, and one more when it is lost
KILLED = (
    "a labelling process was killed, as happens when memory runs out; nothing is lost, its posts are labelled again"
)


def available() -> int:
    """Return how many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def label_here(batches: Iterable[Batch], labelling: Labelling) -> Iterator[tuple[Batch, list[Kept]]]:
    """Yield each batch with its labels, labelled by this process."""
    for batch in batches:
        yield batch, _labels(batch, labelling)


def label_in_processes(
    batches: Iterable[Batch], config: Config, labelling: Labelling, workers: int
) -> Iterator[tuple[Batch, list[Kept]]]:
    """Yield each batch with its labels, in the order in which the workers are done with them."""
    waiting = iter(batches)
    lost: deque[Batch] = deque()
    for _ in range(POOLS):
        try:
            yield from _by_pool(waiting, lost, config, workers)
        except BrokenProcessPool:
            log.warning(KILLED)
        else:
            return
    yield from label_here(iter(lambda: _next(lost, waiting), None), labelling)


def _by_pool(
    waiting: Iterator[Batch], lost: deque[Batch], config: Config, workers: int
) -> Iterator[tuple[Batch, list[Kept]]]:
    """Label with fresh workers. Raises BrokenProcessPool; what was under way is in `lost` then."""
    # spawned, not forked: the same on each system, and no thread or connection of ours is cut in half
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(config,))
    under_way: dict[Future[list[Kept]], Batch] = {}
    try:
        while True:
            while len(under_way) < UNDER_WAY * workers and (batch := _next(lost, waiting)):
                try:
                    with _uninterrupted():
                        under_way[pool.submit(_label, batch)] = batch
                except BrokenProcessPool:
                    lost.append(batch)
                    raise
            if not under_way:
                return
            for job in wait(under_way, return_when=FIRST_COMPLETED).done:
                labels = job.result()
                yield under_way.pop(job), labels
    except BrokenProcessPool:
        lost.extend(under_way.values())
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _next(lost: deque[Batch], waiting: Iterator[Batch]) -> Batch | None:
    return lost.popleft() if lost else next(waiting, None)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that no Ctrl-C reaches: it is this process that ends them, once they are done."""
    if not hasattr(signal, "pthread_sigmask"):
        yield  # on Windows they learn it when they begin
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _labels(batch: Batch, labelling: Labelling) -> list[Kept]:
    posts = [LabelInput(post.id, post.text, post.language, tuple(post.hashtags.split())) for post in batch]
    return [labels.kept for labels in labelling.label(posts)]


# --- what runs in a worker

_own: list[Labelling] = []


def _start(config: Config) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _own.append(Labelling(config))
    # labels are records without cycles
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _end_with_parent() -> None:
    """Wait for the parent's end, and end then: a pool whose owner was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _label(batch: Batch) -> list[Kept]:
    return _labels(batch, _own[0])
