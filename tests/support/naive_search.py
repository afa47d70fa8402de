"""What a search must answer, the slow and plain way: random posts, and random queries with a predicate beside each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from filling import NOON, Posted

from collector.search_tokens import Wanted, indexed, wanted

Holds = Callable[[Posted], bool]

WORDS = (
    "zombie", "Zombies", "dance", "straße", "été", "좀비", "좀비춤", "안무", "振付", "ゾンビ", "ท่าเต้น", "😂", "a_b",
    "#Dance", "@Some",
)  # fmt: skip
ASKED = (*WORDS, "zom*", "d*", "좀", "비", "付", "ต้", "#dance", "#da*", "@some", "STRASSE", "dance-dance", "不")
TITLES = ("Squid Game", "Hellbound")
TOPICS = ("zombie choreography", "music")
FIELDS: dict[str, Holds] = {
    'title:"squid  GAME"': lambda post: "Squid Game" in post.titles,
    "title:hellbound": lambda post: "Hellbound" in post.titles,
    "title:unknown": lambda post: False,
    'topic:"Zombie Choreography"': lambda post: _labelled(post) and "zombie choreography" in post.topics,
    "topic:music": lambda post: _labelled(post) and "music" in post.topics,
    "lang:ko": lambda post: _labelled(post) and post.language == "ko",
    "LANG:EN": lambda post: _labelled(post) and post.language == "en",
    "sentiment:positive": lambda post: post.sentiment == "positive",
    "sentiment:unscored": lambda post: post.sentiment == "unscored",
    "platform:X": lambda post: post.platform == "x",
    "platform:mastodon": lambda post: post.platform == "mastodon",
    "is:sample": lambda post: post.sample,
    "since:2022-02-02": lambda post: post.at >= datetime(2022, 2, 2, tzinfo=UTC),
    "until:2022-02-01": lambda post: post.at < datetime(2022, 2, 2, tzinfo=UTC),
    "until:2022-02-02T06:00": lambda post: post.at < datetime(2022, 2, 2, 6, tzinfo=UTC),
}


def _labelled(post: Posted) -> bool:
    return post.sentiment is not None


def random_posts(random: Random, count: int) -> list[Posted]:
    """Return posts whose few words come again and again, numbered from 1 as their ids; some are not labelled."""
    return [_post(random, str(number)) for number in range(1, count + 1)]


def _post(random: Random, native_id: str) -> Posted:
    words = random.choices(WORDS, k=random.randint(0, 7))
    return Posted(
        native_id=native_id,
        text="".join(word + random.choice((" ", " ", ", ", "\n", "")) for word in words),
        titles=tuple(title for title in TITLES if random.random() < 0.4),
        topics=tuple(topic for topic in TOPICS if random.random() < 0.3),
        at=NOON + timedelta(hours=random.randint(0, 36)),
        platform=random.choice(("x", "mastodon")),
        sentiment=random.choice(("positive", "neutral", "unscored", None)),
        language=random.choice(("en", "ko")),
        hashtags=frozenset({"Dance"}) if random.random() < 0.1 else frozenset(),
        sample=random.random() < 0.2,
    )


def random_query(random: Random, depth: int = 3) -> tuple[str, Holds]:
    """Return a query and what it must be true of."""
    if depth and random.random() < 0.3:
        either = [_together(random, depth - 1) for _ in range(random.randint(2, 3))]
        return " OR ".join(query for query, _ in either), lambda post: any(holds(post) for _, holds in either)
    return _together(random, depth)


def _together(random: Random, depth: int) -> tuple[str, Holds]:
    parts = [_part(random, depth) for _ in range(random.randint(1, 3))]
    return " ".join(query for query, _ in parts), lambda post: all(holds(post) for _, holds in parts)


def _part(random: Random, depth: int) -> tuple[str, Holds]:
    kind = random.random()
    if kind < 0.25:
        query, holds = _part(random, depth) if kind < 0.02 else _positive(random, depth)
        return (query, holds) if query.startswith("-") else (f"-{query}", lambda post: not holds(post))
    return _positive(random, depth)


def _positive(random: Random, depth: int) -> tuple[str, Holds]:
    kind = random.random()
    if depth and kind < 0.2:
        query, holds = random_query(random, depth - 1)
        return f"({query})", holds
    if kind < 0.45:
        return random.choice(list(FIELDS.items()))
    if kind < 0.65:
        phrase = " ".join(random.choices(WORDS, k=random.randint(1, 3)))
        return f'"{phrase}"', _holding(wanted(phrase))
    word = random.choice(ASKED)
    return word, _holding(wanted(word.rstrip("*"), prefix=word.endswith("*")))


def _holding(asked: list[Wanted]) -> Holds:
    return lambda post: all(holds(_stored(post.text, post.hashtags), one) for one in asked)


@cache
def _stored(text: str, tags: frozenset[str]) -> list[str]:
    return indexed(text, tags).split()


def holds(here: list[str], asked: Wanted) -> bool:
    """Tell whether tokens in order hold the wanted ones beside each other."""
    *first, last = asked.tokens
    for at in range(len(here) - len(first)):
        end = here[at + len(first)]
        if here[at : at + len(first)] == first and (end.startswith(last) if asked.prefix else end == last):
            return True
    return False
