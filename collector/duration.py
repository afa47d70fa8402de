"""Spans of time as people write them in config.toml: "90s", "15m", "6h", "1d"."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
FOREVER = "forever"
WRITTEN = re.compile(r"(\d+)\s*([smhdw])")


def parse_duration(value: object) -> timedelta:
    """Read "15m" and the like. Raises ValueError saying what is expected."""
    if isinstance(value, timedelta):
        return value
    match = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError('a span of time such as "90s", "15m", "6h" or "1d"')
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def format_duration(span: timedelta) -> str:
    """Write a span with the largest unit that divides it: 90 minutes is "90m", a day is "1d"."""
    seconds = int(span.total_seconds())
    for unit, size in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def parse_keep(value: object) -> timedelta | None:
    """Read how long something is kept: a span of time, or "forever", which is None. Raises ValueError."""
    if value is None or value == FOREVER:
        return None
    try:
        return parse_duration(value)
    except ValueError as fault:
        raise ValueError(f'{fault}, or "{FOREVER}"') from None


def format_keep(span: timedelta | None) -> str:
    """Write it as `parse_keep` reads it."""
    return FOREVER if span is None else format_duration(span)


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration)]
Keep = Annotated[timedelta | None, BeforeValidator(parse_keep), PlainSerializer(format_keep)]
