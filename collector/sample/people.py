"""Who writes the sample's posts, on which platform, and how far each post travels. Everybody here is invented."""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from collector.sample.words import happens

# how much of a language is written on Mastodon; the rest is on X
MASTODON_SHARE = {"en": 0.25, "de": 0.5, "fr": 0.4, "ja": 0.35, "es": 0.14, "it": 0.3, "ko": 0.06}
MASTODON_SHARE_ELSEWHERE = 0.1
X_LIMIT = 280
ONE_IN_X = re.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")  # X counts other letters as two
MOST_LIKES = 60_000


@dataclass(frozen=True, slots=True)
class Author:
    """An invented author: a number within platform and language, and how well known."""

    number: int
    fame: float


@dataclass(frozen=True, slots=True)
class SamplePost:
    """One invented post, ready to be written in its platform's shape."""

    platform: str
    created_at: datetime
    language: str
    text: str
    author: Author
    theme: str
    kind: str
    likes: int
    reposts: int
    replies: int


@dataclass
class People:
    """Hands out authors: many who write once, few who write often; fame has a long tail as well."""

    chance: Random
    _known: dict[tuple[str, str], list[Author]] = field(default_factory=dict)

    def author(self, platform: str, language: str, *, new: bool) -> Author:
        """Return who writes the next post there. `new`: somebody who has not written before."""
        known = self._known.setdefault((platform, language), [])
        if new or not known or happens(self.chance, 0.6):
            number = sum(map(len, self._known.values()))
            known.append(Author(number, math.exp(self.chance.gauss(0, 1))))
            return known[-1]
        return known[int(self.chance.random() ** 2 * len(known))]


def platform_of(language: str, text: str, chance: Random) -> str:
    """Choose the platform; what is too long for X can only be on Mastodon."""
    share = MASTODON_SHARE.get(language, MASTODON_SHARE_ELSEWHERE)
    return "mastodon" if chance.random() < share or x_length(text) > X_LIMIT else "x"


def x_length(text: str) -> int:
    """Return the length of a post as X counts it."""
    return 2 * len(text) - len(ONE_IN_X.findall(text))


def reach(
    kind: str, theme: str, author: Author, said_before: int, platform: str, chance: Random
) -> tuple[int, int, int]:
    """Return likes, reposts and replies: heavy-tailed, more for the first to say something than for its echoes."""
    warmth = {"praise": 1.0, "joke": 1.4, "sarcasm": 1.1, "gripe": 0.7, "neutral": 0.3}.get(kind, -1.0)
    warmth += {"choreography": 0.6, "copies": -3.0}.get(theme, 0.0)
    warmth -= 1.2 if platform == "mastodon" else 0.0
    likes = math.exp(chance.gauss(warmth, 1.9)) * author.fame / (1 + 0.6 * said_before)
    kept = min(int(likes), MOST_LIKES)
    reposts = int(kept * (0.04 + 0.3 * chance.random()))
    replies = int(kept * (0.01 + 0.1 * chance.random()) + happens(chance, 0.15))
    return kept, reposts, replies
