"""The platforms, each registered by one line and imported only when it is used."""

from collections.abc import Mapping
from functools import cache

from collector.registry import Registry
from collector.source import Kind, Source, Terms

SOURCES: Registry[type[Source]] = Registry(
    {
        "bluesky": "collector.sources.bluesky:Bluesky",
        "bluesky_search": "collector.sources.bluesky_search:BlueskySearch",
        "gdelt": "collector.sources.gdelt:Gdelt",
        "mastodon": "collector.sources.mastodon:Mastodon",
        "reddit": "collector.sources.reddit:Reddit",
        "rss": "collector.sources.rss:Rss",
        "wikipedia": "collector.sources.wikipedia:Wikipedia",
        "x": "collector.sources.x:X",
        "youtube": "collector.sources.youtube:YouTube",
    }
)


@cache
def apart() -> Mapping[str, Kind]:
    """Return the platforms that stand beside the buzz, and what they bring: news, or figures.

    This is the one place that knows them. Every other platform brings posts, also one that no source knows, whose
    posts came by import.
    """
    return {source.platform: source.kind for source in SOURCES.values() if source.kind is not Kind.POSTS}


@cache
def terms() -> Mapping[str, Terms]:
    """Return what each platform lets us do. Posts of any other platform came by import, and are the user's own."""
    return {source.platform: source.terms for source in SOURCES.values()}


def kind_of(platform: str) -> Kind:
    """Return what a platform brings."""
    return apart().get(platform, Kind.POSTS)
