"""The project's own gold set: invented posts that two readers judged, and the titles that they are about.

It lies in the repository and not in the package. The second half is for measuring: nothing here shows its texts, and
the posts of it that were seen before the rules were made (`seen.txt`) are left out. Its README says who read it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.labeller import Sentiment
from analysis.tokens import WORD, straight
from collector.config import Config, SentimentSettings, TitleSettings, parse, template

FOLDER = Path(__file__).parents[2] / "tests" / "gold" / "sentiment"
HALVES = ("first", "second")
SHOWN = "first"  # the half whose texts may be quoted
SARCASM = "sarcasm"


class GoldPost(NamedTuple):
    """A post of the gold set. traits: what makes it hard, such as "sarcasm"."""

    language: str
    title: str
    genres: tuple[str, ...]
    traits: tuple[str, ...]
    text: str
    true: Sentiment


def half(name: str, folder: Path = FOLDER) -> list[GoldPost]:
    """Return the posts of one half that may be counted; none where the gold set does not lie beside the package."""
    path, seen = folder / f"{name}.jsonl", folder / "seen.txt"
    if not path.is_file():
        return []
    left_out = set(seen.read_text(encoding="utf-8").split()) if name != SHOWN and seen.is_file() else set()
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [_post(row) for row in rows if row["id"] not in left_out]


def _post(row: dict[str, object]) -> GoldPost:
    def words(key: str) -> tuple[str, ...]:
        found = row[key]
        return tuple(map(str, found)) if isinstance(found, list) else ()

    label = str(row["label"])
    true: Sentiment = "positive" if label == "positive" else "negative" if label == "negative" else "neutral"
    return GoldPost(
        str(row["language"]), str(row["title"]), words("genres"), words("traits"), str(row["text"]), true
    )  # fmt: skip


def config(posts: Sequence[GoldPost], settings: SentimentSettings) -> Config:
    """Return a config that watches all titles of these posts at once, as the shipped config does where it has them."""
    shipped = {title.name: title for title in parse(template()).titles}
    genres = {post.title: post.genres for post in posts}
    titles = tuple(shipped.get(name) or _title(name, genres[name]) for name in sorted(genres))
    return Config(titles=titles, sentiment=settings)


def _title(name: str, genres: tuple[str, ...]) -> TitleSettings:
    hashtag = "".join(word.replace("'", "").title() for word in WORD.findall(straight(name)))
    return TitleSettings(name=name, phrases=(name,), hashtags=(hashtag,), genres=genres)
