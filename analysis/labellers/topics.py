"""What does a post speak of? The config's topics: phrases, groups of words close together, and exclusions. Pure."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter

from analysis.labeller import LabelInput, TopicsLabel, digest
from analysis.phrases import Found, PhraseIndex, Text, prepare
from collector.config import Config, TopicSettings

Places = Mapping[int, Sequence[Found]]  # by role
PHRASES, NOT = -1, -2  # roles; a group's role is its number
START = attrgetter("start")
NONE = TopicsLabel(())


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
        text = prepare(post.text, post.hashtags)
        found = self._index.find(text)
        if not found:
            return NONE
        places: dict[int, dict[int, list[Found]]] = {}
        for one in found:
            number, role = self._roles[one.owner]
            places.setdefault(number, {}).setdefault(role, []).append(one)
        named = {}
        for number in sorted(places):
            if why := _words_for(self._topics[number], text, places[number]):
                named[self._topics[number].name] = why
        return TopicsLabel(tuple(named), tuple(named.values()))


def _words_for(topic: TopicSettings, text: Text, places: Places) -> tuple[str, ...]:
    """Return the words that name a topic; none where it is not named or an exclusion stands in the text."""
    if NOT in places:
        return ()
    chosen: Sequence[Found] = places.get(PHRASES, ())
    if not chosen and all(role in places for role in range(len(topic.all))):
        groups = [[text.placed(found) for found in places[role]] for role in range(len(topic.all))]
        chosen = _close_together(groups, topic.within)
    return tuple(dict.fromkeys([found.surface for found in chosen]))


def _close_together(groups: Sequence[Sequence[Found]], within: int) -> Sequence[Found]:
    """Return one place of each group so that none is further than `within` from the first; none where there are none.

    The distance is counted in words, or in characters between the two where one of them is a substring. Each place in
    turn is tried as the first; the nearest at or after it in every other group decides.
    """
    ordered = [sorted(group, key=START) for group in groups]
    for first in sorted(chain.from_iterable(groups), key=START):
        chosen = [_nearest_after(first, group) for group in ordered]
        near = [found for found in chosen if found is not None and _distance(first, found) <= within]
        if len(near) == len(groups):
            return near
    return ()


def _nearest_after(first: Found, group: Sequence[Found]) -> Found | None:
    at = bisect_left(group, first.start, key=START)
    return group[at] if at < len(group) else None


def _distance(first: Found, other: Found) -> int:
    if first.is_substring or other.is_substring:
        return max(0, other.start - first.end)
    return other.word - first.word
