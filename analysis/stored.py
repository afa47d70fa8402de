"""Stored posts that a title would have, by its names: gathered for other titles, or because everything was kept."""

from collections.abc import Iterator

import pandas as pd

from analysis.frames import posts as frames
from analysis.frames.reader import Reader
from analysis.search import MAX_PARTS, MAX_QUERY
from collector.config import TitleSettings
from collector.match import TitleMatcher


def stored(reader: Reader, title: TitleSettings, limit: int) -> pd.DataFrame:
    """Return the newest posts and articles that the matcher takes for this title, as analysis.frames.posts has them.

    At most `limit` are looked at for each question to the index. Invented sample posts are left out.
    """
    found = [frames.posts(reader, order="newest", limit=limit, search=query, sample=False) for query in queries(title)]
    frame = pd.concat(found).drop_duplicates("post_id") if found else frames.posts(reader, limit=0)
    matcher = TitleMatcher([title])
    kept = [bool(matcher.match(text, tags)) for text, tags in zip(frame["text"], frame["hashtags"], strict=True)]
    named = pd.Series(kept, index=frame.index, dtype=bool)
    return frame[named].sort_values("created_at", ascending=False, ignore_index=True)


def queries(title: TitleSettings) -> Iterator[str]:
    """Yield searches, each within what a search may be, that together find every name of a title."""
    asked: list[str] = []
    for part in [*(f"#{tag}" for tag in title.hashtags), *map(_quoted, title.phrases)]:
        if asked and (len(asked) == MAX_PARTS or len(" OR ".join([*asked, part])) > MAX_QUERY):
            yield " OR ".join(asked)
            asked = []
        asked.append(part)
    if asked:
        yield " OR ".join(asked)


def _quoted(phrase: str) -> str:
    return '"' + "".join(" " if char in '"“”„‟＂' else char for char in phrase) + '"'  # noqa: RUF001 - all are quotes
