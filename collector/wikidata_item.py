"""One item of Wikidata, read: what it is, its names, its people, its day. Pure.

Anybody may write there. So every name is bounded and without control characters, and what is not of the shape that it
should have counts as not there.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Literal

from collector.text import JOINERS, clean, fold

Kind = Literal["show", "film"]
Named = tuple[str, str]  # language and name

LONGEST_NAME = 120
MOST_NAMES = 400  # labels or aliases of one item
EARLIEST_YEAR = 1888
DAY = 11  # Wikidata's number for a time that is known to the day
YEAR = 9
ID = re.compile(r"Q[1-9]\d{0,11}")
TIME = re.compile(r"\+(\d{4})-(\d\d)-(\d\d)T")
SITE = re.compile(r"([a-z][a-z_]{1,11})wiki")
UNSEEN = {"Cc", "Cf", "Co", "Cn", "Cs"}  # categories of characters that nobody sees
NO_LANGUAGE = {"commons", "species", "meta", "wikidata", "sources", "mediawiki", "outreach", "incubator"}

# what an item is an instance of (P31); what is told by a narrower word is known by its properties
SHOWS = {"Q5398426", "Q1259759", "Q526877", "Q15416", "Q581714", "Q117467246", "Q63952888"}
FILMS = {"Q11424", "Q506240", "Q202866", "Q24869", "Q20650540", "Q24862", "Q93204"}
PARTS = {"Q3464665", "Q21191270"}  # a season, an episode: people speak of the series
INSTANCE, TITLE, PUBLISHED, STARTED, GENRE = "P31", "P1476", "P577", "P580", "P136"
CAST, CHARACTERS, ROLE, ROLE_NAME = "P161", "P674", "P453", "P4633"
MAKERS = ("P170", "P57", "P58")  # creator, director, screenwriter
OF_SHOWS = ("P1113", "P2437", "P449")  # episodes, seasons, broadcaster
OF_FILMS = ("P57", "P2047")  # director, running time
SHOWN_BY = ("P449", "P750")  # broadcaster, distributor
SERVICES = {"Q907311": "Netflix"}  # those whose name people add to a title's hashtag


class Item:
    """One item as it came."""

    def __init__(self, raw: object) -> None:
        self._raw = _object(raw)
        self._claims = _object(self._raw.get("claims"))

    @property
    def is_there(self) -> bool:
        """Tell whether Wikidata has it."""
        return bool(self._raw) and "missing" not in self._raw

    @property
    def kind(self) -> Kind | None:
        """Tell whether it is a show or a film; None for anything else, also for a season or an episode."""
        instances = set(self.ids(INSTANCE))
        if instances & PARTS:
            return None
        if instances & SHOWS or any(map(self._claims.get, OF_SHOWS)):
            return "show"
        if instances & FILMS or all(map(self._claims.get, OF_FILMS)):
            return "film"
        return None

    @property
    def names(self) -> list[Named]:
        """Return its labels: language and name."""
        return [*_texts(_object(self._raw.get("labels")).values())]

    @property
    def aliases(self) -> list[Named]:
        """Return its other names: language and name."""
        return [*_texts(one for some in _object(self._raw.get("aliases")).values() for one in _list(some))]

    def description(self, *languages: str) -> str:
        """Return what it is said to be, in the first of these languages that has it."""
        told = _object(self._raw.get("descriptions"))
        return next((text for key in languages if (text := _name(_object(told.get(key)).get("value")))), "")

    @property
    def original(self) -> Named | None:
        """Return its title in its own language, where that is told."""
        return next(_texts(self._values(TITLE), key="text"), None)

    @property
    def released(self) -> date | None:
        """Return its first day, of those that are known to the day."""
        return min((day for day, precision in self._days() if precision >= DAY), default=None)

    @property
    def year(self) -> int | None:
        """Return its first year."""
        return min((day.year for day, _ in self._days()), default=None)

    @property
    def articles(self) -> list[str]:
        """Return its articles in Wikipedia, as "language:article"."""
        found = []
        for site, link in _object(self._raw.get("sitelinks")).items():
            place = SITE.fullmatch(site)
            name = _name(_object(link).get("title"))
            if place and place[1] not in NO_LANGUAGE and name:
                found.append(f"{place[1].replace('_', '-')}:{name}")
        return found

    @property
    def services(self) -> list[str]:
        """Return the streaming services that show it and whose name people add to hashtags."""
        return once(SERVICES[one] for key in SHOWN_BY for one in self.ids(key) if one in SERVICES)

    @property
    def roles(self) -> list[str]:
        """Return names of characters that are written as text."""
        told = [_name(_value(snak)) for claim in self._statements(CAST) for snak in _qualifiers(claim, ROLE_NAME)]
        return once(name for name in told if name)

    @property
    def cast(self) -> list[str]:
        """Return the ids of those who play, each followed by whom they play; then of other characters."""
        found = []
        for claim in self._statements(CAST):
            found += [_id(_value(claim.get("mainsnak"))), *(_id(_value(snak)) for snak in _qualifiers(claim, ROLE))]
        return once(one for one in [*found, *self.ids(CHARACTERS)] if one)

    def ids(self, *properties: str) -> list[str]:
        """Return the items that these properties name."""
        return once(one for key in properties for value in self._values(key) if (one := _id(value)))

    def _days(self) -> Iterator[tuple[date, int]]:
        for value in [*self._values(PUBLISHED), *self._values(STARTED)]:
            time, precision = _object(value).get("time"), _object(value).get("precision")
            found = TIME.match(time) if isinstance(time, str) else None
            if not found or not isinstance(precision, int) or precision < YEAR:
                continue
            year, month, day = map(int, found.groups())
            try:  # what is not known to the day has zeros
                yield date(year, month or 1, day or 1), precision
            except ValueError:
                continue

    def _values(self, key: str) -> Iterator[object]:
        yield from (_value(claim.get("mainsnak")) for claim in self._statements(key))

    def _statements(self, key: str) -> list[Mapping[str, Any]]:
        """Return the statements of a property that nobody has marked as wrong, preferred ones first."""
        found = [_object(one) for one in _list(self._claims.get(key))]
        valid = [one for one in found if one.get("rank") != "deprecated"]
        return sorted(valid, key=lambda one: one.get("rank") != "preferred")


def ids_of(hits: object) -> list[str]:
    """Return the ids of the hits of a search."""
    return once(one for hit in _list(_object(hits).get("search")) if (one := _id(hit)))


def fault_of(answer: object) -> str:
    """Return what Wikidata says is wrong; nothing where nothing is."""
    return _name(_object(_object(answer).get("error")).get("info"))


def items_of(answer: object) -> dict[str, Item]:
    """Return the items of an answer by their ids, those that are there."""
    found = {key: Item(raw) for key, raw in _object(_object(answer).get("entities")).items()}
    return {key: item for key, item in found.items() if item.is_there}


def once(names: Iterable[str]) -> list[str]:
    """Return names each once, capitals and width aside, in order."""
    return list({fold(name): name for name in reversed([*names])}.values())[::-1]


def _texts(values: Iterable[object], key: str = "value") -> Iterator[Named]:
    for number, value in enumerate(values):
        told = _object(value)
        language, name = told.get("language"), _name(told.get(key))
        if number < MOST_NAMES and isinstance(language, str) and language.isascii() and name:
            yield language[:20], name


def _name(value: object) -> str:
    """Return a name on one line, without control and direction-changing characters; one that is too long is none."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        return ""
    kept = (" " if char.isspace() else char for char in clean(value))
    plain = "".join(char for char in kept if unicodedata.category(char) not in UNSEEN or char in JOINERS)
    return " ".join(plain.split())


def _id(value: object) -> str:
    found = _object(value).get("id")
    return found if isinstance(found, str) and ID.fullmatch(found) else ""


def _value(snak: object) -> object:
    return _object(_object(snak).get("datavalue")).get("value")


def _qualifiers(claim: Mapping[str, Any], key: str) -> list[object]:
    return _list(_object(claim.get("qualifiers")).get(key))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}  # an empty one comes as a list


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
