"""What tests of the archive ask of a store: its totals by name, and how many rows are left."""

from sqlalchemy import text

from collector.store import Store

SUMS = "posts, positive, neutral, negative, unscored, sample"
MORE = "unlabelled, score_sum, raw_score_sum"
TOTALS = {
    "title_hour": f"hour, platform, {SUMS}, {MORE}",
    "topic_hour": f"hour, platform, p.name AS topic, {SUMS}",
    "title_day": f"day, platform, {SUMS}, {MORE}, authors",
}


def totals(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every table of totals, titles and topics by name, sorted."""
    found = {}
    with store.reading() as connection:
        for table, columns in TOTALS.items():
            topics = "JOIN topic p ON p.id = topic_id" if table == "topic_hour" else ""
            query = f"SELECT t.name AS title, {columns} FROM {table} JOIN title t ON t.id = title_id {topics}"
            found[table] = sorted(tuple(row) for row in connection.execute(text(query)))
    return found


def count(store: Store, table: str) -> int:
    """Return how many rows a table has."""
    with store.reading() as connection:
        return int(connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one())
