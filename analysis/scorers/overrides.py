"""Override files: what words, phrases and emoji mean to fans, where VADER's lexicon is wrong about them. Pure.

One file for all titles (all.toml) and one for each genre (horror.toml), shipped in analysis/scorers/genres; the files
of the user's own folder are laid over them, entry by entry. A file has up to three tables:

    [words]
    dead = { score = 0, reason = "the dead walk in every second scene" }

    [phrases]
    "left no crumbs" = { score = 3, reason = "praise for an actor or a scene" }

    [emoji]
    "💔" = { score = -1.5, reason = "VADER reads only 'heart'" }

A score is one of VADER's valences, -4 to 4, and 0 takes the word out: it is no verdict. In a phrase, * stands for any
one word. docs/words.md is the guide.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

from analysis.scorers.joined import longest_pair
from analysis.tokens import straight
from collector.errors import ConfigError
from collector.text import fold

EVERYWHERE = "all"  # the name of the file that holds for every title
TABLES = ("words", "phrases", "emoji")
HIGHEST = 4.0  # as in VADER's lexicon


class Entry(NamedTuple):
    """What one word, phrase or emoji means here: a valence in -4..4 (0: nothing), why, and the file that says so."""

    score: float
    reason: str
    file: str


class Overrides(NamedTuple):
    """The entries of one genre, or of several together, by what stands in a post, in small letters."""

    words: Mapping[str, Entry]
    phrases: Mapping[str, Entry]
    emoji: Mapping[str, Entry]

    def over(self, other: "Overrides") -> "Overrides":
        """Return both together; where both speak, these hold."""
        return Overrides(*({**theirs, **ours} for ours, theirs in zip(self, other, strict=True)))


NONE = Overrides({}, {}, {})


def of(genres: Iterable[str], own: Sequence[tuple[str, str]] = ()) -> Overrides:
    """Return what holds for a title of these genres: the shipped files, and over them the user's own.

    own: name and text of each of the user's files. Where two genres disagree, the one that stands first holds. Raises
    ConfigError, with file, line and word, for one that is broken.
    """
    files = _by_genre([*shipped(), *own])
    together = NONE
    for genre in (EVERYWHERE, *reversed([fold(genre) for genre in genres])):
        for entries in files.get(genre, ()):
            together = entries.over(together)
    return together


def known_genres(own: Sequence[tuple[str, str]] = ()) -> frozenset[str]:
    """Return the genres that have a file."""
    return frozenset(_by_genre([*shipped(), *own])) - {EVERYWHERE}


@lru_cache(maxsize=1)
def shipped() -> tuple[tuple[str, str], ...]:
    """Return name and text of each file in the package."""
    folder = resources.files("analysis.scorers").joinpath("genres")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple((file.name, file.read_text(encoding="utf-8")) for file in files if file.name.endswith(".toml"))


def _by_genre(files: Sequence[tuple[str, str]]) -> dict[str, list[Overrides]]:
    found: dict[str, list[Overrides]] = {}
    for name, text in files:
        found.setdefault(fold(re.split(r"[/\\]", name)[-1].removesuffix(".toml")), []).append(read(name, text))
    return found


@lru_cache(maxsize=64)
def read(name: str, text: str) -> Overrides:
    """Read one file. Raises ConfigError with the file, the line and the word that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{name} is not valid TOML: {fault}") from fault
    for table in data:
        if table not in TABLES or not isinstance(data[table], dict):
            raise ConfigError(f"{name}: {table} is no table of an override file; there are [words], [phrases], [emoji]")
    tables = (dict(_entries(name, text, table, data.get(table, {}))) for table in TABLES)
    return Overrides(*tables)


def _entries(name: str, text: str, table: str, data: Mapping[str, Any]) -> Iterator[tuple[str, Entry]]:
    for key, value in data.items():
        if fault := _fault_of_key(table, key) or _fault_of_value(value):
            raise ConfigError(f"{name} line {_line(text, key)}: {table} {key!r} {fault}")
        yield " ".join(straight(key).lower().split()), Entry(float(value["score"]), value["reason"].strip(), name)


def _fault_of_key(table: str, key: str) -> str | None:
    words = key.split()
    if table == "words" and (len(words) != 1 or not key.strip("'’").isprintable()):  # noqa: RUF001 - phones type it
        return "is no single word; several words go into [phrases]"
    if table == "phrases" and longest_pair(words) < 0:
        return "is no phrase: two words without a * between them are needed; a single word goes into [words]"
    if table == "emoji" and (len(words) != 1 or key.isascii() or any(char.isalnum() for char in key)):
        return "is no emoji; words go into [words]"
    return None


def _fault_of_value(value: object) -> str | None:
    if not isinstance(value, dict) or set(value) != {"score", "reason"}:
        return 'must look like { score = -1.5, reason = "why" }, with both'
    score, reason = value["score"], value["reason"]
    if isinstance(score, bool) or not isinstance(score, int | float) or not -HIGHEST <= score <= HIGHEST:
        return f"has the score {score!r}, which must be a number from -4 to 4"
    if not isinstance(reason, str) or not reason.strip():
        return "has no reason: say in a few words why it means this"
    return None


def _line(text: str, key: str) -> int:
    """Return the line on which a key stands; keys inside a line are not told apart."""
    written = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if written.match(line)), 1)
