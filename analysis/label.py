"""Labels the stored posts that lack a label of today's labellers. A changed config labels anew what it touches."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from analysis import pending
from analysis.labeller import LabelInput
from analysis.labelling import Kept, Labelling
from analysis.pending import Pending
from analysis.workers import Workers, available
from collector.config import Config
from collector.store import Store

BATCH = 500  # more would not fit into a processor's cache together
FEW = 10_000  # posts that are labelled here in less time than it takes to start workers

Labelled = tuple[Sequence[Pending], list[Kept]]


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
    processes = processes or available()
    first, is_many = _first(found, few if processes > 1 else 0)
    done = 0
    with Workers(config, labelling, processes if is_many and processes > 1 else 0) as workers:
        for posts, labels in _labelled(chain(first, found), workers):
            given = zip(posts, labels, strict=True)
            store.save_labels([labelling.record(post.id, label, post.edited_at) for post, label in given])
            done += len(posts)
            if progress:
                progress(done)
    if not all_current:
        pending.end(store, labelling.versions)
    return done


def _first(found: Iterator[Sequence[Pending]], few: int) -> tuple[list[Sequence[Pending]], bool]:
    """Take batches until there are more posts than a few. Returns them, and whether there are."""
    taken: list[Sequence[Pending]] = []
    while sum(map(len, taken)) < few:
        rows = next(found, None)
        if rows is None:
            return taken, False
        taken.append(rows)
    return taken, True


def _labelled(batches: Iterator[Sequence[Pending]], workers: Workers) -> Iterator[Labelled]:
    """Yield each batch with its labels, in order; the workers label those behind it meanwhile."""
    under_way: deque[tuple[Sequence[Pending], Callable[[], list[Kept]]]] = deque()
    for batch in batches:
        under_way.append((batch, workers.begin(labels_of, batch)))
        if len(under_way) > workers.at_once:
            posts, result = under_way.popleft()
            yield posts, result()
    for posts, result in under_way:
        yield posts, result()


def labels_of(labelling: Labelling, batch: Sequence[Pending]) -> list[Kept]:
    """Label one batch; what a worker does."""
    posts = [
        LabelInput(post.id, post.text, post.language, tuple(post.hashtags.split()), platform=post.platform)
        for post in batch
    ]
    return [labels.kept for labels in labelling.label(posts)]
