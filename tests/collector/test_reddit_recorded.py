"""Real answers of Reddit, as praw recorded them, and its feeds: each file is read whole."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from collector import feeds, reddit_post
from collector.archive.reddit import RedditArchive
from collector.errors import SkipItem

pytestmark = pytest.mark.data

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
# what each recording holds, counted by hand: posts, comments, and those of both whose words were deleted
RECORDED = {
    "praw_TestSubmission.test_comments": (1, 2, 0),
    "praw_TestSubreddit.test_search": (6, 0, 0),
    "praw_TestSubredditListings.test_comments": (0, 100, 0),
    "praw_TestSubredditListings.test_hot": (102, 0, 0),
    "praw_TestSubredditListings.test_new": (100, 0, 0),
    "praw_TestSubredditStreams.test_comments__with_pause": (0, 33, 0),
}
FEEDS = {  # posts, and how many of them have words beside their titles
    "rss-parser_reddit-atom.rss": (24, 3),
    "rss-parser_reddit-home.rss": (24, 5),
    "rss-parser_reddit.rss": (24, 4),
}


def answers(path: Path) -> Iterator[Any]:
    """Yield the answers of one recording, but for the one that brings a token."""
    for one in orjson.loads(path.read_bytes())["interactions"]:
        if "access_token" not in one["request"]["uri"]:
            yield orjson.loads(one["response"]["body"]["string"])


def test_recorded_answers_are_read_whole(data_set: Callable[[str], Path]) -> None:
    folder = data_set("fixtures/reddit")
    assert {path.stem for path in folder.glob("*.json")} == set(RECORDED)
    for name, (posts, comments, deleted) in RECORDED.items():
        kinds: Counter[str] = Counter()
        for answer in answers(folder / f"{name}.json"):
            assert RedditArchive.recognises(answer)
            for item in RedditArchive.items(answer):
                assert isinstance(item, dict)
                assert not {"author_flair_text", "approved_by"} & set(item)
                try:
                    draft = reddit_post.parse(item)
                except SkipItem:
                    kinds["deleted"] += 1
                    continue
                kinds[draft.native_id[:2]] += 1
                assert draft.text
                assert 2011 <= draft.created_at.year <= 2017
                assert "&amp;" not in draft.text
        assert (name, kinds["t3"], kinds["t1"], kinds["deleted"]) == (name, posts, comments, deleted)


@pytest.mark.parametrize("name", list(FEEDS))
def test_recorded_feeds_are_read_as_posts(name: str, data_set: Callable[[str], Path]) -> None:
    body = data_set(f"fixtures/rss/{name}").read_bytes()
    url = "https://www.reddit.com/.rss"
    found = feeds.read(body, content_type="application/xml", url=url, seen=SEEN, item_of=reddit_post.entry)
    assert found is not None
    drafts = [reddit_post.parse(item) for item in found.items]
    with_words = sum("words" in item for item in found.items)
    assert (len({draft.native_id for draft in drafts}), with_words) == FEEDS[name]
    assert all(draft.native_id.startswith("t3_") and draft.created_at < SEEN for draft in drafts)
    assert not any("<div" in draft.text or "submitted by" in draft.text for draft in drafts)
