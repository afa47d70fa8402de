"""The door for reading: nothing can be written through it, and a database of no use is told in one sentence."""

from pathlib import Path

import pandas as pd
import pytest
from filling import Posted, fill
from sqlalchemy import text

from analysis.frames import hours, posts, streams
from analysis.frames.columns import TEXT, TIME, build, empty
from analysis.frames.reader import Reader
from collector.errors import StoreError
from collector.store import Store


def test_a_reader_cannot_write(store: Store) -> None:
    with Reader(store.url) as reader, pytest.raises(StoreError, match=r"read-?only"), reader.connected() as connection:
        connection.execute(text("DELETE FROM post"))


def test_a_missing_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not there yet"):
        Reader(f"sqlite:///{tmp_path / 'none.db'}")


def test_a_database_without_tables_is_told(empty_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="not a Buzzchart database"):
        Reader(empty_database_url)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear database, " * 100)
    with pytest.raises(StoreError, match="not an SQLite database"):
        Reader(f"sqlite:///{path}")


def test_a_database_of_another_version_is_told(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="upgrade buzzchart"):
        Reader(store.url)


def test_wrong_sql_becomes_one_sentence_without_a_password(store: Store) -> None:
    with Reader(store.url) as reader, pytest.raises(StoreError) as fault:
        reader.frame("SELECT nothing FROM nowhere")
    assert "\n" not in str(fault.value)


def test_lists_fill_an_in_clause(store: Store) -> None:
    fill(store, *(Posted(native_id=key) for key in ("1", "2", "3")))
    with Reader(store.url) as reader:
        query = "SELECT native_id FROM post WHERE native_id IN :ids ORDER BY native_id"
        frame = reader.frame(query, {"id": "text"}, ids=["1", "3"])
    assert frame["id"].tolist() == ["1", "3"]


def test_a_reader_keeps_reading_while_somebody_writes(store: Store) -> None:
    fill(store, Posted(native_id="1"))
    with Reader(store.url) as reader, store.writing() as connection:
        connection.execute(text("DELETE FROM label"))
        assert posts.count_posts(reader, sentiment="neutral") == 1


def test_a_stream_sees_one_moment_of_the_database(store: Store) -> None:
    fill(store, *(Posted() for _ in range(streams.ROWS + 1)))
    with Reader(store.url) as reader:
        stream = streams.stream_posts(reader)
        next(stream)
        fill(store, Posted(native_id="late"))
        assert "late" not in {native_id for chunk in stream for native_id in chunk["native_id"]}


def test_an_empty_database_gives_empty_frames_of_the_same_kinds(store: Store) -> None:
    with Reader(store.url) as reader:
        before = hours.hours(reader), hours.days(reader), hours.topic_hours(reader), posts.posts(reader)
        fill(store, Posted(topics=("games",), likes=3))
        after = hours.hours(reader), hours.days(reader), hours.topic_hours(reader), posts.posts(reader)
    for empty_frame, filled in zip(before, after, strict=True):
        assert len(empty_frame) == 0
        assert len(filled) == 1
        pd.testing.assert_series_equal(empty_frame.dtypes, filled.dtypes)


def test_columns_keep_their_kinds_without_rows_and_with_missing_values() -> None:
    columns = {"a": "text", "b": "maybe_int", "c": "time", "d": "float", "e": "names"}
    assert empty(columns).dtypes.to_list() == [TEXT, pd.Int64Dtype(), TIME, "float64", object]
    frame = build([(None, None, None, None, None), ("x", 2**40, 0, 0.5, '["b", "a"]')], columns)
    assert frame.dtypes.to_list() == [TEXT, pd.Int64Dtype(), TIME, "float64", object]
    assert frame["c"].isna().tolist() == [True, False]
    assert frame["e"].tolist() == [(), ("a", "b")]
