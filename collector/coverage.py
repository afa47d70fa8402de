"""The ledger of what was asked, and the windows of time that are known for a title."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from collector.models import Covered, Ledger, table
from collector.records import Batch, Counts, LedgerEntry

COVERED = table(Covered)
LEDGER = table(Ledger)


def enter(connection: Connection, batch: Batch, entry: LedgerEntry, counts: Counts) -> None:
    """Write the ledger row of one page and credit its window to each title."""
    row = {
        "source": batch.source,
        "platform": batch.platform,
        "target": entry.target,
        "at": batch.collected_at,
        "coverage": entry.coverage.value,
        "reason": entry.reason,
        "since": entry.since,
        "until": entry.until,
        "read": counts.read,
        "stored": counts.stored,
        "known": counts.known,
        "skipped": counts.skipped,
        "matched": counts.matched,
    }
    connection.execute(insert(LEDGER), row)
    if entry.since is not None and entry.until is not None:
        for title_id in entry.titles:
            _credit(connection, batch, entry, title_id, (entry.since, entry.until))


def _credit(connection: Connection, batch: Batch, entry: LedgerEntry, title_id: int, window: tuple[int, int]) -> None:
    """Add a window, merged with those of the same target that it touches."""
    same = (
        COVERED.c.title_id == title_id,
        COVERED.c.platform == batch.platform,
        COVERED.c.source == batch.source,
        COVERED.c.target == entry.target,
        COVERED.c.coverage == entry.coverage.value,
    )
    touching = connection.execute(
        select(COVERED.c.id, COVERED.c.since, COVERED.c.until).where(
            *same, COVERED.c.since <= window[1], COVERED.c.until >= window[0]
        )
    ).all()
    since, until = hull([window, *((row.since, row.until) for row in touching)])
    if len(touching) == 1 and (touching[0].since, touching[0].until) == (since, until):
        return
    connection.execute(delete(COVERED).where(COVERED.c.id.in_([row.id for row in touching])))
    connection.execute(
        insert(COVERED),
        {
            "title_id": title_id,
            "platform": batch.platform,
            "source": batch.source,
            "target": entry.target,
            "coverage": entry.coverage.value,
            "since": since,
            "until": until,
        },
    )


def hull(windows: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the smallest window around these."""
    starts, ends = zip(*windows, strict=True)
    return min(starts), max(ends)
