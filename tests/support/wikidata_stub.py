"""Wikidata as far as it is asked: a search and items, in the shape of its answers; the facts are invented or plain."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from loopback import Asked, Loopback, Reply, serving

Raw = dict[str, Any]


def value(content: object, **more: object) -> Raw:
    """Write a statement that holds a value."""
    return {"mainsnak": {"snaktype": "value", "datavalue": {"value": content}}, "rank": "normal"} | more


def item(number: str, **more: object) -> Raw:
    """Write a statement that names an item."""
    return value({"entity-type": "item", "id": number}, **more)


def day(written: str, precision: int = 11) -> Raw:
    """Write a statement that holds a time."""
    return value({"time": f"+{written}T00:00:00Z", "precision": precision})


def labels(**names: str) -> Raw:
    """Write labels or descriptions by language; "pt_br" is pt-br."""
    told = {language.replace("_", "-"): name for language, name in names.items()}
    return {language: {"language": language, "value": name} for language, name in told.items()}


def played(actor: str, role: str = "", role_name: str = "") -> Raw:
    """Write a statement about who plays, and whom."""
    qualifiers: Raw = {"P453": [item(role)["mainsnak"]]} if role else {}
    qualifiers |= {"P4633": [value(role_name)["mainsnak"]]} if role_name else {}
    return item(actor, **({"qualifiers": qualifiers} if qualifiers else {}))


SERIES: Raw = {
    "labels": labels(
        en="Night Ferry", ko="밤배", es="El ferri nocturno", ja="夜の渡し船", de="Night Ferry", th="เรือข้ามฟาก"
    ),
    "descriptions": labels(en="2021 South Korean television series"),
    "aliases": {"en": [{"language": "en", "value": "The Night Ferry (TV series)"}]},
    "sitelinks": {
        "kowiki": {"site": "kowiki", "title": "밤배 (드라마)"},
        "enwiki": {"site": "enwiki", "title": "Night Ferry (TV series)"},
        "commonswiki": {"site": "commonswiki", "title": "Category:Night Ferry"},
        "zh_classicalwiki": {"site": "zh_classicalwiki", "title": "夜渡"},
    },
    "claims": {
        "P31": [item("Q5398426")],
        "P1476": [value({"text": "밤배", "language": "ko"})],
        "P580": [day("2021-11-19"), day("2021-00-00", 9)],
        "P577": [day("2020-01-01") | {"rank": "deprecated"}],
        "P136": [item("Q901")],
        "P161": [played("Q801", "Q802"), played("Q803", role_name="Captain Oh")],
        "P170": [item("Q804")],
        "P449": [item("Q907311")],
    },
}
FILM: Raw = {
    "labels": labels(en="Night Ferry"),
    "descriptions": labels(en="film directed by nobody"),
    "aliases": [],  # as an empty one is sent
    "sitelinks": [],
    "claims": {
        "P31": [item("Q999999")],
        "P57": [item("Q804")],
        "P2047": [value({"amount": "+90"})],
        "P577": [day("1976-05-00", 10)],
    },
}
OTHERS: dict[str, Raw] = {
    "Q3": {"labels": labels(en="Night Ferry, season 1"), "claims": {"P31": [item("Q3464665")], "P449": [item("Q1")]}},
    "Q4": {"labels": labels(en="Night Ferry"), "claims": {"P31": [item("Q11446")]}},  # a ship
    "Q801": {"labels": labels(en="Invented Actor", ko="지은이")},
    "Q802": {"labels": labels(en="Min-a", ko="민아")},
    "Q803": {"labels": labels(en="Other Actor")},
    "Q804": {"labels": labels(en="Some Maker")},
    "Q901": {"labels": labels(en="horror television series")},
}


@dataclass
class WikidataStub:
    """What it has, by id. `hits` are what a search gives; `fault` answers in its place."""

    items: dict[str, Raw] = field(default_factory=lambda: {"Q1": SERIES, "Q2": FILM, **OTHERS})
    hits: list[str] = field(default_factory=lambda: ["Q3", "Q4", "Q1"])
    fault: Reply | None = None

    def answer(self, asked: Asked) -> Reply:
        """Answer a search or a question for items; labels come in the languages asked for."""
        if self.fault is not None:
            return self.fault
        if asked.path != "/w/api.php":
            return Reply({"error": "not found"}, 404)
        if asked.params["action"] == "wbsearchentities":
            return Reply({"search": [{"id": number} for number in self.hits], "success": 1})
        ids = asked.params["ids"].split("|")
        assert len(ids) <= 50
        return Reply({"entities": {number: self._item(number, asked) for number in ids}, "success": 1})

    def _item(self, number: str, asked: Asked) -> Raw:
        if number not in self.items:
            return {"id": number, "missing": ""}
        props = asked.params["props"].split("|")
        told = {name: part for name, part in self.items[number].items() if name in props}
        if languages := asked.params.get("languages"):
            kept = languages.split("|")
            told["labels"] = {key: name for key, name in told.get("labels", {}).items() if key in kept}
        return {"id": number, "type": "item", **told}


@contextmanager
def wikidata_server(stub: WikidataStub) -> Iterator[Loopback]:
    """Serve it on the loopback."""
    with serving(stub.answer) as server:
        yield server
