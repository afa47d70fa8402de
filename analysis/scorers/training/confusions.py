"""Measure the faults of each engine anew: BUZZ_DATA=folder python -m analysis.scorers.training.confusions.

Writes analysis/scorers/confusions.json: for each engine and language the mean rates over labelled sets, how many posts
they are worth on a set that was never seen (analysis.between_sets), and the calibration of scores. Only of posts that
the model had not seen: the parts held out of openly licensed sets, the first half of the gold set, and every other text
by weights that were learned without it (three folds). Nothing is taken from the sets that are for measuring alone.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis import calibration
from analysis.between_sets import pooled, spread
from analysis.confusion import CLASSES, SHIPPED, Values
from analysis.evaluation import gold
from analysis.labeller import LabelInput
from analysis.labellers.sentiment import BY_WORDS, Sentiments
from analysis.scorers.multilingual import Multilingual
from analysis.scorers.odds import Odds
from analysis.scorers.training.__main__ import _embedded
from analysis.scorers.training.sets import SETS, Example, examples
from analysis.scorers.training.train import Choices, numbers, trained
from collector.config import Config, SentimentSettings

# the word list was made with the first beside it; the second is no talk of people about what they watch
LEFT_OUT = frozenset({"vader tweets", "vader nytEditorialSnippets"})
SAME = {"umsab english": "semeval", "nsmc middling": "nsmc"}  # parts of the other
LEXICON, HYBRID, MULTILINGUAL = "lexicon", "hybrid", "multilingual"
DIGITS = 4


class Seen(NamedTuple):
    """A labelled post as an engine scores it; classes are places in CLASSES."""

    engine: str
    language: str
    name: str  # of the set
    true: int
    given: int
    score: float


def main() -> None:
    """Label, count, write."""
    parser = argparse.ArgumentParser(prog="python -m analysis.scorers.training.confusions", description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder that keeps what the encoder made, for a second run")
    parser.add_argument("--to", type=Path, default=SHIPPED, help="file to write (default: the packaged one)")
    asked = parser.parse_args()
    data = os.environ.get("BUZZ_DATA")
    if not data:
        sys.exit("BUZZ_DATA names no folder: set it to the folder of labelled sets")
    seen = [*_of_sets(Path(data), asked.cache), *_of_gold()]
    asked.to.write_text(json.dumps(document(seen, _labellers(), _today()), indent=1) + "\n", encoding="utf-8")
    print(*_lines(asked.to), sep="\n")  # noqa: T201 - a script


def document(seen: Sequence[Seen], labellers: Mapping[str, str], date: str) -> dict[str, object]:
    """Return what is shipped. labellers: by engine, the signature of the labeller that was measured."""
    counts: dict[tuple[str, str], dict[str, Values]] = {}
    for one in seen:
        sets = counts.setdefault((one.engine, one.language), {})
        sets.setdefault(one.name, np.zeros((3, 3)))[one.true, one.given] += 1
    by_words = spread([[*sets.values()] for (engine, _), sets in counts.items() if engine == LEXICON])
    by_model = spread([[*sets.values()] for (engine, _), sets in counts.items() if engine != LEXICON])
    confusions, calibrations = [], []
    for (engine, language), sets in sorted(counts.items()):
        mean = pooled([*sets.values()], by_words if engine == LEXICON else by_model)
        told = {"engine": engine, "language": language}
        confusions.append(
            told
            | {"labeller": labellers[engine], "rates": mean.rates.round(DIGITS).tolist()}
            | {"strength": round(mean.strength, 1), "sources": {name: int(one.sum()) for name, one in sets.items()}}
        )
        mine = [one for one in seen if (one.engine, one.language) == (engine, language)]
        fit = calibration.fitted(np.array([one.score for one in mine]), np.array([one.true for one in mine]))
        calibrations.append(told | {name: [round(x, DIGITS) for x in row] for name, row in fit._asdict().items()})
    return {"date": date, "confusions": confusions, "calibrations": calibrations}


class Replayed:
    """The model as weights that had not seen a text: gives the odds that were kept for it, none for any other."""

    name = MULTILINGUAL
    version = "replayed"

    def __init__(self, found: Sequence[Example], odds: Sequence[Odds | None]) -> None:
        self.languages: frozenset[str] = frozenset(one.language for one in found)
        self._odds = {_key(one.language, one.text): three for one, three in zip(found, odds, strict=True)}

    def odds(self, texts: Sequence[str], languages: Sequence[str]) -> list[Odds | None]:
        """Return the odds of each text, in order."""
        return [self._odds.get(_key(language, text)) for text, language in zip(texts, languages, strict=True)]


def _key(language: str, text: str) -> tuple[str, str]:
    """Return what a labeller leaves of a text as it is: its letters and digits."""
    return language, "".join(filter(str.isalnum, text.lower())) or text


def _of_sets(data: Path, cache: Path | None) -> Iterator[Seen]:
    found = examples(data)
    held_out = {each.name for each in SETS if each.is_open}
    learned = [one for one in found if not one.measures]
    kept = [one for one in found if one.measures and one.name.split()[0] in held_out]
    result = trained(numbers(learned, _embedded(learned, cache), Choices()), Choices())
    odds: list[Odds | None] = [None] * len(learned)
    for language, unseen in result.unseen.items():
        rows = [at for at, one in enumerate(learned) if one.language == language]
        for at, three in zip(rows, unseen.tolist(), strict=True):
            odds[at] = None if np.isnan(three[0]) else Odds(*three)
    odds += Multilingual().odds([one.text for one in kept], [one.language for one in kept])
    known = [one for one, three in zip([*learned, *kept], odds, strict=True) if three]
    replayed = Sentiments(_config("auto"), Replayed(known, [three for three in odds if three]))
    yield from _seen(known, replayed)
    yield from _seen([one for one in known if one.language == BY_WORDS], Sentiments(_config(LEXICON)))


def _seen(found: Sequence[Example], labeller: Sentiments) -> Iterator[Seen]:
    """Yield each post that is scored."""
    asked = [LabelInput(None, one.text, None, (), one.language) for one in found]
    for one, label in zip(found, labeller.label(asked), strict=True):
        name = SAME.get(one.name, one.name)
        if label.score is not None and label.sentiment != "unscored" and name not in LEFT_OUT:
            engine, given = labeller.engine(one.language), CLASSES.index(label.sentiment)
            yield Seen(engine, one.language, name, 2 - one.label, given, label.score)


def _of_gold() -> Iterator[Seen]:
    posts = gold.half(gold.SHOWN)
    for engine in ("auto", LEXICON):
        labeller = Sentiments(gold.config(posts, SentimentSettings(engine=engine)))
        asked = [LabelInput(None, post.text, None, (), post.language) for post in posts]
        for post, label in zip(posts, labeller.label(asked), strict=True):
            if label.score is not None and label.sentiment != "unscored":
                given, true = CLASSES.index(label.sentiment), CLASSES.index(post.true)
                yield Seen(labeller.engine(post.language), post.language, "gold, first half", true, given, label.score)


def _config(engine: str) -> Config:
    return Config(sentiment=SentimentSettings.model_validate({"engine": engine}))


def _labellers() -> dict[str, str]:
    auto, lexicon = Sentiments(_config("auto")), Sentiments(_config(LEXICON))
    told = {one: f"{one.name}/{one.version}" for one in (auto, lexicon)}
    return {HYBRID: told[auto], MULTILINGUAL: told[auto], LEXICON: told[lexicon]}


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _lines(path: Path) -> Iterator[str]:
    for one in json.loads(path.read_text(encoding="utf-8"))["confusions"]:
        rates = "; ".join(" ".join(f"{rate:.2f}" for rate in row) for row in one["rates"])
        yield f"{one['engine']} {one['language']}: {rates}, worth {one['strength']} posts, of {one['sources']}"


if __name__ == "__main__":
    main()
