"""Which posts to label: as many of each language and class, each with the number of posts for which it stands. Pure.

The same seed draws the same posts of the same database, in whatever order they come, and of its copy.
"""

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from analysis.confusion import CLASSES
from collector.audits import Item

LEAST = 10  # posts of a class that a language must get to be a stratum of its own: with three classes 30
OTHER = "other"  # the language of a stratum of all languages that got too few


class Stratum(NamedTuple):
    """Posts of one language that were given one class."""

    language: str
    given: str


class Drawing(NamedTuple):
    """What was drawn, in the order of labelling, and how many posts each stratum had."""

    items: Sequence[Item]
    sizes: Mapping[Stratum, int]


def draw(candidates: Iterable[tuple[int, str, str]], size: int, seed: int) -> Drawing:
    """Draw so many posts, or all where there are no more. Holds at most `size` of each language and class.

    candidates: id, language and class of each post.
    """
    sizes: Counter[Stratum] = Counter()
    lowest: defaultdict[Stratum, list[tuple[int, int]]] = defaultdict(list)
    for post_id, language, given in candidates:
        stratum = Stratum(language, given)
        sizes[stratum] += 1
        _keep_lowest(lowest[stratum], (-_ticket(seed, post_id), post_id), size)
    into = merged(sizes, size)
    found: defaultdict[Stratum, list[tuple[int, int]]] = defaultdict(list)
    totals: Counter[Stratum] = Counter()
    for stratum, tickets in lowest.items():
        found[into[stratum]] += tickets
        totals[into[stratum]] += sizes[stratum]
    items = [
        Item(post_id, *stratum, weight=totals[stratum] / count)
        for stratum, count in allocate(totals, size).items()
        for _, post_id in heapq.nlargest(count, found[stratum])
    ]
    items.sort()
    # whoever stops half way has then labelled a random half of each stratum
    random.Random(seed).shuffle(items)  # noqa: S311 - a sample that anyone can draw again, no secret
    return Drawing(items, totals)


def _ticket(seed: int, post_id: int) -> int:
    """Return a post's number in the lottery of this seed; the lowest win."""
    return int.from_bytes(blake2b(b"%d %d" % (seed, post_id), digest_size=8).digest())


def _keep_lowest(tickets: list[tuple[int, int]], ticket: tuple[int, int], most: int) -> None:
    """Hold a heap to the lowest tickets, which are negative there."""
    if len(tickets) < most:
        heapq.heappush(tickets, ticket)
    else:
        heapq.heappushpop(tickets, ticket)


def merged(sizes: Mapping[Stratum, int], size: int) -> dict[Stratum, Stratum]:
    """Return the stratum into which each one goes: its own, or that of the other languages.

    The languages with most posts stay apart, as long as each class of each of them can get LEAST posts.
    """
    posts: Counter[str] = Counter()
    for stratum, count in sizes.items():
        posts[stratum.language] += count
    room = size // (LEAST * len(CLASSES))
    by_size = sorted(posts, key=lambda language: (-posts[language], language))
    apart = set(by_size if len(by_size) <= room else by_size[: max(0, room - 1)])
    return {one: one if one.language in apart else Stratum(OTHER, one.given) for one in sizes}


def allocate(sizes: Mapping[Stratum, int], size: int) -> dict[Stratum, int]:
    """Share out a sample: as many posts to each stratum, all where it has fewer, the rest to the others.

    No stratum with posts is left out while there are places.
    """
    counts = dict.fromkeys(sorted(sizes, key=lambda one: (sizes[one], one)), 0)  # the smallest first
    left = min(size, sum(sizes.values()))
    for number, stratum in enumerate(counts):
        fair = left / (len(counts) - number)
        counts[stratum] = min(sizes[stratum], max(round(fair), min(1, left)))
        left -= counts[stratum]
    return {stratum: count for stratum, count in counts.items() if count}
