"""A small database with a story in it, made through the real way in: matching, saving, labelling, rolling up.

Ten days from 2022-01-24 about one title, written for these tests. X is known throughout; Mastodon has a hole on the
30th. On the 29th at 13:00 an hour stands out, about the title's dance scene.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from only import only

from analysis.label import label_pending
from analysis.rollup import roll
from collector import config as configs
from collector.author import AuthorKeys
from collector.collect import Origin, Saver
from collector.config import Config
from collector.ranking import RankDraft
from collector.source import Page, PostDraft
from collector.store import Store

START = datetime(2022, 1, 24, tzinfo=UTC)
END = START + timedelta(days=10)
HOLE = (datetime(2022, 1, 30, tzinfo=UTC), datetime(2022, 1, 31, tzinfo=UTC))
PEAK = datetime(2022, 1, 29, 13, tzinfo=UTC)
RELEASED = date(2022, 1, 28)
IN_PEAK = 60  # posts in the hour that stands out
WORDS = (
    "I love {tag}, what a wonderful show",
    "{tag} is terrible, I hate the ending",
    "Watching {tag} with my family tonight",
    "{tag} 진짜 재미있어요 오늘 밤에도 계속 볼 거예요",
)
DANCE = "The dance scene in {tag} is great, I love it"


def config_text(title: str = "Paper Lanterns", topic: str = "dance scene") -> str:
    """Return a config that watches one title and one topic; both names may be anything."""
    return f"""
[[titles]]
name = {_quoted(title)}
released = 2022-01-28
hashtags = ["PaperLanterns"]
[[topics]]
name = {_quoted(topic)}
phrases = ["dance scene"]
{only("csv")}"""


def write(folder: Path, *, title: str = "Paper Lanterns", topic: str = "dance scene", extra: str = "") -> Config:
    """Make config.toml and buzz.db in a folder. `extra` is one more post, in the hour that stands out, most liked."""
    path = folder / "config.toml"
    path.write_text(config_text(title, topic), encoding="utf-8")
    config = configs.load(path)
    with Store.open(f"sqlite:///{folder / 'buzz.db'}") as store:
        saver = Saver(store, config.titles, AuthorKeys(b"a secret for the tests"))
        for platform in ("x", "mastodon"):
            for page in _pages(platform, extra):
                saver.save(Origin("archive", platform, _parse, keep_raw=False), page)
        store.save_ranks("netflix", "a test", list(_ranks(title)))
        label_pending(store, config)
        roll(store)
    return config


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _pages(platform: str, extra: str) -> Iterator[Page]:
    items = list(_items(platform, extra))
    spans = [(START, END)] if platform == "x" else [(START, HOLE[0]), (HOLE[1], END)]
    for since, until in spans:
        inside = [item for item in items if since <= item["at"] < until]
        yield Page(f"{platform} archive", inside, since=since, until=until)
    if platform == "mastodon":
        yield Page.not_covered("closed.example #paperlanterns", reason="tag timelines are closed: name another server")


def _items(platform: str, extra: str) -> Iterator[dict[str, Any]]:
    for hour in range(240):
        at = START + timedelta(hours=hour)
        usual = 4 + 3 * (at.date() >= RELEASED) if platform == "x" else 1
        for number in range(usual):
            yield _item(platform, at, number, WORDS[(hour + number) % len(WORDS)])
        if platform == "x" and at == PEAK:
            yield from (_item(platform, at, 100 + number, DANCE) for number in range(IN_PEAK))
    if platform == "x" and extra:
        yield {**_item(platform, PEAK, 999, "{tag} "), "likes": 5000, "text": f"#PaperLanterns {extra}"}


def _item(platform: str, at: datetime, number: int, words: str) -> dict[str, Any]:
    return {
        "platform": platform,
        "id": f"{at:%m%d%H}-{number}",
        "at": at + timedelta(minutes=number % 60),
        "text": words.format(tag="#PaperLanterns"),
        "likes": number,
        "author": f"somebody {number}",
    }


def _parse(item: Mapping[str, Any]) -> PostDraft:
    return PostDraft(
        platform=item["platform"],
        native_id=item["id"],
        created_at=item["at"],
        text=item["text"],
        likes=item["likes"],
        author=item["author"],
        url=f"https://social.example/{item['id']}",
    )


def _ranks(title: str) -> Iterator[RankDraft]:
    for week, world, korea in ((date(2022, 1, 30), 2, 1), (date(2022, 2, 6), 1, 3)):
        for country, name, rank in (("", None, world), ("KR", "South Korea", korea), ("ES", "Spain", 4)):
            yield RankDraft("netflix", "week", week, country, "TV", title, rank=rank, country_name=name)
