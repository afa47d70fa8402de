"""The labelled sets that the multilingual model learns from, and what of them is never learned from.

The sets lie in the folder that BUZZ_DATA names; its README says which may be learned from, and of which only numbers
over hashed or embedded features may be handed on. Posts written for this project lie beside this file.
"""

import csv
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from analysis.masking import name_mask
from analysis.scorers.multilingual import tidied
from analysis.tokens import straight
from collector import config

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2  # the order of analysis.scorers.head.CLASSES
NAMES = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE}
OWN = Path(__file__).with_name("posts.jsonl")
HELD_OUT = 20  # of a hundred texts, of sets that bring no part for measuring
RATERS_SURE = 0.5  # VADER's raters give -4..4; between minus this and this the mean is neutral
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
LINK = re.compile(r"https?(?:://\S+)?\b|www\.\S+|[@＠]\w[\w.-]*", re.IGNORECASE)  # noqa: RUF001 - as in analysis.masking
UMSAB = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "pt": "portuguese",
}  # fmt: skip - its Hindi is romanised, which nothing here reads
VADER = ("tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets")
WISESIGHT = {"neg": NEGATIVE, "neu": NEUTRAL, "pos": POSITIVE}  # its fourth class, questions, is left out


class Example(NamedTuple):
    """A text as a scorer gets it, with the class that people gave it."""

    language: str
    text: str
    label: int
    name: str  # of the set
    measures: bool = False  # never learned from
    group: str = ""  # what is the same for two forms of one post


class LabelledSet(NamedTuple):
    """A set, how it is read, and whether anything learned from it may be shipped ("open")."""

    name: str
    is_open: bool
    read: Callable[[Path], Iterator[Example]]


def examples(data: Path, *, only_open: bool = False) -> list[Example]:
    """Return all examples, each text of a language once; what measures comes first and is nowhere learned from."""
    found = [one for each in SETS if each.is_open or not only_open for one in each.read(data / "sentiment")]
    found += [*own_posts()]
    # whatever measures anything is learned from nowhere, whichever sets are in use
    measuring = {key_of(one.text) for each in SETS for one in each.read(data / "sentiment") if one.measures}
    kept: dict[tuple[str, str, bool], Example] = {}
    for one in found:
        key = key_of(one.text)
        if one.measures or key not in measuring:
            kept.setdefault((one.language, key, one.measures), one)
    return [*kept.values()]


def own_posts() -> Iterator[Example]:
    """Yield the posts written for this project, twice where they name a watched title: as it is and masked."""
    mask = name_mask(config.parse(config.template()).titles)
    for line in OWN.read_text(encoding="utf-8").splitlines():
        post = json.loads(line)
        language, label = post.get("language", "en"), NAMES[post["label"]]
        texts = dict.fromkeys([plain(post["text"]), tidied(mask.read(post["text"]).text)])
        yield from (Example(language, text, label, "own", group=post["text"]) for text in texts)


def is_held_out(text: str) -> bool:
    """Tell whether a text of NSMC, Wisesight or VADER's gold is kept for measuring, by its letters and digits."""
    digest = hashlib.sha256(key_of(text).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") % 100 < HELD_OUT


def plain(text: str) -> str:
    """Return a text of a set as the labeller hands one on: no links, handles, escapes or curly apostrophes."""
    text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), html.unescape(text))
    return tidied(LINK.sub(" ", straight(text.replace('\\""', '"').replace("\\n", " "))))


def key_of(text: str) -> str:
    """Return what makes a text the same as another: its letters and digits, or all of it where it has none."""
    return "".join(filter(str.isalnum, text.lower())) or text


def _vader(folder: Path) -> Iterator[Example]:
    for part in VADER:
        path = folder / "vader_en" / f"{part}_GroundTruth.txt"
        for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
            _, mean, text = line.split("\t", 2)
            label = POSITIVE if float(mean) >= RATERS_SURE else NEGATIVE if float(mean) <= -RATERS_SURE else NEUTRAL
            yield Example("en", plain(text), label, f"vader {part}", is_held_out(plain(text)))


def _semeval(folder: Path) -> Iterator[Example]:
    for row in _rows(folder / "semeval_en" / "train.tsv")[1:]:
        yield Example("en", plain("\t".join(row[1:])), NAMES[row[0]], "semeval")


def _tweeteval(folder: Path) -> Iterator[Example]:
    yield from _paired(folder / "tweeteval_en", "val", "en", "tweeteval", measures=True)


def _umsab(folder: Path) -> Iterator[Example]:
    for language, name in UMSAB.items():
        yield from _paired(folder / "umsab" / name, "train", language, f"umsab {name}", measures=False)
        yield from _paired(folder / "umsab" / name, "val", language, f"umsab {name}", measures=True)


def _nsmc(folder: Path) -> Iterator[Example]:
    for row in _rows(folder / "nsmc_ko" / "nsmc_raw_balanced_10k.tsv")[1:]:
        text = plain("\t".join(row[5:]))
        yield Example("ko", text, POSITIVE if row[4] == "1" else NEGATIVE, "nsmc", is_held_out(text))


def _wisesight(folder: Path) -> Iterator[Example]:
    for name, label in WISESIGHT.items():
        for line in (folder / "wisesight_th" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if text := plain(line):
                yield Example("th", text, label, "wisesight", is_held_out(text))


def _smsa(folder: Path) -> Iterator[Example]:
    for part, measures in (("train", False), ("valid", True)):
        for row in _rows(folder / "smsa_id" / f"{part}_preprocess.tsv"):
            yield Example("id", plain(row[0]), NAMES[row[1]], "smsa", measures)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]


def _paired(folder: Path, part: str, language: str, name: str, *, measures: bool) -> Iterator[Example]:
    """Yield the examples of a file of texts and one of labels, line by line."""
    texts = (folder / f"{part}_text.txt").read_text(encoding="utf-8").split("\n")
    labels = (folder / f"{part}_labels.txt").read_text(encoding="utf-8").split()
    for text, label in zip(texts, labels, strict=False):  # the texts end in an empty line
        yield Example(language, plain(text), int(label), name, measures)


SETS = (
    LabelledSet("vader", is_open=True, read=_vader),
    LabelledSet("nsmc", is_open=True, read=_nsmc),
    LabelledSet("wisesight", is_open=True, read=_wisesight),
    LabelledSet("smsa", is_open=True, read=_smsa),
    LabelledSet("umsab", is_open=False, read=_umsab),
    LabelledSet("semeval", is_open=False, read=_semeval),
    LabelledSet("tweeteval", is_open=False, read=_tweeteval),
)
