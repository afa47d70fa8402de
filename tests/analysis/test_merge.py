"""Merging: what came late goes into what is archived by the rules of the database."""

from typing import Any

from analysis.archive.merge import is_in, merge, renewed
from collector.whole_posts import WholePost


def _post(native_id: str = "1", **fields: Any) -> WholePost:  # noqa: ANN401 - any field of a post
    nothing = dict.fromkeys(WholePost._fields)
    known = {"native_id": native_id, "text": "old", "created_at": 0, "collected_at": 0, "titles": ["A"], "hashtags": []}
    return WholePost(**{**nothing, **known, **fields})


def test_two_sorted_streams_become_one_without_doubles_and_without_what_is_gone() -> None:
    archived, late = [_post(key) for key in "aceg"], [_post(key, likes=1) for key in "bceh"]
    found = [(post.native_id, post.likes) for post in merge(archived, late, {"a", "e"})]
    assert found == [("b", 1), ("c", 1), ("e", 1), ("g", None), ("h", 1)]  # e was deleted and came again


def test_a_post_seen_again_gains_counts_titles_and_labels_and_keeps_its_text() -> None:
    older = _post(likes=5, reposts=2, sentiment="neutral", topics=["x"])
    newer = _post(likes=7, titles=["B"], text="cut", collected_at=9, sentiment="positive", topics=[], score=0.5)
    both = renewed(older, newer)
    assert both == older._replace(likes=7, titles=["A", "B"], sentiment="positive", topics=[], score=0.5)
    assert is_in(newer, both)
    assert not is_in(newer, older)


def test_a_post_seen_again_before_it_is_labelled_keeps_the_labels_it_has() -> None:
    older = _post(sentiment="positive", topics=["x"], sentiment_by="s/1")
    assert renewed(older, _post()) == older


def test_an_edited_post_is_taken_over_whole_and_stays_filed_where_it_was() -> None:
    older = _post(likes=5, sentiment="positive", topics=[], author_key="k")
    both = renewed(older, _post(edited_at=3, text="new", titles=["B"], created_at=1, collected_at=9))
    assert (both.text, both.titles, both.sentiment, both.likes) == ("new", ["B"], None, 5)
    assert (both.created_at, both.collected_at, both.author_key) == (0, 0, "k")


def test_an_older_text_seen_again_changes_neither_text_nor_labels() -> None:
    older = _post(edited_at=3, text="new", sentiment="positive", topics=[])
    assert renewed(older, _post(sentiment="negative", topics=["x"])) == older
