"""Figures that a platform tells of a title, such as its hourly volume or its page views: the newest told ones stay."""

from sqlalchemy import Connection

from collector.models import PlatformCount, table
from collector.records import Batch
from collector.upsert import insert_or_update

PLATFORM_COUNT = table(PlatformCount)
KEY = ("source", "title_id", "part", "start")


def save(connection: Connection, batch: Batch) -> None:
    """Save the figures of one page; one for the same stretch of time replaces the older."""
    told = {"source": batch.source, "told_at": batch.collected_at}
    latest = {(count.title_id, count.part, count.start): count for count in batch.platform_counts}
    insert_or_update(connection, PLATFORM_COUNT, [told | count._asdict() for count in latest.values()], KEY)
