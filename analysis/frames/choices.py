"""What posts can be filtered by: the values that are stored."""

from sqlalchemy import select

from analysis.frames.clauses import LABEL
from analysis.frames.reader import Reader


def languages(reader: Reader) -> list[str]:
    """Return the languages that posts were labelled with, in alphabetical order."""
    query = select(LABEL.c.language).distinct().order_by(LABEL.c.language)
    return list(reader.frame(query, {"language": "text"})["language"])
