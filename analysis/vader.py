"""VADER's compound score, bit for bit the package's (vaderSentiment 3.3.2), without its detours. Pure.

The package runs its rules on every word, lowers the whole text anew for each rule and tests each character against
3,570 emoji. Here the rules run only on the words that its lexicon knows, over a text lowered once; the lexicon, the
word lists and the arithmetic, in the same order, are the package's own. tests/analysis/test_sentiment.py holds the
two equal.

Source: C.J. Hutto and E. Gilbert, VADER, ICWSM 2014 (MIT licence).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import vaderSentiment.vaderSentiment as package  # noqa: N813 - the package spells itself so

NEGATE = frozenset(package.NEGATE)
BOOSTERS: dict[str, float] = package.BOOSTER_DICT
SPECIAL: dict[str, float] = package.SPECIAL_CASES


@dataclass(frozen=True, slots=True)
class Scored:
    """A compound score in -1..1 and the words that counted, with what each added."""

    compound: float
    hits: tuple[tuple[str, float], ...] = ()


NOTHING = Scored(0.0)
PRIVATE = range(0xE000, 0xF8FF)  # characters without a meaning; one that the text lacks marks the emoji
EMPHASIS = frozenset("!?")
MEMORY = 8_000  # tokens remembered; people repeat themselves


# words that change the valence of those after them
SHIFTS = NEGATE | BOOSTERS.keys() | {"no", "so", "this", "least"}
# the longest word of each idiom or booster of several words: without one of them there is none in a text
IDIOM_WORDS = frozenset(max(idiom.split(), key=len) for idiom in (*SPECIAL, *BOOSTERS) if " " in idiom)

# every word that some rule looks for; a token that is none of them, and not in the lexicon, changes no score
RULED = SHIFTS | {"but", "least", "at", "very", "so", "this", "doubt", "no", "or", "nor", "kind", "of"}
RULED |= {word for phrase in (*SPECIAL, *BOOSTERS) for word in phrase.split()}


@dataclass(frozen=True, slots=True)
class _Token:
    """One token as the package reads it: punctuation stripped, and what the rules ask of it."""

    word: str
    lowered: str
    is_known: bool  # to the lexicon
    is_upper: bool
    shifts: bool
    is_idle: bool  # no rule looks at it, but for its capitals


class _Tokens(dict[str, _Token]):
    """Tokens by how they are written, each looked at once."""

    def __init__(self, lexicon: Mapping[str, float]) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, part: str) -> _Token:
        word = package.SentiText._strip_punc_if_word(part)  # noqa: SLF001 - the package's own rule
        lowered = word.lower()
        if len(self) >= MEMORY:
            self.clear()
        shifts = lowered in SHIFTS or "n't" in lowered
        is_known = lowered in self._lexicon
        is_idle = not (is_known or shifts or lowered in RULED) and part.isascii() and EMPHASIS.isdisjoint(part)
        self[part] = token = _Token(word, lowered, is_known, word.isupper(), shifts, is_idle)
        return token


class Vader:
    """The analyzer, loaded once; `score` is its polarity_scores(text)["compound"]."""

    def __init__(self) -> None:
        self._stock = package.SentimentIntensityAnalyzer()
        self._lexicon: dict[str, float] = self._stock.lexicon
        self._emoji: dict[str, str] = {emoji: name for emoji, name in self._stock.emojis.items() if len(emoji) == 1}
        self._emoji_chars = frozenset(self._emoji)
        self._marked: dict[str, dict[int, str]] = {}
        self._tokens = _Tokens(self._lexicon)

    def score(self, text: str) -> Scored:
        """Score one text."""
        if not text.isascii() and not self._emoji_chars.isdisjoint(text):
            text = self._spell_emoji(text)
        read = self._tokens
        tokens = [read[part] for part in text.split()]
        at = [index for index, token in enumerate(tokens) if token.is_known]
        if not at:
            return NOTHING
        words = [token.word for token in tokens]
        lowered = [token.lowered for token in tokens]
        shifts = [token.shifts for token in tokens]
        is_cap_diff = 0 < len([token for token in tokens if token.is_upper]) < len(tokens)
        has_idiom = not IDIOM_WORDS.isdisjoint(lowered)
        valences: list[float] = [0] * len(words)
        for index in at:
            if not self._only_modifies(lowered, index):
                valence = self._own_valence(lowered, index, is_emphatic=is_cap_diff and tokens[index].is_upper)
                if has_idiom or True in shifts[max(0, index - 3) : index]:
                    valence = self._shifted(valence, words, index, lowered, is_cap_diff=is_cap_diff)
                valences[index] = valence
        if "but" in lowered:
            valences = self._stock._but_check(words, valences)  # noqa: SLF001 - its quirks are part of the score
        hits = tuple([(words[index], valences[index]) for index in at if valences[index]])
        return Scored(self._compound(valences, text), hits)

    def score_alike(self, text: str, other: str) -> bool:
        """Tell quickly that two texts score alike: they differ in nothing but words that no rule looks at.

        False says only that it is not plain to see.
        """
        parts, others = text.split(), other.split()
        if len(parts) != len(others):
            return False
        read = self._tokens
        pairs = [(read[one], read[two]) for one, two in zip(parts, others, strict=True) if one != two]
        return all(one.is_idle and two.is_idle and one.is_upper is two.is_upper for one, two in pairs)

    def _spell_emoji(self, text: str) -> str:
        """Replace each emoji by its name, set apart by a space where none stands before it."""
        mark = next(mark for mark in map(chr, PRIVATE) if mark not in text)
        names = self._marked.get(mark) or self._marked.setdefault(
            mark, {ord(emoji): mark + name for emoji, name in self._emoji.items()}
        )
        spelled = text.translate(names).replace(f" {mark}", " ").removeprefix(mark)
        return spelled.replace(mark, " ")

    @staticmethod
    def _only_modifies(lowered: Sequence[str], index: int) -> bool:
        word = lowered[index]
        return word in BOOSTERS or (word == "kind" and lowered[index + 1 : index + 2] == ["of"])

    def _own_valence(self, lowered: Sequence[str], index: int, *, is_emphatic: bool) -> float:
        """Return the lexicon's valence, turned by a "no" before it, raised where it alone is in capitals."""
        word = lowered[index]
        valence = self._lexicon[word]
        if word == "no" and index != len(lowered) - 1 and lowered[index + 1] in self._lexicon:
            valence = 0.0
        if _after_no(lowered, index):
            valence = self._lexicon[word] * package.N_SCALAR
        if is_emphatic:
            valence = valence + package.C_INCR if valence > 0 else valence - package.C_INCR
        return valence

    def _shifted(
        self, valence: float, words: Sequence[str], index: int, lowered: Sequence[str], *, is_cap_diff: bool
    ) -> float:
        """Apply boosters, negations and idioms among the three words before."""
        for distance in range(min(3, index)):
            before = index - (distance + 1)
            if lowered[before] in self._lexicon:
                continue
            if lowered[before] in BOOSTERS:
                scalar = package.scalar_inc_dec(words[before], valence, is_cap_diff)
                valence = valence + scalar * (1, 0.95, 0.9)[distance]
            valence = _negate(valence, lowered, distance, index)
            if distance == 2:  # noqa: PLR2004 - the package looks for idioms at the third word back
                valence = _idioms(valence, lowered, index)
        return float(self._stock._least_check(valence, words, index))  # noqa: SLF001 - the package's own rule

    def _compound(self, valences: Sequence[float], text: str) -> float:
        total = float(sum(valences))
        emphasis = self._stock._punctuation_emphasis(text)  # noqa: SLF001 - the package's own rule
        if total > 0:
            total += emphasis
        elif total < 0:
            total -= emphasis
        return round(float(package.normalize(total)), 4)


def _after_no(lowered: Sequence[str], index: int) -> bool:
    return (
        (index > 0 and lowered[index - 1] == "no")
        or (index > 1 and lowered[index - 2] == "no")
        or (index > 2 and lowered[index - 3] == "no" and lowered[index - 1] in {"or", "nor"})  # noqa: PLR2004 - words back
    )


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
