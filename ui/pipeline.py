"""What follows whenever posts came in: labels for those that lack them, and exact totals for the hours they touch."""

from typing import TYPE_CHECKING

from collector.config import Config
from ui.console import Console

if TYPE_CHECKING:
    from collector.store import Store


def finish(store: "Store", config: Config, console: Console) -> tuple[int, int]:
    """Label and total what is new. Returns how many posts were labelled and how many hours were totalled.

    It can be broken off at any time: what is left over is done at the next call. Raises StoreError.
    """
    from analysis.label import label_pending  # noqa: PLC0415 - the labellers would slow every command's start
    from analysis.rollup import roll  # noqa: PLC0415 - as above

    with console.progress("labelling", None) as bar:
        labelled = label_pending(store, config, progress=bar.to)
    return labelled, roll(store)
