"""Which lexicon reads a post: that of the genres of the titles it names. Pure."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from analysis.masking import Reading, names_of
from analysis.scorers import overrides
from analysis.scorers.lexicon import Lexicon
from analysis.tokens import WORD, straight
from collector.config import Config
from collector.text import fold

REMEMBERED = 4096  # names
Genres = tuple[str, ...]


class Lexicons:
    """One lexicon for each set of genres among the watched titles, made when a post first needs it.

    Raises ConfigError, at once, where an override file of the user's is broken.
    """

    def __init__(self, config: Config) -> None:
        self._own = config.sentiment.files
        known = overrides.known_genres(self._own)
        genres = {
            title: tuple(dict.fromkeys(genre for genre in map(fold, title.genres) if genre in known))
            for title in config.titles
        }
        self._genres: dict[str, Genres] = {}
        for title, some in genres.items():
            for name in names_of(title):
                key = _key(name)
                self._genres[key] = _joined([self._genres.get(key, ()), some])
        self._by_genres: dict[Genres, Lexicon] = {}
        self._of_name = lru_cache(maxsize=REMEMBERED)(lambda name: self._genres.get(_key(name), ()))
        #: what scores depend on: changes when any entry that may be used does
        self.entries = {genres: overrides.of(genres, self._own) for genres in sorted({(), *genres.values()})}

    def of(self, reading: Reading, hashtags: Sequence[str] = ()) -> Lexicon:
        """Return the lexicon for a post, by the names in it and the hashtags that its platform lists beside it."""
        genres = _joined(map(self._of_name, (*reading.names, *hashtags)))
        found = self._by_genres.get(genres)
        if found is None:
            found = self._by_genres[genres] = Lexicon(overrides.of(genres, self._own))
        return found


def _joined(genres: Iterable[Genres]) -> Genres:
    # in order, for where two genres disagree the first holds
    return tuple(dict.fromkeys(genre for some in genres for genre in some))


def _key(name: str) -> str:
    """Bring a name to one form, as config and posts may write it: "#All-of-us are Dead's" is "all of us are dead"."""
    return " ".join(WORD.findall(fold(straight(name)))).removesuffix("'s")
