"""Where a partition is labelled: in processes of this machine, or in those of a Spark cluster. The work is the same."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from collector.config import Config


class Engine(Protocol):
    """Runs analysis.relabel.relabel_partition over folders and yields each one as it is done, in any order.

    Raises InputError for a partition that cannot be read or written, and Fatal when the workers are lost.
    """

    def run(self, folders: Sequence[Path], config: Config) -> Iterator[Path]:
        """Label anew every partition that needs it."""
