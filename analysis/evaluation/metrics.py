"""What is counted of labels that were given to posts of which the true class is known. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from analysis.labeller import Sentiment

CLASSES = ("positive", "neutral", "negative")
SIGN = {"positive": 1, "neutral": 0, "negative": -1}
DIGITS = 4
Told = dict[str, float | int | None]


class Outcome(NamedTuple):
    """One post: what people say of it and what an engine says. rating: the people's mean, where it is a number."""

    true: Sentiment
    given: Sentiment
    score: float | None = None
    rating: float | None = None

    @property
    def is_scored(self) -> bool:
        """Tell whether the engine gave it a class."""
        return self.given != "unscored"


def figures(outcomes: Sequence[Outcome]) -> Told:
    """Return all figures of a set, in shares of 1; None where there is nothing to count.

    posts, scored; coverage: scored of all; accuracy: right of the scored; flips: given the opposite class, of the
    scored; net_error: how far positive less negative of the scored is from that of all posts; macro_f1, macro_recall:
    means over the classes that occur, an unscored post counting as missed; r: scores against people's ratings;
    two_way_f1: macro-F1 by the sign of the score, where no post is truly neutral.
    """
    scored = [one for one in outcomes if one.is_scored]
    told: Told = {
        "posts": len(outcomes),
        "scored": len(scored),
        "coverage": _share(len(scored), len(outcomes)),
        "accuracy": _share(sum(one.given == one.true for one in scored), len(scored)),
        "flips": _share(sum(SIGN[one.given] * SIGN[one.true] < 0 for one in scored), len(scored)),
        "net_error": _net_error(outcomes, scored),
        "macro_f1": macro_f1(outcomes),
        "macro_recall": macro_recall(outcomes),
    }
    rated = [(one.rating, one.score) for one in scored if one.rating is not None and one.score is not None]
    if rated:
        told["r"] = _short(pearson(rated))
    if outcomes and all(one.true != "neutral" for one in outcomes):
        told["two_way_f1"] = macro_f1([_by_sign(one) for one in outcomes])
    return told


def macro_f1(outcomes: Sequence[Outcome]) -> float | None:
    """Return the mean F1 of the classes that occur; a post without a class is missed, so silence does not help."""
    found = []
    for each in _occurring(outcomes):
        hits = sum(one.given == one.true == each for one in outcomes)
        found.append(
            2 * hits / (sum(one.true == each for one in outcomes) + sum(one.given == each for one in outcomes))
        )
    return _mean(found)


def macro_recall(outcomes: Sequence[Outcome]) -> float | None:
    """Return the mean, over the classes that occur, of the share that is found; an unscored post is missed."""
    found = []
    for each in _occurring(outcomes):
        mine = [one for one in outcomes if one.true == each]
        found.append(sum(one.given == each for one in mine) / len(mine))
    return _mean(found)


def net(classes: Iterable[str]) -> float | None:
    """Return positive less negative, as a share of all."""
    signs = [SIGN[each] for each in classes]
    return sum(signs) / len(signs) if signs else None


def pearson(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return the correlation of the first with the second; None where one of them never changes."""
    count = len(pairs)
    mean_x, mean_y = sum(x for x, _ in pairs) / count, sum(y for _, y in pairs) / count
    both = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs) * sum((y - mean_y) ** 2 for _, y in pairs)
    return both / spread**0.5 if spread > 0 else None


def gain(better: Sequence[Outcome], worse: Sequence[Outcome]) -> float | None:
    """Return by how much more often the one is right than the other, on the posts that the one scored."""
    pairs = [(one, other) for one, other in zip(better, worse, strict=True) if one.is_scored]
    return _share(sum((one.given == one.true) - (other.given == other.true) for one, other in pairs), len(pairs))


def _by_sign(one: Outcome) -> Outcome:
    if not one.score:
        return one
    return one._replace(given="positive" if one.score > 0 else "negative")


def _net_error(outcomes: Sequence[Outcome], scored: Sequence[Outcome]) -> float | None:
    given, true = net(one.given for one in scored), net(one.true for one in outcomes)
    return None if given is None or true is None else _short(abs(given - true))


def _occurring(outcomes: Sequence[Outcome]) -> list[str]:
    return [each for each in CLASSES if any(one.true == each for one in outcomes)]


def _mean(numbers: Sequence[float]) -> float | None:
    return _short(sum(numbers) / len(numbers)) if numbers else None


def _share(part: float, whole: int) -> float | None:
    return _short(part / whole) if whole else None


def _short(number: float | None) -> float | None:
    return None if number is None else round(number, DIGITS)
