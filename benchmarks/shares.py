"""How often the printed 95 % intervals of shares hold the truth: 500 shows of 400 real labelled posts, in known mixes.

Reads the labelled sets found through BUZZ_DATA, of which only the parts that no scorer learned from. Each language is
simulated by itself, with calibrations of several sizes; then all languages in one show; then the hard case, in which
the confusion was measured on other sets than the show's posts are of. Ends with 1 where a figure misses its floor.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis import between_sets, simulated_shows
from analysis.confusion import CLASSES, Confusion
from analysis.labeller import LabelInput
from analysis.labellers.sentiment import Sentiments
from analysis.scorers.training.sets import SETS, Example
from analysis.simulated_shows import Figure, Plan, Pool
from collector.config import Config, SentimentSettings

HOLDS = (0.92, 0.98)  # of the intervals
MEAN_ERROR = 0.07  # at most, over positive, negative and net; of English, and of all languages in each show
AUDIT, LARGE = 450, 1200  # posts labelled by a user; as many as there are where shows need the rest
LEAST = 60  # posts of each class that a language must have left
# posts as people write them; the others are reviews and editorials
POSTS = ("tweeteval", "umsab", "vader tweets", "nsmc", "wisesight", "smsa")


class Case(NamedTuple):
    """What was simulated, and its figures; coverage is held to a floor where `is_held`, the error where `has_error`."""

    name: str
    figures: dict[str, Figure]
    is_held: bool
    has_error: bool = False

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each floor that is missed."""
        low, high = HOLDS
        for share, figure in self.figures.items():
            if not low <= figure.held <= high:
                yield f"{self.name}: the interval of {share} held the truth in {figure.held:.1%} of shows"
        if self.has_error and self.error > MEAN_ERROR:
            yield f"{self.name}: the mean error is {self.error:.3f}"

    @property
    def error(self) -> float:
        """Mean error of positive, negative and net."""
        return float(np.mean([figure.error for figure in self.figures.values()]))


def main() -> None:
    """Simulate, print, and say which floors are missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shows", type=int, default=simulated_shows.SHOWS, help="shows of each case (default: 500)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args()
    data = os.environ.get("BUZZ_DATA")
    if not data:
        sys.exit("BUZZ_DATA names no folder: set it to the folder of labelled sets")
    by_set = _pools(Path(data))
    cases = []
    for case in _cases(by_set, asked.shows):
        cases.append(case)
        if not asked.json:
            print(*_lines(case), sep="\n", flush=True)
    faults = [fault for case in cases if case.is_held for fault in case.faults()]
    if asked.json:
        told = {one.name: {name: figure._asdict() for name, figure in one.figures.items()} for one in cases}
        print(json.dumps({"cases": told, "faults": faults}))
    if faults:
        raise SystemExit("\n".join(faults))


def _pools(data: Path) -> dict[tuple[str, str], Pool]:
    """Return the posts of each language and set that nobody learned from, as they are scored now."""
    examples = [one for each in SETS for one in each.read(data / "sentiment") if one.measures]
    labeller = Sentiments(Config(sentiment=SentimentSettings(engine="auto")))
    posts = [LabelInput(at, one.text, one.language, (), one.language) for at, one in enumerate(examples)]
    given = [label.sentiment for label in labeller.label(posts)]
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for one, label in zip(examples, given, strict=True):
        if label != "unscored":
            found.setdefault((one.language, _name(one)), []).append((2 - one.label, CLASSES.index(label)))
    return {key: Pool(*np.array(rows, dtype=np.intp).T) for key, rows in found.items()}


def _name(one: Example) -> str:
    return "umsab" if one.name.startswith("umsab") else "nsmc" if one.name.startswith("nsmc") else one.name


def _cases(by_set: Mapping[tuple[str, str], Pool], shows: int) -> Iterator[Case]:
    languages = sorted({language for language, _ in by_set})
    whole = {language: _joined([by_set[key] for key in by_set if key[0] == language and key[1] in POSTS])
             for language in languages}  # fmt: skip
    whole = {language: pool for language, pool in whole.items() if len(pool.true)}
    for language, pool in whole.items():
        for size in (AUDIT, LARGE):
            left = pool.counts.sum(axis=1) * (1 - size / len(pool.true))
            if min(left) >= LEAST:
                case = _case(f"{language}, {size} posts labelled", {language: pool}, Plan(size, shows=shows), held=True)
                yield case._replace(has_error=language == "en")
    audited = {
        language: pool
        for language, pool in whole.items()
        if min(pool.counts.sum(axis=1)) * (1 - AUDIT / len(pool.true)) >= LEAST
    }
    if len(audited) > 1:
        name = f"{' + '.join(audited)} in each show, {AUDIT} posts of each labelled"
        yield _case(name, audited, Plan(AUDIT, shows=shows), held=True)._replace(has_error=True)
    for target in ("tweeteval", "vader tweets", "vader movieReviewSnippets", "vader amazonReviewSnippets"):
        others = [pool.counts for (language, name), pool in by_set.items() if language == "en" and name != target]
        known = {"en": between_sets.pooled(others, between_sets.spread([others])).confusion}
        for size in (0, 150):
            name = f"en, confusion of other sets than the shows ({target}), {size} posts labelled"
            yield _case(name, {"en": by_set["en", target]}, Plan(size, shows=shows), held=False, known=known)


def _case(
    name: str, pools: Mapping[str, Pool], plan: Plan, *, held: bool, known: Mapping[str, Confusion] | None = None
) -> Case:
    return Case(name, simulated_shows.figures(simulated_shows.simulated(pools, plan, known)), held)


def _joined(pools: list[Pool]) -> Pool:
    nothing = Pool(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))
    true, given = zip(nothing, *pools, strict=True)
    return Pool(np.concatenate(true), np.concatenate(given))


def _lines(case: Case) -> Iterator[str]:
    yield f"{case.name}: mean error {case.error:.3f}{'' if case.is_held else ' (no floor)'}"
    for share, figure in case.figures.items():
        yield (
            f"  {share:9} held {figure.held:.1%} (of the posts written: {figure.held_posts:.1%}), mean error "
            f"{figure.error:.3f}, width {figure.width:.2f}; plain: held {figure.naive_held:.1%}, error "
            f"{figure.naive_error:.3f}"
        )


if __name__ == "__main__":
    main()
