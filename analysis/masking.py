"""Takes the watched names out of a text, so that "All of Us Are Dead" is not read as a death. Pure.

Names are a title's name, phrases, hashtags, other ranking names and people. A name of several words is masked in any
spelling; a name of one word (You, Beef, Happiness, AOUAD) may be an ordinary word, so it is masked only as a hashtag,
in quotes or capitalised.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
    r"((?:https?://|www\.)\S+"
    r"|(?<![\w@])[@＠]\w[\w.-]*(?:@[\w.-]+)?"  # noqa: RUF001 - the wide @ is used in Japanese
    rf"|(?<![\w&/])[#＃]{CHARS}+"  # noqa: RUF001 - the wide # is used in Japanese and Korean
    rf"|{WORD.pattern})",
    re.IGNORECASE,
)
APOSTROPHES = re.compile("[’‘ʼ]")  # noqa: RUF001 - what phones type for '
QUOTES = frozenset("\"'“”«»„「」『』")
TAGS = ("#", "＃")  # noqa: RUF001 - see PIECE
MENTIONS = ("http://", "https://", "www.", "@", "＠")  # noqa: RUF001 - see PIECE
MEMORY = 50_000  # words
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
        self._plain: set[str] = set()
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
        plain = self._plain
        names, tags, mentions, after = glued, list[str](), 0, 0
        dropped: set[int] = set()
        for index in [index for index, piece in enumerate(pieces) if piece not in plain]:
            piece = pieces[index]
            if index < after or self._is_plain(piece):
                continue
            at = 2 * index + 1
            if count := self._length(parts, at):
                after = index + count
                surface = "".join(parts[at : 2 * after])
                names.append(surface)
                parts[at : 2 * after] = [PSEUDO_UPPER if surface.isupper() else PSEUDO, *[""] * (2 * count - 2)]
                dropped.update(range(index, after))
            elif piece.startswith(TAGS):
                tags.append(piece)
                dropped.add(index)
            elif piece == PSEUDO or piece.lower().startswith(MENTIONS):
                mentions += piece != PSEUDO
                parts[at] = PSEUDO if piece == PSEUDO else " "
                dropped.add(index)
        words = [piece for index, piece in enumerate(pieces) if index not in dropped] if dropped else pieces
        return Reading("".join(parts), tuple(names), tuple(words), tuple(tags), mentions)

    def _is_plain(self, piece: str) -> bool:
        """Tell whether a piece is a word that begins no name, wherever it stands, and remember it."""
        if piece.startswith((*TAGS, *MENTIONS)) or piece.lower().startswith(MENTIONS) or piece == PSEUDO:
            return False
        if _key(_folded(piece)) in self._tree:
            return False
        if len(self._plain) >= MEMORY:
            self._plain.clear()
        self._plain.add(piece)
        return True

    def _length(self, parts: Sequence[str], index: int) -> int:
        """Return how many pieces, from this one on, make up the longest name here; 0 for none."""
        piece = parts[index]
        if piece[0] in TAGS:
            return int(_folded(piece[1:]) in self._tags)
        node = self._tree.get(_key(_folded(piece)))
        if node is None:
            return 0
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
