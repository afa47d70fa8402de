"""Fills a database for tests of what reads it: posts of our own making, labelled as the test says, totals rolled up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import select

from analysis.rollup import roll
from collector.clock import to_seconds
from collector.models import Post, table
from collector.records import Batch, LedgerEntry, MatchedPost, PostLabels
from collector.source import Coverage, PostDraft
from collector.store import Store

NOON = datetime(2022, 2, 1, 12, tzinfo=UTC)
_NUMBERS = count(1)


@dataclass(frozen=True)
class Posted:
    """One post as a test wants it; sentiment None leaves it without labels."""

    text: str = "a text"
    titles: tuple[str, ...] = ("Squid Game",)
    at: datetime = NOON
    platform: str = "mastodon"
    sentiment: str | None = "neutral"
    language: str = "en"
    topics: tuple[str, ...] = ()
    hashtags: frozenset[str] = frozenset()
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    author_key: str | None = None
    native_id: str | None = None
    url: str | None = None
    uri: str | None = None
    sample: bool = False


def fill(store: Store, *posted: Posted) -> None:
    """Save, label and roll up these posts; those without an id get the next number as theirs."""
    given = [(post.native_id or str(next(_NUMBERS)), post) for post in posted]
    ids = store.title_ids(sorted({title for post in posted for title in post.titles}))
    for platform, sample in sorted({(post.platform, post.sample) for post in posted}):
        drafts = [_matched(key, post, ids) for key, post in given if (post.platform, post.sample) == (platform, sample)]
        batch = Batch(source=platform, platform=platform, posts=drafts, collected_at=to_seconds(NOON), sample=sample)
        store.save(batch)
    numbers = _post_ids(store)
    labelled = [(numbers[post.platform, key], post) for key, post in given if post.sentiment is not None]
    store.save_labels([_labels(number, post) for number, post in labelled])
    roll(store)


def cover(
    store: Store,
    since: datetime,
    until: datetime,
    *,
    titles: Sequence[str] = ("Squid Game",),
    platform: str = "mastodon",
    coverage: Coverage = Coverage.COVERED,
    reason: str = "",
) -> None:
    """Say that this window is known (or not) of these titles on a platform."""
    ids = tuple(store.title_ids(list(titles)).values())
    entry = LedgerEntry("a target", coverage, reason, to_seconds(since), to_seconds(until), ids)
    store.save(Batch(source=platform, platform=platform, ledger=entry, collected_at=to_seconds(NOON)))


def _matched(key: str, post: Posted, ids: dict[str, int]) -> MatchedPost:
    draft = PostDraft(
        platform=post.platform,
        native_id=key,
        created_at=post.at,
        text=post.text,
        uri=post.uri,
        url=post.url,
        hashtags=post.hashtags,
        likes=post.likes,
        reposts=post.reposts,
        replies=post.replies,
    )
    titles = tuple(ids[title] for title in post.titles)
    return MatchedPost(draft=draft, titles=titles, created_at=to_seconds(post.at), author_key=post.author_key)


def _labels(number: int, post: Posted) -> PostLabels:
    score = {"positive": 0.8, "neutral": 0.0, "negative": -0.8}.get(post.sentiment or "")
    return PostLabels(
        post_id=number,
        language=post.language,
        language_by="test/1",
        sentiment=post.sentiment or "unscored",
        score=score,
        raw_score=score,
        sentiment_by="test/1",
        topics=post.topics,
        topics_by="test/1",
    )


def _post_ids(store: Store) -> dict[tuple[str, str], int]:
    posts = table(Post)
    with store.reading() as connection:
        rows = connection.execute(select(posts.c.platform, posts.c.native_id, posts.c.id))
        return {(row.platform, row.native_id): row.id for row in rows}
