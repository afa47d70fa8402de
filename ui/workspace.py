"""What every command starts from: the config and the database it names."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from collector import config as configs
from collector.config import Config
from collector.errors import ConfigError

if TYPE_CHECKING:
    from analysis.frames.reader import Reader
    from collector.store import Store


@dataclass(frozen=True)
class Workspace:
    """A config, the file it came from (None: the packaged one), and the address of the database."""

    config: Config
    config_path: Path | None
    url: str

    @classmethod
    def open(cls, config: Path | None = None, db: str | None = None, *, default: bool = False) -> Self:
        """Find and read the config; with `default` the packaged one serves where none is at hand.

        Raises ConfigError.
        """
        try:
            path = configs.find(config)
        except ConfigError:
            if not default or config is not None:
                raise
            settings = configs.parse(configs.template())
            return cls(settings, None, configs.store_url(settings, None, db))
        settings = configs.load(path)
        return cls(settings, path, configs.store_url(settings, path, db))

    def store(self) -> "Store":
        """Open the database for writing; it is made where it is missing."""
        from collector.store import Store  # noqa: PLC0415 - SQLAlchemy would slow every command's start

        return Store.open(self.url)

    def reader(self) -> "Reader":
        """Open the database for reading only."""
        from analysis.frames.reader import Reader  # noqa: PLC0415 - pandas would slow every command's start

        return Reader(self.url)
