"""Any sentiment model in Hugging Face's layout, from a folder on disk: the extra `transformers`.

ONNX weights need onnxruntime and tokenizers; safetensors need torch and transformers beside. docs/models.md has more.
Nothing is fetched here, and no code of a model's own is run.
"""

import math
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from analysis.masking import PSEUDO
from analysis.scorers.model_labels import classes_of
from analysis.scorers.odds import Class, Odds
from collector.errors import ConfigError
from collector.model_folder import CONFIG, ModelFolder, open_model

if TYPE_CHECKING:
    from analysis.scorers.model_runners import Runner

LONGEST = 4000  # characters that are read of a text, before it is cut to tokens
REMEMBERED = 16_384  # texts
BATCH = 32  # texts at once
BATCH_TOKENS = 4096  # in all texts of a batch, so that memory stays flat
DIGITS = 6  # of a probability: beyond them the company in a batch may show
UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
MASK = re.compile(PSEUDO, re.IGNORECASE)
NAME = "it"  # what a masked name reads as
LANGUAGE = re.compile(r"[a-z]{2,3}")
EXTRA = "pip install 'buzzchart[transformers]'"


class Transformers:
    """Gives the odds of texts by a model of the user's own choice; loads its weights with the first text.

    Raises ConfigError where the model or what runs it is not there, or its labels are not those of sentiment.
    """

    name = "transformers"

    def __init__(self, model: str) -> None:
        """Read what is told of the model. model: a folder, or a name that was fetched."""
        if not model:
            raise ConfigError('[sentiment] engine = "transformers" needs model: the folder of a model, or its name')
        self._folder = open_model(model)
        check_installed(self._folder)
        self._classes = _classes(self._folder)
        self.languages = languages_of(self._folder)
        self.version = self._folder.digest[:12]

    def odds(self, texts: Sequence[str], languages: Sequence[str]) -> list[Odds | None]:
        """Return the odds of each text; None where it holds nothing to read or its language is not the model's."""
        asked = [
            tidied(text) if self.languages is None or language in self.languages else ""
            for text, language in zip(texts, languages, strict=True)
        ]
        wanted = [text for text in dict.fromkeys(asked) if text]
        if not wanted:
            return [None] * len(asked)
        known = _load(self._folder, self._classes).odds(wanted)
        return [known.get(text) for text in asked]


class _Loaded:
    """A model in memory, and what it said of the newest texts."""

    def __init__(self, runner: "Runner", classes: Sequence[Class]) -> None:
        self._runner = runner
        self._classes = classes
        self._remembered: OrderedDict[str, Odds | None] = OrderedDict()

    def odds(self, texts: Sequence[str]) -> dict[str, Odds | None]:
        """Return the odds of different, tidied texts."""
        known = {text: self._remembered[text] for text in texts if text in self._remembered}
        known |= self._computed([text for text in texts if text not in known])
        for text in texts:
            self._remembered[text] = known[text]
            self._remembered.move_to_end(text)
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return known

    def _computed(self, texts: Sequence[str]) -> dict[str, Odds | None]:
        tokens = dict(zip(texts, self._runner.tokens(texts), strict=True))
        found: dict[str, Odds | None] = dict.fromkeys(texts)
        readable = sorted((text for text in texts if tokens[text]), key=lambda text: len(tokens[text]))
        for part in _batches(readable, [len(tokens[text]) for text in readable], self._runner.at_once):
            logits = self._runner.logits([tokens[text] for text in part])
            found |= {text: odds_of(row, self._classes) for text, row in zip(part, logits, strict=True)}
        return found


_in_memory: dict[str, _Loaded] = {}  # by digest


def tidied(text: str) -> str:
    """Return what is read of a text: its beginning, in one line, names as one word; "" where it says nothing."""
    text = " ".join(MASK.sub(NAME, UNREADABLE.sub(" ", text[:LONGEST])).split())
    return text if not text.isascii() or any(map(str.isalnum, text)) else ""


def odds_of(logits: Sequence[float], classes: Sequence[Class]) -> Odds | None:
    """Return the odds of the three classes from a number for each label; None where they are no numbers."""
    if not all(map(math.isfinite, logits)):
        return None
    highest = max(logits)
    weights = [math.exp(logit - highest) for logit in logits]
    parts = dict.fromkeys(("negative", "neutral", "positive"), 0.0)
    for weight, one in zip(weights, classes, strict=True):
        parts[one] += weight / sum(weights)
    return Odds(*(round(part, DIGITS) for part in parts.values()))


def languages_of(folder: ModelFolder) -> frozenset[str] | None:
    """Return the languages that the model says it reads; None where it names none, or says that it reads many."""
    told = folder.note.get("languages") or folder.config.get("language") or ()
    named = [told] if isinstance(told, str) else [one for one in told if isinstance(one, str)]
    codes = frozenset(one.lower() for one in named if LANGUAGE.fullmatch(one.lower()))
    return None if len(codes) < len(named) or not codes else codes


def check_installed(folder: ModelFolder) -> None:
    """Raise ConfigError where what runs the model's weights is not installed."""
    if any(find_spec(name) is None for name in ("tokenizers", *(["onnxruntime"] if folder.is_onnx else []))):
        raise ConfigError(f'[sentiment] engine = "transformers" needs the extra: {EXTRA}')
    if not folder.is_onnx and any(find_spec(name) is None for name in ("torch", "transformers")):
        raise ConfigError(
            f"{folder.weights} needs torch: pip install torch transformers, or export the model to ONNX, as "
            "docs/models.md shows"
        )


def _classes(folder: ModelFolder) -> tuple[Class, ...]:
    where = str(folder.path / CONFIG)
    if folder.config.get("problem_type") == "multi_label_classification":
        raise ConfigError(f"{where}: this model gives a text several labels at once; use one that gives it one")
    names = folder.config.get("id2label")
    return classes_of(names if isinstance(names, dict) else {}, where)


def _batches(texts: Sequence[str], lengths: Sequence[int], at_once: int) -> Iterator[Sequence[str]]:
    """Part texts, shortest first, so that none is filled up to more than it needs."""
    start = 0
    for stop in range(1, len(texts) + 1):
        is_full = stop - start == min(at_once, BATCH)
        if stop == len(texts) or is_full or (stop + 1 - start) * lengths[stop] > BATCH_TOKENS:
            yield texts[start:stop]
            start = stop


def _load(folder: ModelFolder, classes: Sequence[Class]) -> _Loaded:
    """Return the model in memory; there is room for one."""
    if folder.digest not in _in_memory:
        from analysis.scorers.model_runners import runner  # noqa: PLC0415 - numpy is not needed until here

        _in_memory.clear()
        _in_memory[folder.digest] = _Loaded(runner(folder, len(classes)), classes)
    return _in_memory[folder.digest]
