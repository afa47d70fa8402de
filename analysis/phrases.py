"""Finds many phrases in a text at once, in one pass over its words, whatever their number. Pure.

A phrase is words in order ("zombie choreography"); a word that ends in '*' stands for all that begin so ("choreo*").
Phrases with Chinese, Japanese, Korean or Thai in them match as substrings, for those scripts set no words apart or
glue particles to them. A hashtag is read as its words (#ZombieChoreography, #zombie_choreography) and, where it is
written in one, as a phrase without its spaces (#zombiechoreography).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analysis.masking import APOSTROPHES, CHARS
from collector.text import fold, is_unspaced

WORD = re.compile(rf"#?{CHARS}+(?:'{CHARS}+)*")
PATTERN_WORD = re.compile(rf"{CHARS}+(?:'{CHARS}+)*\*?")
# the words inside a hashtag: "ZombieChoreography", "TVShow", "season_2", "Part2"
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
BOUNDED = re.compile(rf"(?:(?!_){CHARS})+")  # other scripts: at underscores only
MEMORY = 50_000  # words whose place in the index is remembered


@dataclass(frozen=True, slots=True)
class Text:
    """A text made ready: folded; its words, where each starts in `folded`; whole hashtags by the word they begin at."""

    folded: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    tags: tuple[tuple[int, str], ...]
    is_unspaced: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One phrase in a text: whose it is, its place counted in words and in characters, how it is written there."""

    owner: int
    word: int
    start: int
    end: int
    surface: str
    is_substring: bool


def prepare(text: str, tags: Iterable[str] = ()) -> Text:
    """Fold and split a text; `tags` are hashtags that stand beside it, without '#', read as if at its end."""
    beside = " ".join(f"#{tag}" for tag in tags)
    whole = unicodedata.normalize("NFKC", f"{text}\n{beside}" if beside else text)
    whole = APOSTROPHES.sub("'", whole)
    folded = whole.casefold()
    # a few letters grow when folded (ß, İ); their text is split after folding, so that places agree
    source = whole if len(folded) == len(whole) else folded
    words: list[str] = []
    starts: list[int] = []
    found_tags: list[tuple[int, str]] = []
    for match in WORD.finditer(source):
        word = match[0]
        if word[0] != "#":
            words.append(word)
            starts.append(match.start())
            continue
        found_tags.append((len(words), word[1:].casefold().replace("_", "")))
        for part in (CAMEL if word.isascii() else BOUNDED).finditer(word, 1):
            words.append(part[0])
            starts.append(match.start() + part.start())
    lowered = tuple([word.casefold() for word in words])
    return Text(folded, lowered, tuple(starts), tuple(found_tags), not folded.isascii() and is_unspaced(folded))


class PhraseIndex:
    """Compiled from (phrase, owner) pairs into a tree of words; an owner may have many phrases."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        self._root = _Node()
        self._joined: dict[str, list[int]] = defaultdict(list)
        self._substrings: list[tuple[str, int]] = []
        for phrase, owner in phrases:
            self._add(APOSTROPHES.sub("'", fold(phrase)), owner)
        self._known: dict[str, list[_Node]] = {}

    def _add(self, folded: str, owner: int) -> None:
        if is_unspaced(folded):
            self._substrings.append((folded.strip(" *"), owner))
            return
        words = PATTERN_WORD.findall(folded)
        if not words:
            return
        node = self._root
        for word in words:
            node = node.stems[word[:-1]] if word.endswith("*") else node.words[word]
        node.owners.append(owner)
        if not any(word.endswith("*") for word in words):
            self._joined["".join(words).replace("'", "").replace("_", "")].append(owner)

    def find(self, text: Text) -> Iterator[Found]:
        """Yield each phrase wherever it stands."""
        known = self._known
        for at, word in enumerate(text.words):
            nodes = known.get(word)
            for node in self._begun_by(word) if nodes is None else nodes:
                yield from _grow(node, text, at, at + 1)
        for at, tag in text.tags:
            for owner in self._joined.get(tag, ()):
                start = text.starts[at] if at < len(text.starts) else len(text.folded)
                yield Found(owner, at, start, start + len(tag), f"#{tag}", is_substring=False)
        if text.is_unspaced:
            yield from self._find_substrings(text)

    def _begun_by(self, word: str) -> list["_Node"]:
        """Return where in the tree a text that begins with this word may go on, and remember it."""
        if len(self._known) >= MEMORY:
            self._known.clear()
        self._known[word] = nodes = self._root.after(word)
        return nodes

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

    __slots__ = ("owners", "stems", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = defaultdict(_Node)
        self.stems: dict[str, _Node] = defaultdict(_Node)
        self.owners: list[int] = []

    def after(self, word: str) -> list["_Node"]:
        """Return where this word leads."""
        nodes = [self.words[word]] if word in self.words else []
        if self.stems:
            nodes += [node for stem, node in self.stems.items() if word.startswith(stem)]
        return nodes
