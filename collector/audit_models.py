"""The tables of audits: samples of posts, and what people say of them."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from collector.schema import Big


class AuditSample(SQLModel, table=True):
    """A random sample of posts drawn for people to label; None: of every title, language, or time.

    `labeller` is the one whose classes, as they stood then, made the strata.
    """

    __tablename__ = "audit_sample"
    id: int | None = Field(default=None, primary_key=True)
    drawn_at: int = Field(sa_type=Big)
    title: str | None
    language: str | None
    since: int | None = Field(sa_type=Big)
    until: int | None = Field(sa_type=Big)
    seed: int = Field(sa_type=Big)
    size: int
    labeller: str


class AuditItem(SQLModel, table=True):
    """A post of a sample: its place in the order of labelling, its stratum, and for how many posts it stands."""

    __tablename__ = "audit_item"
    sample_id: int = Field(primary_key=True, foreign_key="audit_sample.id", ondelete="CASCADE")
    post_id: int = Field(primary_key=True, foreign_key="post.id", ondelete="CASCADE", sa_type=Big, index=True)
    place: int
    language: str
    given: str
    weight: float


class AuditLabel(SQLModel, table=True):
    """What one person says of a post. Rows are only added: the newest of a person counts.

    `edited_at` is that of the text which was read; `given` and `given_by` are the post's class and labeller then.
    """

    __tablename__ = "audit_label"
    __table_args__ = (CheckConstraint("sentiment IN ('positive', 'neutral', 'negative')", name="sentiment"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    post_id: int = Field(foreign_key="post.id", ondelete="CASCADE", sa_type=Big, index=True)
    who: str
    at: int = Field(sa_type=Big)
    sentiment: str
    sarcasm: bool
    unsure: bool
    edited_at: int | None = Field(sa_type=Big)
    given: str | None
    given_by: str | None
