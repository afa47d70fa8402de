"""Takes the watched names out of a text, so that "All of Us Are Dead" is not read as a death. Pure.

Names are a title's name, phrases, hashtags, other ranking names and people. A name of several words is masked in any
spelling; a name of one word (You, Beef, Happiness, AOUAD) may be an ordinary word, so it is masked only as a hashtag,
in quotes or capitalised.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, count
from typing import Any, NamedTuple

from analysis.tokens import CHARS, WORD, blanked, straight
from collector.config import TitleSettings
from collector.text import fold, is_unspaced

# one word that no sentiment lexicon knows stands for a whole name, so that a negation before it still reaches past it
PSEUDO, PSEUDO_UPPER = "Xtitlex", "XTITLEX"
# each kind begins with its first characters, for then most are ruled out by one look; what stands before is asked next
PIECE = re.compile(
    r"[hHwW](?:(?<=[hH])[tT]{2}[pP][sS]?://|(?<=[wW])[wW]{2}\.)\S+"
    r"|[@＠](?<![\w@].)\w[\w.-]*(?:@[\w.-]+)?"  # noqa: RUF001 - the wide @ is used in Japanese
    rf"|[#＃](?<![\w&/].){CHARS}+"  # noqa: RUF001 - the wide # is used in Japanese and Korean
    rf"|{WORD.pattern}"
)
# a link or handle that no letter or apostrophe touches, and so is a piece for certain
APART_HANDLE = re.compile(rf"[@＠](?<![{CHARS[1:-1]}@].)\w[\w.-]*+(?:@[\w.-]++)?+(?!{CHARS})")  # noqa: RUF001 - see PIECE
APART = re.compile(
    rf"[hHwW](?=[tTwW]{{2}})(?<![{CHARS[1:-1]}'].)(?:(?<=[hH])[tT]{{2}}[pP][sS]?://|(?<=[wW])[wW]{{2}}\.)\S+"
    rf"|{APART_HANDLE.pattern}"
)
# where only PIECE can tell what is a link, a handle or a hashtag
CLOSE = re.compile(rf"#(?:(?!{CHARS})|(?<=[{CHARS[1:-1]}&/].)|{CHARS}+')|＃|'(?:[hH][tT]|[wW][wW])")  # noqa: RUF001 - see PIECE
QUOTES = frozenset("\"'“”«»„「」『』")
TAGS = ("#", "＃")  # noqa: RUF001 - see PIECE
MENTIONS = ("http://", "https://", "www.", "@", "＠")  # noqa: RUF001 - see PIECE
APART_SIGN = "#"  # stands for a link or handle once it is found; all other signs of hashtags have letters after them
REMEMBERED = 1024  # texts: more than a batch of posts
END = ""  # marks in the tree where a name ends; no token is empty
Tree = dict[str, Any]


class Reading(NamedTuple):
    """A text with its names set apart.

    `text` has one pseudo-word for each name and none of the links and handles; curly apostrophes are straight.
    `names` are the names found, as written; `words` and `tags` are the other words, with a space between them, and
    hashtags, in order.
    """

    text: str
    names: Sequence[str]
    words: str  # one text: a batch keeps them all, and twenty small ones a post took longer
    tags: Sequence[str]
    mentions: int  # links and handles

    @property
    def is_bare(self) -> bool:
        """Tell whether the text was nothing but watched names and punctuation."""
        if not self.names or self.words or self.tags or self.mentions:
            return False
        rest = self.text.replace(PSEUDO, "").replace(PSEUDO_UPPER, "")
        return all(unicodedata.category(char)[0] in "PZC" for char in rest)


class Places:
    """Where the pieces of a text start, in order; each is looked for once, however often it is asked for."""

    def __init__(self, pieces: Sequence[str], text: str) -> None:
        self.pieces = pieces
        self.text = text
        self._starts: list[int] = []
        self._after = 0  # the end of the last piece whose start is known

    def start(self, index: int) -> int:
        """Return where the piece of this number starts."""
        if index < len(self._starts):
            return self._starts[index]
        at = self.text.find(self.pieces[index], self._after)
        if self.text.find(self.pieces[index], at + 1) < 0:
            return at  # there is no other
        for piece in self.pieces[len(self._starts) : index + 1]:
            # all letters belong to some piece, so the next place of a piece is its own
            at = self.text.find(piece, self._after)
            self._starts.append(at)
            self._after = at + len(piece)
        return at


@lru_cache(maxsize=4)
def name_mask(titles: tuple[TitleSettings, ...]) -> "NameMask":
    """Return the mask of these titles, compiled once for all labellers that need it."""
    return NameMask(titles)


class NameMask:
    """Compiled from the config's titles; its cost hardly grows with their number.

    The last texts are remembered, for several labellers read the same post.
    """

    def __init__(self, titles: Sequence[TitleSettings]) -> None:
        names = {fold(straight(name)) for title in titles for name in names_of(title)}
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
        ) | {PSEUDO.lower()}
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
        pieces, text, is_close = _cut(text)
        # all at once, which is much quicker than each for itself; no piece holds a line's end
        folded = _folded("\n".join(pieces)).split("\n") if pieces else []
        is_word = [True] * len(pieces)
        names, tags, mentions = glued, [], 0
        masked: list[str] = []  # the text so far
        done = 0  # how far that reaches in the text
        places = Places(pieces, text)
        for index, after in self._others(places, folded, is_close=is_close):
            is_word[index:after] = [False] * (after - index)
            piece = pieces[index]
            is_tag = folded[index][0] == "#" and piece != APART_SIGN
            if is_tag and folded[index][1:] not in self._tags:
                tags.append(piece)
                continue
            if piece == PSEUDO:
                continue
            start, end = places.start(index), places.start(after - 1) + len(pieces[after - 1])
            if is_tag or after > index + 1 or not _is_mention(piece):
                names.append(text[start:end])
                mask = PSEUDO_UPPER if names[-1].isupper() else PSEUDO
            else:
                mentions += 1
                mask = " "
            masked += (text[done:start], mask)
            done = end
        masked.append(text[done:])
        return Reading("".join(masked), names, " ".join(compress(pieces, is_word)), tags, mentions)

    def _others(self, places: "Places", folded: Sequence[str], *, is_close: bool) -> Iterator[tuple[int, int]]:
        """Yield where pieces are that are no plain words: from which number to before which."""
        pieces = places.pieces
        after = 0
        found: Iterable[int] = compress(count(), map(self._begin.__contains__, folded))
        if is_close or "#" in places.text:
            heads = "#@hw" if is_close else "#"
            found = sorted({*found, *[at for at, piece in enumerate(folded) if piece[0] in heads]})
        for index in found:
            if index < after:
                continue
            if folded[index][0] == "#" or pieces[index] == PSEUDO or (is_close and _is_mention(pieces[index])):
                after = index + 1
                yield index, after
            elif length := self._length(places, folded, index):
                after = index + length
                yield index, after

    def _length(self, places: "Places", folded: Sequence[str], index: int) -> int:
        """Return how many pieces, from this one on, make up the longest name here; 0 for none."""
        node = self._tree.get(_key(folded[index]), {})
        longest = int(END in node and _stands_out(places, index))
        for following in range(index + 1, len(folded)):
            node = node.get(_key(folded[following]))
            if node is None:
                break
            if END in node:
                longest = following - index + 1
        return longest


def _cut(text: str) -> tuple[list[str], str, bool]:
    """Cut a text into pieces, in order, as PIECE.findall does but in a fraction of its time.

    Returns them, the text in which they stand, and whether a close look was needed. Where it was not, each link or
    handle is a lone '#' in both.
    """
    if ("#" in text or "'" in text or "＃" in text) and CLOSE.search(text):  # noqa: RUF001 - see PIECE
        return PIECE.findall(text), text, True
    apart = text
    if "://" in text or "w." in text or "W." in text:
        apart = APART.sub(APART_SIGN, text)
    elif "@" in text or "＠" in text:  # noqa: RUF001 - see PIECE
        apart = APART_HANDLE.sub(APART_SIGN, text)
    if "@" in apart or "＠" in apart or "##" in apart:  # noqa: RUF001 - see PIECE
        return PIECE.findall(text), text, True
    return blanked(apart).split(), apart, False


def _is_mention(piece: str) -> bool:
    return piece == APART_SIGN or piece.lower().startswith(MENTIONS)


def names_of(title: TitleSettings) -> Iterable[str]:
    """Return every name of a title that is masked, people and hashtags among them."""
    return (title.name, *title.phrases, *title.ranked_as, *title.people, *title.hashtags)


def _folded(word: str) -> str:
    return word.lower() if word.isascii() else fold(word)


def _key(word: str) -> str:
    """Drop a possessive: "Hellbound's" speaks of Hellbound."""
    return word.removesuffix("'s")


def _stands_out(places: Places, index: int) -> bool:
    """Tell whether a word is written like a name: capitalised, or between quotes."""
    piece = places.pieces[index]
    if piece[0].isupper():
        return True
    at = places.start(index)
    before, after = places.text[at - 1 : at], places.text[at + len(piece) : at + len(piece) + 1]
    return before in QUOTES and after in QUOTES and bool(before and after)


def _leaves(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[str]:
    for token, below in tree.items():
        if token == END:
            yield " ".join(path)
        else:
            yield from _leaves(below, (*path, token))
