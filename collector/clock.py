"""Time as the store keeps it: whole seconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

HOUR = 3600
DAY = 86400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def to_seconds(moment: datetime) -> int:
    """Turn an aware time into epoch seconds, rounded down. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment.isoformat()}")
    return (moment - EPOCH) // SECOND  # in whole numbers: a float rounds a far moment up


def to_seconds_after(moment: datetime) -> int:
    """Turn an aware time into epoch seconds, rounded up: nothing may happen before it. Raises ValueError."""
    return to_seconds(moment + SECOND - MICROSECOND)


def from_seconds(seconds: int) -> datetime:
    """Turn epoch seconds into an aware time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def hour_of(seconds: int) -> int:
    """Return the epoch seconds at which this moment's hour began."""
    return seconds - seconds % HOUR
