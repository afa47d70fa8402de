"""Wikidata (CC0, no key): what a film or show is called in all languages, who is in it, and when it came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.address import host_of
from collector.errors import RetryLater
from collector.wikidata_item import GENRE, MAKERS, Item, Kind, Named, fault_of, ids_of, items_of, once

if TYPE_CHECKING:
    from collector.http import Http

HITS = 20  # of a search
LONGEST = 200  # characters of a name to search for
CAST, MADE_BY, GENRES = 30, 5, 5  # of whom the names are asked
AT_ONCE = 50  # items that one request may name
SCRIPTS = (
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7a3"),
    ("th", "\u0e00", "\u0e7f"),
    ("zh", "\u4e00", "\u9fff"),
)


class Candidate(NamedTuple):
    """One film or show that a name may mean."""

    id: str
    name: str
    description: str
    kind: Kind
    year: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a title. `names` and `aliases` are (language, name), `original` is its title in its language."""

    kind: Kind
    names: Sequence[Named] = ()
    aliases: Sequence[Named] = ()
    original: Named | None = None
    released: date | None = None
    people: Sequence[str] = ()
    genres: Sequence[str] = ()
    articles: Sequence[str] = ()
    services: Sequence[str] = ()


class Wikidata:
    """Two questions: what a name may mean, and what is known of one of the answers. Both raise RetryLater, Fatal."""

    def __init__(self, address: str, http: "Http") -> None:
        self._address = address
        self._http = http

    def search(self, name: str) -> list[Candidate]:
        """Return the films and shows that are called so, or nearly so, the most likely first."""
        language = language_of(name)
        ids = ids_of(
            self._ask(action="wbsearchentities", search=name[:LONGEST], language=language, uselang=language, limit=HITS)
        )[:HITS]
        languages = "|".join(dict.fromkeys(["en", language]))
        items = self._items(ids, props="labels|descriptions|claims", languages=languages, languagefallback=1)
        return [
            Candidate(one, _called(items[one], language), items[one].description(language, "en"), kind, items[one].year)
            for one in ids
            if one in items and (kind := items[one].kind)
        ]

    def look_up(self, candidate: Candidate) -> Entry:
        """Return what is known of one of them; people in English and in the title's own language."""
        item = self._items([candidate.id], props="labels|aliases|claims|sitelinks").get(candidate.id)
        if item is None:
            raise self._later(f"does not have {candidate.id} any more")
        language = item.original[0] if item.original else "en"
        people, genres = [*item.cast[:CAST], *item.ids(*MAKERS)[:MADE_BY]], item.ids(GENRE)[:GENRES]
        called = self._called([*people, *genres], language)
        return Entry(
            kind=candidate.kind,
            names=item.names,
            aliases=item.aliases,
            original=item.original,
            released=item.released,
            people=once([*(name for one in people for name in called.get(one, ())), *item.roles[:CAST]]),
            genres=once(name for one in genres for name in called.get(one, ())[:1]),
            articles=item.articles,
            services=item.services,
        )

    def _called(self, ids: Sequence[str], language: str) -> Mapping[str, Sequence[str]]:
        """Return the names of items: the English one, then that in another language where it differs."""
        languages = list(dict.fromkeys(["en", language]))
        items = self._items(list(dict.fromkeys(ids)), props="labels", languages="|".join(languages))
        return {
            number: once(name for wanted in languages for told, name in item.names if told == wanted)
            for number, item in items.items()
        }

    def _items(self, ids: Sequence[str], **params: str | int) -> dict[str, Item]:
        if not ids:
            return {}
        return items_of(self._ask(action="wbgetentities", ids="|".join(ids[:AT_ONCE]), **params))

    def _ask(self, **params: str | int) -> object:
        answer: Any = self._http.get(f"{self._address}/w/api.php", params={"format": "json", **params}).json()
        if fault := fault_of(answer):
            raise self._later(f"says: {fault}")
        if not isinstance(answer, dict):
            raise self._later("sent something other than items")
        return answer

    def _later(self, what: str) -> RetryLater:
        return RetryLater(f"{host_of(self._address)} {what}", until=self._http.clock() + timedelta(minutes=1))


def language_of(name: str) -> str:
    """Return in which language to search for a name, by its script; English where that says nothing."""
    return next((language for language, first, last in SCRIPTS if any(first <= char <= last for char in name)), "en")


def _called(item: Item, language: str) -> str:
    names = dict(item.names)
    return names.get(language) or names.get("en") or next(iter(names.values()), "—")
