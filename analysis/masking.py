"""Takes the watched names out of a text, so that "All of Us Are Dead" is not read as a death. Pure.

Names are a title's name, phrases, hashtags, other ranking names and people. A name of several words is masked in any
spelling; a name of one word (You, Beef, Happiness, AOUAD) may be an ordinary word, so it is masked only as a hashtag,
in quotes or capitalised.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any

from collector.config import TitleSettings
from collector.text import fold, is_unspaced

# one word that no sentiment lexicon knows stands for a whole name, so that a negation before it still reaches past it
PSEUDO, PSEUDO_UPPER = "Xtitlex", "XTITLEX"
# letters, digits and the marks that belong to letters in the scripts of India and South-East Asia
CHARS = r"[\w\u0300-\u036f\u0900-\u109f]"
WORD = re.compile(rf"{CHARS}+(?:'{CHARS}+)*")
PIECE = re.compile(
    r"((?:[hH][tT]{2}[pP][sS]?://|[wW]{3}\.)\S+"
    r"|(?<![\w@])[@＠]\w[\w.-]*(?:@[\w.-]+)?"  # noqa: RUF001 - the wide @ is used in Japanese
    rf"|(?<![\w&/])[#＃]{CHARS}+"  # noqa: RUF001 - the wide # is used in Japanese and Korean
    rf"|{WORD.pattern})"
)
APOSTROPHES = re.compile("[’‘ʼ]")  # noqa: RUF001 - what phones type for '
QUOTES = frozenset("\"'“”«»„「」『』")
TAGS = ("#", "＃")  # noqa: RUF001 - see PIECE
MENTIONS = ("http://", "https://", "www.", "@", "＠")  # noqa: RUF001 - see PIECE
MEMORY = 8_000  # words
REMEMBERED = 1024  # texts: more than a batch of posts
END = ""  # marks in the tree where a name ends; no token is empty
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its names set apart.

    `text` has one pseudo-word for each name and none of the links and handles; curly apostrophes are straight.
    `names` are the names found, as written; `words` and `tags` are the other words and hashtags, in order.
    """

    text: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    tags: tuple[str, ...]
    mentions: int  # links and handles

    @property
    def is_bare(self) -> bool:
        """Tell whether the text was nothing but watched names and punctuation."""
        if not self.names or self.words or self.tags or self.mentions:
            return False
        rest = self.text.replace(PSEUDO, "").replace(PSEUDO_UPPER, "")
        return all(unicodedata.category(char)[0] in "PZC" for char in rest)


class Kind(Enum):
    """What a piece of a text may be."""

    WORD = auto()  # that begins no name, wherever it stands
    BEGINS = auto()  # a word that may begin a name
    TAG = auto()
    NAME = auto()  # a hashtag of a watched title
    MENTION = auto()  # a link or a handle
    PSEUDO = auto()  # a name that was masked before


class _Kinds(dict[str, Kind]):
    """Pieces by how they are written, each looked at once."""

    def __init__(self, tags: Collection[str], tree: Tree) -> None:
        super().__init__()
        self._tags = tags
        self._tree = tree

    def __missing__(self, piece: str) -> Kind:
        kind = self._kind(piece)
        if kind is not Kind.MENTION:  # hardly a link comes twice
            if len(self) >= MEMORY:
                self.clear()
            self[piece] = kind
        return kind

    def _kind(self, piece: str) -> Kind:
        if piece[0] in TAGS:
            return Kind.NAME if _folded(piece[1:]) in self._tags else Kind.TAG
        if piece.lower().startswith(MENTIONS):
            return Kind.MENTION
        if piece == PSEUDO:
            return Kind.PSEUDO
        return Kind.BEGINS if _key(_folded(piece)) in self._tree else Kind.WORD


@lru_cache(maxsize=4)
def name_mask(titles: tuple[TitleSettings, ...]) -> "NameMask":
    """Return the mask of these titles, compiled once for all labellers that need it."""
    return NameMask(titles)


class NameMask:
    """Compiled from the config's titles; its cost hardly grows with their number.

    The last texts are remembered, for several labellers read the same post.
    """

    def __init__(self, titles: Sequence[TitleSettings]) -> None:
        names = {fold(APOSTROPHES.sub("'", name)) for title in titles for name in _names(title)}
        self._tags = {fold(tag) for title in titles for tag in title.hashtags}
        self._tags |= {"".join(WORD.findall(name)).replace("'", "") for name in names}
        self._tree: Tree = {}
        for name in names | self._tags:
            self._plant([_key(word) for word in WORD.findall(name)])
        unspaced = sorted(
            (name for name in names | self._tags if is_unspaced(name)), key=lambda name: (-len(name), name)
        )
        self._unspaced = re.compile("|".join(map(re.escape, unspaced)), re.IGNORECASE) if unspaced else None
        # every name, in a fixed order: what the version of a labeller that masks must depend on
        self.names = sorted(self._tags) + sorted(_leaves(self._tree))
        self._kinds = _Kinds(self._tags, self._tree)
        self.read = lru_cache(maxsize=REMEMBERED)(self._read)

    def _plant(self, tokens: Sequence[str]) -> None:
        node = self._tree
        for token in tokens:
            node = node.setdefault(token, {})
        if tokens:
            node[END] = True

    def _read(self, text: str) -> Reading:
        """Set the watched names apart from the rest."""
        glued: list[str] = []
        if not text.isascii():
            text = APOSTROPHES.sub("'", text)
            if self._unspaced and (glued := self._unspaced.findall(text)):
                # set apart by spaces, for particles are glued to the name
                text = self._unspaced.sub(f" {PSEUDO} ", text)
        parts = PIECE.split(text)  # between, piece, between, piece, ..., between
        pieces = parts[1::2]
        kinds = self._kinds
        names, tags, mentions, after = glued, list[str](), 0, 0
        dropped: set[int] = set()
        for index, kind in enumerate([kinds[piece] for piece in pieces]):
            if kind is Kind.WORD or index < after:
                continue
            at = 2 * index + 1
            if kind is Kind.BEGINS and not (count := self._length(parts, at)):
                continue
            if kind is Kind.TAG:
                tags.append(parts[at])
            elif kind is Kind.MENTION:
                mentions += 1
                parts[at] = " "
            elif kind is not Kind.PSEUDO:
                after = index + (count if kind is Kind.BEGINS else 1)
                surface = "".join(parts[at : 2 * after])
                names.append(surface)
                parts[at : 2 * after] = [
                    PSEUDO_UPPER if surface.isupper() else PSEUDO,
                    *[""] * (2 * (after - index) - 2),
                ]
            dropped.update(range(index, max(after, index + 1)))
        words = [piece for index, piece in enumerate(pieces) if index not in dropped] if dropped else pieces
        return Reading("".join(parts), tuple(names), tuple(words), tuple(tags), mentions)

    def _length(self, parts: Sequence[str], index: int) -> int:
        """Return how many pieces, from this one on, make up the longest name here; 0 for none."""
        node = self._tree[_key(_folded(parts[index]))]
        longest = int(END in node and _stands_out(parts, index))
        for count, following in enumerate(parts[index + 2 :: 2], start=2):
            node = node.get(_key(_folded(following)))
            if node is None:
                break
            if END in node:
                longest = count
        return longest


def _names(title: TitleSettings) -> Iterable[str]:
    return (title.name, *title.phrases, *title.ranked_as, *title.people, *title.hashtags)


def _folded(word: str) -> str:
    return word.lower() if word.isascii() else fold(word)


def _key(word: str) -> str:
    """Drop a possessive: "Hellbound's" speaks of Hellbound."""
    return word.removesuffix("'s")


def _stands_out(parts: Sequence[str], index: int) -> bool:
    """Tell whether a word is written like a name: capitalised, or between quotes."""
    before, after = parts[index - 1][-1:], parts[index + 1][:1]
    return parts[index][0].isupper() or (before in QUOTES and after in QUOTES and bool(before and after))


def _leaves(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[str]:
    for token, below in tree.items():
        if token == END:
            yield " ".join(path)
        else:
            yield from _leaves(below, (*path, token))
