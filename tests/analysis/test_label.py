"""Posts that lack a label of today's labellers get one, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from analysis import pending
from analysis.label import label_pending
from analysis.workers import Workers
from collector.clock import to_seconds
from collector.config import Config, TopicSettings, parse, template
from collector.errors import StoreError
from collector.records import Batch, MatchedPost
from collector.source import PostDraft
from collector.store import Store

CONFIG = parse(template().replace('engine = "auto"', 'engine = "lexicon"'))  # the same with and without the extra
NOON = datetime(2022, 1, 29, 12, tzinfo=UTC)
PRAISE = "The zombie choreography in #AllOfUsAreDead is insane, I love it"


def save(store: Store, *texts: str, title: str | None = "All of Us Are Dead", **told: object) -> None:
    ids = tuple(store.title_ids([title]).values()) if title else ()
    posts = [
        MatchedPost(
            PostDraft(platform="toy", native_id=body, created_at=NOON, text=body, **told),  # type: ignore[arg-type]
            titles=ids,
            created_at=to_seconds(NOON),
        )
        for body in texts
    ]
    store.save(Batch("toy", "toy", posts, collected_at=to_seconds(NOON)))


def labels(store: Store) -> dict[str, tuple[object, ...]]:
    query = """
        SELECT p.text, l.language, l.sentiment, l.score, l.raw_score, l.language_by, l.sentiment_by, l.topics_by
        FROM label l JOIN post p ON p.id = l.post_id
    """
    with store.reading() as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(text(query))}


def topics(store: Store) -> set[tuple[str, str]]:
    query = "SELECT p.text, t.name FROM post_topic x JOIN post p ON p.id = x.post_id JOIN topic t ON t.id = x.topic_id"
    with store.reading() as connection:
        return {(row[0], row[1]) for row in connection.execute(text(query))}


def with_topic(name: str, *phrases: str) -> Config:
    return CONFIG.model_copy(update={"topics": (*CONFIG.topics, TopicSettings(name=name, phrases=phrases))})


def test_a_post_gets_language_sentiment_and_topics_with_who_gave_them(store: Store) -> None:
    save(store, PRAISE, "지금 우리 학교는 진짜 재밌다")
    assert label_pending(store, CONFIG) == 2
    found = labels(store)
    assert found[PRAISE][:4] == ("en", "positive", 0.7003, 0.3612)
    assert found["지금 우리 학교는 진짜 재밌다"][:4] == ("ko", "unscored", None, None)
    assert [str(by).split("/")[0] for by in found[PRAISE][4:]] == ["language", "sentiment", "topics"]
    assert topics(store) == {(PRAISE, "zombie choreography")}


def test_what_is_labelled_is_left_alone(store: Store) -> None:
    save(store, PRAISE)
    assert label_pending(store, CONFIG) == 1
    assert label_pending(store, CONFIG) == 0
    save(store, "a new one about it")
    assert label_pending(store, CONFIG) == 1


def test_posts_of_no_watched_title_are_not_labelled(store: Store) -> None:
    save(store, "something else altogether", title=None)
    assert label_pending(store, CONFIG) == 0
    assert labels(store) == {}


def test_a_changed_config_labels_anew_and_leaves_no_old_topic(store: Store) -> None:
    save(store, PRAISE)
    label_pending(store, CONFIG)
    changed = with_topic("love", "love it").model_copy(
        update={"topics": (TopicSettings(name="love", phrases=("love it",)),)}
    )
    assert label_pending(store, changed) == 1
    assert topics(store) == {(PRAISE, "love")}
    assert label_pending(store, changed) == 0


def test_batches_of_any_size_give_the_same_labels(store: Store) -> None:
    save(store, *(f"post number {number} is good" for number in range(7)))
    told: list[int] = []
    assert label_pending(store, CONFIG, batch=3, progress=told.append) == 7
    assert told == [3, 6, 7]
    in_threes = labels(store)
    with store.writing() as connection:
        connection.execute(text("DELETE FROM label"))
    label_pending(store, CONFIG)
    assert labels(store) == in_threes


def test_no_more_batches_are_read_than_the_workers_want(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    save(store, *(f"post number {number} is good" for number in range(7)))
    asked: list[int] = []
    monkeypatch.setattr(Workers, "at_once", 2)
    read = pending.batches
    monkeypatch.setattr(
        pending, "batches", lambda *given, **how: (asked.append(1) or one for one in read(*given, **how))
    )
    saved: list[int] = []

    def tell(done: int) -> None:
        saved.append(done)
        assert len(asked) <= len(saved) + 2

    assert label_pending(store, CONFIG, batch=1, progress=tell, processes=1) == 7
    assert len(asked) == 7


def test_the_hours_of_what_was_labelled_are_marked(store: Store) -> None:
    save(store, PRAISE)
    with store.writing() as connection:
        connection.execute(text("DELETE FROM dirty_hour"))
    label_pending(store, CONFIG)
    with store.reading() as connection:
        assert connection.execute(text("SELECT hour FROM dirty_hour")).scalars().all() == [to_seconds(NOON)]


def test_the_platforms_tag_and_its_own_hashtags_are_heard(store: Store) -> None:
    save(store, "genial", language="es", hashtags=frozenset({"ZombieChoreography"}))
    label_pending(store, CONFIG)
    assert labels(store)["genial"][0] == "es"
    assert topics(store) == {("genial", "zombie choreography")}


def test_a_fault_of_the_database_keeps_the_batches_before_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save(store, *(f"post number {number} is good" for number in range(4)))
    keep, calls = store.save_labels, []

    def fail_the_second_time(given: object) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise StoreError("the disk is full")
        keep(given)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "save_labels", fail_the_second_time)
    with pytest.raises(StoreError):
        label_pending(store, CONFIG, batch=2)
    assert len(labels(store)) == 2
    monkeypatch.undo()
    assert label_pending(store, CONFIG, batch=2) == 2
