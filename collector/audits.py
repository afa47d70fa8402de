"""Audits: the narrow door through which samples of posts, and what people say of them, come into the store.

A label is the user's own work: labellers, retention of words and archives leave it be. It goes with its post.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from collector.models import AuditItem, AuditLabel, AuditSample, Label, Post, table
from collector.store import Store
from collector.text import clean
from collector.upsert import chunks, insert_rows, is_among, next_ids

ITEM = table(AuditItem)
JUDGEMENT = table(AuditLabel)
LABEL = table(Label)
POST = table(Post)
SAMPLE = table(AuditSample)

Judged = Literal["positive", "neutral", "negative"]
LONGEST_NAME = 80  # characters of a person's name
NOT_HERE = object()
COLUMNS = ("post_id", "who", "at", "sentiment", "sarcasm", "unsure", "edited_at", "given", "given_by")

Row = tuple[Any, ...]


class Item(NamedTuple):
    """A post of a sample, in the order of labelling; `weight` is the number of posts for which it stands."""

    post_id: int
    language: str
    given: str
    weight: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample as it was drawn. Times are epoch seconds; None: of every title, language, or time."""

    drawn_at: int
    seed: int
    size: int
    labeller: str
    title: str | None = None
    language: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person says of a post. `edited_at` is that of the text which was read.

    `given` and `given_by` are what the labeller said at that time; None: what it says now.
    """

    post_id: int
    who: str
    sentiment: Judged
    at: int
    sarcasm: bool = False
    unsure: bool = False
    edited_at: int | None = None
    given: str | None = None
    given_by: str | None = None


class Entered(NamedTuple):
    """How many judgements are new, how many were stored before, and the places of those that were left out.

    Left out is what was said of a post that is gone, or of a text that was edited since.
    """

    new: int
    known: int
    left: tuple[int, ...]


def name_of(written: str) -> str:
    """Return a person's name as it is stored. Raises ValueError for none, or one that is too long."""
    name = " ".join(clean(written).split())
    if not name:
        raise ValueError("the name is empty")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the name is longer than {LONGEST_NAME} characters")
    return name


def add_sample(store: Store, drawn: Drawn, items: Sequence[Item]) -> int:
    """Store a sample with its posts in the order of labelling, and return its number. Raises StoreError.

    Posts that were deleted since they were drawn are left out.
    """
    with store.writing() as connection:
        (number,) = next_ids(connection, SAMPLE, 1)
        connection.execute(insert(SAMPLE), [{"id": number} | {name: getattr(drawn, name) for name in Drawn.__slots__}])
        here = _edits(connection, [item.post_id for item in items])
        rows = [
            (number, item.post_id, place, item.language, item.given, item.weight)
            for place, item in enumerate(items, start=1)
            if item.post_id in here
        ]
        insert_rows(connection, ITEM, ("sample_id", "post_id", "place", "language", "given", "weight"), rows)
        return number


def remove_sample(store: Store, number: int) -> bool:
    """Take a sample away; what people said of its posts stays. Returns whether it was there."""
    with store.writing() as connection:
        return connection.execute(delete(SAMPLE).where(SAMPLE.c.id == number)).rowcount > 0


def judge(store: Store, judgements: Sequence[Judgement]) -> Entered:
    """Store what people say of posts. Raises StoreError; ValueError for a name that cannot be one."""
    named = [(one, name_of(one.who)) for one in judgements]
    with store.writing() as connection:
        ids = [one.post_id for one in judgements]
        edits, given, known = _edits(connection, ids), _given(connection, ids), _known(connection, ids)
        left = [at for at, one in enumerate(judgements) if edits.get(one.post_id, NOT_HERE) != one.edited_at]
        rows: dict[Row, Row] = {}
        for one, who in (one for at, one in enumerate(named) if at not in set(left)):
            said = (one.post_id, who, one.at, one.sentiment, one.sarcasm, one.unsure, one.edited_at)
            then = given.get(one.post_id, (None, None)) if one.given_by is None else (one.given, one.given_by)
            rows[said] = (*said, *then)
        new = sorted((row for said, row in rows.items() if said not in known), key=lambda row: row[2])
        _insert(connection, new)
        return Entered(len(new), len(judgements) - len(left) - len(new), tuple(left))


def _insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Add rows, each with a number of its own: the newest has the highest."""
    if rows:
        numbered = zip(next_ids(connection, JUDGEMENT, len(rows)), rows, strict=True)
        insert_rows(connection, JUDGEMENT, ("id", *COLUMNS), [(number, *row) for number, row in numbered])


def stored_posts(store: Store, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Return the number of each stored post and when it was edited, by platform and native id."""
    wanted: dict[str, list[str]] = {}
    for platform, native_id in keys:
        wanted.setdefault(platform, []).append(native_id)
    found: dict[tuple[str, str], tuple[int, int | None]] = {}
    with store.reading() as connection:
        for platform, native_ids in wanted.items():
            for some in chunks(native_ids):
                chosen = select(POST.c.native_id, POST.c.id, POST.c.edited_at).where(POST.c.platform == platform)
                rows = connection.execute(chosen.where(is_among(connection, POST.c.native_id, some)))
                found |= {(platform, row.native_id): (row.id, row.edited_at) for row in rows}
    return found


def _edits(connection: Connection, post_ids: Sequence[int]) -> dict[int, int | None]:
    """Return when each of these posts was edited, of those that are stored."""
    found: dict[int, int | None] = {}
    for some in chunks(post_ids):
        rows = connection.execute(select(POST.c.id, POST.c.edited_at).where(is_among(connection, POST.c.id, some)))
        found |= {row.id: row.edited_at for row in rows}
    return found


def _given(connection: Connection, post_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return the class of each of these posts now and the labeller that gave it."""
    found: dict[int, tuple[str, str]] = {}
    for some in chunks(post_ids):
        chosen = select(LABEL.c.post_id, LABEL.c.sentiment, LABEL.c.sentiment_by)
        rows = connection.execute(chosen.where(is_among(connection, LABEL.c.post_id, some)))
        found |= {row.post_id: (row.sentiment, row.sentiment_by) for row in rows}
    return found


def _known(connection: Connection, post_ids: Sequence[int]) -> set[Row]:
    """Return what was said of these posts before, as the columns up to `edited_at`."""
    told = [JUDGEMENT.c[name] for name in COLUMNS[:-2]]
    found: set[Row] = set()
    for some in chunks(post_ids):
        rows = connection.execute(select(*told).where(is_among(connection, JUDGEMENT.c.post_id, some)))
        found |= {(*row[:4], bool(row.sarcasm), bool(row.unsure), row.edited_at) for row in rows}
    return found
