"""Writes phrases as one word each, so that VADER reads them as it reads words. Pure."""

import string
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count, pairwise
from operator import not_

JOINER = "-"
ANY_WORD = "*"
Place = tuple[int, int, str]  # from which word to before which, and the word that stands for them


class PhraseFinder:
    """Finds phrases among the words of a text; its cost hardly grows with their number.

    Each phrase is looked up by two words of it that stand together, the longest pair, and compared as a whole only
    where these do.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_pair: dict[tuple[str, str], list[tuple[int, Sequence[str], str]]] = {}
        for phrase in phrases:
            words = phrase.split()
            at = longest_pair(words)
            self._by_pair.setdefault((words[at], words[at + 1]), []).append((at, words, token(phrase)))
        self._known = frozenset(self._by_pair)

    def join(self, words: list[str]) -> None:
        """Put one word in the place of each phrase; of two that overlap the longer, or the earlier, is taken.

        Punctuation around a phrase stays, and so do its capitals where all its letters are.
        """
        if not words:
            return
        bare = "\n".join(words).lower().split("\n")
        for index in compress(count(), map(not_, map(str.isalnum, bare))):
            bare[index] = bare[index].strip(string.punctuation)
        pairs = [*pairwise(bare)]
        if self._known.isdisjoint(pairs):
            return
        taken: set[int] = set()
        chosen: list[Place] = []
        for start, end, name in sorted(self._found(bare, pairs), key=lambda place: (place[0] - place[1], place[0])):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                chosen.append((start, end, name))
        for start, end, name in sorted(chosen, reverse=True):
            words[start:end] = [_written(words[start:end], name)]

    def _found(self, bare: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Iterator[Place]:
        for index in compress(count(), map(self._known.__contains__, pairs)):
            for at, phrase, name in self._by_pair[pairs[index]]:
                start, end = index - at, index - at + len(phrase)
                if start >= 0 and end <= len(bare) and _is_same(bare[start:end], phrase):
                    yield start, end, name


def longest_pair(words: Sequence[str]) -> int:
    """Return where the longest two words stand together of which neither is a *; -1 for nowhere."""
    places = [at for at in range(len(words) - 1) if ANY_WORD not in words[at : at + 2]]
    return max(places, key=lambda at: len(words[at]) + len(words[at + 1]), default=-1)


def token(phrase: str) -> str:
    """Return the one word that stands for a phrase; without apostrophes, for VADER reads any n't as a negation."""
    return JOINER.join(phrase.replace("'", "").replace(ANY_WORD, "any").split())


def _is_same(words: Sequence[str], phrase: Sequence[str]) -> bool:
    return all(wanted in (word, ANY_WORD) for word, wanted in zip(words, phrase, strict=True))


def _written(words: Sequence[str], name: str) -> str:
    first, last = words[0], words[-1]
    before = first[: len(first) - len(first.lstrip(string.punctuation))]
    after = last[len(last.rstrip(string.punctuation)) :]
    is_loud = all(word.isupper() for word in words)
    return f"{before}{name.upper() if is_loud else name}{after}"
