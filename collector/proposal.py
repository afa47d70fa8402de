"""What to watch for: a title's hashtags, phrases and the rest, out of what it is called. Pure.

Hashtags are names without spaces and punctuation. A name of one word in Latin letters, or of a character or three in
Chinese, Japanese, Korean or Thai, may be an ordinary word ("Dark", "지옥"): it becomes a hashtag, which is told, and no
phrase, for a phrase must mean this title and nothing else.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import ValidationError

from collector.config import TitleSettings
from collector.errors import ConfigError
from collector.text import fold, is_unspaced

if TYPE_CHECKING:
    from collector.wikidata import Entry

MOST_NAMES, MOST_PEOPLE, MOST_ARTICLES = 40, 60, 10
SHORTEST, LONGEST = 2, 60  # characters of a hashtag
SURE = 4  # characters from which on a name in a script without spaces is hardly an ordinary word
BRACKETS = re.compile(r"\s*[(（\[][^)）\]]*[)）\]]\s*$")  # noqa: RUF001 - the wide ones are used in Chinese and Japanese
KEPT = ("L", "M", "Nd", "Pc")  # categories of the characters that a hashtag is made of
APOSTROPHES = re.compile("['’ʼ]")  # noqa: RUF001 - as phones type them
FIRST = ("en", "ko", "ja", "zh", "es", "pt", "fr", "de", "id", "th", "it", "tr", "ru", "ar", "hi", "vi", "pl", "nl")
GENRE_ENDS = re.compile(r"\s+(?:television series|television|tv series|film|series|fiction)$", re.IGNORECASE)


class Wishes(NamedTuple):
    """What the user asks for by options; it comes before what is found."""

    hashtags: Sequence[str] = ()
    phrases: Sequence[str] = ()
    people: Sequence[str] = ()
    genres: Sequence[str] = ()
    articles: Sequence[str] = ()
    exclude: Sequence[str] = ()
    released: date | None = None
    kind: Literal["show", "film"] | None = None


def propose(name: str, wishes: Wishes, entry: "Entry | None" = None) -> TitleSettings:
    """Return what to watch for. Without an entry: what the name itself gives, and the wishes."""
    called = [name] if entry is None else _names(name, entry)
    tags = [*wishes.hashtags, *(tag for one in called if (tag := hashtag(one)))]
    main = hashtag(name)
    if entry is not None and main:
        tags += [main + service for service in entry.services]
    return _checked(
        name=name,
        kind=wishes.kind or (entry.kind if entry else "show"),
        released=wishes.released or (entry.released if entry else None),
        genres=_some([*wishes.genres, *(_genres(entry.genres) if entry else ())], MOST_NAMES),
        hashtags=_some(tags, MOST_NAMES),
        phrases=_some([*wishes.phrases, *(one for one in called if not is_plain(one))], MOST_NAMES),
        exclude=_some(wishes.exclude, MOST_NAMES),
        people=_some([*wishes.people, *(entry.people if entry else ())], MOST_PEOPLE),
        ranked_as=_some(_ranked(name, entry), MOST_NAMES),
        wikipedia=_some([*wishes.articles, *(_articles(entry) if entry else ())], MOST_ARTICLES),
    )


def trial(titles: Iterable[TitleSettings], name: str, wishes: Wishes) -> TitleSettings:
    """Return a title to look at: as it is watched, or as its name gives it, and with what is to be tried."""
    known = next((one for one in titles if fold(one.name) == fold(name)), None)
    if known is None:
        return propose(name, wishes)
    more = {
        "hashtags": wishes.hashtags,
        "phrases": wishes.phrases,
        "exclude": wishes.exclude,
        "wikipedia": wishes.articles,
    }
    every = {key: [*getattr(known, key), *names] for key, names in more.items()}
    return _checked(**(known.model_dump() | {key: _some(names, len(names)) for key, names in every.items()}))


def _checked(**values: Any) -> TitleSettings:  # noqa: ANN401 - the fields of TitleSettings
    """Make the settings. Raises ConfigError for what cannot be one, such as a hashtag with a space in it."""
    try:
        return TitleSettings(**values)
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        key = ".".join(str(part) for part in error["loc"][:1])
        said = error["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{key} is wrong: {said}, not {error['input']!r}" if key else said) from fault


def hashtag(name: str) -> str:
    """Return the hashtag that a name makes: "All of Us Are Dead" is AllOfUsAreDead; nothing where it makes none."""
    joined = "".join(word[:1].upper() + word[1:] for word in _words(name))
    is_one = SHORTEST <= len(joined) <= LONGEST and any(map(str.isalpha, joined))
    return joined if is_one and not unicodedata.category(joined[0]).startswith("M") else ""


def is_plain(name: str) -> bool:
    """Tell whether a name may be an ordinary word: one word, or a few characters of a script without spaces."""
    bare = _bare(name)
    if is_unspaced(bare):
        return len(hashtag(bare)) < SURE
    return len(_words(bare)) < 2  # noqa: PLR2004 - two words are a name


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", APOSTROPHES.sub("", _bare(name)))
    return "".join(char if unicodedata.category(char).startswith(KEPT) else " " for char in plain).split()


def plain_names(title: TitleSettings) -> list[str]:
    """Return the hashtags of a title that may be ordinary words: no phrase of several words makes them."""
    made = {fold(hashtag(one)) for one in title.phrases if not is_plain(one)}
    return [
        tag for tag in title.hashtags if fold(tag) not in made and is_plain(tag) and not _ends_in_service(tag, title)
    ]


def _ends_in_service(tag: str, title: TitleSettings) -> bool:
    folded = fold(tag)
    return any(folded != fold(other) and folded.startswith(fold(other)) for other in title.hashtags)


def _names(name: str, entry: "Entry") -> list[str]:
    """Return what it is called: as the user does, in its own language, then label by label, then other names."""
    order = {language: at for at, language in enumerate(FIRST)}
    by_language = sorted(entry.names, key=lambda one: order.get(one[0], len(order)))
    original = [entry.original[1]] if entry.original else []
    others = [alias for _, alias in sorted(entry.aliases, key=lambda one: order.get(one[0], len(order)))]
    return [name, *(_bare(one) or one for one in [*original, *(label for _, label in by_language), *others])]


def _ranked(name: str, entry: "Entry | None") -> Iterator[str]:
    """Return under which other names rankings may list it: its English and its own one."""
    if entry is not None:
        english = dict(entry.names).get("en", "")
        original = entry.original[1] if entry.original else ""
        yield from (one for one in (english, original) if one and fold(one) != fold(name))


def _genres(genres: Iterable[str]) -> list[str]:
    return [GENRE_ENDS.sub("", genre) for genre in genres]


def _articles(entry: "Entry") -> list[str]:
    order = {language: at for at, language in enumerate(FIRST)}
    return sorted(entry.articles, key=lambda one: order.get(one.partition(":")[0], len(order)))


def _some(names: Iterable[str], most: int) -> tuple[str, ...]:
    """Return names each once, capitals and width aside, the first so many."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(fold(name).strip("#"), name)
    return tuple(kept.values())[:most]


def _bare(name: str) -> str:
    """Take off what Wikipedia and the like add in brackets."""
    return BRACKETS.sub("", name).strip()
