"""Finds many phrases in a text at once, in one pass over its words, whatever their number. Pure.

A phrase is words in order ("zombie choreography"); a word that ends in '*' stands for all that begin so ("choreo*").
Phrases with Chinese, Japanese, Korean or Thai in them match as substrings, for those scripts set no words apart or
glue particles to them. A hashtag is read as its words (#ZombieChoreography, #zombie_choreography) and, where it is
written in one, as a phrase without its spaces (#zombiechoreography).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, count
from typing import NamedTuple

from analysis.memory import Memory
from analysis.tokens import CHARS, WORD, blanked, straight
from collector.text import fold, is_unspaced

TAG = re.compile(rf"#{WORD.pattern}")
PATTERN_WORD = re.compile(rf"{WORD.pattern}\*?")
# the words inside a hashtag: "ZombieChoreography", "TVShow", "season_2", "Part2"
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
BOUNDED = re.compile(rf"(?:(?!_){CHARS})+")  # other scripts: at underscores only
MEMORY = 10_000  # words whose place in the index is remembered


class Found(NamedTuple):
    """One phrase in a text: whose it is, how it is written there, and its place.

    `word` and `last` are its first and last word; -1 where it was found as a substring. `start` and `end` count
    characters; `Text.placed` gives them where they are -1, for they are seldom asked for.
    """

    owner: int
    surface: str
    word: int = -1
    last: int = -1
    start: int = -1
    end: int = -1

    @property
    def is_substring(self) -> bool:
        """Tell whether it may stand inside a word."""
        return self.word < 0


class Text:
    """A text made ready: its words and whole hashtags, folded, in order; each tag with the number of its first word.

    `folded` is the text in the form in which phrases are compared.
    """

    __slots__ = ("_starts", "folded", "tags", "words")

    def __init__(self, folded: str, words: Sequence[str], tags: Sequence[tuple[int, str]]) -> None:
        self.folded = folded
        self.words = words
        self.tags = tags
        self._starts: list[int] = []

    def placed(self, found: Found) -> Found:
        """Return a phrase with its place counted in characters of `folded`; a tag without words is at the end."""
        if found.start >= 0:
            return found
        start = self._start(found.word)
        if found.last < 0:
            return found._replace(start=start, end=start + len(found.surface) - 1)
        return found._replace(start=start, end=self._start(found.last) + len(self.words[found.last]))

    def _start(self, word: int) -> int:
        if word >= len(self.words):
            return len(self.folded)
        starts = self._starts
        while len(starts) <= word:
            # all letters belong to some word, so the next place of a word is its own
            after = starts[-1] + len(self.words[len(starts) - 1]) if starts else 0
            starts.append(self.folded.find(self.words[len(starts)], after))
        return starts[word]


def prepare(text: str, tags: Sequence[str] = ()) -> Text:
    """Fold and split a text; `tags` are hashtags that stand beside it, without '#', read as if at its end."""
    whole = "\n#".join([text, *tags]) if tags else text
    if whole.isascii():
        folded = whole.lower()
    else:
        whole = straight(unicodedata.normalize("NFKC", whole))
        folded = whole.casefold()
    if "#" not in whole:
        return Text(folded, blanked(folded).split(), ())
    words: list[str] = []
    found_tags: list[tuple[int, str]] = []
    written = iter(TAG.findall(whole))
    for word in blanked(folded.replace("#", " #")).split():
        if word[0] != "#":
            words.append(word)
        elif word != "#":
            joined, inside = _tag(next(written))
            found_tags.append((len(words), joined))
            words += inside
    return Text(folded, words, found_tags)


@lru_cache(maxsize=MEMORY)
def _tag(tag: str) -> tuple[str, Sequence[str]]:
    """Return a hashtag folded and written in one, and its words, folded."""
    inside = (CAMEL if tag.isascii() else BOUNDED).findall(tag, 1)
    return tag[1:].casefold().replace("_", ""), [word.casefold() for word in inside]


class PhraseIndex:
    """Compiled from (phrase, owner) pairs into a tree of words; an owner may have many phrases."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        self._root = _Node()
        self._joined: dict[str, list[int]] = defaultdict(list)
        self._substrings: list[tuple[str, int]] = []
        for phrase, owner in phrases:
            self._add(straight(fold(phrase)), owner)
        substrings = sorted({phrase for phrase, _ in self._substrings})
        self._any_substring = re.compile("|".join(map(re.escape, substrings))) if substrings else None
        self._begun_by = Memory(self._root.after, MEMORY)

    def _add(self, folded: str, owner: int) -> None:
        if is_unspaced(folded):
            self._substrings.append((folded.strip(" *"), owner))
            return
        words = PATTERN_WORD.findall(folded)
        if not words:
            return
        node = self._root
        for word in words:
            node = node.grow(word)
        node.owners.append(owner)
        if not any(word.endswith("*") for word in words):
            self._joined["".join(words).replace("'", "").replace("_", "")].append(owner)

    def find(self, text: Text) -> list[Found]:
        """Return each phrase wherever it stands."""
        found: list[Found] = []
        begun = [*map(self._begun_by.__getitem__, text.words)]
        for at in compress(count(), begun):
            for node in begun[at]:
                found += _grown(node, text.words, at, at)
        for at, tag in text.tags:
            for owner in self._joined.get(tag, ()):
                found.append(Found(owner, f"#{tag}", at))
        # one look for all of them tells that most texts have none
        if self._any_substring and not text.folded.isascii() and self._any_substring.search(text.folded):
            found += self._find_substrings(text.folded)
        return found

    def _find_substrings(self, folded: str) -> Iterator[Found]:
        for phrase, owner in self._substrings:
            start = folded.find(phrase)
            while start >= 0:
                yield Found(owner, phrase, start=start, end=start + len(phrase))
                start = folded.find(phrase, start + len(phrase))


def _grown(node: "_Node", words: Sequence[str], at: int, last: int) -> list[Found]:
    """Return the phrases that begin at the word `at` and go through this node, reached with the word `last`."""
    found = []
    if node.owners:
        surface = words[at] if at == last else " ".join(words[at : last + 1])
        found = [Found(owner, surface, at, last) for owner in node.owners]
    if (node.words or node.stems) and last + 1 < len(words):
        for following in node.after(words[last + 1]):
            found += _grown(following, words, at, last + 1)
    return found


class _Node:
    """A place in the tree: what may follow, as a whole word or as a stem, and whose phrases end here."""

    __slots__ = ("lengths", "owners", "stems", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = defaultdict(_Node)
        self.stems: dict[str, _Node] = defaultdict(_Node)
        self.lengths: set[int] = set()  # of the stems
        self.owners: list[int] = []

    def grow(self, word: str) -> "_Node":
        """Return the place after this word of a phrase, made where it is missing."""
        if not word.endswith("*"):
            return self.words[word]
        self.lengths.add(len(word) - 1)
        return self.stems[word[:-1]]

    def after(self, word: str) -> list["_Node"]:
        """Return where this word leads."""
        nodes = [self.words[word]] if word in self.words else []
        stems = [word[:length] for length in self.lengths if length <= len(word)]
        return nodes + [self.stems[stem] for stem in stems if stem in self.stems]
