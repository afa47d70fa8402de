"""Our parts doing no more than the naive pipeline does: match, one VADER score, topics, store and commit; no totals.

Left out of what Buzzchart does: languages, masked names, the search index, totals. What is stored is still ours: posts,
mentions, labels, marked hours, cursor and ledger, each page in one transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from analysis.labeller import LabelInput, Labeller, TopicsLabel
from analysis.labellers import LABELLERS
from analysis.labelling import Labelling
from analysis.vader import Vader
from analysis.workers import Workers
from collector import search_index
from collector.config import Config
from collector.records import LabelValues, MatchedPost, Prepared

Given = tuple[str, list[tuple[str, str, tuple[str, ...]]]]  # the config; native id, text and hashtags of each post
LIMIT = 0.05  # VADER's thresholds


class SameWork:
    """What Saver takes as `prepare`: a score and topics, in one worker process."""

    def __init__(self, config: Config) -> None:
        # without titles there are no names to mask; the worker's other labellers are not asked
        bare = config.model_copy(update={"titles": ()})
        self._config = bare.model_dump_json()
        self._workers = Workers(bare, Labelling(bare), 1)

    @property
    def at_once(self) -> int:
        """As many as the workers want."""
        return self._workers.at_once

    def begin(self, posts: Sequence[MatchedPost]) -> Callable[[], Prepared]:
        """Have some posts scored."""
        given = [(post.draft.native_id, post.draft.text, tuple(post.draft.hashtags)) for post in posts]
        return self._workers.begin(_prepare, (self._config, given))

    def close(self) -> None:
        """End the worker."""
        self._workers.close()


@contextmanager
def without_search() -> Iterator[None]:
    """Leave the search index out, which the naive pipeline has not."""
    add = search_index.add
    search_index.add = lambda connection, rows: None  # noqa: ARG005 - the form of what it replaces
    try:
        yield
    finally:
        search_index.add = add


@lru_cache(maxsize=1)
def _vader() -> Vader:
    return Vader()


@lru_cache(maxsize=1)
def _topics(config: str) -> Labeller[TopicsLabel]:
    found: Labeller[TopicsLabel] = LABELLERS["topics"](Config.model_validate_json(config))
    return found


def _prepare(_: Labelling, given: Given) -> Prepared:
    config, posts = given
    found = _topics(config).label([LabelInput(name, text, None, tags) for name, text, tags in posts])
    scores = [_vader().score(text).compound for _, text, _ in posts]
    labels: dict[str, tuple[str, LabelValues | None]] = {
        name: ("", ("und", _feeling(score), score, score, topics.topics))
        for (name, _, _), score, topics in zip(posts, scores, found, strict=True)
    }
    return Prepared(labels, dict.fromkeys(("language", "sentiment", "topics"), "same/1"))


def _feeling(score: float) -> str:
    return "positive" if score >= LIMIT else "negative" if score <= -LIMIT else "neutral"
