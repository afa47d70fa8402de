"""What can be asked of an export: which table, which rows, and how it is written. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from analysis.frames.posts import PostFilter

What = Literal["posts", "hours", "topics", "rankings"]
Text = Literal["all", "allowed", "none"]
Format = Literal["csv", "jsonl", "parquet"]

KINDS: tuple[What, ...] = get_args(What)
EXCEL = 1_048_576  # rows that a sheet of Excel can hold, the header among them
SMALLEST = 2  # rows a part must have room for: the header and one more


@dataclass(frozen=True, slots=True)
class Options:
    """How to write: which texts of posts, the format, raw (no apostrophes, no byte order mark), pseudonymous."""

    text: Text = "allowed"
    format: Format = "csv"
    raw: bool = False
    pseudonymous: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """What to write. All fields of `only` narrow posts; title, since and until (and topic) narrow the others.

    rank_names: the folded names under which rankings list the title (None: every title).
    """

    what: What
    only: PostFilter = field(default_factory=PostFilter)
    rank_names: Collection[str] | None = None
    options: Options = field(default_factory=Options)


def file_name(export: Export, now: datetime) -> str:
    """Return a name for the file of an export: buzz-posts-2022-02-01.csv."""
    return f"buzz-{export.what}-{now:%Y-%m-%d}.{export.options.format}"
