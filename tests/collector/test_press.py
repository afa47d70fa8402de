from datetime import UTC, datetime, timedelta

import pytest

from collector import press
from collector.errors import SkipItem
from collector.source import Kind
from collector.sources import apart, kind_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.paper.example/film/squid-game/",
        "http://paper.example/film/squid-game#comments",
        "https://m.paper.example/film/squid-game?utm_source=rss&utm_medium=feed",
        "https://amp.paper.example/film/squid-game?fbclid=abc",
    ],
)
def test_one_article_under_several_links_is_one(link: str) -> None:
    assert press.article_id(link) == "paper.example/film/squid-game"


def test_what_tells_articles_apart_is_kept() -> None:
    assert press.article_id("https://paper.example/read?id=7&utm_campaign=x") == "paper.example/read?id=7"
    assert press.article_id("https://paper.example/Read") != press.article_id("https://paper.example/read")


def test_a_very_long_link_is_known_by_a_digest_under_its_publisher() -> None:
    links = [f"https://paper.example/{'a' * 1500}{end}" for end in "xy"]
    names = [press.article_id(link) for link in links]
    assert len(set(names)) == 2
    assert {press.publisher_of(name) for name in names} == {"paper.example"}
    assert max(map(len, names)) <= press.LONGEST_ID


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "data:text/html,x", "ftp://paper.example/1", "paper.example/1", "https://", "http://[",
        "https://paper.example/a b", "https://paper.example/\x00", "https://paper.example/\ud800",
        "https://a.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_link_on_the_web_is_left_out(link: str) -> None:
    with pytest.raises(SkipItem, match="link is"):
        press.draft(link=link, headline="Squid Game returns", at=NOON)


def test_a_headline_is_plain_text_on_one_line() -> None:
    told = press.draft(link="https://paper.example/1", headline=" <b>Squid Game</b>\n returns &amp; wins ", at=NOON)
    assert told.text == "Squid Game returns & wins"
    assert (told.platform, told.url, told.uri) == ("news", "https://paper.example/1", "https://paper.example/1")
    with pytest.raises(SkipItem, match="no words"):
        press.draft(link="https://paper.example/1", headline="<img src=x>", at=NOON)


@pytest.mark.parametrize(
    ("headline", "kept"),
    [
        ("A film - The Paper", "A film"),
        ("A film | The Paper ", "A film"),
        ("The Paper - a film", "The Paper - a film"),
        ("A film about The Paper", "A film about The Paper"),
    ],
)
def test_the_publisher_behind_a_headline_is_taken_off(headline: str, kept: str) -> None:
    assert press.without_publisher(headline, "The Paper") == kept
    assert press.without_publisher(headline, " ") == headline


def test_one_place_knows_which_platforms_stand_beside_the_buzz() -> None:
    assert apart()[press.PLATFORM] is Kind.NEWS
    assert Kind.POSTS not in apart().values()
    assert (kind_of("news"), kind_of("mastodon"), kind_of("of an import")) == (Kind.NEWS, Kind.POSTS, Kind.POSTS)


def test_a_list_reaches_back_when_one_of_the_newest_known_is_still_there() -> None:
    remembered = press.marks(["d", "c", "b", "a"])
    assert press.nothing_lost([], press.marks(["b"]), remembered, NOON)
    assert not press.nothing_lost([], press.marks(["a"]), remembered, NOON)
    old, new = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
    assert press.nothing_lost([new, old, old, old], [], remembered, NOON)
    assert not press.nothing_lost([new, new, new, old], [], remembered, NOON)
    assert not press.nothing_lost([new], [], [], NOON)
