"""VADER's scores, bit for bit the package's (vaderSentiment 3.3.2), without its detours. Pure.

The package runs its rules on every word, lowers the whole text anew for each rule and tests each character against
3,570 emoji. Here the rules run only on the words that its lexicon knows, over a text lowered once; the lexicon, the
word lists and the arithmetic, in the same order, are the package's own. tests/analysis/test_sentiment.py holds the
two equal.

Source: C.J. Hutto and E. Gilbert, VADER, ICWSM 2014 (MIT licence).
"""

import re
import string
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import compress, count
from operator import not_
from typing import Any, NamedTuple

import vaderSentiment.vaderSentiment as package  # noqa: N813 - the package spells itself so

C_INCR: float = package.C_INCR
NEGATE = frozenset(package.NEGATE)
BOOSTERS: dict[str, float] = package.BOOSTER_DICT
SPECIAL: dict[str, float] = package.SPECIAL_CASES


class Scored(NamedTuple):
    """A compound score in -1..1 and the words that counted, with what each added."""

    compound: float
    hits: tuple[tuple[str, float], ...] = ()


class Step(NamedTuple):
    """A word of a score: as written, its own valence, what it added, and the words before it that may have acted."""

    word: str
    own: float
    added: float
    before: tuple[str, ...]


class Polarity(NamedTuple):
    """The package's four numbers: the shares of a text's words that are negative, neutral, positive; the compound."""

    neg: float
    neu: float
    pos: float
    compound: float


NOTHING = Scored(0.0)
WORDLESS, NEUTRAL = Polarity(0.0, 0.0, 0.0, 0.0), Polarity(0.0, 1.0, 0.0, 0.0)
SHORT = 2  # characters; a shorter word keeps its punctuation, for it may be an emoticon

# words that change the valence of those after them; "n't" anywhere in a word does so as well
SHIFTS = NEGATE | BOOSTERS.keys() | {"no", "so", "this", "least"}
# the longest word of each idiom or booster of several words: without one of them there is none in a text
IDIOM_WORDS = frozenset(max(idiom.split(), key=len) for idiom in (*SPECIAL, *BOOSTERS) if " " in idiom)
# where the package's emoji of one character lie, among much else; few texts have anything there
MAYBE_EMOJI = re.compile("[\xa9\xae\u203c-\u3299\U0001f000-\U0001faff]")


class Vader:
    """The analyzer, loaded once; `polarity` is its polarity_scores(text), `score` and `compound` a part of it.

    changes: valences of words, in small letters, in place of the package's or beside them; with 0 a word is no verdict.
    """

    def __init__(self, changes: Mapping[str, float] | None = None) -> None:
        self._stock = _stock()
        changes = changes or {}
        kept = {word: valence for word, valence in (self._stock.lexicon | changes).items() if changes.get(word, 1)}
        self._lexicon: dict[str, float] = kept
        self._counts = frozenset(self._lexicon.keys() - BOOSTERS.keys())  # boosters only modify others
        # the package reads character by character, so longer emoji are never found; a name is a word of its own
        self._emoji = {emoji: f" {name}" for emoji, name in self._stock.emojis.items() if MAYBE_EMOJI.fullmatch(emoji)}

    def knows(self, word: str) -> bool:
        """Tell whether a word, as written, has a valence or changes that of others."""
        bare = word.strip(string.punctuation).lower()
        return bare in self._lexicon or bare in SHIFTS

    def score(self, text: str) -> Scored:
        """Score one text."""
        text = self._with_names(text)
        words, hits = self._hits(text)
        named = tuple([(words[index], valence) for index, valence in hits if valence])
        return Scored(self._compound(hits, text), named) if hits else NOTHING

    def steps(self, text: str) -> tuple[Sequence[Step], float]:
        """Return how each word of a score came to what it added, and what marks of emphasis added to the sum."""
        text = self._with_names(text)
        words, hits = self._hits(text)
        lowered = [word.lower() for word in words]
        found = [
            Step(words[at], self._lexicon[lowered[at]], valence, tuple(_shifting(lowered[max(0, at - 3) : at])))
            for at, valence in hits
            if valence
        ]
        return found, self._emphasis(text)

    def compound(self, text: str) -> float:
        """Return the score of one text alone."""
        text = self._with_names(text)
        _, hits = self._hits(text)
        return self._compound(hits, text) if hits else 0.0

    def polarity(self, text: str) -> Polarity:
        """Return all four numbers of one text."""
        text = self._with_names(text)
        words, hits = self._hits(text)
        if not words:
            return WORDLESS
        if not hits:
            return NEUTRAL
        pos = neg = total = 0.0
        neutral = len(words)
        for _, valence in hits:
            total += valence
            if valence > 0:
                pos += valence + 1.0  # one more, as a neutral word counts
                neutral -= 1
            elif valence < 0:
                neg += valence - 1.0
                neutral -= 1
        if emphasis := self._emphasis(text):
            total += emphasis if total > 0 else -emphasis if total < 0 else 0.0
            if pos > -neg:
                pos += emphasis
            elif pos < -neg:
                neg -= emphasis
        weight = pos - neg + neutral
        compound = round(float(package.normalize(total)), 4)
        return Polarity(round(abs(neg) / weight, 3), round(neutral / weight, 3), round(pos / weight, 3), compound)

    def _with_names(self, text: str) -> str:
        """Write the names of emoji in their place; one has an exclamation mark, which counts."""
        if not text.isascii():
            for emoji in self._emoji.keys() & MAYBE_EMOJI.findall(text):
                text = text.replace(emoji, self._emoji[emoji])
        return text

    def _hits(self, text: str) -> tuple[Sequence[str], Sequence[tuple[int, float]]]:
        """Return the words of a text, the numbers of those that count, and what each adds."""
        words = _words(text)
        # all at once, which is much quicker than each for itself; no word holds a line's end
        together = "\n".join(words).lower()
        lowered = together.split("\n")
        at = [*compress(count(), map(self._counts.__contains__, lowered))]
        if not at:
            return words, ()
        loud = C_INCR if any(words[index].isupper() for index in at) and not _are_all_upper(words) else 0.0
        may_negate, has_idiom = "n't" in together, not IDIOM_WORDS.isdisjoint(lowered)
        if not may_negate and not has_idiom and "kind" not in together and SHIFTS.isdisjoint(lowered):
            hits = [(index, self._lexicon[lowered[index]]) for index in at]
            if loud:
                hits = [(index, _louder(valence, words[index], loud)) for index, valence in hits]
            return words, _turned_by_but(hits, lowered) if "but" in lowered else hits
        hits = []
        for index in at:
            if lowered[index] == "kind" and lowered[index + 1 : index + 2] == ["of"]:
                continue  # it only modifies
            is_shifted = has_idiom or may_negate or not SHIFTS.isdisjoint(lowered[max(0, index - 3) : index])
            valence = self._own_valence(lowered, index, is_shifted=is_shifted)
            if loud:
                valence = _louder(valence, words[index], loud)
            if is_shifted:
                valence = self._shifted(valence, words, index, lowered, has_idiom=has_idiom)
            hits.append((index, valence))
        return words, _turned_by_but(hits, lowered) if "but" in lowered else hits

    def _compound(self, hits: Sequence[tuple[int, float]], text: str) -> float:
        total = float(sum([valence for _, valence in hits]))
        if total:
            emphasis = self._emphasis(text)
            total = total + emphasis if total > 0 else total - emphasis
        return round(float(package.normalize(total)), 4)

    def _emphasis(self, text: str) -> float:
        if "!" not in text and "?" not in text:
            return 0.0
        return float(self._stock._punctuation_emphasis(text))  # noqa: SLF001 - the package's own rule

    def _own_valence(self, lowered: Sequence[str], index: int, *, is_shifted: bool) -> float:
        """Return the lexicon's valence, turned by a "no" before it."""
        word = lowered[index]
        if is_shifted and _after_no(lowered, index):
            return float(self._lexicon[word] * package.N_SCALAR)
        if word == "no" and index != len(lowered) - 1 and lowered[index + 1] in self._lexicon:
            return 0.0
        return self._lexicon[word]

    def _shifted(
        self,
        valence: float,
        words: Sequence[str],
        index: int,
        lowered: Sequence[str],
        *,
        has_idiom: bool,
    ) -> float:
        """Apply boosters, negations and idioms among the three words before."""
        for distance in range(min(3, index)):
            before = index - (distance + 1)
            if lowered[before] in self._lexicon:
                continue
            if lowered[before] in BOOSTERS:
                is_cap_diff = words[before].isupper() and not _are_all_upper(words)
                scalar = package.scalar_inc_dec(words[before], valence, is_cap_diff)
                valence = valence + scalar * (1, 0.95, 0.9)[distance]
            valence = _negate(valence, lowered, distance, index)
            if has_idiom and distance == 2:  # noqa: PLR2004 - the package looks for idioms at the third word back
                valence = _idioms(valence, lowered, index)
        if index and lowered[index - 1] == "least":
            valence = float(self._stock._least_check(valence, words, index))  # noqa: SLF001 - the package's own rule
        return valence


@cache
def _stock() -> Any:  # noqa: ANN401 - the package has no types
    """Load the package once; it takes a tenth of a second."""
    return package.SentimentIntensityAnalyzer()


def _words(text: str) -> list[str]:
    """Split as the package does: punctuation around a word is dropped, but for short ones."""
    words = text.split()
    # letters and digits alone, as most are, hold none
    for index in compress(count(), map(not_, map(str.isalnum, words))):
        bare = words[index].strip(string.punctuation)
        if len(bare) > SHORT:
            words[index] = bare
    return words


def _louder(valence: float, word: str, loud: float) -> float:
    """Raise the valence of a word in capitals, where not all are."""
    if not word.isupper():
        return valence
    return valence + loud if valence > 0 else valence - loud


def _are_all_upper(words: Sequence[str]) -> bool:
    """Tell whether all words are in capitals, so that one in capitals says nothing."""
    return all(map(str.isupper, words))


def _turned_by_but(hits: Sequence[tuple[int, float]], lowered: Sequence[str]) -> Sequence[tuple[int, float]]:
    """Halve what stands before the first "but", and raise what stands after.

    As the package does it, which takes the first of all equal valences for the one that it looks at.
    """
    at = lowered.index("but")
    places, valences = [index for index, _ in hits], [valence for _, valence in hits]
    for number in range(len(valences)):
        first = valences.index(valences[number])
        valences[first] *= 0.5 if places[first] < at else 1.5
    return list(zip(places, valences, strict=True))


def _after_no(lowered: Sequence[str], index: int) -> bool:
    return (
        (index > 0 and lowered[index - 1] == "no")
        or (index > 1 and lowered[index - 2] == "no")
        or (index > 2 and lowered[index - 3] == "no" and lowered[index - 1] in {"or", "nor"})  # noqa: PLR2004 - words back
    )


def _shifting(words: Sequence[str]) -> Sequence[str]:
    return [word for word in words if word in SHIFTS or _is_negation(word)]


def _is_negation(word: str) -> bool:
    return word in NEGATE or "n't" in word


def _negate(valence: float, lowered: Sequence[str], distance: int, index: int) -> float:
    """Apply a negation that stands distance + 1 words before."""
    so = ("so", "this")
    if distance == 1:
        if lowered[index - 2] == "never" and lowered[index - 1] in so:
            return valence * 1.25
        if lowered[index - 2] == "without" and lowered[index - 1] == "doubt":
            return valence
    elif distance == 2:  # noqa: PLR2004 - words back
        # the package's own brackets: "so" or "this" just before counts whether "never" is there or not
        if (lowered[index - 3] == "never" and lowered[index - 2] in so) or lowered[index - 1] in so:
            return valence * 1.25
        if lowered[index - 3] == "without" and "doubt" in lowered[index - 2 : index]:
            return valence
    return valence * package.N_SCALAR if _is_negation(lowered[index - distance - 1]) else valence


def _idioms(valence: float, lowered: Sequence[str], index: int) -> float:
    """Let idioms around the word at index (at least the fourth) replace its valence, and two-word boosters add."""
    three, two, one, zero = lowered[index - 3 : index + 1]
    before = (f"{three} {two} {one}", f"{three} {two}", f"{two} {one}")
    for sequence in (f"{one} {zero}", f"{two} {one} {zero}", before[2], before[0], before[1]):
        if sequence in SPECIAL:
            valence = SPECIAL[sequence]
            break
    for length in (2, 3):
        sequence = " ".join(lowered[index : index + length])
        if len(lowered) >= index + length and sequence in SPECIAL:
            valence = SPECIAL[sequence]
    for sequence in before:
        if sequence in BOOSTERS:
            valence = valence + BOOSTERS[sequence]
    return valence
