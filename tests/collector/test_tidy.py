"""Raw payloads and old ledger rows go; posts and coverage stay."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from collector.clock import to_seconds
from collector.config import Config
from collector.models import Covered, Ledger, Post, RawPost, table
from collector.records import Batch, LedgerEntry, MatchedPost
from collector.source import Coverage, PostDraft
from collector.store import Store
from collector.tidy import Tidied, tidy

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONFIG = Config()


def saved(store: Store, native_id: str, age: timedelta) -> None:
    at = to_seconds(NOW - age)
    title = store.title_ids(["Squid Game"])["Squid Game"]
    draft = PostDraft("mastodon", native_id, NOW - age, "text")
    ledger = LedgerEntry("a #tag", Coverage.COVERED, since=at, until=at + 60, titles=(title,))
    posts = [MatchedPost(draft, (title,), at, raw="{}")]
    store.save(Batch("mastodon", "mastodon", posts=posts, ledger=ledger, collected_at=at))


def test_what_is_old_goes_and_what_is_known_stays(store: Store) -> None:
    for native_id, days in (("new", 1), ("week", 8), ("old", 91)):
        saved(store, native_id, timedelta(days=days))
    assert tidy(store, CONFIG, NOW) == Tidied(3, 0, 0)
    with store.reading() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table(model))).scalar_one()
            for model in (Post, Covered, RawPost, Ledger)
        ]
    assert counts == [3, 3, 1, 2]
    assert tidy(store, CONFIG, NOW) == Tidied(0, 0, 0)
