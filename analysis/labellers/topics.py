"""What does a post speak of? The config's topics: phrases, groups of words close together, and exclusions. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

from analysis.labeller import LabelInput, TopicsLabel, digest
from analysis.phrases import Found, PhraseIndex, prepare
from collector.config import Config, TopicSettings

Places = Mapping[tuple[int, int], Sequence[Found]]  # by topic and role
PHRASES, NOT = -1, -2  # roles; a group's role is its number


class Topics:
    """The labeller "topics"."""

    name = "topics"

    def __init__(self, config: Config) -> None:
        self._topics = config.topics
        self._roles: list[tuple[int, int]] = []
        self._index = PhraseIndex(self._phrases())
        self.version = f"1-{digest([topic.model_dump(mode='json') for topic in config.topics])}"

    def _phrases(self) -> list[tuple[str, int]]:
        """List every phrase with its owner, a number of `_roles`."""
        listed: list[tuple[str, int]] = []
        for number, topic in enumerate(self._topics):
            for role, phrases in ((PHRASES, topic.phrases), (NOT, topic.not_), *enumerate(topic.all)):
                self._roles.append((number, role))
                listed += [(phrase, len(self._roles) - 1) for phrase in phrases]
        return listed

    def label(self, posts: Sequence[LabelInput]) -> list[TopicsLabel]:
        """Return the topics of each post, in the config's order, with the words that named them."""
        return [self._label(post) for post in posts]

    def _label(self, post: LabelInput) -> TopicsLabel:
        places: dict[tuple[int, int], list[Found]] = defaultdict(list)
        for found in self._index.find(prepare(post.text, post.hashtags)):
            places[self._roles[found.owner]].append(found)
        if not places:
            return TopicsLabel(())
        named = {}
        for number in sorted({topic for topic, _ in places}):
            if why := _words_for(self._topics[number], number, places):
                named[self._topics[number].name] = why
        return TopicsLabel(tuple(named), tuple(named.values()))


def _words_for(topic: TopicSettings, number: int, places: Places) -> tuple[str, ...]:
    """Return the words that name a topic; none where it is not named or an exclusion stands in the text."""
    if places.get((number, NOT)):
        return ()
    if phrases := places.get((number, PHRASES)):
        return tuple(dict.fromkeys(found.surface for found in phrases))
    groups = [places.get((number, role), ()) for role in range(len(topic.all))]
    close = _close_together(groups, topic.within) if groups and all(groups) else ()
    return tuple(dict.fromkeys(found.surface for found in close))


def _close_together(groups: Sequence[Sequence[Found]], within: int) -> Sequence[Found]:
    """Return one place of each group so that none is further than `within` from the first; none where there are none.

    The distance is counted in words, or in characters between the two where one of them is a substring. Each place in
    turn is tried as the first; the nearest at or after it in every other group decides.
    """
    ordered = [sorted(group, key=_start) for group in groups]
    for first in sorted((found for group in groups for found in group), key=_start):
        chosen = [_nearest_after(first, group) for group in ordered]
        near = [found for found in chosen if found is not None and _distance(first, found) <= within]
        if len(near) == len(groups):
            return near
    return ()


def _start(found: Found) -> int:
    return found.start


def _nearest_after(first: Found, group: Sequence[Found]) -> Found | None:
    at = bisect_left(group, first.start, key=_start)
    return group[at] if at < len(group) else None


def _distance(first: Found, other: Found) -> int:
    if first.is_substring or other.is_substring:
        return max(0, other.start - first.end)
    return other.word - first.word
