"""The search index beside the posts: written in the transaction that writes the post, gone when the post goes.

SQLite has a virtual table (FTS5) and a trigger on post, PostgreSQL a table with a tsvector, a GIN index and a foreign
key. Both are called post_search and made by migration 0003, outside of the models. They hold collector.search_tokens.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, inspect

from collector.search_tokens import indexed

Row = tuple[int, str, Iterable[str]]  # the post's id, its text, the platform's own list of hashtags
BATCH = 5000

_SQLITE = (
    # "ascii" takes our tokens as they are: it cuts at spaces and at nothing that a token holds
    "CREATE VIRTUAL TABLE post_search USING fts5(tokens, tokenize=\"ascii tokenchars '_#@'\", columnsize=0)",
    "CREATE TRIGGER post_search_gone AFTER DELETE ON post BEGIN DELETE FROM post_search WHERE rowid = old.id; END",
)
_POSTGRESQL = (
    """
    CREATE TABLE post_search (
        post_id BIGINT NOT NULL CONSTRAINT pk_post_search PRIMARY KEY
            CONSTRAINT fk_post_search_post_id REFERENCES post (id) ON DELETE CASCADE,
        tokens TSVECTOR NOT NULL
    )
    """,
    "CREATE INDEX ix_post_search_tokens ON post_search USING gin (tokens)",
)
# one statement for all rows: nearly as quick as COPY, and its faults are told like those of any statement
_INSERT_ALL = (
    "INSERT INTO post_search (post_id, tokens)"
    " SELECT id, words::tsvector FROM unnest(%s::bigint[], %s::text[]) AS new (id, words)"
)


def create(connection: Connection) -> None:
    """Make the empty index."""
    for statement in _POSTGRESQL if _is_postgresql(connection) else _SQLITE:
        connection.exec_driver_sql(statement)


def is_there(connection: Connection) -> bool:
    """Tell whether this database has the index: one at a schema before 0003 has none."""
    return inspect(connection).has_table("post_search")


def index(connection: Connection, rows: Sequence[Row]) -> None:
    """Add new posts to the index."""
    add(connection, [(post_id, indexed(text, tags)) for post_id, text, tags in rows])


def add(connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Add new posts whose words are known: pairs of id and what collector.search_tokens.indexed returns."""
    if not rows:
        return
    if _is_postgresql(connection):
        ids, words = zip(*rows, strict=True)
        connection.exec_driver_sql(_INSERT_ALL, (list(ids), [*map(_vector, words)]))
        return
    connection.exec_driver_sql("INSERT INTO post_search (rowid, tokens) VALUES (?, ?)", rows)


def reindex(connection: Connection, rows: Sequence[Row]) -> None:
    """Put the newer texts of edited posts in the place of the older ones."""
    if not rows:
        return
    if _is_postgresql(connection):
        connection.exec_driver_sql("DELETE FROM post_search WHERE post_id = ANY(%s)", ([row[0] for row in rows],))
    else:
        connection.exec_driver_sql("DELETE FROM post_search WHERE rowid = ?", [(row[0],) for row in rows])
    index(connection, rows)


def index_lacking(connection: Connection) -> int:
    """Add every post that is not in the index yet, as after an upgrade or a copy; return how many there were."""
    added = 0
    for rows in _lacking(connection):
        index(connection, rows)
        added += len(rows)
    return added


def amiss(connection: Connection) -> tuple[int, int]:
    """Return how many posts are not in the index, and how many entries belong to no post."""
    is_same = f"post.id = post_search.{_key(connection)}"
    lacking = f"SELECT COUNT(*) FROM post WHERE NOT EXISTS (SELECT 1 FROM post_search WHERE {is_same})"  # noqa: S608 - see _lacking
    strays = f"SELECT COUNT(*) FROM post_search WHERE NOT EXISTS (SELECT 1 FROM post WHERE {is_same})"  # noqa: S608 - see _lacking
    return connection.exec_driver_sql(lacking).scalar_one(), connection.exec_driver_sql(strays).scalar_one()


def drop_strays(connection: Connection) -> int:
    """Take out the entries that belong to no post; return how many there were."""
    is_same = f"post.id = post_search.{_key(connection)}"
    query = f"DELETE FROM post_search WHERE NOT EXISTS (SELECT 1 FROM post WHERE {is_same})"  # noqa: S608 - see _lacking
    return connection.exec_driver_sql(query).rowcount


def _key(connection: Connection) -> str:
    return "post_id" if _is_postgresql(connection) else "rowid"


def _lacking(connection: Connection) -> Iterator[list[Row]]:
    """Yield the posts that the index lacks, by their ids, a batch at a time."""
    post_id, mark = _key(connection), "%s" if _is_postgresql(connection) else "?"
    query = (
        f"SELECT id, text, hashtags FROM post WHERE id > {mark}"  # noqa: S608 - put together from the constants above
        f" AND NOT EXISTS (SELECT 1 FROM post_search WHERE post_search.{post_id} = post.id) ORDER BY id LIMIT {BATCH}"
    )
    last = -1
    while found := connection.exec_driver_sql(query, (last,)).fetchall():
        yield [(row.id, row.text, row.hashtags.split()) for row in found]
        last = found[-1].id


def _vector(tokens: str) -> str:
    return " ".join(f"{token}:{place}" for place, token in enumerate(tokens.split(" "), start=1)) if tokens else ""


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
