"""Press coverage: articles counted once, days that are not known, and what the frames hold of it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from filling import NOON, Posted, cover, fill

from analysis import news
from analysis.frames import facts, health, hours, posts
from analysis.frames import news as frames
from analysis.frames.columns import build
from analysis.frames.health import WINDOWS
from analysis.frames.reader import Reader
from collector.source import Coverage, Kind
from collector.store import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2022, 2, 1, tzinfo=UTC)


def articles(*rows: tuple[str, str]) -> pd.DataFrame:
    """Articles by native id and headline, newest first, an hour apart."""
    told = [
        (int((NOON - n * HOUR).timestamp()), name, headline, f"https://{name}", False)
        for n, (name, headline) in enumerate(rows)
    ]
    return build(told, frames.ARTICLES)


def windows(*rows: tuple[datetime, datetime, str]) -> pd.DataFrame:
    told = [
        ("Squid Game", "news", "rss", "a feed", coverage, *map(datetime.timestamp, ends)) for *ends, coverage in rows
    ]
    return build([(*row[:5], int(row[5]), int(row[6])) for row in told], WINDOWS)


def test_one_article_told_by_several_sources_is_counted_once_at_its_first_time() -> None:
    told = news.distinct(
        articles(
            ("paper.example/~CBMiabc", "Squid Game returns!"),
            ("other.example/1", "Squid Game returns"),
            ("paper.example/film/1", "Squid Game Returns | Paper"),
            ("thepaper.example/2", "Squid Game - a look back - The Paper"),
        )
    )
    assert told[["headline", "publisher"]].to_numpy().tolist() == [
        ["Squid Game returns", "other.example"],
        ["Squid Game Returns", "paper.example"],
        ["Squid Game - a look back", "thepaper.example"],
    ]
    assert told["at"].tolist() == [pd.Timestamp(NOON - n * HOUR) for n in (1, 2, 3)]
    assert news.distinct(articles()).empty


def test_a_day_is_zero_only_where_it_is_covered_as_a_whole() -> None:
    window = (MIDNIGHT, MIDNIGHT + 4 * DAY)
    known = windows(
        (MIDNIGHT - DAY, MIDNIGHT + DAY, "covered"),
        (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY, "partial"),
        (MIDNIGHT + 2 * DAY, MIDNIGHT + 2 * DAY + HOUR, "covered"),
    )
    told = news.distinct(articles(("paper.example/1", "Squid Game returns")))
    told["at"] += pd.Timedelta(days=3)
    days = news.per_day(told, known, window)
    assert days["day"].tolist() == [pd.Timestamp(MIDNIGHT + n * DAY) for n in range(4)]
    np.testing.assert_array_equal(days["posts"], [0, np.nan, np.nan, 1])


def test_how_much_of_a_window_is_known() -> None:
    known = windows(
        (MIDNIGHT - DAY, MIDNIGHT + 6 * HOUR, "covered"),
        (MIDNIGHT, MIDNIGHT + 12 * HOUR, "partial"),
        (MIDNIGHT + 3 * HOUR, MIDNIGHT + 9 * HOUR, "covered"),
        (MIDNIGHT, MIDNIGHT + DAY, "failed"),
    )
    assert news.known(known, (MIDNIGHT, MIDNIGHT + DAY)) == pytest.approx((9 / 24, 3 / 24))
    assert news.known(known[:0], (MIDNIGHT, MIDNIGHT + DAY)) == (0, 0)


def test_articles_are_read_for_a_title_and_a_window_newest_first(store: Store) -> None:
    fill(
        store,
        Posted("Squid Game returns", platform="news", native_id="paper.example/1", url="https://paper.example/1"),
        Posted("Squid Game again", platform="news", native_id="paper.example/2", at=NOON + HOUR),
        Posted("Squid Game too late", platform="news", native_id="paper.example/3", at=NOON + DAY),
        Posted("Hellbound", platform="news", native_id="paper.example/4", titles=("Hellbound",)),
        Posted("Squid Game on a network"),
    )
    with Reader(store.url) as reader:
        found = frames.articles(reader, title="Squid Game", since=NOON, until=NOON + DAY)
        newest = frames.articles(reader, title="Squid Game", limit=1)
    assert found["headline"].tolist() == ["Squid Game again", "Squid Game returns"]
    assert found["url"].iloc[1] == "https://paper.example/1"
    assert newest["headline"].tolist() == ["Squid Game too late"]


def test_frames_of_posts_leave_the_press_out_and_say_so_where_it_is_asked_for(store: Store) -> None:
    fill(store, Posted("on a network"), Posted("in the paper", platform="news", at=NOON + 5 * HOUR))
    cover(store, NOON, NOON + HOUR)
    cover(store, NOON, NOON + DAY, platform="news", coverage=Coverage.PARTIAL)
    with Reader(store.url) as reader:
        assert health.known_until(reader) == NOON + HOUR
        assert health.covered(reader)["platform"].tolist() == ["mastodon"]
        assert health.covered(reader, kind=Kind.NEWS)["platform"].tolist() == ["news"]
        assert len(health.covered(reader, kind=None)) == 2
        assert health.covered(reader, kind=Kind.COUNTS).empty
        assert hours.ends(reader, "Squid Game")["hour"].tolist() == [pd.Timestamp(NOON)] * 2
        assert [one.platform for one in facts.extents(reader)] == ["mastodon"]
        assert [one.platform for one in facts.coverings(reader, kind=None)] == ["mastodon", "news"]
        # a search finds both, and `platform:news` the one
        assert posts.count_posts(reader) == 2
        assert posts.count_posts(reader, kind=Kind.POSTS) == 1
        assert posts.posts(reader, search="platform:news")["text"].tolist() == ["in the paper"]
        assert posts.posts(reader, kind=Kind.NEWS)["text"].tolist() == ["in the paper"]
