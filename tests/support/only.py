"""The part of a config that leaves on what a test wants and nothing else: a source that is added is on by default."""

from collector.rankings import RANKINGS
from collector.sources import SOURCES


def only(*wanted: str) -> str:
    """Return TOML that switches off every other source and ranking, by their names."""
    off = [f"sources.{name}" for name in SOURCES if name not in wanted]
    off += [f"rankings.{name}" for name in RANKINGS if name not in wanted]
    return "".join(f"[{table}]\nenabled = false\n" for table in off)
