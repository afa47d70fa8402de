"""Labels the stored posts that lack a label of today's labellers. A changed config labels anew what it touches."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from analysis import pending, workers
from analysis.labelling import Labelling
from analysis.pending import Pending
from collector.config import Config
from collector.store import Store

BATCH = 500  # more would not fit into a processor's cache together
FEW = 10_000  # posts that are labelled here in less time than it takes to start workers


def label_pending(
    store: Store,
    config: Config,
    *,
    batch: int = BATCH,
    progress: Callable[[int], None] | None = None,
    processes: int | None = None,
    few: int = FEW,
) -> int:
    """Label every post that speaks of a watched title and lacks a label of the current versions.

    More than a few are labelled by `processes` workers, one for each processor if none are named; this process alone
    writes. Each batch is saved in a transaction of its own, so a stop loses the batches under way and nothing else.
    `progress` is told after each batch how many posts are labelled. Returns how many were. Raises StoreError.
    """
    labelling = Labelling(config)
    all_current = pending.begin(store, labelling.versions)
    found = pending.batches(store, labelling.versions, batch, all_current=all_current)
    done = 0
    for saved in _save(store, config, labelling, found, processes or workers.available(), few):
        done += saved
        if progress:
            progress(done)
    if not all_current:
        pending.end(store, labelling.versions)
    return done


def _save(
    store: Store, config: Config, labelling: Labelling, found: Iterator[Sequence[Pending]], processes: int, few: int
) -> Iterator[int]:
    """Label and save each batch; yield how many posts it had."""
    first, is_many = _first(found, few if processes > 1 else 0)
    batches = chain(first, found)
    labelled = (
        workers.label_in_processes(batches, config, labelling, processes)
        if is_many and processes > 1
        else workers.label_here(batches, labelling)
    )
    for posts, labels in labelled:
        given = zip(posts, labels, strict=True)
        store.save_labels([labelling.record(post.id, label, post.edited_at) for post, label in given])
        yield len(posts)


def _first(found: Iterator[Sequence[Pending]], few: int) -> tuple[list[Sequence[Pending]], bool]:
    """Take batches until there are more posts than a few. Returns them, and whether there are."""
    taken: list[Sequence[Pending]] = []
    while sum(map(len, taken)) < few:
        rows = next(found, None)
        if rows is None:
            return taken, False
        taken.append(rows)
    return taken, True
