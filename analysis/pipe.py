"""Labels posts that come as lines of JSON, one at a time, and stores nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from analysis.labeller import LabelInput
from analysis.labelling import Labelling, Labels
from collector.config import Config, TitleSettings
from collector.errors import ConfigError, SkipItem
from collector.match import TitleMatcher
from collector.text import clean, fold


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that could not be read: its number, the first being 1, and why."""

    number: int
    reason: str


def watching(config: Config, names: Sequence[str]) -> Config:
    """Return the config with these titles put to it, unless it watches them under that name already.

    A title that is not watched is looked for, and masked, by its name alone. Raises ConfigError for a name of no use.
    """
    known = {fold(title.name) for title in config.titles}
    new = {fold(name): _title(name) for name in names if fold(name) not in known}
    return config.model_copy(update={"titles": (*config.titles, *new.values())}) if new else config


def _title(name: str) -> TitleSettings:
    try:
        return TitleSettings(name=name, phrases=(name,))
    except ValidationError as fault:
        raise ConfigError(f"--title {name[:50]!r} is no title: 1 to 200 characters are expected") from fault


class Pipe:
    """The way from a line of JSON to its labels, compiled for one config.

    `asked` are the titles to tell of; none means all. All watched titles are masked, whichever are asked for.
    """

    def __init__(self, config: Config, asked: Sequence[str] = ()) -> None:
        config = watching(config, asked)
        wanted = {fold(name) for name in asked}
        self._names = [title.name for title in config.titles]
        self._told = {index for index, name in enumerate(self._names) if not wanted or fold(name) in wanted}
        self._matcher = TitleMatcher(config.titles)
        self._labelling = Labelling(config)

    def label(self, lines: Iterable[bytes]) -> Iterator[dict[str, Any] | Unread]:
        """Yield, for each line that is not empty, its labels or why it could not be read."""
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                post = _post(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            except SkipItem as fault:
                yield Unread(number, str(fault))
                continue
            yield self._told_of(post)

    def _told_of(self, post: LabelInput) -> dict[str, Any]:
        titles = [self._names[index] for index in self._matcher.match(post.text) if index in self._told]
        [labels] = self._labelling.label([post])
        judged = _judged(labels, self._labelling.explain(post, labels))
        return {"id": post.post_id, "language": labels.language.language, "titles": titles, **judged}


def _judged(labels: Labels, sentences: Sequence[str]) -> dict[str, Any]:
    why = dict(zip(labels.topics.topics, labels.topics.why, strict=True))
    return {
        "sentiment": labels.sentiment.sentiment,
        "score": labels.sentiment.score,
        "raw_score": labels.sentiment.raw_score,
        "topics": labels.topics.topics,
        "why": {"language": labels.language.why, "sentiment": sentences, "topics": why},
    }


def _post(line: bytes) -> LabelInput:
    """Read one line. Raises SkipItem saying what is wrong with it."""
    try:
        item = orjson.loads(line)
    except orjson.JSONDecodeError as fault:
        raise SkipItem(f"not JSON: {fault}") from fault
    if not isinstance(item, Mapping):
        raise SkipItem('not an object such as {"id": "1", "text": "…"}')
    text, post_id, language, platform = (item.get(key) for key in ("text", "id", "lang", "platform"))
    if not isinstance(text, str):
        raise SkipItem("text is missing" if text is None else "text is not a string")
    if post_id is not None and not isinstance(post_id, str | int):
        raise SkipItem("id is neither a string nor a whole number")
    if language is not None and not isinstance(language, str):
        raise SkipItem("lang is not a string")
    if platform is not None and not isinstance(platform, str):
        raise SkipItem("platform is not a string")
    return LabelInput(post_id, clean(text), language, platform=platform)
