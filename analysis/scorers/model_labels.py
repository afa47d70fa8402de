"""Which class each label of a ready-made model means: negative, neutral, positive. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from analysis.scorers.odds import Class
from collector.errors import ConfigError

BY_WORD: dict[str, Class] = {
    "negative": "negative", "neg": "negative", "very negative": "negative",
    "neutral": "neutral", "neu": "neutral",
    "positive": "positive", "pos": "positive", "very positive": "positive",
}  # fmt: skip
STAR = re.compile(r"([1-5]) stars?")
STARS: tuple[Class, ...] = ("negative", "negative", "neutral", "positive", "positive")
# what models without names of their own mean by LABEL_0, LABEL_1 ...: from worst to best
UNNAMED: dict[int, tuple[Class, ...]] = {
    2: ("negative", "positive"),
    3: ("negative", "neutral", "positive"),
    5: STARS,
}


def classes_of(names: Mapping[str, Any], where: str) -> tuple[Class, ...]:
    """Return the class of each of the model's labels, in their order. names: config.json's id2label.

    Raises ConfigError where they are no labels of sentiment; where: the file they stand in.
    """
    written = [str(names.get(str(number), "")) for number in range(len(names))]
    folded = [" ".join(re.split(r"[\s_-]+", name.strip().lower())) for name in written]
    if folded == [f"label {number}" for number in range(len(folded))]:
        found: tuple[Class | None, ...] = UNNAMED.get(len(folded), ())
    elif all(map(STAR.fullmatch, folded)):
        found = tuple(STARS[int(name[0]) - 1] for name in folded)
    else:
        found = tuple(map(BY_WORD.get, folded))
    known = tuple(one for one in found if one)
    if len(known) < len(written) or not {"negative", "positive"} <= set(known):
        shown = ", ".join(name[:40] or "?" for name in written[:8]) or "none"
        raise ConfigError(
            f'{where}: the labels of this model ({shown}) are not those of sentiment; write "negative", "neutral" and '
            '"positive" for them under id2label, or use another model'
        )
    return known
