"""Packed days: always what the hourly totals are, whatever happened to the posts."""

from datetime import timedelta

from filling import NOON, Posted, fill
from sqlalchemy import text

from analysis.frames import hours
from analysis.frames.reader import Reader
from analysis.rollup import repair, roll, verify
from collector import packed
from collector.records import Batch
from collector.store import Store

TITLES = ("Hellbound", "Squid Game")
_HOURS = """
    SELECT t.name, h.platform, h.hour, h.posts, h.positive, h.neutral, h.negative, h.unscored, h.unlabelled,
        h.score_sum, h.raw_score_sum, h.sample FROM title_hour h JOIN title t ON t.id = h.title_id
    WHERE h.hour >= :since AND h.hour < :until ORDER BY t.name, h.hour, h.platform
"""
_TOPICS = """
    SELECT t.name, h.platform, h.hour, o.name, h.posts, h.positive, h.neutral, h.negative, h.unscored, h.sample
    FROM topic_hour h JOIN title t ON t.id = h.title_id JOIN topic o ON o.id = h.topic_id
    WHERE h.hour >= :since AND h.hour < :until ORDER BY t.name, h.hour, h.platform, o.name
"""


def told(store: Store) -> None:
    fill(
        store,
        *(
            Posted(
                native_id=str(number),
                titles=TITLES[number % 2 : 1 + number % 3],
                at=NOON + timedelta(hours=5 * (number % 13)),
                platform=("x", "mastodon")[number % 2],
                topics=("zombies", "acting", "music")[: number % 4],
            )
            for number in range(60)
        ),
    )


def test_a_frame_of_any_window_is_what_the_hours_hold(store: Store) -> None:
    told(store)
    with Reader(store.url) as reader, store.reading() as connection:
        for first, last in ((0, 100), (3, 30), (12, 36), (5, 6), (-9, 0)):
            since, until = NOON + timedelta(hours=first), NOON + timedelta(hours=last)
            window = {"since": int(since.timestamp()), "until": int(until.timestamp())}
            for query, frame in ((_HOURS, hours.hours), (_TOPICS, hours.topic_hours)):
                read = frame(reader, since=since, until=until)
                read["hour"] = read["hour"].map(lambda hour: int(hour.timestamp()))
                assert [*read.itertuples(index=False, name=None)] == [
                    *map(tuple, connection.execute(text(query), window))
                ]


def test_the_order_does_not_depend_on_the_databases_collation(store: Store) -> None:
    if store.engine.dialect.name == "postgresql":
        with store.writing() as connection:
            connection.execute(text('ALTER TABLE title_hour ALTER COLUMN platform TYPE TEXT COLLATE "en-x-icu"'))
    fill(
        store, *(Posted(native_id=name, titles=TITLES, at=NOON, platform=name) for name in ("mastodon", "X", "bluesky"))
    )
    with store.reading() as connection:
        days = connection.execute(text("SELECT packed, day FROM packed_hours")).all()
    assert [packed.unpack(*row)[0] for row in days] == [["X", "bluesky", "mastodon"]] * len(TITLES)


def test_a_deleted_post_leaves_its_packed_day(store: Store) -> None:
    told(store)
    store.save(Batch(source="s", platform="x", deleted=[str(number) for number in range(0, 60, 2)]))
    store.save(Batch(source="s", platform="mastodon", deleted=[str(number) for number in range(1, 60, 2)]))
    roll(store)
    with store.reading() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM packed_hours")).scalar_one() == 0
        assert connection.execute(text("SELECT COUNT(*) FROM packed_topics")).scalar_one() == 0


def test_a_stale_packed_day_is_found_and_repaired(store: Store) -> None:
    told(store)
    assert verify(store) == []
    with store.writing() as connection:
        connection.execute(text("UPDATE packed_hours SET packed = '[]' WHERE title_id = 1"))
        connection.execute(text("DELETE FROM packed_topics WHERE title_id = 2"))
    found = verify(store)
    assert {(one.table, one.kind, one.row["title_id"]) for one in found} == {
        ("packed_hours", "stale", 1),
        ("packed_topics", "stale", 2),
    }
    repair(store, found)
    assert verify(store) == []


def test_packing_everything_changes_nothing(store: Store) -> None:
    told(store)
    query = text("SELECT * FROM packed_hours ORDER BY title_id, day")
    with store.writing() as connection:
        before = connection.execute(query).all()
        packed.pack(connection)
        assert connection.execute(query).all() == before
