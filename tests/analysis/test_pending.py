"""What lacks labels is found again, whatever took them away, without looking at what has them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from analysis import pending
from analysis.label import label_pending
from analysis.labelling import Labelling
from analysis.rollup import roll
from collector.clock import DAY, to_seconds
from collector.config import TopicSettings, parse, template
from collector.errors import StoreError
from collector.records import Batch, MatchedPost
from collector.source import PostDraft
from collector.store import Store

CONFIG = parse(template())
CHANGED = CONFIG.model_copy(update={"topics": (TopicSettings(name="love", phrases=("love it",)),)})
NOON = datetime(2022, 1, 29, 12, tzinfo=UTC)
EVENING = datetime(2022, 1, 29, 20, tzinfo=UTC)


def save(
    store: Store, *numbers: int, title: str | None = "All of Us Are Dead", edited_at: datetime | None = None
) -> None:
    ids = tuple(store.title_ids([title]).values()) if title else ()
    posts = [
        MatchedPost(
            PostDraft("toy", str(number), NOON, f"post {number} is good, I love it", edited_at=edited_at),
            titles=ids,
            created_at=to_seconds(NOON),
        )
        for number in numbers
    ]
    store.save(Batch("toy", "toy", posts, collected_at=to_seconds(NOON)))


def lacking(store: Store) -> set[str]:
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT DISTINCT p.native_id FROM post p JOIN mention m ON m.post_id = p.id"
                " LEFT JOIN label l ON l.post_id = p.id WHERE l.post_id IS NULL"
            )
        )
        return set(rows.scalars())


def run(store: Store, statement: str, **values: object) -> None:
    with store.writing() as connection:
        connection.execute(text(statement), values)


@pytest.fixture
def settled(store: Store) -> Store:
    """A store in which three posts are labelled and totalled."""
    save(store, 1, 2, 3)
    label_pending(store, CONFIG)
    roll(store)
    return store


def quick(store: Store) -> list[str]:
    """Return the texts of what is pending where all labels are known to be of today's versions."""
    versions = Labelling(CONFIG).versions
    assert pending.begin(store, versions)
    return [post.text.split()[1] for batch in pending.batches(store, versions, 2, all_current=True) for post in batch]


def test_nothing_is_pending_when_all_have_labels(settled: Store) -> None:
    assert quick(settled) == []


@pytest.mark.parametrize("rolled", [False, True])
def test_new_edited_and_newly_mentioned_posts_are_found_also_once_their_hours_are_totalled(
    settled: Store, *, rolled: bool
) -> None:
    save(settled, 10, title=None)
    save(settled, 10, 11)  # the config has gained a title: 10 was known, and is spoken of from now on
    save(settled, 2, edited_at=EVENING)
    if rolled:
        roll(settled)
    assert quick(settled) == ["2", "10", "11"]
    assert label_pending(settled, CONFIG) == 3
    assert lacking(settled) == set()
    assert quick(settled) == []


def test_a_post_of_two_titles_is_found_once(settled: Store) -> None:
    save(settled, 7)
    save(settled, 7, title="Hellbound")
    assert quick(settled) == ["7"]


def test_a_late_post_of_a_day_that_lies_in_an_archive_is_found(settled: Store) -> None:
    day = to_seconds(NOON) // DAY * DAY
    run(settled, "INSERT INTO dropped_day VALUES ('toy', :day, 'one', 'here', 'digest', 3)", day=day)
    save(settled, 4)
    roll(settled)
    assert quick(settled) == ["4"]


def test_another_config_looks_at_all_posts_once_and_so_does_the_first_one_again(settled: Store) -> None:
    assert [label_pending(settled, CHANGED), label_pending(settled, CHANGED)] == [3, 0]
    assert [label_pending(settled, CONFIG), label_pending(settled, CONFIG)] == [3, 0]


def test_a_change_that_was_broken_off_is_not_forgotten(settled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keep, calls = settled.save_labels, []

    def fail_the_second_time(given: Sequence[object]) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise StoreError("the disk is full")
        keep(given)  # type: ignore[arg-type]

    monkeypatch.setattr(settled, "save_labels", fail_the_second_time)
    with pytest.raises(StoreError):
        label_pending(settled, CHANGED, batch=1)
    monkeypatch.undo()
    # one post has labels of the changed config; both configs find what is left to do
    assert label_pending(settled, CONFIG) == 1
    assert label_pending(settled, CHANGED) == 3


def test_slices_of_any_size_hold_each_post_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save(store, *range(7))
    monkeypatch.setattr(pending, "SLICE", 3)
    assert label_pending(store, CONFIG, batch=2) == 7
    assert lacking(store) == set()
    save(store, *range(10, 15))
    assert quick(store) == ["10", "11", "12", "13", "14"]
