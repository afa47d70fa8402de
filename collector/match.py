"""Which titles does this post speak of? Pure, and of a cost that hardly grows with the number of titles.

Most posts of a stream speak of none. So a post is first sieved by what is cheap to see and what it must have: the
rarest plain piece of a phrase, a phrase without spaces, a hashtag. Only where it has one of these it is looked at
closely; what is found is the same as if every post had been.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from collector.text import fold, hashtags, is_unspaced, words


class PhraseMatcher:
    """Finds many phrases in a text at once and tells whose they are.

    A phrase with Chinese, Japanese, Korean or Thai in it matches as a substring; every other one matches on word
    bounds. Both are compared folded (NFKC, casefolded).
    """

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        substrings: dict[str, set[int]] = defaultdict(set)
        spaced: list[tuple[tuple[str, ...], int]] = []
        for phrase, owner in phrases:
            folded = fold(phrase)
            if is_unspaced(folded):
                substrings[folded].add(owner)
            elif tokens := tuple(words(folded)):
                spaced.append((tokens, owner))
        self._substrings = _Substrings(substrings)
        self._spaced = _Spaced(spaced)
        # one of these stands in every text that holds a phrase
        self.pieces = self._spaced.rarest
        self.texts = (*substrings, *self._spaced.without_pieces)

    def owners(self, folded: str, there: AbstractSet[bytes]) -> set[int]:
        """Return the owners of all phrases in a folded text with these pieces."""
        found = self._spaced.owners(folded, there)
        return found if folded.isascii() else found | self._substrings.find(folded)


class _Substrings:
    """Texts, none of them all ASCII, that are found wherever they stand; each stands for some numbers."""

    def __init__(self, numbers: Mapping[str, AbstractSet[int]]) -> None:
        # the longest that stands at a place brings those that it begins with; others begin at a place of their own
        self._numbers = {
            text: frozenset().union(*(those for start, those in numbers.items() if text.startswith(start)))
            for text in numbers
        }
        longest_first = sorted(numbers, key=len, reverse=True)
        self._any = _any_of(longest_first)

    def find(self, folded: str) -> set[int]:
        """Return the numbers of all that stand in a folded text."""
        found: set[int] = set()
        place = self._any.search(folded) if self._any else None
        while self._any and place:
            found |= self._numbers[place[0]]
            place = self._any.search(folded, place.start() + 1)
        return found


class _Spaced:
    """Phrases that are found on word bounds.

    A phrase that stands in a text has each of its pieces there, a piece being a run of plain letters: what stands
    beside it is something else there too. That is asked first, of the piece that the fewest phrases have.
    """

    def __init__(self, phrases: Sequence[tuple[tuple[str, ...], int]]) -> None:
        self._phrases = phrases
        self._needed = [set(_pieces(" ".join(tokens))) for tokens, _ in phrases]
        shared = Counter(piece for needed in self._needed for piece in needed)
        self._by_rarest: dict[bytes, list[int]] = defaultdict(list)
        without: dict[str, set[int]] = defaultdict(set)
        for number, ((tokens, _), needed) in enumerate(zip(phrases, self._needed, strict=True)):
            if needed:
                # of two that are as rare among the phrases, the longer one is rarer in posts
                self._by_rarest[min(needed, key=lambda piece: (shared[piece], -len(piece), piece))].append(number)
            else:
                without[max(tokens, key=len)].add(number)
        self.rarest = frozenset(self._by_rarest)
        self.without_pieces = tuple(without)
        self._without = _Substrings(without)

    def owners(self, folded: str, there: AbstractSet[bytes]) -> set[int]:
        """Return the owners of all phrases that stand in a folded text with these pieces."""
        candidates = self._candidates(folded, there)
        if not candidates:
            return set()
        tokens = words(folded)
        return {owner for phrase, owner in map(self._phrases.__getitem__, candidates) if _stands_in(phrase, tokens)}

    def _candidates(self, folded: str, there: AbstractSet[bytes]) -> list[int]:
        """Return the numbers of the phrases that may stand in a folded text."""
        found = []
        if not self.rarest.isdisjoint(there):
            found = [
                number
                for rarest in self.rarest & there
                for number in self._by_rarest[rarest]
                if self._needed[number] <= there
            ]
        return found if folded.isascii() else found + list(self._without.find(folded))


class _Sieve:
    """Tells of most texts at little cost that nothing stands in them."""

    def __init__(self, pieces: Iterable[bytes], texts: Iterable[str]) -> None:
        self._pieces = frozenset(pieces)
        self._texts = _any_of(list(texts))

    def holds(self, folded: str, there: Iterable[bytes]) -> bool:
        """Tell whether one of the pieces or texts, none of which is all ASCII, stands in a folded text."""
        if not self._pieces.isdisjoint(there):
            return True
        return self._texts is not None and not folded.isascii() and self._texts.search(folded) is not None


def _any_of(texts: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(re.escape, texts))) if texts else None


def _pieces(folded: str) -> list[bytes]:
    """Return the runs of plain letters, digits and underscores; every other character ends one."""
    return folded.encode("ascii", "replace").translate(_BLANKED).split()


# bytes to bytes: many times quicker than any pattern
_BLANKED = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(128)) + b" " * 128


def _stands_in(phrase: tuple[str, ...], tokens: Sequence[str]) -> bool:
    first, *rest = phrase
    if not rest:
        return first in tokens
    return any(token == first and tokens[at : at + len(rest)] == rest for at, token in enumerate(tokens, start=1))


class Wanted(Protocol):
    """What makes a post speak of a title, as the config has it."""

    @property
    def hashtags(self) -> Sequence[str]:
        """Hashtags, any of which is enough."""

    @property
    def phrases(self) -> Sequence[str]:
        """Phrases, any of which is enough."""

    @property
    def exclude(self) -> Sequence[str]:
        """Phrases that show that something else is meant."""


class TitleMatcher:
    """Compiled from the config's titles; `match` gives the positions of the titles that a post speaks of."""

    def __init__(self, titles: Sequence[Wanted]) -> None:
        self._tags: dict[str, set[int]] = defaultdict(set)
        for index, title in enumerate(titles):
            for tag in title.hashtags:
                self._tags[fold(tag)].add(index)
        self._phrases = PhraseMatcher((phrase, index) for index, title in enumerate(titles) for phrase in title.phrases)
        self._excluded = PhraseMatcher(
            (phrase, index) for index, title in enumerate(titles) for phrase in title.exclude
        )
        plain = [tag for tag in self._tags if tag.isascii()]
        self._sieve = _Sieve(
            (*self._phrases.pieces, *map(str.encode, plain)),
            (*self._phrases.texts, *(f"#{tag}" for tag in self._tags.keys() - plain)),
        )
        self._excluding = frozenset(index for index, title in enumerate(titles) if title.exclude)

    def match(self, text: str, tags: Iterable[str] = ()) -> list[int]:
        """Return the positions of the titles that this text, or these hashtags, speak of, in order.

        A hashtag counts wherever it stands, in the text or in the platform's own list. A post that holds one of a
        title's exclusions is not about that title, whatever else it says.
        """
        folded = fold(text)
        pieces = _pieces(folded)
        found = self._found_in(folded, pieces) if self._sieve.holds(folded, pieces) else set()
        for tag in map(fold, tags):
            if tag in self._tags:
                found |= self._tags[tag]
        if not found:
            return []
        if not self._excluding.isdisjoint(found):
            found -= self._excluded.owners(folded, frozenset(pieces))
        return sorted(found)

    def _found_in(self, folded: str, pieces: Iterable[bytes]) -> set[int]:
        found = self._phrases.owners(folded, frozenset(pieces))
        for tag in hashtags(folded):
            if tag in self._tags:
                found |= self._tags[tag]
        return found
