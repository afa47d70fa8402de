"""What a database can say about itself, for the manifest of an export; small, and without pandas."""

from typing import NamedTuple

from sqlalchemy import func, select

from analysis.frames.clauses import COVERED, LABEL, TITLE, TITLE_HOUR, of_kind
from analysis.frames.posts import LABELLED, PostFilter, conditions
from analysis.frames.reader import Reader
from collector import migrate
from collector.source import Kind

LABELLED_BY = {"language": "language_by", "sentiment": "sentiment_by", "topics": "topics_by"}


class Covering(NamedTuple):
    """A window of time in which a platform is known for a title: [since, until) in epoch seconds."""

    title: str
    platform: str
    coverage: str
    since: int
    until: int


class Extent(NamedTuple):
    """The first and the last hour with posts of a title on a platform."""

    title: str
    platform: str
    first: int
    last: int


def schema(reader: Reader) -> str | None:
    """Return the revision of the database's schema."""
    return migrate.current(reader.engine)


def title_names(reader: Reader) -> list[str]:
    """Return the names of the titles that the database knows, in alphabetical order."""
    return [str(name) for (name,) in reader.stream(select(TITLE.c.name).order_by(TITLE.c.name))]


def labellers(reader: Reader, only: PostFilter | None = None) -> dict[str, list[str]]:
    """Return which labellers, with their versions, labelled the posts; None: all that are stored."""
    columns = [LABEL.c[name] for name in LABELLED_BY.values()]
    query = select(*columns).distinct().where(LABEL.c.post_id.is_not(None))
    if only is not None and only != PostFilter():
        query = query.select_from(LABELLED).where(*conditions(reader, only))
    rows = list(reader.stream(query))
    return {name: sorted({str(row[at]) for row in rows}) for at, name in enumerate(LABELLED_BY)}


def coverings(reader: Reader, title: str | None = None, kind: Kind | None = Kind.POSTS) -> list[Covering]:
    """Return the windows of time that are known, of one title or of all; kind: as analysis.frames.health.covered."""
    query = select(TITLE.c.name, COVERED.c.platform, COVERED.c.coverage, COVERED.c.since, COVERED.c.until)
    query = query.join_from(COVERED, TITLE, TITLE.c.id == COVERED.c.title_id)
    query = query.where(*of_kind(COVERED.c.platform, kind))
    if title is not None:
        query = query.where(TITLE.c.name == title)
    return [Covering._make(row) for row in reader.stream(query)]


def extents(reader: Reader, title: str | None = None, kind: Kind | None = Kind.POSTS) -> list[Extent]:
    """Return from when to when there are posts, of each title on each platform; kind: as coverings."""
    hour = TITLE_HOUR.c.hour
    query = (
        select(TITLE.c.name, TITLE_HOUR.c.platform, func.min(hour), func.max(hour))
        .join_from(TITLE_HOUR, TITLE, TITLE.c.id == TITLE_HOUR.c.title_id)
        .where(*of_kind(TITLE_HOUR.c.platform, kind))
        .group_by(TITLE.c.name, TITLE_HOUR.c.platform)
    )
    if title is not None:
        query = query.where(TITLE.c.name == title)
    return [Extent._make(row) for row in reader.stream(query)]
