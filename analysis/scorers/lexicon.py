"""VADER with what fans mean: genre overrides, phrases, emoji and drawn-out words, on top of the package's rules. Pure.

Everything is done by changing the text and the lexicon that VADER reads, never its rules: a phrase becomes one word
(left-no-crumbs), so that negation, boosters and capitals work on it as on any other; so does an emoji.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from analysis.scorers.joined import JOINER, PhraseFinder, token
from analysis.scorers.overrides import Entry, Overrides
from analysis.tokens import WORD
from analysis.vader import Scored, Step, Vader

DRAWN_OUT = re.compile(r"([a-zA-Z])\1\1+")
IN_COLOUR = "\ufe0f"  # may follow an emoji and says nothing else
SKIN = "[\U0001f3fb-\U0001f3ff]?"
REMEMBERED = 1024  # sets of emoji


class Meaning(NamedTuple):
    """Where a word of a score comes from: as it stands in the post, and the override that gave it, if one did."""

    surface: str
    entry: Entry | None


class Lexicon:
    """VADER for titles of certain genres."""

    def __init__(self, overrides: Overrides) -> None:
        self.overrides = overrides
        self._tokens = {token(phrase): phrase for phrase in overrides.phrases}
        self._signs = {_name(emoji): emoji for emoji in overrides.emoji}
        changes = {word: entry.score for word, entry in overrides.words.items()}
        changes |= {token: overrides.phrases[phrase].score for token, phrase in self._tokens.items()}
        changes |= {name: overrides.emoji[emoji].score for name, emoji in self._signs.items()}
        self._vader = Vader(changes)
        self._phrases = PhraseFinder(overrides.phrases)
        self._named = {_colourless(emoji): f" {name} " for name, emoji in self._signs.items()}
        self._begin = frozenset(emoji[0] for emoji in self._named)
        self._any_of = lru_cache(maxsize=REMEMBERED)(self._any_emoji)

    def score(self, text: str) -> Scored:
        """Score a text, masked before; `hits` has the words as VADER read them (`meaning` says what they are)."""
        return self._vader.score(self.read(text))

    def steps(self, text: str) -> tuple[Sequence[Step], float]:
        """Return how each word of a score (`meaning` says what it is) came to what it added, and what emphasis adds."""
        return self._vader.steps(self.read(text))

    def read(self, text: str) -> str:
        """Return the text that VADER reads: phrases and emoji as one word each, drawn-out words cut short."""
        if not text.isascii() and (begin := self._begin.intersection(text)):
            text = self._any_of(begin).sub(self._name_once, _colourless(text))
        words = text.split()
        self._phrases.join(words)
        if DRAWN_OUT.search(text):
            words = [self._shortened(word) if DRAWN_OUT.search(word) else word for word in words]
        return " ".join(words)

    def meaning(self, word: str) -> Meaning:
        """Say what a word of a score is."""
        lowered = word.lower()
        if lowered in self._signs:
            emoji = self._signs[lowered]
            return Meaning(emoji, self.overrides.emoji[emoji])
        if lowered in self._tokens:
            phrase = self._tokens[lowered]
            return Meaning(phrase, self.overrides.phrases[phrase])
        return Meaning(word, self.overrides.words.get(lowered))

    def _any_emoji(self, begin: frozenset[str]) -> re.Pattern[str]:
        """Return what finds a run of one emoji that begins so; the longest first, for some are made of others."""
        some = sorted((emoji for emoji in self._named if emoji[0] in begin), key=lambda emoji: (-len(emoji), emoji))
        return re.compile(rf"({'|'.join(map(re.escape, some))}){SKIN}(?:\s*\1{SKIN})*")

    def _name_once(self, match: re.Match[str]) -> str:
        """Write a run of one emoji as one word: ten of them are one utterance, and not ten times as glad."""
        return self._named[match[1]]

    def _shortened(self, word: str) -> str:
        """Cut a drawn-out word to the spelling that has a valence: "gooood" is "good", "sooo" is "so"."""
        letters = WORD.findall(word)
        if not letters or self._vader.knows(word):
            return word
        for kept in (r"\1\1", r"\1"):
            shorter = DRAWN_OUT.sub(kept, word)
            if self._vader.knows(shorter):
                return shorter
        return word


def _name(emoji: str) -> str:
    return "emoji" + JOINER + JOINER.join(f"{ord(char):x}" for char in _colourless(emoji))


def _colourless(text: str) -> str:
    return text.replace(IN_COLOUR, "")
