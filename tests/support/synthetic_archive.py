"""An archive of invented posts beside a store that has dropped them: as many as asked for, the same ones each time."""

import random
from collections.abc import Iterator
from pathlib import Path

from analysis.archive.archiving import put, recognise, settle
from analysis.archive.files import Archive
from collector.clock import DAY
from collector.store import Store
from collector.whole_posts import Day, WholePost

FIRST = 1_640_995_200  # 2022-01-01
DAYS = 20
PLATFORMS = ("bluesky", "mastodon")
TITLES = ("All of Us Are Dead", "Squid Game", "Wednesday", "Dark", "The Crown")
WORDS = (
    "the", "finale", "of", "season", "was", "so", "good", "that", "we", "cried", "and", "laughed", "again", "what", "a",
    "scene", "music", "never", "bored", "slow", "start", "but", "then", "wow", "terrible", "ending", "love", "hate",
    "it", "not", "really", "10/10", "episode", "seven", "tonight", "😀", "AMAZING", "#Netflix", "soundtrack", "acting",
)  # fmt: skip
LENGTH = 136  # characters of a post, as measured on real ones


def make(store: Store, folder: Path, posts: int) -> Archive:
    """Write this many posts without labels to a new archive, and have the store know their days as dropped."""
    archive = Archive.open(folder, make=True)
    recognise(store, archive)
    days = [Day(platform, FIRST + number * DAY) for platform in PLATFORMS for number in range(DAYS)]
    for number, day in enumerate(days):
        share = posts // len(days) + (number < posts % len(days))
        put(archive.partition(day), _posts(day, share), dropped=True)
        settle(store, archive, archive.partition(day))
    return archive


def _posts(day: Day, number: int) -> Iterator[WholePost]:
    chance = random.Random(f"{day.platform} {day.start}")
    for index in range(number):
        title = chance.choice(TITLES)
        yield WholePost(
            native_id=f"{day.start}{index:09}",
            uri=None,
            url=None,
            created_at=day.start + index * DAY // number,
            claimed_at=None,
            collected_at=day.start + DAY,
            edited_at=None,
            text=_text(chance, title),
            platform_language="en",
            hashtags=[title.replace(" ", "")],
            likes=index % 97,
            reposts=None,
            replies=None,
            author_key=f"author {chance.randrange(number)}",
            sample=True,
            titles=sorted({title, *([chance.choice(TITLES)] if index % 4 == 0 else [])}),
        )


def _text(chance: random.Random, title: str) -> str:
    text = title
    while len(text) < LENGTH:
        text += " " + chance.choice(WORDS)
    return text
