"""The ledger of what was asked, and the windows of time that are known for a title."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, insert, select

from collector.models import Covered, Ledger, table
from collector.records import Batch, Counts, LedgerEntry
from collector.upsert import insert_rows, is_among

COVERED = table(Covered)
LEDGER = table(Ledger)
COLUMNS = ("title_id", "platform", "source", "target", "coverage", "since", "until")


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
        _credit(connection, batch, entry, (entry.since, entry.until))


def _credit(connection: Connection, batch: Batch, entry: LedgerEntry, window: tuple[int, int]) -> None:
    """Add a window to each title, merged with those of the same target that it touches; one question for all titles."""
    titles = list(dict.fromkeys(entry.titles))
    touching = _touching(connection, batch, entry, titles, window)
    merged = {title_id: hull([window, *touching[title_id].values()]) for title_id in titles}
    changed = [title_id for title_id in titles if list(touching[title_id].values()) != [merged[title_id]]]
    gone = [number for title_id in changed for number in touching[title_id]]
    if gone:
        connection.execute(delete(COVERED).where(is_among(connection, COVERED.c.id, gone)))
    same = (batch.platform, batch.source, entry.target, entry.coverage.value)
    insert_rows(connection, COVERED, COLUMNS, [(title_id, *same, *merged[title_id]) for title_id in changed])


def _touching(
    connection: Connection, batch: Batch, entry: LedgerEntry, titles: Sequence[int], window: tuple[int, int]
) -> dict[int, dict[int, tuple[int, int]]]:
    """Return for each title the windows of the same target that touch this one, by their ids."""
    found: dict[int, dict[int, tuple[int, int]]] = {title_id: {} for title_id in titles}
    rows = connection.execute(
        select(COVERED.c.id, COVERED.c.title_id, COVERED.c.since, COVERED.c.until).where(
            is_among(connection, COVERED.c.title_id, titles),
            COVERED.c.platform == batch.platform,
            COVERED.c.source == batch.source,
            COVERED.c.target == entry.target,
            COVERED.c.coverage == entry.coverage.value,
            COVERED.c.since <= window[1],
            COVERED.c.until >= window[0],
        )
    )
    for row in rows:
        found[row.title_id][row.id] = (row.since, row.until)
    return found


def hull(windows: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the smallest window around these."""
    starts, ends = zip(*windows, strict=True)
    return min(starts), max(ends)
