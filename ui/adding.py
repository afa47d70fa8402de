"""From a name to a title in config.toml: what Wikidata proposes, which of several is meant, what the user adds."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import typer

from collector.config import Config, TitleSettings
from collector.errors import BuzzError, ConfigError
from collector.proposal import Wishes, plain_names, propose
from collector.text import fold
from ui.console import Console, printable

if TYPE_CHECKING:
    from collector.wikidata import Candidate, Entry, Wikidata
    from collector.wikidata_item import Kind

SHOWN = 12  # candidates, and names of one kind


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be written, the item of Wikidata that it came from, and which hashtags may be ordinary words."""

    title: TitleSettings
    item: str | None
    plain: Sequence[str]


def at_terminal() -> bool:
    """Tell whether somebody sits there who can be asked."""
    return sys.stdin.isatty()


def proposal(
    config: Config, name: str, wishes: Wishes, console: Console, *, pick: int | None, offline: bool
) -> Proposal:
    """Return what to watch for. Where Wikidata cannot tell, it is said in a sentence and the user is asked instead.

    Raises ConfigError where several are called so and nobody says which is meant.
    """
    chosen, entry = (None, None) if offline else _found(config, name, wishes, console, pick)
    if entry is None and at_terminal():
        wishes = _asked(name, wishes)
    title = propose(name, wishes, entry)
    return Proposal(title, chosen.id if chosen else None, plain_names(title))


def _found(
    config: Config, name: str, wishes: Wishes, console: Console, pick: int | None
) -> "tuple[Candidate | None, Entry | None]":
    from collector.http import Http  # noqa: PLC0415 - requests would slow every command's start
    from collector.wikidata import Wikidata  # noqa: PLC0415 - as above

    wikidata = Wikidata(config.lookup.wikidata, Http())
    try:
        chosen = _chosen(name, _candidates(wikidata, name, wishes), console, pick)
        return chosen, wikidata.look_up(chosen) if chosen else None
    except ConfigError:
        raise
    except BuzzError as fault:
        console.warn(f"{fault}; going on without Wikidata, with what the name itself gives")
        return None, None


def _candidates(wikidata: "Wikidata", name: str, wishes: Wishes) -> "list[Candidate]":
    found = [one for one in wikidata.search(name) if wishes.kind in {None, one.kind}]
    return sorted(found, key=lambda one: fold(one.name) != fold(name))  # those that are called so go first


def _chosen(name: str, candidates: "Sequence[Candidate]", console: Console, pick: int | None) -> "Candidate | None":
    """Return the one that is meant; None where there is none. Raises ConfigError."""
    if not candidates:
        console.warn(f'Wikidata knows no film or show called "{name}"; going on with what the name itself gives')
        return None
    if pick is not None and not 1 <= pick <= len(candidates):
        raise ConfigError(f"--pick {pick} is not there: {_listed(candidates)}")
    if pick is None and len(candidates) > 1:
        if not at_terminal():
            raise ConfigError(f'several are called "{name}", add --pick NUMBER: {_listed(candidates)}')
        console.say("\n".join(_line(number, one) for number, one in enumerate(candidates[:SHOWN], start=1)))
        pick = _number(len(candidates))
    return candidates[(pick or 1) - 1]


def _number(most: int) -> int:
    told = typer.prompt("Which one", default="1", err=True).strip()
    if not told.isdecimal() or not 1 <= int(told) <= most:
        raise ConfigError(f"{told!r} is none of the numbers 1 to {most}")
    return int(told)


def _line(number: int, one: "Candidate") -> str:
    what = one.description or one.kind
    year = "" if one.year is None or str(one.year) in what else f", {one.year}"
    return f"{number}. {one.name}: {what}{year} ({one.kind}, {one.id})"


def _listed(candidates: "Sequence[Candidate]") -> str:
    return "; ".join(_line(number, one) for number, one in enumerate(candidates[:SHOWN], start=1))


def _asked(name: str, wishes: Wishes) -> Wishes:
    """Ask for what no option gives; an empty answer leaves it out."""
    plain = propose(name, Wishes(hashtags=wishes.hashtags or ("x",), phrases=wishes.phrases))
    tags = [tag for tag in plain.hashtags if tag != "x"]
    return wishes._replace(
        hashtags=wishes.hashtags or _names("Hashtags, in any language", " ".join(tags), r"[\s,]+"),
        phrases=wishes.phrases or _names("Phrases that mean this title only", ", ".join(plain.phrases), ","),
        people=wishes.people or _names("Cast, characters, makers", "", ","),
        kind=wishes.kind or _kind(),
        released=wishes.released or _day(),
    )


def _names(label: str, default: str, separator: str) -> tuple[str, ...]:
    told = typer.prompt(printable(label), default=default, err=True)
    return tuple(name.strip() for name in re.split(separator, told) if name.strip())


def _kind() -> "Kind":
    return "film" if typer.confirm("Is it a film (no: a show)", default=False, err=True) else "show"


def _day() -> date | None:
    told = typer.prompt("Day of the premiere, such as 2021-11-19", default="", show_default=False, err=True)
    try:
        return date.fromisoformat(told.strip()) if told.strip() else None
    except ValueError as fault:
        raise ConfigError(f"{told.strip()!r} is no day such as 2021-11-19") from fault


def in_words(found: Proposal) -> str:
    """Return a proposal as a person reads it."""
    title = found.title
    head = f"{title.name} ({title.kind}" + (f", {title.released}" if title.released else "") + ")"
    parts = {
        "hashtags": [f"#{tag}" for tag in title.hashtags],
        "phrases": [f'"{phrase}"' for phrase in title.phrases],
        "people": title.people,
        "genres": title.genres,
        "ranked as": title.ranked_as,
        "Wikipedia": title.wikipedia,
    }
    lines = [f"  {what}: {_some(names)}" for what, names in parts.items() if names]
    return "\n".join([head, *lines, *warnings(found)])


def agrees(name: str) -> bool:
    """Ask whether to write it. Raises ConfigError where nobody can be asked."""
    if not at_terminal():
        raise ConfigError("nobody can be asked here whether to write it: add --yes")
    return typer.confirm(printable(f"Add {name} to the config"), default=True, err=True)


def warnings(found: Proposal) -> list[str]:
    """Return what the user should look at before posts are gathered."""
    if not found.plain:
        return []
    tags = _some([f"#{tag}" for tag in found.plain])
    said = (
        f"  {tags} may be ordinary words that mean other things as well, and are no phrases: "
        f'`buzz title preview "{found.title.name}"` shows what comes with them'
    )
    return [said]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
