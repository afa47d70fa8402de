"""Feeds as they are: recorded ones, and the faults that feeds have."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from feed_stub import Article, rss

from collector import feeds
from collector.errors import SkipItem
from collector.sources.rss import Rss

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://www.paper.example/feed"
# the file, how many items it holds, how many of them are articles with headline and link
RECORDED = [
    ("rss-parser_craigslist.rss", 25, 25),
    ("rss-parser_feedburner.atom", 25, 25),
    ("rss-parser_guardian.rss", 55, 55),
    ("rss-parser_instant-article.rss", 1, 1),
    ("rss-parser_missing-fields.atom", 1, 0),
    ("rss-parser_reddit-atom.rss", 24, 24),
    ("rss-parser_reddit-home.rss", 24, 24),
    ("rss-parser_reddit.rss", 24, 24),
]


def read(body: bytes, content_type: str = "application/rss+xml") -> feeds.Feed:
    found = feeds.read(body, content_type=content_type, url=URL, seen=SEEN)
    assert found is not None
    return found


@pytest.mark.parametrize(("name", "items", "articles"), RECORDED)
def test_recorded_feeds_are_read_in_full(name: str, items: int, articles: int, data_set: Callable[[str], Path]) -> None:
    found = read(data_set(f"fixtures/rss/{name}").read_bytes())
    drafts = []
    for item in found.items:
        assert item.keys() <= {"id", "link", "title", "published", "publisher", "seen"}
        try:
            drafts.append(Rss.parse(item))
        except SkipItem:
            continue
    assert (len(found.items), len(drafts), found.is_cut) == (items, articles, False)
    assert len({draft.native_id for draft in drafts}) == articles
    assert all(draft.url and draft.url.startswith("http") and "<" not in draft.text for draft in drafts)
    assert all(draft.created_at < SEEN for draft in drafts)


def test_each_recorded_feed_is_asserted(data_set: Callable[[str], Path]) -> None:
    folder = data_set("fixtures/rss")
    assert {path.name for path in folder.iterdir()} - {"LICENSE"} == {name for name, _, _ in RECORDED}


@pytest.mark.parametrize("body", [b"", b"hello", b"<html><body>Not now</body></html>", b'{"error": 1}', b"\x00\xff"])
def test_what_is_no_feed_is_none(body: bytes) -> None:
    assert feeds.read(body, content_type="text/html", url=URL, seen=SEEN) is None


def test_a_malformed_feed_is_read_as_far_as_it_goes() -> None:
    body = rss([Article("One & two", guid="1")]).replace(b"&amp;", b"&").replace(b"</item>", b"")
    assert [(item["id"], item["title"]) for item in read(body).items] == [("1", "One & two")]


def test_a_feed_that_lies_about_its_encoding_is_read() -> None:
    body = rss([Article("오징어 게임 돌아온다")])
    (item,) = read(body, "application/rss+xml; charset=us-ascii").items
    assert item["title"] == "오징어 게임 돌아온다"


def test_entities_that_would_grow_without_end_do_not() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 20) for level in range(12)
    )
    found = read(bomb + b"]>" + rss([Article("HEADLINE", guid="1")]).partition(b"?>")[2].replace(b"HEADLINE", b"&m;"))
    assert sum(len(str(item.get("title", ""))) for item in found.items) < 1000


def test_an_article_without_a_date_or_with_one_that_cannot_be_has_none_and_keeps_when_it_was_seen() -> None:
    far = datetime(1800, 1, 1, tzinfo=UTC)
    for item in read(rss([Article("One"), Article("Two", at=far)])).items:
        assert "published" not in item
        assert Rss.parse(item).created_at == SEEN


def test_links_are_made_whole_and_proxies_tell_where_the_article_is() -> None:
    body = rss([Article("One", link="/film/1"), Article("Two", link="https://proxy.example/~r/2")])
    orig = b"<feedburner:origLink>https://www.paper.example/film/2</feedburner:origLink>"
    body = body.replace(b"~r/2</link>", b"~r/2</link>" + orig)
    body = body.replace(b"<rss ", b'<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" ')
    assert [item["link"] for item in read(body).items] == [
        "https://www.paper.example/film/1", "https://www.paper.example/film/2",
    ]  # fmt: skip
