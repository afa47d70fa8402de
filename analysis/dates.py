"""Days and moments as people give them to a command or in an address: "2022-01-28", "2022-01-28T08:00Z"."""

from datetime import UTC, date, datetime, time, timedelta

from collector.errors import ConfigError

LENGTH_OF_DAY = len("2022-01-28")


def since(written: str | None, option: str) -> datetime | None:
    """Return the moment from which on: a day means its first moment in UTC. Raises ConfigError naming the option."""
    return None if written is None else _read(written, option)[0]


def until(written: str | None, option: str) -> datetime | None:
    """Return the moment before which: a day is taken in whole, a moment is left out. Raises ConfigError."""
    if written is None:
        return None
    moment, whole_day = _read(written, option)
    return moment + timedelta(days=1) if whole_day and moment.date() < date.max else moment


def period(start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    """Read --from and --to together. Raises ConfigError when one cannot be read, or they leave no time between."""
    first, last = since(start, "--from"), until(end, "--to")
    if first is not None and last is not None and first >= last:
        raise ConfigError(f"--from {start} is not before --to {end}: swap them")
    return first, last


def _read(written: str, option: str) -> tuple[datetime, bool]:
    text = written.strip()
    try:
        if len(text) == LENGTH_OF_DAY:
            return datetime.combine(date.fromisoformat(text), time(), UTC), True
        moment = datetime.fromisoformat(text)
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise ConfigError(
            f'{option} "{written}" is not a date: write it as 2022-01-28, or with a time (UTC) as 2022-01-28T08:00'
        ) from fault
    return aware, False
