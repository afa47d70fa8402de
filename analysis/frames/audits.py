"""Audits: the posts that may be drawn, the samples that were, and what people said of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, exists, func, select

from analysis.frames.clauses import LABEL, MENTION, POST, TITLE, of_kind, within
from analysis.frames.declared import Columns
from analysis.frames.reader import Reader
from collector.models import metadata

if TYPE_CHECKING:
    import pandas as pd

SAMPLE: Table = metadata.tables["audit_sample"]
ITEM: Table = metadata.tables["audit_item"]
JUDGEMENT: Table = metadata.tables["audit_label"]

SCORED = ("positive", "neutral", "negative")
SAMPLES: Columns = {
    "sample_id": "int",
    "drawn_at": "time",
    "title": "text",
    "language": "text",
    "since": "time",
    "until": "time",
    "seed": "int",
    "size": "int",
    "labeller": "text",
    "posts": "int",
    "readable": "int",
}
ITEMS: Columns = {
    "sample_id": "int",
    "post_id": "int",
    "place": "int",
    "stratum_language": "text",
    "stratum_given": "text",
    "weight": "float",
}
LABELS: Columns = {
    "post_id": "int",
    "platform": "text",
    "native_id": "text",
    "url": "text",
    "created_at": "time",
    "invented": "bool",
    "text": "text",
    "language": "text",
    "given": "text",
    "given_by": "text",
    "who": "text",
    "at": "time",
    "said": "text",
    "sarcasm": "bool",
    "unsure": "bool",
    "given_then": "text",
    "given_then_by": "text",
    "is_current": "bool",
}
READINGS: Columns = {
    "post_id": "int",
    "place": "int",
    "platform": "text",
    "native_id": "text",
    "url": "text",
    "created_at": "time",
    "titles": "names",
    "text": "text",
    "edited_at": "maybe_int",
    "invented": "bool",
}


def candidates(
    reader: Reader,
    *,
    title: str | None = None,
    language: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[tuple[int, str, str]]:
    """Yield the id, language and class of every post that may be drawn.

    Those are posts about a title that have a class and still have their words, created in [since, until).
    """
    about = exists().where(MENTION.c.post_id == POST.c.id)
    if title is not None:
        about = about.where(MENTION.c.title_id == select(TITLE.c.id).where(TITLE.c.name == title).scalar_subquery())
    query = (
        select(POST.c.id, LABEL.c.language, LABEL.c.sentiment)
        .join_from(POST, LABEL, LABEL.c.post_id == POST.c.id)
        .where(LABEL.c.sentiment.in_(SCORED), POST.c.text != "", about)
        .where(*within(POST.c.created_at, since, until), *of_kind(POST.c.platform))
    )
    if language is not None:
        query = query.where(LABEL.c.language == language)
    for row in reader.stream(query):
        yield row.id, row.language, row.sentiment


def samples(reader: Reader) -> "pd.DataFrame":
    """Return one row per sample, newest first: SAMPLES. posts: that are still stored; readable: with their words."""
    of_sample = ITEM.c.sample_id == SAMPLE.c.id
    posts = select(func.count()).where(of_sample).scalar_subquery()
    with_text = select(func.count()).select_from(ITEM.join(POST, POST.c.id == ITEM.c.post_id))
    readable = with_text.where(of_sample, POST.c.text != "").scalar_subquery()
    special: dict[str, Any] = {"sample_id": SAMPLE.c.id, "posts": posts, "readable": readable}
    chosen = [special[name] if name in special else SAMPLE.c[name] for name in SAMPLES]
    return reader.frame(select(*chosen).order_by(SAMPLE.c.id.desc()), SAMPLES)


def items(reader: Reader, sample: int | None = None) -> "pd.DataFrame":
    """Return one row per sample (None: of all) and post: ITEMS."""
    named = {"stratum_language": ITEM.c.language, "stratum_given": ITEM.c.given}
    query = select(*(named[name] if name in named else ITEM.c[name] for name in ITEMS))
    if sample is not None:
        query = query.where(ITEM.c.sample_id == sample)
    return reader.frame(query.order_by(ITEM.c.sample_id, ITEM.c.place), ITEMS)


def labels(reader: Reader) -> "pd.DataFrame":
    """Return one row per post and person, by time: what the person said of it last.

    language, given, given_by: the post's labels now; given_then, given_then_by: when the person labelled it.
    is_current: whether the text that was labelled is the one that is stored.
    """
    special: dict[str, Any] = {
        "post_id": POST.c.id,
        "invented": POST.c.sample,
        "language": LABEL.c.language,
        "given": LABEL.c.sentiment,
        "given_by": LABEL.c.sentiment_by,
        "said": JUDGEMENT.c.sentiment,
        "given_then": JUDGEMENT.c.given,
        "given_then_by": JUDGEMENT.c.given_by,
        "is_current": JUDGEMENT.c.edited_at.is_not_distinct_from(POST.c.edited_at),
    }
    special |= {name: POST.c[name] for name in ("platform", "native_id", "url", "created_at", "text")}
    query = (
        select(*(special[name] if name in special else JUDGEMENT.c[name] for name in LABELS))
        .join_from(JUDGEMENT, POST, POST.c.id == JUDGEMENT.c.post_id)
        .outerjoin(LABEL, LABEL.c.post_id == POST.c.id)
        .order_by(JUDGEMENT.c.at, JUDGEMENT.c.id)
    )
    found = reader.frame(query, LABELS)
    return found.drop_duplicates(["post_id", "who"], keep="last").reset_index(drop=True)


def readings(reader: Reader, sample: int, *, unlabelled_by: str | None = None) -> "pd.DataFrame":
    """Return the posts of a sample that still have their words, in the order of labelling, without given classes.

    unlabelled_by: only those of which this person has said nothing yet, or nothing of the text as it is now.
    """
    special: dict[str, Any] = {
        "post_id": ITEM.c.post_id,
        "place": ITEM.c.place,
        "invented": POST.c.sample,
        "titles": POST.c.id,
    }
    query = (
        select(*(special[name] if name in special else POST.c[name] for name in READINGS))
        .join_from(ITEM, POST, POST.c.id == ITEM.c.post_id)
        .where(ITEM.c.sample_id == sample, POST.c.text != "")
        .order_by(ITEM.c.place)
    )
    if unlabelled_by is not None:
        of_text = JUDGEMENT.c.edited_at.is_not_distinct_from(POST.c.edited_at)
        is_theirs = (JUDGEMENT.c.post_id == POST.c.id) & (JUDGEMENT.c.who == unlabelled_by) & of_text
        query = query.where(~exists().where(is_theirs))
    found = reader.frame(query, {**READINGS, "titles": "int"})
    titles = _titles(reader, sample)
    found["titles"] = [titles.get(post_id, ()) for post_id in found["post_id"]]
    return found


def _titles(reader: Reader, sample: int) -> dict[int, tuple[str, ...]]:
    """Return the titles of which each post of a sample speaks."""
    query = (
        select(MENTION.c.post_id, TITLE.c.name)
        .join_from(MENTION, TITLE, TITLE.c.id == MENTION.c.title_id)
        .join(ITEM, ITEM.c.post_id == MENTION.c.post_id)
        .where(ITEM.c.sample_id == sample)
        .order_by(TITLE.c.name)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in reader.stream(query):
        found[row.post_id] = (*found.get(row.post_id, ()), str(row.name))
    return found
