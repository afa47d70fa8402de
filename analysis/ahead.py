"""Labels posts on their way into the store, and cuts them into words for search, while others are read and saved.

The same labels as those that `analysis.label` gives to stored posts, written in the transaction that stores the post:
nothing is read again. Whatever comes without them, such as an edit, is labelled from the store as ever.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Self

from analysis import pending
from analysis.labeller import LabelInput
from analysis.labelling import Labelling
from analysis.workers import Workers, available
from collector.config import Config
from collector.posts import hashtags_of
from collector.records import LabelValues, MatchedPost, Prepared
from collector.search_tokens import indexed
from collector.store import Store

# native id, text, the platform's tag, hashtags, speaks of a title, platform
Given = tuple[str, str, str | None, str, bool, str]
FEW = 20_000  # posts that are labelled here first: a worker that starts for fewer costs more than it gains


class Ahead:
    """What `collector.collect.Saver` takes as `prepare`; a block, for it may have worker processes.

    Labellers are made with the first posts, so that what is wrong with a file is told before.
    """

    def __init__(self, store: Store, config: Config, *, processes: int | None = None, few: int = FEW) -> None:
        """Take as many processes as there are processors but one, which reads and saves."""
        self._store = store
        self._config = config
        self._processes = available() - 1 if processes is None else processes
        self._left = few

    @property
    def at_once(self) -> int:
        """How many batches should be under way."""
        return 0 if self._left > 0 else self._there.at_once

    def begin(self, posts: Sequence[MatchedPost]) -> Callable[[], Prepared]:
        """Begin with some posts. Returns what waits for their labels and words."""
        given = [
            (draft.native_id, draft.text, draft.language, hashtags_of(draft), bool(titles), draft.platform)
            for draft, titles in ((post.draft, post.titles) for post in posts)
        ]
        workers = self._here if self._left > 0 else self._there
        self._left -= len(posts)
        return workers.begin(prepare, given)

    @cached_property
    def _here(self) -> Workers:
        labelling = Labelling(self._config)
        pending.begin(self._store, labelling.versions)  # from now on labels of these versions are written
        return Workers(self._config, labelling, 0)

    @cached_property
    def _there(self) -> Workers:
        return Workers(self._config, self._here.labelling, self._processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, if any have started."""
        if "_there" in self.__dict__:
            self._there.close()


def prepare(labelling: Labelling, posts: Sequence[Given]) -> Prepared:
    """Return labels and words of some posts; what a worker does."""
    about = [
        LabelInput(name, text, language, tuple(hashtags.split()), platform=platform)
        for name, text, language, hashtags, is_about, platform in posts
        if is_about
    ]
    labels: dict[object, LabelValues] = {
        post.post_id: labels.kept for post, labels in zip(about, labelling.label(about), strict=True)
    }
    return Prepared(
        {name: (indexed(text, hashtags.split()), labels.get(name)) for name, text, _, hashtags, _, _ in posts},
        labelling.versions,
    )
