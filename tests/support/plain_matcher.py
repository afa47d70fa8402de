"""The matcher of titles as one would write it first, slow and plainly right: each phrase in each post."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from collector.config import TitleSettings
from collector.text import JOINERS, MARKS, is_unspaced

INSIDE = rf"[\w{MARKS}{JOINERS}]*"
HASHTAG = re.compile(rf"(?<![\w&/{MARKS}])[#＃](\w{INSIDE})")
WORD = re.compile(rf"\w{INSIDE}(?:['’]\w{INSIDE})*")


def plain_match(titles: Sequence[TitleSettings], text: str, tags: Iterable[str]) -> list[int]:
    """Return the positions of the titles that a text, or these hashtags, speak of, in order."""
    folded = _fold(text)
    said = {_fold(tag) for tag in tags} | set(HASHTAG.findall(folded))
    return [
        index
        for index, title in enumerate(titles)
        if (said & {_fold(tag) for tag in title.hashtags} or _any(title.phrases, folded))
        and not _any(title.exclude, folded)
    ]


def _any(phrases: Iterable[str], folded: str) -> bool:
    return any(_stands_in(_fold(phrase), folded) for phrase in phrases)


def _stands_in(phrase: str, folded: str) -> bool:
    if is_unspaced(phrase):
        return phrase in folded
    wanted, words = WORD.findall(phrase), WORD.findall(folded)
    return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
