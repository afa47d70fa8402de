"""The labelled sets of a data folder, as posts are written, and of each only what nothing was learned from.

What is held out is decided in analysis.scorers.training.sets, where the model learns; tests hold the two together.
"""

import csv
import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from analysis.evaluation.scoring import Judged
from analysis.labeller import Sentiment
from analysis.scorers.training.sets import ESCAPED, RATERS_SURE, UMSAB, is_held_out, key_of, plain
from collector.errors import InputError

BY_NUMBER: tuple[Sentiment, ...] = ("negative", "neutral", "positive")
WISESIGHT: dict[str, Sentiment] = {"neg": "negative", "neu": "neutral", "pos": "positive"}
TASS: dict[str, Sentiment] = {"N": "negative", "NEU": "neutral", "NONE": "neutral", "P": "positive"}
SMSA: dict[str, Sentiment] = {each: each for each in BY_NUMBER}
VADER = {
    "vader_films": ("movieReviewSnippets", "VADER's gold: sentences of film reviews"),
    "vader_posts": ("tweets", "VADER's gold: posts"),
    "vader_products": ("amazonReviewSnippets", "VADER's gold: sentences of product reviews"),
    "vader_editorials": ("nytEditorialSnippets", "VADER's gold: sentences of editorials"),
}
SENTENCES = {"vader_films", "vader_products", "vader_editorials"}  # of articles; all others are posts or whole reviews
ROMANISED = "umsab_hi"  # its Hindi is in Latin letters, which nothing here reads


class LabelledSet(NamedTuple):
    """A set: what it is, which part is measured, its licence, the folder it lies in, and how it is read."""

    name: str
    about: str
    part: str
    licence: str
    folder: str
    read: Callable[[Path], Iterator[Judged]]


def readable(data: Path) -> list[LabelledSet]:
    """Return the sets that lie in a data folder. Raises InputError where there is none at all."""
    found = [one for one in SETS if (data / "sentiment" / one.folder).is_dir()]
    if not found:
        raise InputError(f"{data} holds no labelled set (a folder sentiment/ with sets): name another with --data")
    return found


def posts(one: LabelledSet, data: Path) -> list[Judged]:
    """Read a set. Raises InputError, naming the set, where its files are not as they were published."""
    folder = data / "sentiment" / one.folder
    try:
        return [*one.read(folder)]
    except (OSError, ValueError, KeyError, IndexError) as fault:
        raise InputError(f"the set {one.name} in {folder} is not as it was published: {fault}") from fault


def written(text: str) -> str:
    """Return a text as its author wrote it: without the escapes of the file it came in."""
    text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), html.unescape(text))
    return text.replace('\\""', '"').replace("\\n", "\n")


def _vader(name: str) -> Callable[[Path], Iterator[Judged]]:
    def read(folder: Path) -> Iterator[Judged]:
        path = folder / f"{name}_GroundTruth.txt"
        for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
            _, mean, text = line.split("\t", 2)
            if is_held_out(plain(text)):
                yield Judged(written(text), "en", _of_rating(float(mean)), float(mean))

    return read


def _of_rating(mean: float) -> Sentiment:
    if mean >= RATERS_SURE:
        return "positive"
    return "negative" if mean <= -RATERS_SURE else "neutral"


def _validation(language: str) -> Callable[[Path], Iterator[Judged]]:
    """Read val_text.txt and, line by line, val_labels.txt."""

    def read(folder: Path) -> Iterator[Judged]:
        texts = (folder / "val_text.txt").read_text(encoding="utf-8").split("\n")
        labels = (folder / "val_labels.txt").read_text(encoding="utf-8").split()
        for text, label in zip(texts, labels, strict=False):  # the texts end in an empty line
            yield Judged(written(text), language, BY_NUMBER[int(label)])

    return read


def _nsmc(folder: Path) -> Iterator[Judged]:
    for row in _rows(folder / "nsmc_raw_balanced_10k.tsv")[1:]:
        text = "\t".join(row[5:])
        if is_held_out(plain(text)):
            yield Judged(written(text), "ko", "positive" if row[4] == "1" else "negative")


def _smsa(folder: Path) -> Iterator[Judged]:
    for row in _rows(folder / "valid_preprocess.tsv"):
        yield Judged(written(row[0]), "id", SMSA[row[1]])


def _wisesight(folder: Path) -> Iterator[Judged]:
    for name, true in WISESIGHT.items():
        for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if plain(line) and is_held_out(plain(line)):
                yield Judged(written(line), "th", true)


def _tass(folder: Path) -> Iterator[Judged]:
    """Read what was not learned from: a sixth of it stands in UMSAB's Spanish training part as well."""
    shared = folder.parent / "umsab" / "spanish" / "train_text.txt"
    learned = shared.read_text(encoding="utf-8").split("\n") if shared.is_file() else []
    keys = {key_of(plain(text)) for text in learned}
    for path in sorted(folder.glob("*_train.tsv")):
        for row in _rows(path):
            text = "\t".join(row[4:])
            # one of the files has a line of headings
            if row[3] in TASS and key_of(plain(text)) not in keys:
                yield Judged(written(text), "es", TASS[row[3]])


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]


SETS = (
    *(LabelledSet(name, about, "a fifth, held out", "MIT", "vader_en", _vader(file))
      for name, (file, about) in VADER.items()),
    LabelledSet("tweeteval_en", "TweetEval, sentiment: English posts", "validation", "for research", "tweeteval_en",
                _validation("en")),
    *(LabelledSet(f"umsab_{code}", f"UMSAB: posts in {name.title()}", "validation", "Apache-2.0", f"umsab/{name}",
                  _validation(code))
      for code, name in (UMSAB | {"hi": "hindi"}).items()),
    LabelledSet("nsmc_ko", "NSMC: Korean film reviews", "a fifth, held out", "CC0", "nsmc_ko", _nsmc),
    LabelledSet("smsa_id", "SmSA: Indonesian reviews and posts", "validation", "Apache-2.0", "smsa_id", _smsa),
    LabelledSet("wisesight_th", "Wisesight: Thai posts", "a fifth, held out", "CC0", "wisesight_th", _wisesight),
    LabelledSet("tass_es", "TASS 2019: Spanish posts of five countries", "what UMSAB lacks", "for research", "tass_es",
                _tass),
)  # fmt: skip
