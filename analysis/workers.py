"""Worker processes that label: tasks go to them, results come back in order. Only the caller writes.

A worker that is killed costs nothing but time: what was under way is done once more by fresh workers, and where these
are killed as well, by this process.
"""

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Self, TypeVar

from analysis.labelling import Labelling
from collector.config import Config

log = logging.getLogger(__name__)

Given = TypeVar("Given")
Result = TypeVar("Result")
Task = Callable[[Labelling, Given], Result]  # a function of a module, so that it can be named to another process

UNDER_WAY = 2  # tasks a worker: one at work, one at hand; so memory stays flat
POOLS = 2  # the first, and one more when it is lost
KILLED = (
    "a labelling process was killed, as happens when memory runs out; nothing is lost, its posts are labelled again"
)


def available() -> int:
    """Return how many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_processors() -> None:
    """Let processes that are started from now on calculate with one thread each.

    Two processes with two threads each on two processors made the multilingual model three times slower, for numpy's
    threads wait for each other in busy loops.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class Workers:
    """Processes that start with the first task and end with the block; none for a count of 0: all is done here."""

    def __init__(self, config: Config, labelling: Labelling, count: int) -> None:
        self._config = config
        self.labelling = labelling
        self._count = count
        self._pool: ProcessPoolExecutor | None = None
        self._lost = 0

    @property
    def at_once(self) -> int:
        """How many tasks should be under way."""
        return UNDER_WAY * self._count

    def begin(self, task: Task[Given, Result], given: Given) -> Callable[[], Result]:
        """Begin a task. Returns what waits for its result."""
        if not self._count or self._lost == POOLS:
            done = task(self.labelling, given)
            return lambda: done
        pool = self._pool = self._pool or self._start()
        try:
            with _uninterrupted():
                job = pool.submit(_do, task, given)
        except BrokenProcessPool:
            self._lose(pool)
            return self.begin(task, given)

        def result() -> Result:
            try:
                return job.result()
            except BrokenProcessPool:
                self._lose(pool)
                return self.begin(task, given)()

        return result

    def _start(self) -> ProcessPoolExecutor:
        # spawned, not forked: the same on each system, and no thread or connection of ours is cut in half
        context = multiprocessing.get_context("spawn")
        share_processors()
        return ProcessPoolExecutor(self._count, mp_context=context, initializer=_begin, initargs=(self._config,))

    def _lose(self, pool: ProcessPoolExecutor) -> None:
        if pool is self._pool:
            log.warning(KILLED)
            self._lost += 1
            self.close()

    def close(self) -> None:
        """End the workers; what they have not begun is left."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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


# --- what runs in a worker

_own: list[Labelling] = []


def _begin(config: Config) -> None:
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


def _do(task: Task[Given, Result], given: Given) -> Result:
    return task(_own[0], given)
