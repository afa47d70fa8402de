"""Rows for every table, by the revision that made it: as a database of that version holds them, odd values included.

The totals are those of the posts. Written as plain SQL, for the code of those versions is gone.
"""

from typing import Any

from sqlalchemy import Connection, text

Row = dict[str, Any]

NOON = 1_643_716_800  # 2022-02-01 12:00 UTC
DAY = NOON - 12 * 3600
EARLY = -7200  # in 1969: the first hour of no day, and the remainder of a negative number
BEFORE = -86400
LARGE = 2**62
FLOAT = 0.1 + 0.2  # 0.30000000000000004
NAME = 'Squid Game; "오징어 게임" \\N\t'
TEXT = "I love Squid Game 🦑\nit's so \\N \\. good\t좀비"

# fmt: off
ROWS: dict[str, dict[str, list[Row]]] = {
    "0001": {
        "title": [{"id": 1, "name": NAME}, {"id": 7, "name": "Kingdom"}],
        "topic": [{"id": 3, "name": "acting"}],
        "post": [
            {
                "id": 5, "platform": "mastodon", "native_id": "1", "uri": "https://example.org/1", "url": None,
                "created_at": NOON + 5, "claimed_at": None, "collected_at": NOON + 60, "edited_at": None,
                "text": TEXT, "language": "en", "hashtags": "SquidGame 좀비", "likes": LARGE, "reposts": 0,
                "replies": None, "author_key": "0123456789abcdef", "sample": False,
            },
            {
                "id": LARGE, "platform": "x", "native_id": "É'", "uri": None, "url": "", "created_at": EARLY,
                "claimed_at": LARGE, "collected_at": NOON, "edited_at": NOON + 1, "text": "", "language": None,
                "hashtags": "", "likes": None, "reposts": None, "replies": 3, "author_key": None, "sample": True,
            },
        ],
        "raw_post": [{"post_id": 5, "stored_at": NOON, "payload": '{"text": "a\\u0000b \\\\N"}'}],
        "mention": [
            {"title_id": 1, "hour": NOON, "post_id": 5, "platform": "mastodon"},
            {"title_id": 1, "hour": EARLY, "post_id": LARGE, "platform": "x"},
            {"title_id": 7, "hour": EARLY, "post_id": LARGE, "platform": "x"},
        ],
        "label": [
            {
                "post_id": 5, "language": "en", "language_by": "a/1", "sentiment": "positive", "score": 0.6369,
                "raw_score": FLOAT, "sentiment_by": "b/1", "topics_by": "c/1",
            },
            {
                "post_id": LARGE, "language": "und", "language_by": "a/1", "sentiment": "unscored", "score": None,
                "raw_score": None, "sentiment_by": "b/1", "topics_by": "c/1",
            },
        ],
        "post_topic": [{"post_id": 5, "topic_id": 3}],
        "dirty_hour": [{"title_id": 7, "hour": 3600}],
        "title_hour": [
            {
                "title_id": 1, "hour": NOON, "platform": "mastodon", "posts": 1, "positive": 1, "neutral": 0,
                "negative": 0, "unscored": 0, "unlabelled": 0, "score_sum": 6369, "raw_score_sum": 3000,
                "sample": 0,
            },
            *(
                {
                    "title_id": title, "hour": EARLY, "platform": "x", "posts": 1, "positive": 0, "neutral": 0,
                    "negative": 0, "unscored": 1, "unlabelled": 0, "score_sum": 0, "raw_score_sum": 0, "sample": 1,
                }
                for title in (1, 7)
            ),
        ],
        "topic_hour": [
            {
                "title_id": 1, "hour": NOON, "platform": "mastodon", "topic_id": 3, "posts": 1, "positive": 1,
                "neutral": 0, "negative": 0, "unscored": 0, "sample": 0,
            }
        ],
        "title_day": [
            {
                "title_id": 1, "day": DAY, "platform": "mastodon", "posts": 1, "authors": 1, "positive": 1,
                "neutral": 0, "negative": 0, "unscored": 0, "unlabelled": 0, "score_sum": 6369,
                "raw_score_sum": 3000, "sample": 0,
            },
            *(
                {
                    "title_id": title, "day": BEFORE, "platform": "x", "posts": 1, "authors": 0, "positive": 0,
                    "neutral": 0, "negative": 0, "unscored": 1, "unlabelled": 0, "score_sum": 0,
                    "raw_score_sum": 0, "sample": 1,
                }
                for title in (1, 7)
            ),
        ],
        "cursor_value": [{"source": "mastodon", "key": "example.org SquidGame", "value": "110"}],
        "ledger": [
            {
                "id": 1, "source": "mastodon", "platform": "mastodon", "target": "example.org SquidGame",
                "at": NOON, "coverage": "covered", "reason": "", "since": None, "until": NOON, "read": 3,
                "stored": 1, "known": 1, "skipped": 1, "matched": 2,
            }
        ],
        "covered": [
            {
                "id": 9, "title_id": 1, "platform": "mastodon", "source": "mastodon",
                "target": "example.org SquidGame", "coverage": "covered", "since": 0, "until": NOON,
            }
        ],
        "job_state": [
            {
                "name": "collect", "started_at": NOON, "finished_at": None, "due_at": LARGE,
                "error": "it's late", "failures": 2,
            }
        ],
        "rank": [
            {
                "provider": "netflix", "period": "week", "day": DAY, "country": "KR", "category": "TV", "slot": "1",
                "rank": 1, "name": "Squid Game", "season": None, "title_key": "squid game",
                "country_name": "South Korea", "points": None, "hours": LARGE, "views": None, "runtime": -0.0,
                "weeks_in": 1, "no1_countries": None, "countries_covered": None, "source_label": "a file",
                "stored_at": NOON,
            }
        ],
    },
    "0002": {"leader": [{"role": "collector", "epoch": 4, "holder": "buzz 1@host", "since": NOON}]},
    "0005": {
        "dropped_day": [
            {
                "platform": "bluesky", "day": DAY, "archive": "an id", "folder": "archive", "digest": "12ab",
                "posts": 2,
            }
        ],
        "tombstone": [{"platform": "bluesky", "native_id": "gone", "at": NOON * 10**9}],
    },
    "0007": {
        "packed_hours": [
            {
                "title_id": 1, "day": DAY,
                "packed": '[["mastodon"],[0],[12],[1],[1],[0],[0],[0],[0],[6369],[3000],[0]]',
            },
            *(
                {"title_id": title, "day": BEFORE, "packed": '[["x"],[0],[22],[1],[0],[0],[0],[1],[0],[0],[0],[1]]'}
                for title in (1, 7)
            ),
        ],
        "packed_topics": [
            {"title_id": 1, "day": DAY, "packed": '[["mastodon"],[0],[12],[3],[1],[1],[0],[0],[0],[0]]'},
        ],
    },
    "0009": {
        "platform_count": [
            {
                "source": "wikipedia", "title_id": 1, "part": "ko", "start": NOON, "length": 86_400, "amount": 2**40,
                "told_at": NOON,
            }
        ],
    },
    "0010": {
        "forgotten_author": [{"platform": "mastodon", "author_key": "fedcba9876543210", "at": NOON}],
    },
    "0011": {
        "followed_post": [
            {"post_id": 5, "platform": "mastodon", "stored_at": NOON + 60, "server": "a.example", "local_id": "110"}
        ],
    },
    "0013": {
        "audit_sample": [
            {
                "id": 3, "drawn_at": NOON, "title": NAME, "language": None, "since": EARLY, "until": None,
                "seed": LARGE, "size": 150, "labeller": "sentiment/2",
            }
        ],
        "audit_item": [
            {"sample_id": 3, "post_id": 5, "place": 1, "language": "en", "given": "positive", "weight": FLOAT}
        ],
        "audit_label": [
            {
                "id": 8, "post_id": 5, "who": "=Ann\t좀비", "at": NOON, "sentiment": "negative", "sarcasm": True,
                "unsure": False, "edited_at": None, "given": "positive", "given_by": "sentiment/2",
            },
            {
                "id": 9, "post_id": 5, "who": "Ben", "at": NOON, "sentiment": "neutral", "sarcasm": False,
                "unsure": True, "edited_at": NOON, "given": None, "given_by": None,
            },
        ],
    },
}
# fmt: on


def rows_at(revision: str) -> dict[str, list[Row]]:
    """Return the rows of every table that a database of this revision has."""
    return {table: rows for made, tables in ROWS.items() if made <= revision for table, rows in tables.items()}


def write(connection: Connection, revision: str) -> None:
    """Insert them all."""
    for table, rows in rows_at(revision).items():
        names = list(rows[0])
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
        connection.execute(text(statement), rows)
        if "id" in rows[0] and connection.dialect.name == "postgresql":
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            connection.execute(text(f"SELECT setval({sequence}, {max(row['id'] for row in rows)})"))


def stored(connection: Connection, revision: str) -> dict[str, list[Row]]:
    """Read the same columns back, of the same tables, in the order in which they were written."""
    found: dict[str, list[Row]] = {}
    for table, rows in rows_at(revision).items():
        result = connection.execute(text(f"SELECT {', '.join(rows[0])} FROM {table}")).mappings()
        found[table] = sorted((_plain(dict(row)) for row in result), key=repr)
    return found


def expected(revision: str) -> dict[str, list[Row]]:
    """Return what `stored` returns where every row is there."""
    return {table: sorted(map(_plain, rows), key=repr) for table, rows in rows_at(revision).items()}


def _plain(row: Row) -> Row:
    """SQLite has no booleans: there they are 0 and 1."""
    return {name: int(value) if isinstance(value, bool) else value for name, value in row.items()}
