"""Figures that may not be lost: what was measured against a file of floors and ceilings. Pure but for `read`."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.evaluation.scoring import AUTO
from analysis.evaluation.sets import SETS
from collector.errors import ConfigError

CEILINGS = {"flips", "net_error", "net_held_most", "net_mean_error"}  # less is better; of all others more is
Numbers = Mapping[str, float | int | None]
SECTIONS = {f"sentiment_{one.name}" for one in SETS} | {
    "sentiment_gold_first", "sentiment_gold_second", "sentiment_umsab", "sentiment_intervals", "language_found"
}  # fmt: skip


def read(path: Path) -> dict[str, dict[str, float]]:
    """Read the sections of a file of floors that are about this. Raises ConfigError where it cannot be read."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigError(f"the floors {path} cannot be read: {fault}") from fault
    return {name: section for name, section in found.items() if name in SECTIONS}


def pinned(report: Mapping[str, Any]) -> dict[str, Numbers]:
    """Return the figures that floors can be set for, by section."""
    found: dict[str, Numbers] = {
        f"sentiment_{name}": one["engines"][AUTO] for name, one in report["sets"].items()
    }  # fmt: skip
    if report["umsab"]:
        found["sentiment_umsab"] = report["umsab"][AUTO]
    for name, one in report["gold"].items():
        gains = {"gain": one["english_gain"], "gain_of_words": one["english_gain_of_words"]}
        found[f"sentiment_gold_{name}"] = {**one["engines"][AUTO], **gains}
    if report["intervals"]:
        net = report["intervals"]["figures"]["net"]
        found["sentiment_intervals"] = {
            "net_held": net["held"], "net_held_most": net["held"], "net_mean_error": net["error"]
        }  # fmt: skip
    if report["languages"]:
        found["language_found"] = report["languages"]["alone"]
    return found


def faults(floors: Mapping[str, Mapping[str, float]], report: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each figure that is worse than its floor; a set that was not measured has none.

    Raises ConfigError for a floor of a figure that there is not.
    """
    found = pinned(report)
    for section, wanted in floors.items():
        if section not in found:
            continue
        for name, bound in wanted.items():
            if name not in found[section]:
                raise ConfigError(
                    f"[{section}] {name} is no figure; there are {', '.join(found[section])}: mend the file of floors"
                )
            if fault := _fault(section, name, found[section][name], bound):
                yield fault


def unmeasured(floors: Mapping[str, Mapping[str, float]], report: Mapping[str, Any]) -> list[str]:
    """Return the sections of the floors that this run has no figures for."""
    return sorted(floors.keys() - pinned(report).keys())


def _fault(section: str, name: str, number: float | None, bound: float) -> str | None:
    is_ceiling = name in CEILINGS
    if number is None:
        return f"[{section}] {name} has nothing to be counted of, and should be {bound}"
    if number > bound if is_ceiling else number < bound:
        return f"[{section}] {name} is {number}, {'above its ceiling' if is_ceiling else 'below its floor'} {bound}"
    return None
