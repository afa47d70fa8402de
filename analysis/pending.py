"""Which posts lack labels, and their texts: found without reading those that have them.

Whatever takes a label away, or brings a post or a mention, marks the post's hours as dirty in the same transaction;
the roll that clears the mark writes how many posts of the hour have no label. So what lacks a label lies in a dirty
hour, in an hour with unlabelled posts, or in a day that was dropped into an archive. Labels of other versions are
looked for among all posts, once after each change: the versions that all labels are known to have are remembered.
A post that has lost its words, because they were kept for long enough, keeps the labels that it has.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from collector.clock import DAY
from collector.store import Store

REMEMBERED = "labels"  # the source under which the cursor keeps the versions
SLICE = 200_000  # ids held at once


class Pending(NamedTuple):
    """A post to be labelled; its hashtags are joined by spaces."""

    id: int
    text: str
    language: str | None
    hashtags: str
    edited_at: int | None
    platform: str = ""


# CROSS JOIN keeps SQLite from reading all mentions: it takes that order as given
LACKING = text(f"""
    SELECT m.post_id FROM (
        SELECT title_id, hour FROM dirty_hour
        UNION
        SELECT h.title_id, h.hour FROM title_day d CROSS JOIN title_hour h
        WHERE d.unlabelled > 0 AND h.unlabelled > 0
          AND h.title_id = d.title_id AND h.hour >= d.day AND h.hour < d.day + {DAY}
    ) AS s CROSS JOIN mention m LEFT JOIN label l ON l.post_id = m.post_id
    WHERE m.title_id = s.title_id AND m.hour = s.hour AND m.post_id > :after AND l.post_id IS NULL
    UNION
    SELECT p.id FROM dropped_day g CROSS JOIN post p LEFT JOIN label l ON l.post_id = p.id
    WHERE p.platform = g.platform AND p.created_at >= g.day AND p.created_at < g.day + {DAY}
      AND p.id > :after AND l.post_id IS NULL AND EXISTS (SELECT 1 FROM mention m WHERE m.post_id = p.id)
    ORDER BY 1 LIMIT :slice
""")  # noqa: S608 - put together from our own constant
OUTDATED = text("""
    SELECT p.id FROM post p LEFT JOIN label l ON l.post_id = p.id
    WHERE p.id > :after
      AND (l.post_id IS NULL OR p.text <> ''
           AND (l.language_by <> :language OR l.sentiment_by <> :sentiment OR l.topics_by <> :topics))
      AND EXISTS (SELECT 1 FROM mention m WHERE m.post_id = p.id)
    ORDER BY p.id LIMIT :slice
""")
TEXTS = text(
    "SELECT id, text, language, hashtags, edited_at, platform FROM post WHERE id IN :ids ORDER BY id"
).bindparams(bindparam("ids", expanding=True))


def batches(store: Store, versions: Mapping[str, str], size: int, *, all_current: bool) -> Iterator[Sequence[Pending]]:
    """Yield the posts about watched titles that lack labels of these versions, in batches, each post once.

    all_current: what `begin` said; then only posts without any labels are looked for. Raises StoreError.
    """
    after = 0
    while True:
        with store.reading() as connection:
            ids = _slice(connection, versions, after, all_current=all_current)
        for start in range(0, len(ids), size):
            with store.reading() as connection:
                rows = connection.execute(TEXTS, {"ids": ids[start : start + size]}).all()
            if rows:
                yield [Pending(*row) for row in rows]
        if len(ids) < SLICE:
            return
        after = ids[-1]


def begin(store: Store, versions: Mapping[str, str]) -> bool:
    """Tell whether all labels are known to be of these versions; if not, forget of which: others will be written."""
    remembered = store.cursor(REMEMBERED).values
    if remembered and remembered != versions:
        store.remember(REMEMBERED, dict.fromkeys(remembered))
    return remembered == versions


def end(store: Store, versions: Mapping[str, str]) -> None:
    """Remember that all labels are of these versions: every batch was read, and its labels saved."""
    store.remember(REMEMBERED, versions)


def _slice(connection: Connection, versions: Mapping[str, str], after: int, *, all_current: bool) -> list[int]:
    query, told = (LACKING, {}) if all_current else (OUTDATED, versions)
    return list(connection.execute(query, {"after": after, "slice": SLICE, **told}).scalars())
