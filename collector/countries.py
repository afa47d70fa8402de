"""Countries as rankings write them: codes, names, addresses of pages. All become ISO 3166 alpha-2."""

from functools import cache
from importlib import resources

from collector.ranking import WORLD
from collector.text import fold

WORLD_NAMES = {"", "world", "worldwide", "world wide", "global", "ww", "all countries"}
OTHER_CODES = {"uk": "GB", "el": "GR"}  # in wide use, and reserved in ISO 3166 so that they mean nothing else


def code_of(written: str) -> str:
    """Return the code of a country given by code, English name or slug ("KR", "South Korea", "south-korea").

    What means the world, an empty text as well, gives WORLD. Raises ValueError for an unknown country.
    """
    key = _key(written)
    if key in WORLD_NAMES:
        return WORLD
    found = _codes().get(key)
    if found is None:
        raise ValueError(f"country {written.strip()[:40]!r} is not known; write its two-letter code, such as KR")
    return found


def name_of(code: str) -> str | None:
    """Return the usual English name of a code, or None."""
    return _names().get(code)


def _key(written: str) -> str:
    return " ".join(fold(written).replace("-", " ").replace("_", " ").split())


@cache
def _table() -> list[list[str]]:
    """Read the packaged table: a code and its names in each line."""
    text = resources.files("collector").joinpath("countries.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


@cache
def _names() -> dict[str, str]:
    return {code: names[0] for code, *names in _table()}


@cache
def _codes() -> dict[str, str]:
    by_name = {_key(name): code for code, *names in _table() for name in names}
    return by_name | OTHER_CODES | {code.casefold(): code for code, *_ in _table()}
