"""What people say of posts: kept through labellers, words that go and archives; gone with its post."""

from datetime import timedelta
from pathlib import Path

import pytest
from filling import NOON, Posted, fill
from sqlalchemy import text

from analysis.archive.archiving import archive
from analysis.rollup import roll, verify
from collector import copy
from collector.audits import Drawn, Entered, Item, Judgement, add_sample, judge, remove_sample, stored_posts
from collector.clock import to_seconds
from collector.forget import find, forget_posts
from collector.posts import delete_posts
from collector.records import PostLabels
from collector.store import Store

AT = to_seconds(NOON)
DRAWN = Drawn(AT, seed=1, size=3, labeller="test/1")


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def numbers(store: Store, *native_ids: str) -> list[int]:
    found = stored_posts(store, [("mastodon", native_id) for native_id in native_ids])
    return [found["mastodon", native_id][0] for native_id in native_ids]


def told(store: Store, native_id: str, sentiment: str = "negative", **more: object) -> Entered:
    (post_id,) = numbers(store, native_id)
    return judge(store, [Judgement(post_id, "Ann", sentiment, AT, **more)])  # type: ignore[arg-type]


def test_a_label_keeps_who_when_and_what_the_labeller_said_then(store: Store) -> None:
    fill(store, Posted(native_id="1", sentiment="positive"), Posted(native_id="2", sentiment=None))
    assert told(store, "1", sarcasm=True) == Entered(1, 0, ())
    assert told(store, "2", unsure=True) == Entered(1, 0, ())
    assert rows(store, "SELECT who, at, sentiment, sarcasm, unsure, given, given_by FROM audit_label ORDER BY id") == [
        ("Ann", AT, "negative", 1, 0, "positive", "test/1"),
        ("Ann", AT, "negative", 0, 1, None, None),
    ]


def test_the_same_label_is_stored_once_and_another_one_is_added(store: Store) -> None:
    fill(store, Posted(native_id="1"))
    assert told(store, "1").new == 1
    assert told(store, "1") == Entered(0, 1, ())
    assert told(store, "1", "neutral").new == 1
    (post_id,) = numbers(store, "1")
    twice = [Judgement(post_id, " Ben \n B.", "neutral", AT)] * 2
    assert judge(store, twice) == Entered(1, 1, ())
    assert rows(store, "SELECT who, sentiment FROM audit_label ORDER BY id") == [
        ("Ann", "negative"),
        ("Ann", "neutral"),
        ("Ben B.", "neutral"),
    ]


def test_a_label_of_a_text_that_was_edited_or_of_a_post_that_is_gone_is_left_out(store: Store) -> None:
    fill(store, Posted(native_id="1"))
    (post_id,) = numbers(store, "1")
    asked = [Judgement(9_999, "Ann", "neutral", AT), Judgement(post_id, "Ann", "neutral", AT, edited_at=AT)]
    assert judge(store, asked) == Entered(0, 0, (0, 1))


def test_a_name_must_be_one(store: Store) -> None:
    for name in (" \n", "x" * 81):
        with pytest.raises(ValueError, match="the name is"):
            judge(store, [Judgement(1, name, "neutral", AT)])


def test_labels_and_samples_outlive_labellers_and_archives_and_go_with_the_post(store: Store, tmp_path: Path) -> None:
    fill(store, *(Posted("I love this show so much", native_id=name) for name in ("1", "2", "3", "4")))
    ids = numbers(store, "1", "2", "3")
    number = add_sample(store, DRAWN, [Item(post_id, "en", "neutral", 1.5) for post_id in [*ids[:2], 9_999]])
    told(store, "1")
    told(store, "3")
    newer = [PostLabels(one, "en", "test/2", "neutral", 0.0, 0.0, "test/2", (), "test/2") for one in ids]
    store.save_labels(newer)
    roll(store)
    assert archive(store, tmp_path / "archive", NOON + timedelta(days=3), drop=True).dropped == 1
    assert verify(store) == []
    assert rows(store, "SELECT post_id, place FROM audit_item ORDER BY place") == [(ids[0], 1), (ids[1], 2)]
    assert rows(store, "SELECT post_id, given_by FROM audit_label ORDER BY id") == [
        (ids[0], "test/1"),
        (ids[2], "test/1"),
    ]
    with store.writing() as connection:
        delete_posts(connection, "mastodon", ["1"])
    forget_posts(store, find(store, "3"))
    assert rows(store, "SELECT post_id FROM audit_item") == [(ids[1],)]
    assert rows(store, "SELECT * FROM audit_label") == []
    assert remove_sample(store, number)
    assert not remove_sample(store, number)
    assert rows(store, "SELECT * FROM audit_item") == []


def test_a_copy_has_samples_and_labels(store: Store, tmp_path: Path) -> None:
    fill(store, Posted(native_id="1"))
    (post_id,) = numbers(store, "1")
    add_sample(store, DRAWN, [Item(post_id, "en", "neutral", 1 / 3)])
    told(store, "1")
    copied = copy.copy(store.url, f"sqlite:///{tmp_path / 'copy.db'}", lambda _: None)
    assert {proof.table: proof.rows for proof in copied.proofs if proof.table.startswith("audit")} == {
        "audit_sample": 1, "audit_item": 1, "audit_label": 1,
    }  # fmt: skip
    assert all(proof.equal for proof in copied.proofs)
