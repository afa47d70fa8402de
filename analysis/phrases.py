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
from dataclasses import dataclass
from functools import lru_cache

from analysis.masking import CHARS, straight
from analysis.memory import Memory
from collector.text import fold, is_unspaced

WORD = re.compile(rf"#?{CHARS}+(?:'{CHARS}+)*")
PATTERN_WORD = re.compile(rf"{CHARS}+(?:'{CHARS}+)*\*?")
# the words inside a hashtag: "ZombieChoreography", "TVShow", "season_2", "Part2"
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
BOUNDED = re.compile(rf"(?:(?!_){CHARS})+")  # other scripts: at underscores only
MEMORY = 10_000  # words whose place in the index is remembered


class Text:
    """A text made ready: its words and whole hashtags, folded, in order; each tag with the number of its first word."""

    __slots__ = ("_folded", "_plain", "_starts", "tags", "words")

    def __init__(self, plain: str, words: Sequence[str], tags: Sequence[tuple[int, str]]) -> None:
        self._plain = plain
        self.words = words
        self.tags = tags
        self._folded: str | None = None  # this and the next are seldom asked for
        self._starts: list[int] | None = None

    @property
    def folded(self) -> str:
        """The text in the form in which phrases are compared."""
        if self._folded is None:
            self._folded = self._plain.casefold()
        return self._folded

    @property
    def is_ascii(self) -> bool:
        """Tell whether it is plain ASCII, in which no substring is looked for."""
        return self._plain.isascii()

    @property
    def starts(self) -> list[int]:
        """Where in `folded` each word starts."""
        if self._starts is None:
            self._starts = [*self._find_starts()]
        return self._starts

    def _find_starts(self) -> Iterator[int]:
        at = 0
        for word in self.words:
            # all letters belong to some word, so the next place of a word is its own
            at = self.folded.find(word, at)
            yield at
            at += len(word)


@dataclass(frozen=True, slots=True)
class Found:
    """One phrase in a text: whose it is, its place counted in words and in characters, how it is written there."""

    owner: int
    word: int
    start: int
    end: int
    surface: str
    is_substring: bool


def prepare(text: str, tags: Sequence[str] = ()) -> Text:
    """Fold and split a text; `tags` are hashtags that stand beside it, without '#', read as if at its end."""
    whole = "\n#".join([text, *tags]) if tags else text
    if not whole.isascii():
        whole = straight(unicodedata.normalize("NFKC", whole))
    found = WORD.findall(whole)
    if not found:
        return Text(whole, (), ())
    # all at once, which is much quicker than each for itself; no word holds a line's end
    words = "\n".join(found).casefold().split("\n")
    if "#" not in whole:
        return Text(whole, words, ())
    found_tags: list[tuple[int, str]] = []
    more = 0  # words that hashtags have added
    for index in [index for index, word in enumerate(found) if word[0] == "#"]:
        joined, inside = _tag(found[index])
        at = index + more
        found_tags.append((at, joined))
        words[at : at + 1] = inside
        more += len(inside) - 1
    return Text(whole, words, found_tags)


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

    def find(self, text: Text) -> Iterator[Found]:
        """Yield each phrase wherever it stands."""
        begun = [*map(self._begun_by.__getitem__, text.words)]
        if any(begun):
            for at, nodes in enumerate(begun):
                for node in nodes:
                    yield from _grow(node, text, at, at + 1)
        for at, tag in text.tags:
            for owner in self._joined.get(tag, ()):
                start = text.starts[at] if at < len(text.starts) else len(text.folded)
                yield Found(owner, at, start, start + len(tag), f"#{tag}", is_substring=False)
        # one look for all of them tells that most texts have none
        if self._any_substring and not text.is_ascii and self._any_substring.search(text.folded):
            yield from self._find_substrings(text)

    def _find_substrings(self, text: Text) -> Iterator[Found]:
        for phrase, owner in self._substrings:
            start = text.folded.find(phrase)
            while start >= 0:
                yield Found(owner, -1, start, start + len(phrase), phrase, is_substring=True)
                start = text.folded.find(phrase, start + len(phrase))


def _grow(node: "_Node", text: Text, at: int, end: int) -> Iterator[Found]:
    """Yield the phrases that begin at the word `at` and go through this node, reached before the word `end`."""
    if node.owners:
        surface = " ".join(text.words[at:end])
        stop = text.starts[end - 1] + len(text.words[end - 1])
        for owner in node.owners:
            yield Found(owner, at, text.starts[at], stop, surface, is_substring=False)
    if end < len(text.words) and (node.words or node.stems):
        for following in node.after(text.words[end]):
            yield from _grow(following, text, at, end + 1)


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
