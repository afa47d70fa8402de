"""Labels the stored posts that lack a label of today's labellers. A changed config labels anew what it touches."""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Row, text

from analysis.labeller import LabelInput
from analysis.labelling import Labelling
from collector.config import Config
from collector.store import Store

BATCH = 500
# keyset pagination: each batch goes on after the last post, so that memory stays flat and no row is read twice
PENDING = text("""
    SELECT p.id, p.text, p.language, p.hashtags, p.edited_at
    FROM post p LEFT JOIN label l ON l.post_id = p.id
    WHERE p.id > :after
      AND (l.post_id IS NULL OR l.language_by <> :language OR l.sentiment_by <> :sentiment OR l.topics_by <> :topics)
      AND EXISTS (SELECT 1 FROM mention m WHERE m.post_id = p.id)
    ORDER BY p.id LIMIT :batch
""")


Pending = Row[tuple[int, str, str, str, int | None]]


def label_pending(
    store: Store, config: Config, *, batch: int = BATCH, progress: Callable[[int], None] | None = None
) -> int:
    """Label every post that speaks of a watched title and lacks a label of the current versions.

    Each batch is saved in a transaction of its own, so a stop loses one batch of work and nothing else.
    `progress` is told after each batch how many posts are labelled. Returns how many were. Raises StoreError.
    """
    labelling = Labelling(config)
    done = 0
    for rows in _pending(store, labelling, batch):
        labels = labelling.label([_input(row) for row in rows])
        store.save_labels(
            [labelling.record(row.id, label, row.edited_at) for row, label in zip(rows, labels, strict=True)]
        )
        done += len(rows)
        if progress:
            progress(done)
    return done


def _pending(store: Store, labelling: Labelling, batch: int) -> Iterator[Sequence[Pending]]:
    after = 0
    while True:
        with store.reading() as connection:
            rows = connection.execute(PENDING, {"after": after, "batch": batch, **labelling.versions}).all()
        if not rows:
            return
        yield rows
        after = rows[-1].id


def _input(row: Pending) -> LabelInput:
    return LabelInput(row.id, row.text, row.language, tuple(row.hashtags.split()))
