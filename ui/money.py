"""What X has cost this month, for commands that show it."""

from typing import TYPE_CHECKING

from collector.clock import now

if TYPE_CHECKING:
    from collector.source import Cursor
    from collector.x_meter import Reading
    from ui.workspace import Workspace


def meter(workspace: "Workspace", cursor: "Cursor") -> "Reading | None":
    """Read the meter out of what source "x" remembers; None where X was never asked and is not to be."""
    from collector.x_meter import read_meter  # noqa: PLC0415 - it would slow every command's start

    settings = workspace.config.sources["x"]
    if not (settings.enabled or cursor.values):
        return None
    return read_meter(cursor, getattr(settings, "budget_usd_per_month", 0.0), now())


def spent(reading: "Reading") -> str:
    """Say it in a sentence."""
    reserved = f", ${reading.reserved:.2f} more reserved" if reading.reserved else ""
    again = f", ${reading.rechecked:.2f} of it on asking for stored posts again" if reading.rechecked else ""
    return f"X in {reading.month}: ${reading.spent:.2f} of ${reading.budget:.2f} spent{again}{reserved}."
