"""Do posts that were found by a title's names speak of the title? A share for each name, and the words that tell. Pure.

A post *shows* that it means the title when it holds a second, different name of it (#HellboundNetflix beside
#Hellbound), one of its people, or a word of films and shows ("netflix", "season"). It *points elsewhere* when it shows
nothing of that and holds a word that marks such posts: 5 of them at least hold it, its odds are at least 4 times those
among posts of the same language that show the title (half a post added to each cell), and that is no chance
(log-likelihood ratio G² ≥ 10.83, p < 0.001; Dunning 1993, Computational Linguistics 19, 61-74). All others are
*unclear*: short posts seldom show what they mean. So `elsewhere` is a lower bound of the share that means something
else, and `elsewhere + unclear` an upper one; the interval is Wilson's, about chance in the sample alone.

Copies of one text count once. Under 30 texts, or where under 10 show the title, nothing is told. How well this does:
docs/titles.md.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from analysis.sentiment import FEW, wilson
from collector.config import TitleSettings
from collector.match import TitleMatcher
from collector.proposal import hashtag
from collector.text import UNSPACED, fold, is_unspaced, words

LEAST_SHOWN = 10  # texts that show the title, to compare with
LEAST_TEXTS = 5  # that hold a word
TIMES = 4.0  # the odds
CHANCE = 10.83  # G² of one degree of freedom at p = 0.001
ADDED = 3  # characters added to a name that make it another one; fewer are an ending ("squidgames")
MOST_WORDS = 8
LONG_RUN = 4  # characters of a run without spaces that are still a word
NOISE = re.compile(r"https?://\S+|(?<!\w)@[\w.@-]+")
POSSESSIVE = re.compile(r"['’]s\b")  # noqa: RUF001 - as phones type it
HANGUL = re.compile(r"[\uac00-\ud7af]")
SHARED = """
    netflix netflixkr netflixkorea netflixseries trailer teaser streaming cast finale disney+ hulu hbo
    넷플릭스 예고편 ネトフリ ネットフリックス 配信 予告 網飛 网飞 เน็ตฟลิกซ์ نتفليكس нетфликс bande-annonce
"""
OF_SHOWS = """
    season seasons episode episodes series serie séries série kdrama k-drama drama dorama dizi showrunner binge binged
    temporada temporadas episodio episodios episódio episódios capítulo capítulos saison épisode staffel folge folgen
    stagione puntata sezon serial odcinek musim 시즌 드라마 시리즈 에피소드 화 ドラマ シーズン シリーズ 話
    连续剧 第一季 第二季 影集 劇集 剧集
    ซีรีส์ ซีรี่ส์ ซีรี่ย์ مسلسل حلقة сериал сезон серия
"""
OF_FILMS = """
    film films movie movies cinema director película películas filme filmes cine kino pelicula filem bioskop
    영화 감독 映画 監督 电影 電影 ภาพยนตร์ หนัง فيلم фильм кино sinema
"""


class Said(NamedTuple):
    """One post: its text, its platform's own hashtags, its language."""

    text: str
    tags: frozenset[str] = frozenset()
    language: str = "und"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the posts of one name say of its meaning. n: different texts; low and high: Wilson's 95 % of elsewhere/n.

    `elsewhere` is None where it cannot be told, and `why` says so. `marks` are the words that point elsewhere, most
    telling first, each with how many of the texts hold it; `beside` are those that the name has more than others.
    """

    name: str
    n: int
    shown: int
    elsewhere: int | None
    unclear: int
    low: float | None
    high: float | None
    marks: Sequence[tuple[str, int]]
    beside: Sequence[str]
    why: str = ""


class _Text(NamedTuple):
    """One different text: the names it holds, whether it shows the title by other words, its words, its language."""

    names: frozenset[int]
    is_shown: bool
    words: frozenset[str]
    language: str

    def shows(self, name: int) -> bool:
        """Tell whether it shows that the title is meant, leaving one name aside."""
        return self.is_shown or bool(self.names - {name})


def meanings(title: TitleSettings, posts: Iterable[Said]) -> list[Meaning]:
    """Return one row for each name that posts hold, most posts first. A name: its hashtag and phrase are one."""
    names = _names(title)
    texts = _read(title, names, posts)
    rows = [_meaning(at, name, texts) for at, name in enumerate(names) if any(at in text.names for text in texts)]
    return sorted(rows, key=lambda row: -row.n)


def _names(title: TitleSettings) -> dict[str, TitleSettings]:
    """Return the title cut up by name: those that are the same without spaces and capitals are one."""
    parts: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"hashtags": [], "phrases": []})
    called: dict[str, str] = {}
    for kind, written in (("phrases", title.phrases), ("hashtags", title.hashtags)):
        for name in written:
            key = fold(hashtag(name) or name)
            called.setdefault(key, f"#{name}" if kind == "hashtags" else name)
            parts[key][kind].append(name)
    return {called[key]: TitleSettings(name=called[key], **held) for key, held in parts.items()}


def _read(title: TitleSettings, names: Mapping[str, TitleSettings], posts: Iterable[Said]) -> list[_Text]:
    by_name, signs = TitleMatcher(list(names.values())), _signs(title)
    own = {word for name in (*title.hashtags, *title.phrases, title.name) for word in words(fold(name))}
    keys = {fold(hashtag(name)) for name in (*title.hashtags, *title.phrases, title.name)} - {""}
    own |= keys
    found: dict[frozenset[str], _Text] = {}
    for post in posts:
        held = frozenset(by_name.match(post.text, post.tags))
        if held:
            # a copy with another link, handle or order of words is no second text
            told = _words(post) - own
            is_shown = bool(signs.match(POSSESSIVE.sub("", post.text), post.tags)) or _is_longer(told, keys)
            text = _Text(held, is_shown, told, post.language)
            found.setdefault(told | {f"#{name}" for name in map(str, held)}, text)
    return list(found.values())


def _is_longer(told: Iterable[str], keys: AbstractSet[str]) -> bool:
    """Tell whether a word is a name with something added, such as hellboundnetflix."""
    return any(len(word) >= len(key) + ADDED and word.startswith(key) for key in keys for word in told)


def _signs(title: TitleSettings) -> TitleMatcher:
    """Return what finds people of the title and words of films or shows; not those that its own names are made of."""
    own = {word for name in (*title.hashtags, *title.phrases, title.name) for word in words(fold(name))}
    usual = [*SHARED.split(), *(OF_SHOWS if title.kind == "show" else OF_FILMS).split(), *title.genres]
    told = [word for word in usual if fold(word) not in own and len(word) > 1]
    people = [name for name in title.people if len(name) > 1 and fold(name) not in own]
    tags = [tag for name in (*told, *people) if (tag := hashtag(name))]
    return TitleMatcher([TitleSettings(name="signs", hashtags=tuple(tags), phrases=(*told, *people))])


def _words(post: Said) -> frozenset[str]:
    """Return the words of a post, each once; a long run of a script without spaces as pairs of characters."""
    folded = fold(NOISE.sub(" ", post.text))
    found: set[str] = {fold(tag) for tag in post.tags}
    for word in words(folded):
        if len(word) > LONG_RUN and is_unspaced(word) and not HANGUL.search(word):
            found |= {a + b for a, b in pairwise(word) if UNSPACED.match(a)}
        else:
            found.add(word)
    return frozenset(word for word in found if len(word) > 1 and not word.isdecimal())


def _meaning(at: int, name: str, texts: Sequence[_Text]) -> Meaning:
    own = [text for text in texts if at in text.names]
    silent = [text for text in own if not text.shows(at)]
    showing = [text for text in texts if text.shows(at)]
    shown = len(own) - len(silent)
    beside = [word for word, _ in _marking(own, [text for text in texts if at not in text.names])]
    row = Meaning(name, len(own), shown, None, len(silent), None, None, (), beside[:MOST_WORDS])
    if len(own) < FEW:
        return replace(row, why=f"too few to tell: {len(own)} different texts, {FEW} are needed")
    if len(showing) < LEAST_SHOWN:
        return replace(
            row, why=f"too few to tell: {len(showing)} texts show the title by a second name, people or words"
        )
    marks = _marking(silent, showing)
    telling = {word for word, _ in marks}
    elsewhere = sum(not telling.isdisjoint(text.words) for text in silent)
    low, high = wilson(np.array([float(elsewhere)]), np.array([float(len(own))]))
    interval = (float(low[0]), float(high[0]))
    return Meaning(name, len(own), shown, elsewhere, len(silent) - elsewhere, *interval, marks, row.beside)


def _marking(these: Sequence[_Text], others: Sequence[_Text]) -> list[tuple[str, int]]:
    """Return the words that mark some texts against others of the same language, and how many of them hold each."""
    marked: Counter[str] = Counter()
    lead: dict[str, float] = {}
    by_language: dict[str, tuple[list[_Text], list[_Text]]] = defaultdict(lambda: ([], []))
    for side, texts in enumerate((these, others)):
        for text in texts:
            by_language[text.language][side].append(text)
    for here, there in by_language.values():
        if len(there) < LEAST_SHOWN:
            continue
        count, against = (Counter(word for text in side for word in text.words) for side in (here, there))
        for word, held in count.items():
            if held < LEAST_TEXTS or _odds_ratio(held, len(here), against[word], len(there)) < TIMES:
                continue
            evidence = _evidence(held, len(here), against[word], len(there))
            if evidence >= CHANCE:
                marked[word] += held
                lead[word] = max(lead.get(word, 0.0), evidence)
    return [(word, marked[word]) for word in sorted(lead, key=lambda word: (-lead[word], word))]


def _odds_ratio(held: int, of: int, against: int, of_others: int) -> float:
    """Return how many times as high the odds of holding a word are here, half a text added to each cell."""
    return (held + 0.5) / (of - held + 0.5) * (of_others - against + 0.5) / (against + 0.5)


def _evidence(held: int, of: int, against: int, of_others: int) -> float:
    """Return the log-likelihood ratio G² of two shares being different."""
    share = (held + against) / (of + of_others)
    with_it = ((held, of * share), (against, of_others * share))
    without = ((of - held, of * (1 - share)), (of_others - against, of_others * (1 - share)))
    return 2 * sum(seen * math.log(seen / expected) for seen, expected in (*with_it, *without) if seen)
