from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from x_stub import NOW, post, post_id

from collector import x_post
from collector.errors import SkipItem


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def test_a_post_becomes_a_draft() -> None:
    draft = x_post.parse(post(NOW))
    assert draft.native_id == post_id(NOW)
    assert draft.url == f"https://x.com/i/web/status/{post_id(NOW)}"
    assert (draft.created_at, draft.edited_at) == (NOW, None)
    assert draft.text == "Invented post & more #SquidGame"
    assert (draft.language, draft.hashtags, draft.author) == ("en", frozenset({"SquidGame"}), "42")
    assert (draft.likes, draft.reposts, draft.replies) == (3, 2, 1)


def test_a_long_post_is_read_to_its_end() -> None:
    note = {"text": "a long text &lt;3 #Hellbound", "entities": {"hashtags": [{"tag": "Hellbound"}]}}
    draft = x_post.parse(post(NOW, note_tweet=note))
    assert draft.text == "a long text <3 #Hellbound"
    assert draft.hashtags == {"SquidGame", "Hellbound"}


def test_an_edited_post_stays_one_post() -> None:
    first = post_id(ago(minutes=20))
    draft = x_post.parse(post(NOW, edit_history_tweet_ids=[first, post_id(NOW)]))
    assert (draft.native_id, draft.edited_at) == (first, NOW)
    assert draft.created_at == ago(minutes=20)


def test_the_new_names_of_xs_fields_are_understood() -> None:
    item = post(NOW, public_metrics={"repost_count": 7, "like_count": 1}, note_post={"text": "all of it"})
    item["edit_history_post_ids"] = item.pop("edit_history_tweet_ids")
    draft = x_post.parse(item)
    assert (draft.text, draft.reposts, draft.likes) == ("all of it", 7, 1)
    with pytest.raises(SkipItem, match="repost"):
        x_post.parse(item | {"referenced_posts": [{"type": "reposted", "id": "1"}]})


@pytest.mark.parametrize("code", ["und", "qme", "zxx", "art"])
def test_a_language_that_is_none_is_left_out(code: str) -> None:
    assert x_post.parse(post(NOW, lang=code)).language is None


def test_a_repost_is_left_out_and_a_quote_is_not() -> None:
    quoted = [{"type": "quoted", "id": "1"}, {"type": "replied_to", "id": "2"}]
    assert x_post.parse(post(NOW, referenced_tweets=quoted))
    with pytest.raises(SkipItem, match="repost"):
        x_post.parse(post(NOW, referenced_tweets=[{"type": "retweeted", "id": "1"}]))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": None}, "id"),
        ({"text": ""}, "text"),
        ({"created_at": None}, "created_at"),
        ({"created_at": "x"}, "created_at"),
        ({"entities": []}, None),
        ({"entities": [1]}, "entities"),
        ({"entities": {"hashtags": [{}]}}, "tag"),
        ({"referenced_tweets": {"type": 1}}, "referenced_tweets"),
        ({"public_metrics": "many"}, "public_metrics"),
        ({"edit_history_tweet_ids": ["abc", "d"]}, None),
        ({"edit_history_tweet_ids": ["9" * 400, "d"]}, None),
    ],
)
def test_what_is_missing_or_wrong_is_named(change: dict[str, Any], named: str | None) -> None:
    if named is None:
        assert x_post.parse(post(NOW, **change))
        return
    with pytest.raises(SkipItem, match=named):
        x_post.parse(post(NOW, **change))


# what a field may hold that it should not, or that is read in another way
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, "", "x", "1", 7, True, [], [None], ["1"], {}, {"text": "note"}, "a &amp; b",
        {"hashtags": None}, {"hashtags": [{}]}, {"hashtags": "x"}, {"hashtags": [{"tag": 7}]},
        {"hashtags": [{"tag": "a"}]},
        [{"type": "retweeted"}], [{"type": "quoted"}], [{"type": 1}], [{}], {"type": "quoted"},
        "2026-02-30T00:00:00Z", "2026-03-01T10:00:00.000Z", "1985-03-01T10:00:00.000Z", "2026-03-01 10:00:00",
        "1772359200",
    ]
)  # fmt: skip
FIELDS = (
    *("id", "text", "created_at", "lang", "author_id", "entities", "public_metrics", "referenced_tweets", "note_tweet"),
    *("edit_history_tweet_ids", "edit_history_post_ids", "referenced_posts", "note_post"),
)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=3), st.sets(st.sampled_from(FIELDS), max_size=2))
def test_a_glance_sees_what_parse_reads_or_says_nothing(changed: dict[str, Any], absent: set[str]) -> None:
    item = {name: value for name, value in (post(NOW) | changed).items() if name not in absent}
    glimpse = x_post.glance(item)
    if glimpse is not None:
        draft = x_post.parse(item)
        assert (glimpse[0], frozenset(glimpse[1])) == (draft.text, draft.hashtags)


def test_a_glance_suffices_for_what_x_usually_sends() -> None:
    usual = post(NOW) | {"referenced_tweets": [{"type": "quoted", "id": "1"}], "text": "a &amp; b #Tag"}
    usual["entities"] = {"hashtags": [{"start": 0, "end": 4, "tag": "Tag"}]}
    assert x_post.glance(usual) == ("a & b #Tag", ["Tag"])
    assert x_post.glance(["no post"]) is None  # type: ignore[arg-type]
