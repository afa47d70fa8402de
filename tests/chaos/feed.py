"""A feed that is the same each time, page by page, and what a store must hold after each of its pages.

Pages have what real ones have: new posts, doubles in one page, posts seen before with other counts, late posts, edits
that change the title spoken of, deletions, posts of no watched title, items that cannot be read. `Truth` keeps plain
dicts by the same rules and knows nothing of the store.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from collector import config as configs
from collector.config import Config
from collector.errors import SkipItem
from collector.source import Cursor, JsonObject, Page, PostDraft, Watch

START = datetime(2026, 1, 5, tzinfo=UTC)
SEEN = START + timedelta(days=60)  # the clock stands still, so that two runs store the same rows
PACE = timedelta(minutes=7)  # between two pages
NEW, EDITED_AFTER, DELETED_AFTER, BACK = 14, 5, 7, 12
TITLES = ("Crimson Harbour", "Paper Orchard", "Silent Lanterns", "Velvet Kingdom", "Northern Sirens", "Salted Fjord")
MOODS = (
    "I love it, wonderful",
    "terrible and boring, I hate it",
    "it was on last night",
    "great music",
    "awful ending",
)
CONFIG = "\n".join(
    [
        *(f'[[titles]]\nname = "{name}"\nkind = "show"\nhashtags = ["{name.replace(" ", "")}"]' for name in TITLES),
        '[[topics]]\nname = "music"\nphrases = ["music", "song"]',
        '[[topics]]\nname = "ending"\nphrases = ["ending", "finale"]',
    ]
)


def config() -> Config:
    """Return the config that watches this feed's titles."""
    return configs.parse(CONFIG)


@dataclass(frozen=True)
class Feed:
    """The feed as a source: pages after the cursor, up to and with page `until`. `saved` is told of each page kept."""

    seed: int
    until: int
    saved: Callable[[int], None]
    name: ClassVar[str] = "feed"
    platform: ClassVar[str] = "feed"
    look_back: ClassVar[timedelta] = timedelta(days=90)

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield the pages, each with the cursor that follows it."""
        for number in range(int(cursor.get("page") or 0) + 1, self.until + 1):
            yield page(self.seed, number)
            # whoever asks for the next page has saved this one
            self.saved(number)

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one item."""
        if "text" not in item:
            raise SkipItem("it has no text")
        edited_at = item["edited_at"]
        return PostDraft(
            platform="feed",
            native_id=item["id"],
            created_at=datetime.fromtimestamp(item["at"], UTC),
            text=item["text"],
            language="en",
            likes=item["likes"],
            reposts=item["reposts"],
            author=item["author"],
            edited_at=None if edited_at is None else datetime.fromtimestamp(edited_at, UTC),
        )


def page(seed: int, number: int) -> Page:
    """Return one page of the feed."""
    chance = random.Random(f"{seed}/{number}")
    items = [_item(seed, number, place, number) for place in range(NEW)]
    items += chance.choices(items, k=2)
    items += [{"id": f"{number}-broken"}]
    items += [_item(seed, origin, place, number) for origin, place in _seen_before(number, chance)]
    if number > EDITED_AFTER:
        items.append(_item(seed, number - EDITED_AFTER, 0, number))
    chance.shuffle(items)
    since = START + PACE * number
    return Page(
        target=f"page {number}",
        items=items,
        cursor={"page": str(number)},
        since=since,
        until=since + PACE,
        deleted=[f"{number - DELETED_AFTER}-1"] if number > DELETED_AFTER else [],
    )


def _seen_before(number: int, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Yield posts of earlier pages that come again; those that were deleted do not."""
    for _ in range(4):
        back, place = chance.randint(1, BACK), chance.randrange(NEW)
        if back < number and not (place == 1 and back >= DELETED_AFTER):
            yield number - back, place


def _item(seed: int, origin: int, place: int, number: int) -> dict[str, Any]:
    """Return a post of page `origin` as page `number` tells it: counts grow, the first of each page is edited."""
    chance = random.Random(f"{seed}/{origin}/{place}")
    at = START + PACE * origin + timedelta(seconds=17 * place)
    if place == NEW - 1:
        at -= timedelta(days=chance.randint(1, 20))  # a late one
    is_edited = place == 0 and number >= origin + EDITED_AFTER
    if is_edited:
        chance = random.Random(f"{seed}/{origin}/{place}/edited")
    named = chance.sample(TITLES, 2 if place % 4 == 0 else 1) if place != NEW - 2 else []  # the last but one: of none
    tags = " ".join("#" + title.replace(" ", "") for title in named)
    edited_at = int((START + PACE * (origin + EDITED_AFTER)).timestamp())
    return {
        "id": f"{origin}-{place}",
        "at": int(at.timestamp()),
        "text": f"{chance.choice(MOODS)} {origin}.{place} {tags}".strip(),
        "likes": (number - origin) * 3 + place,
        "reposts": None if place % 3 == 0 else number - origin,
        "author": f"person {chance.randrange(500)}",
        "edited_at": edited_at if is_edited else None,
    }


class Truth:
    """What a store must hold once a number of pages is in: posts by id with their titles, and the ledger's sums."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.page = 0
        self.posts: dict[str, dict[str, Any]] = {}
        self.ledger: dict[str, tuple[int, int, int, int, int]] = {}

    def advance(self, until: int) -> None:
        """Take in the pages up to this one."""
        while self.page < until:
            self.page += 1
            self._take(page(self._seed, self.page))

    def _take(self, told: Page) -> None:
        readable = [item for item in told.items if "text" in item]
        kept = [item for item in readable if "#" in item["text"]]
        latest = {item["id"]: item for item in kept}
        new = sum(1 for native_id in latest if native_id not in self.posts)
        skipped = len(told.items) - len(readable)
        self.ledger[told.target] = (len(told.items), new, len(kept) - new, skipped, len(kept))
        for native_id, item in latest.items():
            self.posts[native_id] = _later(self.posts.get(native_id), item)
        for native_id in told.deleted:
            self.posts.pop(native_id, None)


def _later(known: dict[str, Any] | None, item: JsonObject) -> dict[str, Any]:
    """Return a post after it was told once more: missing counts do not erase."""
    post = {name: item[name] for name in ("at", "text", "likes", "reposts", "edited_at")}
    post["titles"] = sorted(title for title in TITLES if "#" + title.replace(" ", "") in item["text"].split())
    if known is not None and post["reposts"] is None:
        post["reposts"] = known["reposts"]
    return post
