from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import SkipItem
from collector.reading import Fields, parse_time

NOON = datetime(2022, 1, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2022-01-30T12:00:00Z", "2022-01-30T12:00:00.000Z", "2022-01-30 12:00:00", "2022-01-30T13:00:00+01:00",
        "2022-01-30T12:00", " 2022-01-30T12:00:00Z ", "1643544000", "1643544000000",
    ],
)  # fmt: skip
def test_times_are_read_as_platforms_and_people_write_them(written: str) -> None:
    assert parse_time(written) == NOON
    assert parse_time(written).utcoffset() == timedelta(0)


def test_a_date_is_its_first_moment() -> None:
    assert parse_time("2022-01-30") == parse_time("20220130") == NOON.replace(hour=0)


@pytest.mark.parametrize(
    "written", ["", "soon", "1889-01-01", "9999-12-31T23:59:59Z", "2022-13-01", "9" * 30, "٢٠٢٢-٠١-٣٠", "0001-01-01"]
)
def test_what_is_no_time_of_a_post_is_refused(written: str) -> None:
    with pytest.raises((ValueError, OverflowError, OSError)):
        parse_time(written)
    with pytest.raises(SkipItem, match="at"):
        Fields({"at": written}).time("at")


@given(seconds=st.integers(631_238_400, 7_258_000_000), hours=st.integers(-12, 14))
def test_any_time_survives_being_written_and_read(seconds: int, hours: int) -> None:
    moment = datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours)))
    assert parse_time(moment.isoformat()) == moment


def test_what_is_missing_or_wrong_is_named() -> None:
    item = Fields(
        {"empty": "", "number": 7, "flag": True, "list": [1, "a", {"b": 1}], "object": {"a": "x"}, "float": 1.5}
    )
    assert item.text("number") == "7"
    assert item.maybe_text("none") is None
    assert item.fields("object").text("a") == "x"
    assert item.fields("none").maybe_text("a") is None
    assert item.texts("list") == ["a"]
    assert item.list("none") == []
    for read, key in [
        (item.text, "none"), (item.text, "empty"), (item.text, "flag"), (item.text, "float"), (item.time, "none"),
        (item.fields, "list"), (item.list, "list"), (item.list, "number"), (item.texts, "object"),
    ]:  # fmt: skip
        with pytest.raises(SkipItem, match=key):
            read(key)
    with pytest.raises(SkipItem, match="status is not an object"):
        Fields([1], "status")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        ("4", 4),
        (0, 0),
        (-1, None),
        (True, None),
        (1.5, None),
        ("many", None),
        (None, None),
        (2**63, None),
        ("9" * 30, None),
        ("9" * 5000, None),
    ],
)
def test_counts_are_whole_numbers_that_a_database_holds_or_nothing(value: object, expected: int | None) -> None:
    assert Fields({"likes": value}).count("likes") == expected
