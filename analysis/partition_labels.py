"""Labels one partition of an archive: what each engine runs, wherever its workers are."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from analysis.archive.archiving import put
from analysis.archive.files import Partition
from analysis.archive.format import read
from analysis.labeller import LabelInput
from analysis.labelling import Labelling
from collector.config import Config
from collector.records import PostLabels
from collector.whole_posts import LABELS, WholePost

BATCH = 500


def relabel_partition(folder: Path, config: Config) -> None:
    """Give every post about a title the labels of today's labellers, where it has others or none.

    A partition that has them all is left as it is. Raises InputError, OSError.
    """
    labelling = _labelling(config.model_dump_json())
    partition = Partition.at(folder)
    manifest = partition.manifest()
    if manifest is None or manifest.is_labelled_by(labelling.versions):
        return
    posts = read(partition.file())
    put(partition, _relabelled(posts, labelling, partition.day.platform), dropped=manifest.dropped)


@lru_cache(maxsize=1)  # compiling it takes longer than labelling a small partition
def _labelling(config: str) -> Labelling:
    return Labelling(Config.model_validate_json(config))


def _relabelled(posts: Iterable[WholePost], labelling: Labelling, platform: str) -> Iterator[WholePost]:
    waiting = iter(posts)
    while some := list(islice(waiting, BATCH)):
        stale = [post for post in some if post.titles and not has_labels_of(post, labelling)]
        given = labelling.label([_input(post, platform) for post in stale])
        fresh = {
            post.native_id: _labelled(post, labelling.record(0, labels))
            for post, labels in zip(stale, given, strict=True)
        }
        yield from (fresh.get(post.native_id, post) for post in some)


def has_labels_of(post: WholePost, labelling: Labelling) -> bool:
    """Tell whether a post has the labels of these labellers, or has lost its words and so keeps those that it has."""
    if post.sentiment is not None and not post.text:
        return True
    found = {"language": post.language_by, "sentiment": post.sentiment_by, "topics": post.topics_by}
    return found == labelling.versions


def _input(post: WholePost, platform: str) -> LabelInput:
    return LabelInput(post.native_id, post.text, post.platform_language, tuple(post.hashtags), platform=platform)


def _labelled(post: WholePost, labels: PostLabels) -> WholePost:
    return post._replace(topics=sorted(labels.topics), **{name: getattr(labels, name) for name in LABELS})
