"""Scorers: what reads the feeling out of a text that has been masked.

The lexicon (VADER with what fans mean) is always there and reads English. A *model* reads what it can of the rest:

    name, version: str
    languages: frozenset[str] | None     those it reads; None for any
    odds(texts, languages) -> list[Odds | None]     one for each text, None where it cannot tell; keeps order

Which one reads what is decided in analysis.labellers.sentiment.
"""

from collections.abc import Sequence
from typing import Protocol

from analysis.scorers.odds import Odds
from collector.config import SentimentSettings


class Model(Protocol):
    """Gives the odds of the three classes for texts in several languages. Pure, deterministic, survives any text."""

    @property
    def name(self) -> str:
        """What it is called beside a label."""

    @property
    def version(self) -> str:
        """What changes when it could say another thing of a text."""

    @property
    def languages(self) -> frozenset[str] | None:
        """Those it reads; None for any."""

    def odds(self, texts: Sequence[str], languages: Sequence[str]) -> list[Odds | None]:
        """Return the odds of each text, in order; None where it cannot be told."""


def model_for(settings: SentimentSettings) -> Model | None:
    """Return the model that the config asks for, or None for the lexicon alone. Nothing is loaded yet.

    Raises ConfigError where it asks for an extra that is not installed, or for a model that is not there.
    """
    if settings.engine == "lexicon":
        return None
    if settings.engine == "transformers":
        from analysis.scorers.transformers import Transformers  # noqa: PLC0415 - an extra

        return Transformers(settings.model)
    from analysis.scorers import multilingual  # noqa: PLC0415 - an extra

    if settings.engine == "auto" and not multilingual.available():
        return None
    return multilingual.Multilingual()
