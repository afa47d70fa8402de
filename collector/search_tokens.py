"""Text into the tokens that search compares: the same on SQLite, on PostgreSQL and in the query. Pure.

Words are folded (collector.text.fold) and cut at everything that is no letter, digit or underscore. Scripts that set no
spaces between words are cut into pairs of characters, so that any piece of two or more is found; the last character of
a run stands once more by itself, so that one character is found as the beginning of a token. Each emoji is a token.
Hashtags and handles are there twice: as words, and as one token with its sign (`#allofusaredead`, `@netflix`) behind
all words, where no phrase reaches.
"""

import re
from collections import Counter
from collections.abc import Iterable
from operator import add
from typing import NamedTuple

from collector.text import INSIDE, JOINERS, MARKS, fold

# Thai, Lao, Burmese, Khmer, Hangul, Kana, Bopomofo, Chinese characters and the signs that repeat them
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u31ff\u3400-\u4dbf"
    r"\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_EMOJI = r"\u2600-\u27bf\u2b50\u2b55\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
_RUN = re.compile(f"[{_UNSPACED}]")
_SIGNS = re.sub(_RUN, "", MARKS) + JOINERS
_LETTER = rf"[^\W{_UNSPACED}]"
_PIECE = re.compile(rf"{_LETTER}+(?:[{_SIGNS}]+{_LETTER}*)*|[{_UNSPACED}]+|[{_EMOJI}]")
_SPACED_PIECE = re.compile(rf"\w+(?:[{_SIGNS}]+\w*)*|[{_EMOJI}]")  # the same in a text without such scripts
# bytes to bytes: several times quicker than text to text
_BLANKED = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(256))
# what a sign may not follow is asked behind it: a pattern that begins with a sign is found several times quicker
_ASCII_MARK = re.compile(r"#(?<![\w&/]#)\w+|@(?<![\w&/@.]@)\w+", re.ASCII)
_MARK = re.compile(rf"#(?<![\w&/{MARKS}]#)\w{INSIDE}|@(?<![\w&/@.{MARKS}]@)\w{INSIDE}")
_JOINER = re.compile(f"[{JOINERS}]")

MAX_LENGTH = 64  # characters of a token; PostgreSQL takes 2,046 bytes
MAX_TOKENS = 16_000  # of a text; PostgreSQL counts places up to 16,383
MAX_PLACES = 255  # of one token in a text; PostgreSQL keeps 256
FILLER = "#"  # holds the place of a token that stands there too often; no query can hold it


class Wanted(NamedTuple):
    """Tokens that must stand beside each other; with `prefix` the last one need only begin so."""

    tokens: tuple[str, ...]
    prefix: bool = False


def tokens(text: str) -> list[str]:
    """Return the tokens of a text in order."""
    return _bounded(_tokens(fold(text)))


def indexed(text: str, tags: Iterable[str] = ()) -> str:
    """Return what is stored of a post for search: its tokens, then its hashtags and handles, joined by spaces.

    tags: the platform's own list of hashtags, as written; those in the text need not be in it.
    """
    folded = fold(text)
    found = _bounded(_tokens(folded))
    marked = _marks(folded) if "#" in folded or "@" in folded else set()
    if tags:
        marked |= {f"#{_whole(fold(tag))}" for tag in tags}
    return " ".join([*found, *sorted(marked)]) if marked else " ".join(found)


def wanted(written: str, *, prefix: bool = False) -> list[Wanted]:
    """Return what a text must hold to answer to a word or phrase of a query; nothing where that holds no token.

    A run of an unspaced script is found inside longer ones. `#tag` is the whole hashtag, `@name` the handle.
    """
    folded = fold(written)
    phrase = _phrase(folded, prefix=prefix)
    if (mark := _MARK.match(folded)) is None:
        return [phrase] if phrase.tokens else []
    alone = mark.end() == len(folded)
    marked = Wanted((_whole(mark[0], MAX_LENGTH + 1),), prefix and alone)
    return [marked] if alone else [marked, phrase]


def _tokens(folded: str) -> list[str]:
    if folded.isascii():
        pieces = folded.encode().translate(_BLANKED).decode().split()
    else:
        if _RUN.search(folded):
            return [token for piece in _PIECE.findall(folded) for token in _cut(piece)]
        pieces = _SPACED_PIECE.findall(folded)
        if _JOINER.search(folded):
            return [*map(_whole, pieces)]
    return pieces if max(map(len, pieces), default=0) <= MAX_LENGTH else [piece[:MAX_LENGTH] for piece in pieces]


def _cut(piece: str) -> list[str]:
    """Return the tokens of one piece: pairs of characters where its script sets no spaces."""
    if _RUN.match(piece):
        return [*map(add, piece, piece[1:]), piece[-1]]
    return [piece[:MAX_LENGTH] if piece.isascii() else _whole(piece)]


def _phrase(folded: str, *, prefix: bool) -> Wanted:
    found = _tokens(folded)
    pieces = _PIECE.findall(folded)
    if not pieces or not _RUN.match(pieces[-1]):
        return Wanted(tuple(found), prefix)
    # the run may go on in the text: its last character by itself says that it ends here
    if len(pieces[-1]) > 1:
        return Wanted(tuple(found[:-1]))
    return Wanted(tuple(found), prefix=True)


def _marks(folded: str) -> set[str]:
    """Return the hashtags and handles of a text with their signs."""
    pattern = _ASCII_MARK if folded.isascii() else _MARK
    return {_whole(mark, MAX_LENGTH + 1) for mark in pattern.findall(folded)}


def _whole(word: str, length: int = MAX_LENGTH) -> str:
    """Return a word without the invisible joiners that some keyboards add, and of bounded length."""
    return _JOINER.sub("", word)[:length]


def _bounded(found: list[str]) -> list[str]:
    """Keep what PostgreSQL would drop in silence from being found in SQLite alone; the places of the rest stay."""
    if len(found) <= MAX_PLACES:
        return found
    seen: Counter[str] = Counter()
    kept: list[str] = []
    for token in found[:MAX_TOKENS]:
        seen[token] += 1
        kept.append(token if seen[token] <= MAX_PLACES else FILLER)
    return kept
