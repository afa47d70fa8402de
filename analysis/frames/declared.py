"""What kinds of columns there are, and how names come out of the database. Pure, and without pandas."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Kind = Literal["text", "int", "maybe_int", "float", "bool", "time", "names"]
Columns = Mapping[str, Kind]


@lru_cache(maxsize=4096)  # the same few combinations come again and again
def names(value: str | None) -> tuple[str, ...]:
    """Read a JSON list of names as the database wrote it; None is no names."""
    return tuple(sorted(json.loads(value))) if value else ()
