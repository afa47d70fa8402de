"""Posts as a frame: each filter, the search, the order, pages, and the stream for exports. On both databases."""

from datetime import timedelta

import pytest
from filling import NOON, Posted, fill

from analysis.frames.posts import PostFilter, count_posts, posts
from analysis.frames.reader import Reader
from analysis.frames.streams import stream_posts
from collector.store import Store


def ids(reader: Reader, **filters: object) -> list[str]:
    found = posts(reader, order="oldest", **filters)["native_id"].tolist()
    assert count_posts(reader, **filters) == len(found)
    assert [
        native_id for chunk in stream_posts(reader, PostFilter(**filters)) for native_id in chunk["native_id"]
    ] == found
    return found


def test_each_filter_narrows_the_posts(store: Store) -> None:
    hour = timedelta(hours=1)
    fill(
        store,
        Posted(native_id="1", titles=("Hellbound", "Squid Game"), topics=("dance",)),
        Posted(native_id="2", at=NOON + hour, platform="bluesky", language="ko", sentiment="unscored"),
        Posted(native_id="3", at=NOON + 2 * hour, titles=(), sentiment=None),
    )
    with Reader(store.url) as reader:
        assert ids(reader) == ["1", "2", "3"]
        assert ids(reader, title="Hellbound") == ["1"]
        assert ids(reader, title="Squid Game") == ["1", "2"]
        assert ids(reader, topic="dance") == ["1"]
        assert ids(reader, platform="bluesky") == ["2"]
        assert ids(reader, language="ko") == ["2"]
        assert ids(reader, sentiment="unscored") == ["2"]
        assert ids(reader, since=NOON + hour) == ["2", "3"]
        assert ids(reader, until=NOON + hour) == ["1"]
        assert ids(reader, title="Squid Game", platform="mastodon", topic="dance") == ["1"]
        assert ids(reader, title="no such title") == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ZOMBIE", ["1"]),
        ("straße", ["3"]),
        ("ÉTÉ", ["3"]),
        ("좀비", ["2"]),
        ("ｚｏｍｂｉｅ", ["1"]),
        ("100%", ["3"]),
        ("0%0", []),
        ("a_b", ["4"]),
        ("zomb*", ["1"]),
        ("zombie OR 안무", ["1", "2"]),
        ("-zombie lang:en", ["2", "3", "4"]),
        (" ", ["1", "2", "3", "4"]),
    ],
)
def test_the_search_finds_words_letter_case_and_width_ignored(store: Store, search: str, found: list[str]) -> None:
    texts = ["the zombie choreography", "좀비 안무 최고", "100% Straße été", "a_b \\ axb"]
    fill(store, *(Posted(native_id=str(n), text=text) for n, text in enumerate(texts, start=1)))
    with Reader(store.url) as reader:
        assert ids(reader, search=search) == found


def test_a_post_comes_with_all_its_titles_topics_and_hashtags(store: Store) -> None:
    strange = 'A "quoted", piped | title\\'
    fill(
        store,
        Posted(
            titles=("Squid Game", strange),
            topics=("music", "dance"),
            hashtags=frozenset({"b", "A"}),
            likes=2**40,
            url="https://a.example/1",
        ),
    )
    with Reader(store.url) as reader:
        row = posts(reader, title="Squid Game").iloc[0]
        streamed = next(stream_posts(reader))
    for titles, topics, hashtags, likes in (
        (row["titles"], row["topics"], row["hashtags"], row["likes"]),
        tuple(streamed[name][0] for name in ("titles", "topics", "hashtags", "likes")),
    ):
        assert titles == (strange, "Squid Game")
        assert topics == ("dance", "music")
        assert hashtags == ("A", "b")
        assert likes == 2**40


def test_a_post_without_labels_has_no_sentiment_and_no_topics(store: Store) -> None:
    fill(store, Posted(sentiment=None, titles=()))
    with Reader(store.url) as reader:
        row = posts(reader).iloc[0]
    assert row[["language", "sentiment", "score", "likes", "author_key"]].isna().all()
    assert (row["titles"], row["topics"], row["hashtags"]) == ((), (), ())


def test_engagement_comes_first_and_ties_go_to_the_newer(store: Store) -> None:
    fill(
        store,
        Posted(native_id="unknown"),
        Posted(native_id="liked", likes=5),
        Posted(native_id="shared", reposts=3, replies=4),
        Posted(native_id="later", likes=5, at=NOON + timedelta(seconds=1)),
    )
    with Reader(store.url) as reader:
        assert posts(reader)["native_id"].tolist() == ["shared", "later", "liked", "unknown"]
        assert posts(reader, order="newest", limit=1)["native_id"].tolist() == ["later"]
        assert posts(reader, limit=2, offset=2)["native_id"].tolist() == ["liked", "unknown"]
