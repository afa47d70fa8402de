"""Invented posts in the form of X's API v2, and 200 invented titles to look for in them; the same for the same seed.

Made to measure with, not to look at: 136 characters a post on average, seven languages, and the share of posts that
speak of a title is set. A post that speaks of titles names 1.24 of them. All titles, words and people are invented.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from collector.config import TitleSettings

LENGTH = 132  # characters of a post before its tail, on average
SECOND_TITLE = 0.24  # share of the matching posts that name a second one
BY_HASHTAG = 0.6  # share of the titles that are named by a hashtag, the others by a phrase
OTHER_TAG = 0.2  # share of the posts with a hashtag that is nobody's
STREAM = 50_000  # words of each language, from which posts are cut
START = datetime(2026, 1, 5, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657  # X's ids count milliseconds since this moment, above 22 other bits

FIRST = ("Crimson", "Paper", "Silent", "Velvet", "Northern", "Hollow", "Electric", "Borrowed", "Salted", "Midnight")
SECOND = (
    "Harbour", "Orchard", "Lanterns", "Kingdom", "Cartography", "Sirens", "Ministry", "Alibi", "Monsoon", "Tenants",
    "Bakery", "Fjord", "Parliament", "Comet", "Dynasty", "Lighthouse", "Verdict", "Carousel", "Pilgrims", "Archive",
)  # fmt: skip
KOREAN = ("붉은", "종이", "조용한", "벨벳", "북쪽", "텅빈", "전기", "빌린", "소금", "자정")
KOREAN_SECOND = ("항구", "과수원", "등불", "왕국", "지도", "사이렌", "내각", "알리바이", "장마", "세입자")
JAPANESE = ("赤い", "紙の", "静かな", "ビロードの", "北の", "虚ろな", "電気の", "借りた", "塩の", "真夜中の")
JAPANESE_SECOND = ("港", "果樹園", "提灯", "王国", "地図", "警報", "省庁", "証言", "雨季", "住人")
SPANISH = ("carmesí", "de papel", "en silencio", "de terciopelo", "del norte", "sin fondo", "eléctrica", "prestada")
SPANISH_SECOND = ("la bahía", "la huerta", "la corona", "la frontera", "la tormenta", "la panadería")

WORDS = {
    "en": (
        "the of and to in that it was for on you with just this have not but they about what so when like time people "
        "really never think morning coffee train weather watching episode ending season actor scene love hate boring "
        "amazing tonight yesterday friend work music game football dinner phone album finally again someone everything"
    ),
    "es": (
        "que de la el en y los se no un por con para una su al lo como más pero sus le ya este sí porque cuando muy "
        "sobre también hasta hay donde quien desde todo nos durante noche canción corazón mañana película increíble"
    ),
    "pt": "que não uma com para isso mas como mais quando muito também já hoje amanhã coração música gente você ótimo",
    # ruff: noqa: RUF001 - Cyrillic is meant
    "ru": "и в не на я что он с как это но она по все так его уже очень сегодня вчера серия музыка люди конец",
    "ko": "오늘 진짜 너무 정말 그냥 이거 내일 아침 커피 사람 노래 영화 드라마 결말 배우 사랑 시간 친구 학교 저녁",
    "ja": "今日は 本当に とても すごい 明日 朝 コーヒー 人 歌 映画 ドラマ 結末 俳優 愛 時間 友達 学校 夜 楽しい",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena bisa ada hari malam teman",
}
SHARES = {"en": 50, "es": 12, "pt": 8, "ru": 4, "ko": 8, "ja": 12, "id": 6}
OTHER_TAGS = ("nowplaying", "mondaymood", "GiveawayTime", "foodie", "번개모임", "今日の空", "fútbol", "AIart")
TAILS = ("", "", "", " 😭😭", " lol", "!!!", " https://t.co/Xa9bQ2kLmZ", " @some_one_else", " ❤️", " …")


def titles(count: int = 200) -> list[TitleSettings]:
    """Return up to 200 titles with several hashtags and phrases each, a third of them in Korean, Japanese, Spanish."""
    return [_title(number) for number in range(count)]


def _title(number: int) -> TitleSettings:
    one, two = number % len(FIRST), number // len(FIRST) % len(SECOND)
    name = f"{FIRST[one]} {SECOND[two]}"
    joined = name.replace(" ", "")
    hashtags, phrases = [joined, f"{joined}Show", f"Watch{joined}"], [name, f"the {name} finale"]
    if number % 3 == 0:
        korean = f"{KOREAN[one]} {KOREAN_SECOND[two % 10]}{two // 10 + 1}"
        japanese = f"{JAPANESE[one]}{JAPANESE_SECOND[two % 10]}{two // 10 + 1}"
        spanish = f"{SPANISH_SECOND[two % 6]} {SPANISH[one % 8]} {number}"
        hashtags += [korean.replace(" ", ""), japanese]
        phrases += [korean, japanese, spanish]
    exclude = [f"{name} yoga studio"] if number % 10 == 0 else []
    return TitleSettings(name=name, hashtags=tuple(hashtags), phrases=tuple(phrases), exclude=tuple(exclude))


def posts(count: int, seed: int, matching: float = 1.0, hours: int = 168) -> list[dict[str, Any]]:
    """Return posts as X's API v2 gives them, oldest first, spread evenly over that many hours.

    matching: the share that speaks of one of the 200 titles, 0..1. Two seeds never give the same id.
    """
    return list(generate(count, seed, matching, hours))


def generate(count: int, seed: int, matching: float = 1.0, hours: int = 168) -> Iterator[dict[str, Any]]:
    """Yield what `posts` returns, one by one."""
    chance = random.Random(seed)  # noqa: S311 - invented posts are no secret
    watched = titles()
    streams = {language: " ".join(chance.choices(words.split(), k=STREAM)) for language, words in WORDS.items()}
    languages = chance.choices(list(SHARES), list(SHARES.values()), k=count)
    start, step = START.timestamp() * 1000, hours * 3_600_000 / max(count, 1)
    for number, language in enumerate(languages):
        named = _named(chance, watched) if chance.random() < matching else []
        milliseconds = int(start + number * step)
        # 22 bits below the time: a post's number, and the seed
        post_id = (milliseconds - EPOCH_MS) << 22 | (number % 4096) << 10 | seed % 1024
        yield _post(str(post_id), milliseconds, language, _text(chance, streams[language], named), chance)


def _named(chance: random.Random, watched: Sequence[TitleSettings]) -> list[str]:
    """Return how a post names its titles: a hashtag or a phrase of each. A few titles are much talked of."""
    count = 2 if chance.random() < SECOND_TITLE else 1
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(int(len(watched) * chance.random() ** 2))
    found = [watched[number] for number in sorted(chosen)]
    return [
        "#" + chance.choice(title.hashtags) if chance.random() < BY_HASHTAG else chance.choice(title.phrases)
        for title in found
    ]


def _text(chance: random.Random, stream: str, named: Sequence[str]) -> str:
    length = LENGTH // 2 + int(chance.random() * LENGTH)
    pieces = list(named)
    if chance.random() < OTHER_TAG:
        pieces.append("#" + chance.choice(OTHER_TAGS))
    start = stream.index(" ", int(chance.random() * (len(stream) - 2 * LENGTH))) + 1
    parts = stream[start : start + max(length - sum(len(piece) + 1 for piece in pieces), 8)].split(" ")
    for piece in pieces:
        parts.insert(int(chance.random() * (len(parts) + 1)), piece)
    return " ".join(parts) + chance.choice(TAILS)


def _post(post_id: str, milliseconds: int, language: str, text: str, chance: random.Random) -> dict[str, Any]:
    tags = [word[1:] for word in text.split(" ") if word.startswith("#")] if "#" in text else []
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    post = {
        "id": post_id,
        "text": text,
        "created_at": moment.replace("+00:00", "Z"),
        "lang": language,
        "author_id": str(10_000_000 + int(chance.random() ** 2 * 400_000)),
        "edit_history_tweet_ids": [post_id],
        "public_metrics": {
            "retweet_count": int(1 / (chance.random() + 0.0001)) - 1,
            "reply_count": int(chance.random() * 3),
            "like_count": int(2 / (chance.random() + 0.0001)) - 1,
            "quote_count": 0,
        },
    }
    if tags:
        post["entities"] = {"hashtags": [{"start": 0, "end": len(tag) + 1, "tag": tag} for tag in tags]}
    return post
