"""The words of the sample: the posts as they were written, and how each language dresses them up."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from random import Random

from collector.text import fold

# \w leaves out the vowel signs of Thai, which platforms allow in a hashtag
HASHTAG = re.compile(r"(?<![\w&/])#([\w\u0e31-\u0e4e]+)")
_TAIL = re.compile(r"(?:\s+#[\w\u0e31-\u0e4e]+)+$")
_CLOSED = (".", "!", "?", "…", "。", "？", "！", ")")  # noqa: RUF001 - the wide marks are used in Japanese
EPISODES = range(2, 12)
LOCAL = "All of Us Are Dead"  # the title that has hashtags of its own in each language


@dataclass(frozen=True, slots=True)
class Line:
    """One post as it was written. `themes[0]` says when it fits; `{ep}` in it stands for an episode's number."""

    language: str
    titles: tuple[str, ...]
    themes: tuple[str, ...]
    kind: str  # praise, gripe, joke, sarcasm, neutral, hostile
    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    """How the people of one language speak: what they put before and after, their hashtags, their time of day."""

    share: int  # of all posts, in percent
    zone: int  # hours from UTC
    casual: bool  # now and then without capitals
    openings: tuple[str, ...]
    lower: tuple[str, ...]  # openings of those who write without capitals
    endings: tuple[str, ...]
    extra: tuple[str, ...]  # hashtags that say nothing about a title
    tags: tuple[str, ...]  # hashtags of All of Us Are Dead


@dataclass(frozen=True, slots=True)
class Voices:
    """All languages, with the emoji of each kind of post and the hashtags of each title."""

    by_language: dict[str, Voice]
    emoji: dict[str, tuple[str, ...]]
    tags: dict[str, tuple[str, ...]]
    title_by_tag: dict[str, str]  # by folded hashtag


def lines() -> list[Line]:
    """Read the posts as they were written, in the order of the file."""
    records = (json.loads(record) for record in _read("posts.jsonl").splitlines())
    return [
        Line(post["language"], tuple(post["titles"]), tuple(post["themes"]), post["kind"], post["text"])
        for post in records
    ]


def voices() -> Voices:
    """Read how each language dresses up its posts."""
    data = tomllib.loads(_read("voices.toml"))
    emoji, tags = ({name: tuple(values) for name, values in data.pop(key).items()} for key in ("emoji", "tags"))
    by_language = {name: _voice(table) for name, table in data.items()}
    title_by_tag = {fold(tag): title for title, own in tags.items() for tag in own}
    title_by_tag |= {fold(tag): LOCAL for voice in by_language.values() for tag in voice.tags}
    return Voices(by_language, emoji, tags, title_by_tag)


def _voice(table: dict[str, object]) -> Voice:
    return Voice(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})  # type: ignore[arg-type] # a test reads every table


def _read(name: str) -> str:
    return resources.files("collector.sample").joinpath(name).read_text(encoding="utf-8")


def pick(chance: Random, options: Sequence[str]) -> str:
    """Choose one of the options; `random()` alone is the same in every version of Python."""
    return options[int(chance.random() * len(options))]


def happens(chance: Random, share: float) -> bool:
    """Tell whether something that happens this often (0..1) happens now."""
    return chance.random() < share


def dress(line: Line, words: Voices, chance: Random) -> str:
    """Say a line in one person's way: an opening, an ending, an emoji, other hashtags, no capitals; or just as it is.

    Hostile lines and those that many copy word for word stay untouched.
    """
    if line.kind == "hostile" or "copies" in line.themes:
        return line.text
    voice = words.by_language[line.language]
    text = line.text.replace("{ep}", str(EPISODES[int(chance.random() * len(EPISODES))]))
    text = _other_hashtags(text, voice, words, chance)
    tail = found.group() if (found := _TAIL.search(text)) else ""
    body = text.removesuffix(tail)
    if "news" not in line.themes:
        body = _spoken(body, line, voice, words, chance)
    if happens(chance, 0.24):
        tail += f" #{pick(chance, voice.extra)}"
    if tail and happens(chance, 0.15):
        tail = "\n\n" + tail.strip()
    return (body + tail).strip()


def _spoken(body: str, line: Line, voice: Voice, words: Voices, chance: Random) -> str:
    """Add what people say around it. A plain question or remark gets less of it than a feeling."""
    eager = 0.75 if line.kind == "neutral" else 1.0
    casual = voice.casual and happens(chance, 0.2)
    if casual:
        body = body.lower()
    if happens(chance, 0.42 * eager):
        opening = pick(chance, voice.lower if casual else voice.openings)
        body = opening + ("" if opening.endswith("、") else " ") + body
    if happens(chance, 0.36 * eager):
        body = _ended(body, pick(chance, voice.endings), casual=casual)
    if line.kind in words.emoji and happens(chance, 0.4):
        body = f"{body} {pick(chance, words.emoji[line.kind])}"
    return body


def _ended(body: str, ending: str, *, casual: bool) -> str:
    if casual:
        return f"{body} {ending.lower().rstrip('.')}"
    return f"{body}. {ending}" if ending[0].isupper() and not body.endswith(_CLOSED) else f"{body} {ending}"


def _other_hashtags(text: str, voice: Voice, words: Voices, chance: Random) -> str:
    """Put another of the title's hashtags in the place of some."""

    def other(found: re.Match[str]) -> str:
        title = words.title_by_tag.get(fold(found.group(1)))
        if title is None or happens(chance, 0.55):
            return found.group()
        # those of All of Us Are Dead differ by language
        return f"#{pick(chance, (*words.tags[title], *(voice.tags if title == LOCAL else ())))}"

    return HASHTAG.sub(other, text)
