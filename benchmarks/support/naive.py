"""The pipeline that one writes first, to measure ours beside: stock VADER, a pattern a topic, one merge a post.

It does less than ours: no language, no masked names, no totals, no ledger, no search index.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine

from collector.config import Config

COMMIT_EACH = 100


class Own(SQLModel, registry=registry()):
    """Keeps the naive tables apart from ours."""


class NaivePost(Own, table=True):
    """One post with all that is known of it in one row."""

    id: str = Field(primary_key=True)
    created_at: datetime
    text: str
    lang: str
    author_id: str
    likes: int
    reposts: int
    titles: str
    topics: str
    sentiment: str
    compound: float


class Naive:
    """Compiled for a config as one would: the names of each title in small letters, and a pattern for each topic."""

    def __init__(self, config: Config, url: str) -> None:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - only this needs it

        self._vader = SentimentIntensityAnalyzer()
        self._titles = {
            title.name: [name.lower() for name in (*(f"#{tag}" for tag in title.hashtags), *title.phrases)]
            for title in config.titles
        }
        self._topics = {
            topic.name: _any_of([*topic.phrases, *(word for group in topic.all for word in group)])
            for topic in config.topics
        }
        self._engine = create_engine(url)
        Own.metadata.create_all(self._engine)

    def run(self, posts: Sequence[dict[str, Any]]) -> int:
        """Match, score and store; commit each 100. Returns how many posts were stored."""
        stored = 0
        with Session(self._engine) as session:
            for number, row in enumerate(self._rows(posts), start=1):
                session.merge(row)
                stored = number
                if number % COMMIT_EACH == 0:
                    session.commit()
            session.commit()
        return stored

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _rows(self, posts: Sequence[dict[str, Any]]) -> Iterator[NaivePost]:
        for post in posts:
            text = post["text"]
            lowered = text.lower()
            titles = [name for name, phrases in self._titles.items() if any(phrase in lowered for phrase in phrases)]
            if not titles:
                continue
            topics = [name for name, pattern in self._topics.items() if pattern.search(text)]
            compound = self._vader.polarity_scores(text)["compound"]
            yield NaivePost(
                id=post["id"],
                created_at=datetime.fromisoformat(post["created_at"]),
                text=text,
                lang=post["lang"],
                author_id=post["author_id"],
                likes=post["public_metrics"]["like_count"],
                reposts=post["public_metrics"]["retweet_count"],
                titles=", ".join(titles),
                topics=", ".join(topics),
                sentiment="positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral",  # noqa: PLR2004 - VADER's thresholds
                compound=compound,
            )


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """Return one pattern for all phrases; a star stands for the rest of a word."""
    return re.compile("|".join(re.escape(phrase).replace(r"\*", r"\w*") for phrase in phrases), re.IGNORECASE)
