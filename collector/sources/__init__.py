"""The platforms, each registered by one line and imported only when it is used."""

from collector.registry import Registry
from collector.source import Source

SOURCES: Registry[type[Source]] = Registry(
    {
        "mastodon": "collector.sources.mastodon:Mastodon",
        "x": "collector.sources.x:X",
    }
)
