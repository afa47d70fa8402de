"""The language that posts are searched in: read into a tree, once for the command line and the app. Pure.

docs/search.md tells it to users. What the tree means on a database is said in analysis.frames.matching.
"""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from analysis import dates
from collector import search_tokens
from collector.errors import ConfigError
from collector.search_tokens import Wanted
from collector.text import fold

MAX_QUERY = 1000  # characters
MAX_PARTS = 64
MAX_DEPTH = 8
MAX_SHOWN = 40  # characters of the query in a message
SENTIMENTS = ("positive", "neutral", "negative", "unscored")

_MINUS = "-−–－"  # noqa: RUF001 - what keyboards and word processors make of it
_QUOTES = '"“”„‟＂'  # noqa: RUF001 - as phones and word processors write them
_OPEN, _CLOSE = "(（", ")）"  # noqa: RUF001 - the wide ones are typed in Japanese and Chinese
_FIELD = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,8})?")


class SearchError(ConfigError):
    """A query that cannot be read; the message names the place."""


@dataclass(frozen=True, slots=True)
class Field:
    """A label or a column that must have this value; names of titles and topics are folded."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Within:
    """Created in [since, until); None leaves that end open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of these."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything else."""

    part: "Node"


Node = Wanted | Field | Within | And | Or | Not


def parse(query: str) -> Node | None:
    """Read a query; None for one without anything in it, which every post answers to.

    Raises SearchError: one sentence that names the place, counted in characters from 1.
    """
    if len(query) > MAX_QUERY:
        raise SearchError(f"the search is {len(query):,} characters long: shorten it to {MAX_QUERY:,}")
    # what no database stores is in no post either; of the same length, so that places stay
    text = query.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    parser = _Parser(text)
    return parser.whole() if text.strip() else None


def _language(value: str) -> Node:
    code = _name(value)
    if not _LANGUAGE.fullmatch(code):
        raise SearchError(f"lang:{_shown(value)} is no code of a language; write two or three letters, such as lang:ko")
    return Field("lang", code)


def _sentiment(value: str) -> Node:
    if _name(value) not in SENTIMENTS:
        raise SearchError(f"sentiment:{_shown(value)} is none of {', '.join(SENTIMENTS)}")
    return Field("sentiment", _name(value))


def _kind(value: str) -> Node:
    if _name(value) == "copy":
        raise SearchError("is:copy cannot be answered yet: copies are not labelled; leave it out")
    if _name(value) != "sample":
        raise SearchError(f"is:{_shown(value)} is not known; there is is:sample, the invented posts of the demo")
    return Field("is", "sample")


def _name(value: str) -> str:
    return " ".join(fold(value).split())


FIELDS: dict[str, Callable[[str], Node]] = {
    "title": lambda value: Field("title", _name(value)),
    "topic": lambda value: Field("topic", _name(value)),
    "lang": _language,
    "platform": lambda value: Field("platform", _name(value)),
    "sentiment": _sentiment,
    "since": lambda value: Within(since=dates.since(_shown(value), "since:")),
    "until": lambda value: Within(until=dates.until(_shown(value), "until:")),
    "is": _kind,
}
EXAMPLES = {
    "title": 'title:"Squid Game"',
    "topic": 'topic:"zombie choreography"',
    "lang": "lang:ko",
    "platform": "platform:mastodon",
    "sentiment": "sentiment:positive",
    "since": "since:2022-01-28",
    "until": "until:2022-02-03",
    "is": "is:sample",
}


class _Parser:
    """Reads one query from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._parts = 0
        self._depth = 0

    def whole(self) -> Node:
        found = self._alternatives()
        if self._skip():
            self._fail(self._at, f'"{self._text[self._at]}" closes nothing')
        return found

    def _alternatives(self) -> Node:
        parts = [self._together()]
        while self._keyword() == "OR":
            self._at += len("OR")
            parts.append(self._together())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _together(self) -> Node:
        parts: list[Node] = []
        while self._skip() and self._text[self._at] not in _CLOSE and self._keyword() != "OR":
            parts.append(self._unit())
        if not parts:
            self._fail(self._at, self._nothing())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _nothing(self) -> str:
        """Say why a part is missing here."""
        before = self._text[: self._at].rstrip()
        if self._keyword() == "OR" or before.endswith("OR"):
            side = "before" if self._keyword() == "OR" else "after"
            return f'nothing stands {side} OR; for the word itself, write "OR"'
        return "nothing stands between the parentheses" if before else f'"{self._text[self._at]}" closes nothing'

    def _unit(self) -> Node:
        start = self._at
        first = self._text[start]
        if first in _MINUS:
            return self._negated()
        self._parts += 1
        if self._parts > MAX_PARTS:
            self._fail(start, f"more than {MAX_PARTS} parts; leave some out")
        if first in _OPEN:
            return self._grouped()
        if first in _QUOTES:
            return self._words(start, self._quoted())
        return self._word()

    def _negated(self) -> Node:
        start = self._at
        self._at += 1
        following = self._text[self._at : self._at + 1]
        if not following or following.isspace() or following in _MINUS + _CLOSE:
            self._fail(start, f'"{self._text[start]}" stands alone; write it right before what no post may have')
        return Not(self._unit())

    def _grouped(self) -> Node:
        start = self._at
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(start, f"more than {MAX_DEPTH} parentheses in each other; take some away")
        self._at += 1
        found = self._alternatives() if self._skip() else None
        if found is None or not self._skip():
            self._fail(start, "the parenthesis is not closed")
        self._at += 1
        self._depth -= 1
        return found

    def _quoted(self) -> str:
        start = self._at
        end = next((at for at in range(start + 1, len(self._text)) if self._text[at] in _QUOTES), None)
        if end is None:
            self._fail(start, "the quotation mark is not closed")
        self._at = end + 1
        return self._text[start + 1 : end]

    def _word(self) -> Node:
        start = self._at
        word = self._bare()
        if word in {"AND", "NOT"}:
            advice = {
                "AND": "what stands side by side must all be there",
                "NOT": "write - before what no post may have",
            }
            self._fail(start, f'{word} is not needed: {advice[word]}; for the word itself, write "{word}"')
        if (field := _FIELD.fullmatch(word)) is not None:
            return self._field(start, field[1].lower(), field[2])
        if len(word) > 1 and word.endswith("*"):
            return self._words(start, word.rstrip("*"), prefix=True)
        return self._words(start, word)

    def _bare(self) -> str:
        start = self._at
        stops = _QUOTES + _OPEN + _CLOSE
        while self._at < len(self._text) and not self._text[self._at].isspace() and self._text[self._at] not in stops:
            self._at += 1
        return self._text[start : self._at]

    def _field(self, start: int, name: str, value: str) -> Node:
        if not value and self._text[self._at : self._at + 1] in set(_QUOTES):
            value = self._quoted()
        if name not in FIELDS:
            near = difflib.get_close_matches(name[:MAX_SHOWN], FIELDS, n=1)
            hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(f'{each}:' for each in FIELDS)}"
            self._fail(
                start,
                f'{_shown(name)}: is no field ({hint}); for the words themselves, write "{_shown(f"{name}:{value}")}"',
            )
        if not value.strip():
            self._fail(start, f"{name}: has no value; write it right behind the colon, such as {EXAMPLES[name]}")
        try:
            return FIELDS[name](value)
        except ConfigError as fault:
            self._fail(start, str(fault))

    def _words(self, start: int, written: str, *, prefix: bool = False) -> Node:
        found = search_tokens.wanted(written, prefix=prefix)
        if not found:
            shown = _shown(self._text[start : self._at])
            self._fail(start, f"{shown} has no letter, digit or emoji to search for; leave it out")
        return found[0] if len(found) == 1 else And(tuple(found))

    def _keyword(self) -> str:
        """Return the bare word that comes next, without taking it; nothing where none does."""
        self._skip()
        start = self._at
        word = self._bare()
        self._at = start
        return word

    def _skip(self) -> bool:
        """Step over blanks; tell whether anything is left."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _fail(self, at: int, why: str) -> NoReturn:
        raise SearchError(f"the search, at character {at + 1}: {why}")


def _shown(text: str) -> str:
    """Return a piece of the query for a message: on one line and not long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"
