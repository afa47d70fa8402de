"""Posts with their labels: searched and filtered, a page at a time. All of them: analysis.frames.streams."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, select

from analysis.frames.clauses import LABEL, MENTION, POST, POST_TOPIC, TITLE, TOPIC, of_kind, within
from analysis.frames.declared import Columns
from analysis.frames.reader import Reader
from collector.source import Kind

if TYPE_CHECKING:
    import pandas as pd

Order = Literal["engagement", "newest", "oldest"]

POSTS: Columns = {
    "post_id": "int",
    "platform": "text",
    "native_id": "text",
    "uri": "text",
    "url": "text",
    "created_at": "time",
    "collected_at": "time",
    "titles": "names",
    "hashtags": "names",
    "language": "text",
    "sentiment": "text",
    "score": "float",
    "raw_score": "float",
    "topics": "names",
    "likes": "maybe_int",
    "reposts": "maybe_int",
    "replies": "maybe_int",
    "author_key": "text",
    "text": "text",
    "sample": "bool",
}


@dataclass(frozen=True, slots=True)
class PostFilter:
    """Which posts; None means all, articles of the press included.

    Created in [since, until). `search` is a query of analysis.search. `kind`: of platforms that bring this.
    """

    title: str | None = None
    topic: str | None = None
    platform: str | None = None
    language: str | None = None
    sentiment: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    sample: bool | None = None
    kind: Kind | None = None


def posts(
    reader: Reader,
    *,
    order: Order = "engagement",
    limit: int = 50,
    offset: int = 0,
    **filters: Any,  # noqa: ANN401 - the fields of PostFilter
) -> "pd.DataFrame":
    """Return a page of posts, one row each; `filters` are the fields of PostFilter.

    Engagement is likes + reposts + replies as last seen, unknown counting as none; ties go to the newer post.
    titles, hashtags and topics are tuples. A post without labels yet has no language, sentiment or score.
    """
    import pandas as pd  # noqa: PLC0415 - exports read the same posts without it

    met = conditions(reader, PostFilter(**filters))
    found = _ordered(select(POST.c.id).select_from(LABELLED).where(*met), order).limit(limit).offset(offset)
    # found first, so that only the posts of this page are put together and not all that were sorted
    query = _ordered(_select(reader).where(POST.c.id.in_(found.correlate(None))), order)
    frame = reader.frame(query, {**POSTS, "hashtags": "text"})
    frame["hashtags"] = pd.Series([tuple(tags.split()) for tags in frame["hashtags"]], dtype=object)
    return frame


def count_posts(reader: Reader, **filters: Any) -> int:  # noqa: ANN401 - the fields of PostFilter
    """Return how many posts there are; `filters` are the fields of PostFilter."""
    query = select(func.count()).select_from(LABELLED).where(*conditions(reader, PostFilter(**filters)))
    return int(reader.scalar(query))


LABELLED = POST.outerjoin(LABEL, LABEL.c.post_id == POST.c.id)
_ENGAGEMENT = func.coalesce(POST.c.likes, 0) + func.coalesce(POST.c.reposts, 0) + func.coalesce(POST.c.replies, 0)


def _select(reader: Reader) -> Select[Any]:
    of_title = select(TITLE.c.name).join(MENTION, MENTION.c.title_id == TITLE.c.id)
    of_topic = select(TOPIC.c.name).join(POST_TOPIC, POST_TOPIC.c.topic_id == TOPIC.c.id)
    special: dict[str, ColumnElement[Any]] = {
        "post_id": POST.c.id.label("post_id"),
        "titles": _json_list(reader, of_title.where(MENTION.c.post_id == POST.c.id)).label("titles"),
        "topics": _json_list(reader, of_topic.where(POST_TOPIC.c.post_id == POST.c.id)).label("topics"),
        "language": LABEL.c.language,
        "sentiment": LABEL.c.sentiment,
        "score": LABEL.c.score,
        "raw_score": LABEL.c.raw_score,
    }
    chosen = [special[name] if name in special else POST.c[name] for name in POSTS]
    return select(*chosen).select_from(LABELLED)


def _json_list(reader: Reader, query: Select[tuple[str]]) -> ColumnElement[Any]:
    """Gather the names of a correlated query as one JSON text, in whichever order."""
    name = query.selected_columns[0]
    if reader.engine.dialect.name == "sqlite":
        return query.with_only_columns(func.json_group_array(name)).correlate(POST).scalar_subquery()
    return query.with_only_columns(cast(func.json_agg(name), String)).correlate(POST).scalar_subquery()


def _ordered(query: Select[Any], order: Order) -> Select[Any]:
    newest = (POST.c.created_at.desc(), POST.c.id.desc())
    by = {"engagement": (_ENGAGEMENT.desc(), *newest), "newest": newest, "oldest": (POST.c.created_at, POST.c.id)}
    return query.order_by(*by[order])


def conditions(reader: Reader, wanted: PostFilter) -> list[ColumnElement[bool]]:
    """Return what the rows of LABELLED must meet. Raises SearchError for a search that cannot be read."""
    met = within(POST.c.created_at, wanted.since, wanted.until) + of_kind(POST.c.platform, wanted.kind)
    equal = {
        POST.c.platform: wanted.platform,
        LABEL.c.language: wanted.language,
        LABEL.c.sentiment: wanted.sentiment,
        POST.c.sample: wanted.sample,
    }
    met += [column == value for column, value in equal.items() if value is not None]
    if wanted.title is not None:
        title = select(TITLE.c.id).where(TITLE.c.name == wanted.title).scalar_subquery()
        met.append(exists().where(MENTION.c.post_id == POST.c.id, MENTION.c.title_id == title))
    if wanted.topic is not None:
        topic = select(TOPIC.c.id).where(TOPIC.c.name == wanted.topic).scalar_subquery()
        met.append(exists().where(POST_TOPIC.c.post_id == POST.c.id, POST_TOPIC.c.topic_id == topic))
    if wanted.search:
        from analysis.frames.matching import matching  # noqa: PLC0415 - only a search needs it

        met += matching(reader, wanted.search)
    return met
