"""Says in words how a post came to its sentiment: names, words, rules, model, and what VADER alone would say. Pure."""

from collections.abc import Iterator

from analysis.labeller import SentimentLabel
from analysis.masking import Reading
from analysis.scorers.lexicon import Lexicon
from analysis.scorers.odds import Odds
from analysis.vader import Step

SAME = 0.005  # valences are shown with two digits


def of_names(reading: Reading) -> Iterator[str]:
    """Say which names were taken out, so that their words count for nothing."""
    if reading.names:
        names = ", ".join(f"“{name}”" for name in dict.fromkeys(reading.names))
        yield f"{names}: a watched name, its words count for nothing"


def of_words(lexicon: Lexicon, text: str) -> Iterator[str]:
    """Say what each word of the word list added, and why it is not what the list has."""
    steps, emphasis = lexicon.steps(text)
    for step in steps:
        yield _of_word(lexicon, step)
    if emphasis and steps:
        yield f"“!” and “?” strengthen the sum by {emphasis:.2f}"
    if not steps:
        yield "no word of the word list"
    yield f"the words together: {lexicon.score(text).compound:+.2f}"


def of_model(name: str, odds: Odds, weighed: Odds) -> Iterator[str]:
    """Say what a model makes of the whole, and what decides: the same joined with what the words lean to."""
    yield f"the {name} model: {_chances(odds)}"
    yield f"with what the words lean to, and leaning to neutral: {_chances(weighed)}"


def of_label(label: SentimentLabel) -> Iterator[str]:
    """Say what came of it, and what VADER's package would say of the post as it is."""
    if label.score is None or label.raw_score is None:
        yield f"unscored: {', '.join(label.why)}"
        return
    by = f" ({label.engine})" if label.engine else ""
    yield f"so it is {label.sentiment}, {label.score:+.2f}{by}; VADER alone, names and all: {label.raw_score:+.2f}"


def _chances(odds: Odds) -> str:
    return ", ".join(f"{getattr(odds, each):.0%} {each}" for each in ("positive", "neutral", "negative"))


def _of_word(lexicon: Lexicon, step: Step) -> str:
    meaning = lexicon.meaning(step.word)
    told = f"“{meaning.surface}” {step.own:+.2f}"
    if meaning.entry:
        told += f" ({meaning.entry.file}: {meaning.entry.reason})"
    if abs(step.added - step.own) > SAME:
        told += f", {_how(step)} to {step.added:+.2f}"
    return told


def _how(step: Step) -> str:
    around = f" by “{' '.join(step.before)}”" if step.before else " by capitals or a “but”"
    if step.own * step.added < 0:
        return f"turned{around}"
    return f"strengthened{around}" if abs(step.added) > abs(step.own) else f"weakened{around}"
