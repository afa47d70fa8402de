"""What is known and what is not, as frames."""

from datetime import timedelta

import pandas as pd
from filling import NOON, Posted, cover, fill

from analysis.frames import health
from analysis.frames.reader import Reader
from collector.clock import to_seconds
from collector.records import Batch, Counts, LedgerEntry
from collector.source import Coverage
from collector.store import Store

HOUR = timedelta(hours=1)


def page(store: Store, at: int, coverage: Coverage = Coverage.COVERED, reason: str = "") -> None:
    entry = LedgerEntry("a server #tag", coverage, reason)
    store.save(Batch(source="tags", platform="mastodon", ledger=entry, counts=Counts(read=at), collected_at=at))


def test_covered_windows_are_merged_and_told_per_title(store: Store) -> None:
    cover(store, NOON, NOON + HOUR)
    cover(store, NOON + HOUR, NOON + 2 * HOUR)
    cover(store, NOON, NOON + HOUR, titles=["Hellbound"], coverage=Coverage.PARTIAL)
    with Reader(store.url) as reader:
        frame = health.covered(reader, title="Squid Game")
        everything = health.covered(reader)
    assert frame[["since", "until"]].to_numpy().tolist() == [[pd.Timestamp(NOON), pd.Timestamp(NOON + 2 * HOUR)]]
    assert everything["title"].tolist() == ["Hellbound", "Squid Game"]
    assert everything["coverage"].tolist() == ["partial", "covered"]


def test_windows_since_a_moment_still_tell_who_was_asked_before(store: Store) -> None:
    cover(store, NOON, NOON + HOUR)
    cover(store, NOON + 5 * HOUR, NOON + 6 * HOUR)
    cover(store, NOON, NOON + HOUR, titles=["Hellbound"], coverage=Coverage.PARTIAL)
    cover(store, NOON + 8 * HOUR, NOON + 9 * HOUR, coverage=Coverage.FAILED)
    with Reader(store.url) as reader:
        frame = health.covered(reader, since=NOON + 2 * HOUR)
        assert health.known_until(reader) == NOON + 6 * HOUR
        assert health.platforms(reader) == ["mastodon"]
    assert frame["title"].tolist() == ["Hellbound", "Squid Game", "Squid Game"]
    assert frame["since"].tolist()[1:] == [pd.Timestamp(NOON + 5 * HOUR), pd.Timestamp(NOON + 8 * HOUR)]


def test_the_ledger_shows_the_newest_pages_first(store: Store) -> None:
    for at in (10, 30, 20):
        page(store, at)
    with Reader(store.url) as reader:
        assert health.ledger(reader, limit=2)["read"].tolist() == [30, 20]


def test_freshness_tells_the_last_page_the_last_post_and_what_is_wrong(store: Store) -> None:
    now = to_seconds(NOON)
    fill(store, Posted(at=NOON - 3 * HOUR))
    page(store, now - 7200)
    page(store, now - 3600, Coverage.FAILED, "the server did not answer")
    with Reader(store.url) as reader:
        frame = health.freshness(reader, now=NOON)
    assert frame[["platform", "source"]].to_numpy().tolist() == [["mastodon", "tags"]]
    row = frame.iloc[0]
    assert row["last_at"] == pd.Timestamp(NOON - HOUR)
    assert row["last_post_at"] == pd.Timestamp(NOON - 3 * HOUR)
    assert row["error"] == "the server did not answer"


def test_nothing_collected_is_an_empty_frame(store: Store) -> None:
    with Reader(store.url) as reader:
        assert health.known_until(reader) is None
        for frame in (health.covered(reader), health.ledger(reader), health.freshness(reader), health.jobs(reader)):
            assert frame.empty
            assert len(frame.columns) > 3
