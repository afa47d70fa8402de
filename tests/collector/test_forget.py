"""Forgetting on request: what is meant, what goes, and that it does not come back. On both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from collector.author import AuthorKeys
from collector.clock import to_seconds
from collector.errors import InputError
from collector.forget import Found, find, forget_author, forget_posts, keys_of
from collector.models import DirtyHour, Post, RawPost, table
from collector.records import Batch, Counts, MatchedPost
from collector.source import PostDraft
from collector.store import Store

NOON = datetime(2022, 2, 1, 12, tzinfo=UTC)
KEYS = AuthorKeys(b"a secret for tests")
DID = "did:plc:ann"


def post(native_id: str, author: str, platform: str = "mastodon", **told: str) -> MatchedPost:
    draft = PostDraft(platform, native_id, NOON, "words", author=author, **told)
    return MatchedPost(draft, (1,), to_seconds(NOON), author_key=KEYS.key(platform, author), raw="{}")


def save(store: Store, *posts: MatchedPost) -> Counts:
    store.title_ids(["Squid Game"])
    counts = Counts()
    for one in posts:
        counts += store.save(Batch(one.draft.platform, one.draft.platform, posts=[one]))
    return counts


def left(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.execute(select(table(Post).c.native_id)).scalars())


ANN = "https://a.example/users/ann"


def test_an_author_goes_with_all_posts_and_stays_away(store: Store) -> None:
    theirs = [post("1", ANN), post("2", ANN)]
    save(store, *theirs, post("3", "https://a.example/users/bo"), post("1", ANN, platform="other"))
    with store.writing() as connection:
        connection.execute(table(DirtyHour).delete())
    assert forget_author(store, "mastodon", keys_of(KEYS, "mastodon", "@ann@a.example")) == 2
    with store.reading() as connection:
        assert connection.execute(select(table(DirtyHour).c.hour)).all() == [(to_seconds(NOON),)]
        assert len(connection.execute(select(table(RawPost).c.post_id)).all()) == 2
    assert save(store, *theirs, post("4", ANN)) == Counts(known=3)  # a new one as well
    assert left(store) == ["1", "3"]


def test_a_post_is_found_by_id_address_and_link(store: Store) -> None:
    uri = f"at://{DID}/app.bsky.feed.post/3k_x"
    link = f"https://bsky.app/profile/{DID}/post/3k_x"
    bluesky = post(uri, DID, platform="bluesky", uri=uri, url=link)
    save(store, bluesky, post(uri.replace("_", "y"), DID, "bluesky"), post("9", ANN, url="https://a.example/@ann/9"))
    found = [Found("bluesky", uri, KEYS.key("bluesky", DID))]
    for written in (uri, f" {link} ", link.replace(DID, "ann.example")):
        assert find(store, written) == found
    assert [one.native_id for one in find(store, "https://a.example/@ann/9")] == ["9"]
    assert find(store, "%") == find(store, "https://bsky.app/profile/ann.example/post/3k%") == []
    assert forget_posts(store, found) == 1
    assert save(store, bluesky) == Counts(known=1)


@pytest.mark.parametrize(
    ("platform", "written", "said"),
    [("x", "ann", "X tells authors by number"), ("bluesky", "ann.example", 'Bluesky tells authors by "did:')],
)
def test_what_cannot_be_an_author_there_is_refused(platform: str, written: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        keys_of(KEYS, platform, written)


def test_an_author_may_be_stored_under_several_names() -> None:
    assert keys_of(KEYS, "mastodon", "ann@a.example") == keys_of(KEYS, "mastodon", "@ann@a.example")
    assert KEYS.key("mastodon", ANN) in keys_of(KEYS, "mastodon", "ann@a.example")
    assert keys_of(KEYS, "x", "123") == [KEYS.key("x", "123")]
    assert keys_of(KEYS, "bluesky", DID) == [KEYS.key("bluesky", DID)]
