"""A source of posts that is switched on in mid-window, or lost, makes no peak and no change, however loud it is."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from filling import NOON, Posted, cover, fill

from analysis import overview, voice, volume
from analysis.frames import health, hours
from analysis.frames.reader import Reader
from collector.config import Config
from collector.source import Coverage
from collector.store import Store
from ui.desk import ALL, Desk
from ui.main_result import title_results

HOUR = timedelta(hours=1)
LENGTH = 10 * 24  # hours
START, END = NOON - LENGTH * HOUR, NOON
TITLES = ("Hellbound", "Squid Game")
CONFIG = Config.model_validate({"titles": [{"name": name, "phrases": [name]} for name in TITLES]})
ON, OFF, NEVER = 5 * 24, 7 * 24, LENGTH  # hours from the start

# when the loud source is known: from when to when, in hours
SCENES = {
    "switched on in mid-window": [(ON, NEVER)],
    "switched on this very day": [(LENGTH - 10, NEVER)],
    "lost in mid-window": [(50, OFF)],
    "away for days": [(0, 50), (OFF, NEVER)],
}


@pytest.fixture(scope="module")
def two_titles(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two titles on Mastodon, two posts an hour the one and three the other, at all times of the day."""
    path = tmp_path_factory.mktemp("enabling") / "buzz.db"
    shutil.copy(sqlite_template, path)
    with Store.open(f"sqlite:///{path}") as opened:
        fill(opened, *posts("mastodon", 0, LENGTH, (2, 3)))
        cover(opened, START, END, titles=TITLES)
    return path


@pytest.fixture
def store(two_titles: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it."""
    shutil.copy(two_titles, tmp_path / "buzz.db")
    with Store.open(f"sqlite:///{tmp_path / 'buzz.db'}") as opened:
        yield opened


def posts(platform: str, first: int, last: int, many: tuple[int, int]) -> Iterator[Posted]:
    for hour in range(first, last):
        for title, number in zip(TITLES, many, strict=True):
            for _ in range(number):
                yield Posted(titles=(title,), at=START + hour * HOUR, platform=platform, sentiment="neutral")


def bring(store: Store, scene: str, coverage: Coverage = Coverage.COVERED) -> None:
    """Let Bluesky bring six times as many posts, of the one title only."""
    for first, last in SCENES[scene]:
        fill(store, *posts("bluesky", first, last, (12, 0)))
        cover(store, START + first * HOUR, START + last * HOUR, titles=TITLES, platform="bluesky", coverage=coverage)


@pytest.mark.parametrize(
    ("scene", "coverage"),
    [*((scene, Coverage.COVERED) for scene in SCENES), ("switched on in mid-window", Coverage.PARTIAL)],
)
def test_a_source_that_comes_or_goes_makes_no_peak_and_no_change(store: Store, scene: str, coverage: Coverage) -> None:
    bring(store, scene, coverage)
    with Reader(store.url) as reader:
        desk = Desk(reader, CONFIG)
        counted, known, topics = hours.hours(reader), health.covered(reader), hours.topic_hours(reader)
        for title in TITLES:
            window = desk.window(title, ALL)
            assert window is not None
            for platform in (None, "mastodon", "bluesky"):
                assert desk.buzz(title, window, platform).peaks.empty, (title, platform)
            own, his = counted[counted["title"] == title], known[known["title"] == title]
            change = volume.change(own, his, until=END)
            assert (change.ratio, change.platforms, change.left_out) == (0, ("mastodon",), ("bluesky",))
        told = overview.overview(counted, known, topics, desk.ranks(TITLES), titles=TITLES, until=END)
        assert list(told["change"]) == [0, 0]
        assert list(told["posts_24h"]) == [48, 72]
        assert list(told["trend_of"]) == [("mastodon",), ("mastodon",)]
        assert {point for line in told["trend"] for point in line} == {2, 3}
        window = voice.whole_hours(START, END)
        shares = voice.share_of_voice(
            hours.sums(reader, START, END), hours.edge_hours(reader, START, END), known, window
        )
        assert (shares.included, shares.left_out) == (("mastodon",), ("bluesky",))
        assert dict(zip(shares.frame["title"], shares.frame["share"], strict=True)) == dict(
            zip(TITLES, (0.4, 0.6), strict=True)
        )
        assert {result.peak for result in title_results(reader, CONFIG.titles)} == {None}


def test_a_true_rise_on_what_is_known_throughout_is_still_told(store: Store) -> None:
    fill(store, *(Posted(titles=(TITLES[0],), at=END - 30 * HOUR) for _ in range(40)))
    bring(store, "switched on in mid-window")
    with Reader(store.url) as reader:
        desk = Desk(reader, CONFIG)
        window = desk.window(TITLES[0], ALL)
        assert window is not None
        found = desk.buzz(TITLES[0], window, "mastodon").peaks
        assert list(found["top_posts"]) == [42]
