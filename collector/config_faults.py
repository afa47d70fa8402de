"""Turns a validation fault of config.toml into one sentence with file, line, key and the nearest right key."""

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from collector.ranking import RankingSettings
from collector.rankings import RANKINGS
from collector.source import SourceSettings
from collector.sources import SOURCES

Place = tuple[int | str, ...]
HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w-]+)\s*[=.]""")


def explain(fault: ValidationError, text: str, label: str, root: type[BaseModel]) -> str:
    """Say every fault in a line of its own: where it is, what is wrong, what was expected."""
    lines = dict(_lines(text))
    return "\n".join(_sentence(error, lines, text, label, root) for error in fault.errors(include_url=False))


def _sentence(error: ErrorDetails, lines: Mapping[Place, int], text: str, label: str, root: type[BaseModel]) -> str:
    place: Place = error["loc"]
    number = _line_of(place, lines)
    where = f"{label} line {number}" if number else label
    table = _table_name(place, error, text)
    if error["type"] == "extra_forbidden":
        key = str(place[-1])
        near = get_close_matches(key, _keys_at(place[:-1], root), n=1)
        hint = (
            f"; did you mean {near[0]}?" if near else f"; known keys: {', '.join(sorted(_keys_at(place[:-1], root)))}"
        )
        return f"{where}: {table}has an unknown key {key}{hint}"
    key = ".".join(str(part) for part in place if isinstance(part, str)) or "the file"
    if error["type"] == "missing":
        return f"{where}: {table}lacks the key {place[-1]}"
    expected = error["msg"].removeprefix("Value error, ")
    got = "" if isinstance(error["input"], dict | BaseModel) else f", not {error['input']!r}"
    return f"{where}: {table}{key.rsplit('.', 1)[-1]} is wrong: {expected}{got}"


def _table_name(place: Place, error: ErrorDetails, text: str) -> str:
    """Name the table as the user sees it: `[[titles]] "Hellbound" `, `[sources.mastodon] `, or nothing."""
    match place:
        case (("titles" | "topics") as table, int(index), *_):
            name = _names(text, table).get(index)
            return f'[[{table}]] "{name}" ' if name else f"[[{table}]] number {index + 1} "
        case (("sources" | "rankings") as table, str(name), _, *_):
            return f"[{table}.{name}] "
        case (("sources" | "rankings" | "store" | "lookup" | "sentiment") as table, _, *_):
            return f"[{table}] "
        case _ if error["type"] == "extra_forbidden":
            return "the file "
        case _:
            return ""


def _keys_at(place: Place, root: type[BaseModel]) -> Sequence[str]:
    """List the keys that the table at this place may have."""
    match place:
        case ("sources",):
            return list(SOURCES)
        case ("rankings",):
            return list(RANKINGS)
        case ("sources", str(name)):
            return _fields(SOURCES[name].Settings if name in SOURCES else SourceSettings)
        case ("rankings", str(name)):
            return _fields(RANKINGS[name].Settings if name in RANKINGS else RankingSettings)
    model: Any = root
    for part in place:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation)
    return _fields(model)


def _fields(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> Any:  # noqa: ANN401 - walks typing's own objects
    """Return the model inside `Model`, `tuple[Model, ...]` or `Model | None`."""
    for inner in typing.get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _line_of(place: Place, lines: Mapping[Place, int]) -> int | None:
    """Return the line of this key, or of the nearest table around it."""
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def _lines(text: str) -> Iterator[tuple[Place, int]]:
    """Yield the place of every table and key with its line. Keys inside inline tables are not told apart."""
    table: Place = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            names: Place = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if header[1] == "[[":
                counts[header[2]] = counts.get(header[2], -1) + 1
                names = (*names, counts[header[2]])
            table = names
            yield table, number
        elif key := KEY.match(line):
            yield (*table, key[1].strip("\"'")), number


def _names(text: str, table: str) -> Mapping[int, str]:
    """Map the index of each `[[table]]` to its name, where it has one on a line of its own."""
    found: dict[int, str] = {}
    index = -1
    inside = False
    for line in text.splitlines():
        if header := HEADER.match(line):
            inside = header[1] == "[[" and header[2] == table
            index += inside
        elif inside and (name := re.match(r"""\s*name\s*=\s*["'](.+?)["']""", line)):
            found.setdefault(index, name[1])
    return found
