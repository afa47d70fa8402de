"""Measures everything: the gold set, the labelled sets of a data folder, languages, intervals. Texts do not leave."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from analysis.evaluation import gold, intervals, languages, sets
from analysis.evaluation.metrics import DIGITS, Outcome, figures, gain
from analysis.evaluation.scoring import AUTO, ENGINES, LEXICON, STOCK, Engines, Judged, Run, outcomes
from analysis.labellers.language import Language
from collector.config import Config, SentimentSettings

SEED = 20220128
ENGLISH = "en"
WORST = 12  # errors that are quoted
Report = dict[str, Any]


class Asked(NamedTuple):
    """What to measure. data: a folder of labelled sets; most: posts of each set, 0 for all; shows: simulated ones."""

    data: Path | None = None
    most: int = 0
    shows: int = 200
    gold: Path = gold.FOLDER
    settings: SentimentSettings = SentimentSettings()


def evaluate(asked: Asked, say: Callable[[str], None] = lambda _: None) -> Report:
    """Return all figures as JSON can hold them; analysis.evaluation.page tells what they mean.

    say: told what is being measured. Raises InputError where the data folder is not one.
    """
    plain = Engines(Config(sentiment=asked.settings))
    by_language: dict[str, list[Outcome]] = {}
    measured = _sets(plain, asked.data, asked.most, by_language, say) if asked.data else {}
    say("the gold set")
    return {
        "date": datetime.now(tz=UTC).date().isoformat(),
        "labeller": plain.auto.version,
        "most": asked.most,
        "sets": measured,
        "umsab": _mean_of_umsab(measured),
        **_gold(asked),
        "languages": languages.told(asked.data) if asked.data else None,
        "intervals": intervals.told(by_language, asked.shows),
    }


def _sets(
    engines: Engines, data: Path, most: int, by_language: dict[str, list[Outcome]], say: Callable[[str], None]
) -> Report:
    measured: Report = {}
    for one in sets.readable(data):
        say(one.about)
        measured[one.name] = _of_set(engines, one, _some(sets.posts(one, data), most), by_language)
    return measured


def _some(posts: list[Judged], most: int) -> list[Judged]:
    if not most or len(posts) <= most:
        return posts
    return random.Random(SEED).sample(posts, most)  # noqa: S311 - no secret: the same posts each time


def _of_set(
    engines: Engines, one: sets.LabelledSet, posts: Sequence[Judged], by_language: dict[str, list[Outcome]]
) -> Report:
    """Measure one set; what the product says of it is added to its language, if it is posts."""
    language = posts[0].language
    told = {}
    for name in ENGINES:
        if name == LEXICON and language != ENGLISH:
            continue  # it reads English alone
        run = engines.run(name, posts)
        found = outcomes(posts, run.labels)
        told[name] = {**figures(found), "posts_per_second": _speed(run)}
        if name == AUTO and one.name not in sets.SENTENCES:
            by_language.setdefault(language, []).extend(found)
    return {
        "about": one.about, "part": one.part, "licence": one.licence, "language": language,
        "engine": engines.auto.engine(language), "engines": told,
    }  # fmt: skip


def _mean_of_umsab(measured: Report) -> dict[str, dict[str, float]] | None:
    """Return the means over UMSAB's languages in their native script."""
    mine = [one for name, one in measured.items() if name.startswith("umsab_") and name != sets.ROMANISED]
    if not mine:
        return None
    return {
        engine: {
            part: round(sum(one["engines"][engine][part] for one in mine) / len(mine), DIGITS)
            for part in ("macro_f1", "macro_recall", "coverage")
        }
        for engine in (STOCK, AUTO)
    }


# --- the gold set


def _gold(asked: Asked) -> Report:
    """Return the figures of both halves, and the worst errors of the one that may be shown."""
    halves = {name: found for name in gold.HALVES if (found := gold.half(name, asked.gold))}
    if not halves:
        return {"gold": {}, "worst": []}
    config = gold.config([post for half in halves.values() for post in half], asked.settings)
    engines = Engines(config)
    told = {name: _of_half(engines, Language(config), posts) for name, posts in halves.items()}
    return {"gold": told, "worst": _worst(engines, halves.get(gold.SHOWN, []))}


def _of_half(engines: Engines, language: Language, posts: Sequence[gold.GoldPost]) -> Report:
    judged = [Judged(post.text, post.language, post.true) for post in posts]
    runs = {name: engines.run(name, judged) for name in ENGINES}
    said = {name: outcomes(judged, run.labels) for name, run in runs.items()}
    found, right = languages.found(language, judged)
    told = {name: {**figures(some), "posts_per_second": _speed(runs[name])} for name, some in said.items()}
    english = [post.language == ENGLISH for post in posts]
    return {
        "engines": told,
        "english_gain": gain(_where(said[AUTO], english), _where(said[STOCK], english)),
        "english_gain_of_words": gain(_where(said[LEXICON], english), _where(said[STOCK], english)),
        "language_found": {
            "right": right, **figures(outcomes(judged, engines.run(AUTO, judged, found).labels))
        },
        "languages": _each(said, [(post.language,) for post in posts]),
        "traits": _each(said, [post.traits for post in posts]),
        "without_sarcasm": {
            name: figures(_where(some, [gold.SARCASM not in post.traits for post in posts]))
            for name, some in said.items()
        },
    }  # fmt: skip


def _speed(run: Run) -> int:
    return round(run.posts_per_second)


def _each(said: Mapping[str, Sequence[Outcome]], marks: Sequence[Sequence[str]]) -> Report:
    """Return the figures of every mark's posts, by engine, the commonest first."""
    names = sorted({mark for some in marks for mark in some})
    rows = {name: [name in some for some in marks] for name in names}
    names.sort(key=lambda name: -sum(rows[name]))
    return {name: {engine: figures(_where(some, rows[name])) for engine, some in said.items()} for name in names}


def _where(found: Sequence[Outcome], chosen: Sequence[bool]) -> list[Outcome]:
    return [one for one, is_chosen in zip(found, chosen, strict=True) if is_chosen]


def _worst(engines: Engines, posts: Sequence[gold.GoldPost]) -> list[dict[str, Any]]:
    """Return the posts of the half that is shown that are most clearly given the opposite class."""
    labels = engines.run(AUTO, [Judged(post.text, post.language, post.true) for post in posts]).labels if posts else []
    wrong = [
        {"text": post.text, "language": post.language, "traits": [*post.traits], "true": post.true,
         "given": label.sentiment, "score": label.score, "why": [*label.why]}
        for post, label in zip(posts, labels, strict=True)
        if label.score is not None and {post.true, label.sentiment} == {"positive", "negative"}
    ]  # fmt: skip
    return sorted(wrong, key=lambda one: (-abs(float(str(one["score"]))), str(one["text"])))[:WORST]
