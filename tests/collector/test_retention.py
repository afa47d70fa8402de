"""What is kept for a while only: words, whole posts, all posts; labels, totals, search and coverage follow."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from analysis.frames.posts import posts
from analysis.frames.reader import Reader
from analysis.label import label_pending
from analysis.rollup import roll, verify
from collector.clock import to_seconds
from collector.config import Config, parse
from collector.records import Batch, LedgerEntry, MatchedPost
from collector.retention import Released, care_for, release
from collector.source import Coverage, PostDraft
from collector.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TITLE = '[[titles]]\nname = "Squid Game"\nhashtags = ["SquidGame"]\n'
TOPIC = '[[topics]]\nname = "acting"\nphrases = ["acting"]\n'


def config(*settings: str) -> Config:
    return parse(TITLE + TOPIC + "\n".join(settings))


def save(store: Store, platform: str, native_id: str, age: timedelta, *, follow: bool = True, source: str = "") -> None:
    """Store a post that was posted and collected this long ago, its hour covered."""
    at = to_seconds(NOW - age)
    title = store.title_ids(["Squid Game"])["Squid Game"]
    draft = PostDraft(
        platform, native_id, NOW - age, f"I love this show and its acting is great, number {native_id} #SquidGame"
    )
    ledger = LedgerEntry("a target", Coverage.COVERED, since=at - 60, until=at + 60, titles=(title,))
    post = MatchedPost(draft, (title,), at, raw='{"text": "great acting"}')
    store.save(
        Batch(source or platform, platform, posts=[post], ledger=ledger, collected_at=at, follow=follow, sample=False)
    )


def read(store: Store, query: str) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def finish(store: Store, settings: Config) -> None:
    label_pending(store, settings, processes=1)
    roll(store)


def test_words_go_after_their_time_and_labels_and_totals_stay(store: Store) -> None:
    settings = config("[sources.x]", 'keep_text = "7d"')
    save(store, "x", "1", 8 * DAY)
    save(store, "x", "2", 6 * DAY)
    save(store, "x", "3", 8 * DAY, follow=False)  # as an import does
    finish(store, settings)
    before = read(store, "SELECT * FROM title_hour ORDER BY hour")
    assert release(store, settings, NOW) == Released(emptied=1, purged=0)
    assert read(store, "SELECT native_id FROM post WHERE text = ''") == [("1",)]
    assert len(read(store, "SELECT * FROM raw_post")) == 2
    assert len(read(store, "SELECT * FROM label WHERE sentiment = 'positive'")) == 3
    assert len(read(store, "SELECT * FROM post_topic")) == 3
    assert release(store, settings, NOW) == Released(0, 0)
    roll(store)
    assert read(store, "SELECT * FROM title_hour ORDER BY hour") == before
    assert verify(store) == []


def test_a_post_without_words_is_found_by_its_hashtags_only(store: Store, found: Callable[[str], list[str]]) -> None:
    settings = config("[sources.x]", 'keep_text = "7d"')
    save(store, "x", "1", 8 * DAY)
    finish(store, settings)
    assert found("acting") == ["1"]
    release(store, settings, NOW)
    assert found("acting") == []


@pytest.fixture
def found(store: Store) -> Callable[[str], list[str]]:
    def search(words: str) -> list[str]:
        with Reader(store.url) as reader:
            return [str(native_id) for native_id in posts(reader, search=words, limit=10)["native_id"]]

    return search


def test_what_is_not_labelled_yet_keeps_its_words(store: Store) -> None:
    settings = config("[sources.x]", 'keep_text = "7d"')
    save(store, "x", "1", 8 * DAY)
    assert release(store, settings, NOW).emptied == 0
    finish(store, settings)
    assert release(store, settings, NOW).emptied == 1


def test_another_config_labels_nothing_anew_that_has_lost_its_words(store: Store) -> None:
    settings = config("[sources.x]", 'keep_text = "7d"')
    save(store, "x", "1", 8 * DAY)
    save(store, "x", "2", DAY)
    finish(store, settings)
    release(store, settings, NOW)
    changed = parse(TITLE + '[[topics]]\nname = "numbers"\nphrases = ["number"]\n')
    assert label_pending(store, changed, processes=1) == 1
    topics = "SELECT native_id, name FROM post_topic JOIN post p ON p.id = post_id JOIN topic t ON t.id = topic_id"
    assert sorted(read(store, topics)) == [("1", "acting"), ("2", "numbers")]
    assert label_pending(store, changed, processes=1) == 0


def test_whole_posts_go_after_their_time_and_leave_a_gap(store: Store) -> None:
    settings = config("[sources.bluesky]", 'keep_posts = "30d"')
    for native_id, age in (("old", 31 * DAY), ("new", 29 * DAY)):
        save(store, "bluesky", native_id, age)
    save(store, "mastodon", "other", 31 * DAY)
    finish(store, settings)
    assert release(store, settings, NOW) == Released(emptied=0, purged=1)
    finish(store, settings)
    assert read(store, "SELECT native_id FROM post ORDER BY native_id") == [("new",), ("other",)]
    totals = read(store, "SELECT platform, posts FROM title_hour ORDER BY platform")
    assert totals == [("bluesky", 1), ("mastodon", 1)]
    cut = to_seconds(NOW - 30 * DAY)
    assert [row for row in read(store, "SELECT platform FROM covered") if row == ("bluesky",)] == [("bluesky",)]
    assert read(store, f"SELECT since FROM covered WHERE platform = 'bluesky' AND since < {cut}") == []
    assert verify(store) == []


def test_a_window_that_reaches_over_the_cut_is_known_from_there_on(store: Store) -> None:
    settings = config("[sources.bluesky]", 'keep_posts = "30d"')
    cut = to_seconds(NOW - 30 * DAY)
    title = store.title_ids(["Squid Game"])["Squid Game"]
    entry = LedgerEntry("a target", Coverage.COVERED, since=cut - 500, until=cut + 500, titles=(title,))
    store.save(Batch("bluesky", "bluesky", ledger=entry, collected_at=cut))
    release(store, settings, NOW)
    assert read(store, "SELECT since, until FROM covered") == [(cut, cut + 500)]


def test_retention_days_take_out_whatever_was_collected_before(store: Store) -> None:
    settings = config("[store]", "retention_days = 90")
    save(store, "bluesky", "live old", 91 * DAY, follow=False)
    save(store, "bluesky", "live new", 89 * DAY, follow=False)
    save(store, "x", "imported", 91 * DAY, follow=False, source="an import")
    finish(store, settings)
    assert release(store, settings, NOW).purged == 2
    finish(store, settings)
    assert read(store, "SELECT native_id FROM post") == [("live new",)]
    assert read(store, "SELECT platform FROM covered") == [("bluesky",)]
    assert verify(store) == []
    assert release(store, settings, NOW).purged == 0


def test_invented_posts_outlast_retention(store: Store) -> None:
    at = to_seconds(NOW - 900 * DAY)
    post = MatchedPost(PostDraft("x", "1", NOW - 900 * DAY, "invented"), (), at)
    store.save(Batch("demo", "x", posts=[post], collected_at=at, sample=True))
    assert release(store, config("[store]", "retention_days = 1"), NOW).purged == 0


def test_posts_are_followed_for_as_long_as_there_is_something_to_do(store: Store) -> None:
    settings = config("[sources.x]", 'keep_text = "7d"', "[sources.mastodon]", 'recheck_for = "30d"')
    for platform in ("x", "mastodon"):
        for age in (1, 8, 31):
            save(store, platform, f"{age}", age * DAY)
    finish(store, settings)
    release(store, settings, NOW)
    followed = "SELECT f.platform, p.native_id FROM followed_post f JOIN post p ON p.id = f.post_id ORDER BY 1, 2"
    assert read(store, followed) == [("mastodon", "1"), ("mastodon", "8"), ("x", "1")]


def test_more_posts_than_one_transaction_takes_are_let_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.retention.AT_ONCE", 2)
    settings = config("[sources.x]", 'keep_text = "7d"', 'keep_posts = "30d"')
    for number in range(5):
        save(store, "x", f"8-{number}", 8 * DAY)
        save(store, "x", f"31-{number}", 31 * DAY)
    finish(store, settings)
    assert release(store, settings, NOW) == Released(emptied=10, purged=5)


def test_only_what_needs_care_is_followed() -> None:
    shipped = config()
    assert {name for name in shipped.sources if care_for(shipped, name).is_needed} >= {"mastodon", "x"}
    assert not care_for(shipped, "bluesky").is_needed
    assert not care_for(shipped, "wikipedia").is_needed
    assert not care_for(config("[sources.mastodon]", "recheck = false"), "mastodon").is_needed
    assert care_for(config("[sources.bluesky]", 'keep_text = "1d"'), "bluesky").is_needed
