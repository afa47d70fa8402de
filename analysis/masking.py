"""Takes the watched names out of a text, so that "All of Us Are Dead" is not read as a death. Pure.

Names are a title's name, phrases, hashtags, other ranking names and people. A name of several words is masked in any
spelling; a name of one word (You, Beef, Happiness, AOUAD) may be an ordinary word, so it is masked only as a hashtag,
in quotes or capitalised.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum, auto
from functools import lru_cache
from itertools import compress, count
from operator import itemgetter, or_
from typing import Any, NamedTuple

from collector.config import TitleSettings
from collector.text import fold, is_unspaced

# one word that no sentiment lexicon knows stands for a whole name, so that a negation before it still reaches past it
PSEUDO, PSEUDO_UPPER = "Xtitlex", "XTITLEX"
# letters, digits and the marks that belong to letters in the scripts of India and South-East Asia
CHARS = r"[\w\u0300-\u036f\u0900-\u109f]"
WORD = re.compile(rf"{CHARS}+(?:'{CHARS}+)*")
# each kind begins with its first characters, for then most are ruled out by one look; what stands before is asked next
PIECE = re.compile(
    r"([hHwW](?:(?<=[hH])[tT]{2}[pP][sS]?://|(?<=[wW])[wW]{2}\.)\S+"
    r"|[@＠](?<![\w@].)\w[\w.-]*(?:@[\w.-]+)?"  # noqa: RUF001 - the wide @ is used in Japanese
    rf"|[#＃](?<![\w&/].){CHARS}+"  # noqa: RUF001 - the wide # is used in Japanese and Korean
    rf"|{WORD.pattern})"
)
APOSTROPHES = "’‘ʼ"  # noqa: RUF001 - what phones type for '
QUOTES = frozenset("\"'“”«»„「」『』")
TAGS = ("#", "＃")  # noqa: RUF001 - see PIECE
MENTIONS = ("http://", "https://", "www.", "@", "＠")  # noqa: RUF001 - see PIECE
MARKED = frozenset("#@hwx")  # how a piece that is no word may begin, folded (x: a name masked before)
FIRST = itemgetter(0)
REMEMBERED = 1024  # texts: more than a batch of posts
END = ""  # marks in the tree where a name ends; no token is empty
Tree = dict[str, Any]


class Reading(NamedTuple):
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


class Kind(IntEnum):
    """What a piece of a text may be."""

    WORD = 0  # that begins no name, wherever it stands: nothing is to be done
    BEGINS = auto()  # a word that may begin a name
    TAG = auto()
    NAME = auto()  # a hashtag of a watched title
    MENTION = auto()  # a link or a handle
    PSEUDO = auto()  # a name that was masked before


@lru_cache(maxsize=4)
def name_mask(titles: tuple[TitleSettings, ...]) -> "NameMask":
    """Return the mask of these titles, compiled once for all labellers that need it."""
    return NameMask(titles)


class NameMask:
    """Compiled from the config's titles; its cost hardly grows with their number.

    The last texts are remembered, for several labellers read the same post.
    """

    def __init__(self, titles: Sequence[TitleSettings]) -> None:
        names = {fold(straight(name)) for title in titles for name in _names(title)}
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
        # words that may begin a name, as they are written when folded
        self._begin = frozenset(
            [key for key in self._tree if key == _key(key)] + [f"{key}'s" for key in self._tree if key != END]
        )
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
            text = straight(text)
            if self._unspaced and (glued := self._unspaced.findall(text)):
                # set apart by spaces, for particles are glued to the name
                text = self._unspaced.sub(f" {PSEUDO} ", text)
        parts = PIECE.split(text)  # between, piece, between, piece, ..., between
        pieces = parts[1::2]
        # all at once, which is much quicker than each for itself; no piece holds a line's end
        folded = _folded("\n".join(pieces)).split("\n") if pieces else []
        begins = [*map(self._begin.__contains__, folded)]
        marked = map(MARKED.__contains__, map(FIRST, folded))
        names, tags, mentions, after = glued, list[str](), 0, 0
        is_word = [True] * len(pieces)
        for index in compress(count(), map(or_, begins, marked)):
            if index < after:
                continue
            at = 2 * index + 1
            kind = self._kind(parts[at], folded[index], begins=begins[index])
            length = self._length(parts, folded, index) if kind is Kind.BEGINS else kind is not Kind.WORD
            if not length:
                continue
            after = index + length
            is_word[index:after] = [False] * length
            if kind is Kind.TAG:
                tags.append(parts[at])
            elif kind is Kind.MENTION:
                mentions += 1
                parts[at] = " "
            elif kind is not Kind.PSEUDO:
                surface = parts[at] if length == 1 else "".join(parts[at : 2 * after])
                names.append(surface)
                parts[at] = PSEUDO_UPPER if surface.isupper() else PSEUDO
                parts[at + 1 : 2 * after] = [""] * (2 * length - 2)
        words = compress(pieces, is_word)
        return Reading("".join(parts), tuple(names), tuple(words), tuple(tags), mentions)

    def _kind(self, piece: str, folded: str, *, begins: bool) -> Kind:
        if folded[0] == "#":
            return Kind.NAME if folded[1:] in self._tags else Kind.TAG
        if piece.lower().startswith(MENTIONS):
            return Kind.MENTION
        if piece == PSEUDO:
            return Kind.PSEUDO
        return Kind.BEGINS if begins else Kind.WORD

    def _length(self, parts: Sequence[str], folded: Sequence[str], index: int) -> int:
        """Return how many pieces, from this one on, make up the longest name here; 0 for none."""
        node = self._tree[_key(folded[index])]
        longest = int(END in node and _stands_out(parts, 2 * index + 1))
        for following in range(index + 1, len(folded)):
            node = node.get(_key(folded[following]))
            if node is None:
                break
            if END in node:
                longest = following - index + 1
        return longest


def straight(text: str) -> str:
    """Write apostrophes as the lexicons and the config do: phones type curly ones."""
    for apostrophe in APOSTROPHES:
        text = text.replace(apostrophe, "'")
    return text


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
