"""Which titles does this post speak of? Pure, and of a cost that hardly grows with the number of titles."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from collector.config import TitleSettings
from collector.text import fold, hashtags, is_unspaced, words


class PhraseMatcher:
    """Finds many phrases in a text at once and tells whose they are.

    A phrase with Chinese, Japanese, Korean or Thai in it matches as a substring; every other one matches on word
    bounds. Both are compared folded (NFKC, casefolded).
    """

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
        self._substrings: list[tuple[str, int]] = []
        for phrase, owner in phrases:
            folded = fold(phrase)
            if is_unspaced(folded):
                self._substrings.append((folded, owner))
            elif tokens := tuple(words(folded)):
                self._by_first[tokens[0]].append((tokens, owner))

    def owners(self, folded: str, tokens: Sequence[str]) -> set[int]:
        """Return the owners of all phrases in a text, given folded and as its words."""
        found: set[int] = {owner for phrase, owner in self._substrings if phrase in folded}
        for first in self._by_first.keys() & set(tokens):
            starts = [at for at, token in enumerate(tokens) if token == first]
            for phrase, owner in self._by_first[first]:
                if owner not in found and any(tuple(tokens[at : at + len(phrase)]) == phrase for at in starts):
                    found.add(owner)
        return found


class TitleMatcher:
    """Compiled from the config's titles; `match` gives the positions of the titles that a post speaks of."""

    def __init__(self, titles: Sequence[TitleSettings]) -> None:
        self._tags: dict[str, set[int]] = defaultdict(set)
        for index, title in enumerate(titles):
            for tag in title.hashtags:
                self._tags[fold(tag)].add(index)
        self._phrases = PhraseMatcher((phrase, index) for index, title in enumerate(titles) for phrase in title.phrases)
        self._excluded = PhraseMatcher(
            (phrase, index) for index, title in enumerate(titles) for phrase in title.exclude
        )

    def match(self, text: str, tags: Iterable[str] = ()) -> list[int]:
        """Return the positions of the titles that this text, or these hashtags, speak of, in order.

        A hashtag counts wherever it stands, in the text or in the platform's own list. A post that holds one of a
        title's exclusions is not about that title, whatever else it says.
        """
        folded = fold(text)
        tokens = words(folded)
        found = self._phrases.owners(folded, tokens)
        for tag in {fold(tag) for tag in tags} | set(hashtags(folded)):
            found |= self._tags.get(tag, set())
        if found:
            found -= self._excluded.owners(folded, tokens)
        return sorted(found)
