"""Do printed intervals hold the truth? Shows drawn of the posts that were just measured. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis import simulated_shows
from analysis.confusion import CLASSES
from analysis.evaluation.metrics import DIGITS, Outcome

LEAST = 900  # scored posts of a language: 450 are labelled for its calibration, the rest makes up shows
LEAST_OF_CLASS = 100


def pools(outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, simulated_shows.Pool]:
    """Return the scored posts of each language that has enough of every class."""
    found = {}
    for language in sorted(outcomes):
        scored = [one for one in outcomes[language] if one.is_scored]
        counts = [sum(one.true == each for one in scored) for each in CLASSES]
        if len(scored) >= LEAST and min(counts) >= LEAST_OF_CLASS:
            true, given = ([CLASSES.index(getattr(one, part)) for one in scored] for part in ("true", "given"))
            found[language] = simulated_shows.Pool(np.array(true, dtype=np.intp), np.array(given, dtype=np.intp))
    return found


def told(outcomes: Mapping[str, Sequence[Outcome]], shows: int) -> dict[str, Any] | None:
    """Return how often the intervals of so many simulated shows held, and the plain ones; None without enough posts."""
    found = pools(outcomes)
    if not found or not shows:
        return None
    plan = simulated_shows.Plan(shows=shows)
    made = simulated_shows.figures(simulated_shows.simulated(found, plan))
    figures = {
        name: {part: round(number, DIGITS) for part, number in one._asdict().items()} for name, one in made.items()
    }
    return {
        "shows": shows,
        "posts": plan.posts,
        "labelled": plan.calibration,
        "languages": [*found],
        "figures": figures,
    }
