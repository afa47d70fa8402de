"""The records that go into the store and the counts that come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple, Self

from collector.source import Coverage, PostDraft


class _Sum:
    """Adds up field by field."""

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Counts(_Sum):
    """What became of the items of one or more pages. read = skipped + items parsed."""

    read: int = 0
    stored: int = 0  # new in the database
    known: int = 0  # there already, or twice in the input
    skipped: int = 0  # could not be read
    matched: int = 0  # speak of a watched title
    deleted: int = 0  # were here and are gone, because the platform has taken them away


@dataclass(frozen=True, slots=True)
class RankCounts(_Sum):
    """What became of the rows of a ranking."""

    read: int = 0
    stored: int = 0
    revised: int = 0
    unchanged: int = 0


class MatchedPost(NamedTuple):
    """A post to be kept, with the ids of the titles it speaks of and the time it is filed under."""

    draft: PostDraft
    titles: tuple[int, ...]
    created_at: int
    claimed_at: int | None = None
    author_key: str | None = None  # a keyed hash, never the name
    raw: str | None = None  # the payload as JSON, without author objects


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What was asked and why anything is missing; the counts are added when the page is saved."""

    target: str
    coverage: Coverage
    reason: str = ""
    since: int | None = None
    until: int | None = None
    titles: tuple[int, ...] = ()  # whose coverage this speaks for


class TitleCount(NamedTuple):
    """A figure that a platform tells of a title; `start` in epoch seconds, `length` in seconds."""

    title_id: int
    part: str
    start: int
    length: int
    amount: int


LabelValues = tuple[str, str, float | None, float | None, tuple[str, ...]]
"""Language, sentiment, score, raw score and topics of one post; the scores are None where it is unscored."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was computed of a batch's posts on their way into the store, by native id.

    Each has its words for the search index, and its labels where it speaks of a watched title; `labelled_by` names the
    labellers. A post that is missing here gets both later.
    """

    posts: Mapping[str, tuple[str, LabelValues | None]]
    labelled_by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """One page on its way into the store: saved whole, with its cursor and ledger row, or not at all."""

    source: str
    platform: str
    posts: Sequence[MatchedPost] = ()
    deleted: Sequence[str] = ()
    gone_authors: Mapping[str, int | None] = field(default_factory=dict)  # keyed hashes, and up to when; None: all
    platform_counts: Sequence[TitleCount] = ()
    cursor: Mapping[str, str | None] = field(default_factory=dict)  # None forgets the key
    ledger: LedgerEntry | None = None
    counts: Counts = Counts()  # read, skipped and matched; stored and known are found out by the store
    collected_at: int = 0
    sample: bool = False
    prepared: Prepared | None = None
    follow: bool = False  # whether new posts are to be looked after; see FollowedPost
    server: str = ""


@dataclass(frozen=True, slots=True)
class PostLabels:
    """The labels of one post; `*_by` is the labeller's name and version. Scores are None where unscored.

    `edited_at` is that of the text which was labelled.
    """

    post_id: int
    language: str
    language_by: str
    sentiment: str
    score: float | None
    raw_score: float | None
    sentiment_by: str
    topics: tuple[str, ...]
    topics_by: str
    edited_at: int | None = None
